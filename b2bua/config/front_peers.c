/* Our fellow nodes: a trunk of their own, which the heartbeat uses and nothing else. */
#include "b2bua/config/row.h"
#include "b2bua/core/heartbeat.h"

const char *config_check_peer_name(const char *text) {
    const char *wrong = config_check_host_token(text);

    return wrong != NULL ? wrong : strlen(text) < HEARTBEAT_NAME_SIZE ? NULL : "is longer than 63 characters";
}

void *config_peer_add(struct config_loader *l, void *parent) {
    struct settings_cluster *c = &((struct settings *)parent)->cluster;

    (void)l;
    c->peers = config_grow(c->peers, c->peer_count, sizeof *c->peers);
    return &c->peers[c->peer_count++];
}

static void check_name(struct config_loader *l, const config_setting_t *at, const struct settings_cluster *c,
                       int peer) {
    const char *name = c->peers[peer].name;

    if (strcmp(name, l->s->node.name) == 0)
        config_fault(l, at, "name", "\"%s\" is node.name, that is us", name);
    for (int i = 0; i < peer; i++)
        if (strcmp(c->peers[i].name, name) == 0)
            config_fault(l, at, "name", "\"%s\" is the name of another peer", name);
}

void config_peers_done(struct config_loader *l, const config_setting_t *where, struct settings_cluster *c) {
    const config_setting_t *peers = config_setting_get_member(where, "peers");

    if (c->peer_count == 0)
        return;
    if (l->s->registrar.flow_secret == NULL || l->s->registrar.flow_secret[0] == '\0')
        config_fault(l, where, "peers", "wants registrar.flow_secret, the same on all nodes");
    if (strlen(l->s->node.name) >= HEARTBEAT_NAME_SIZE)
        config_fault(l, where, "peers", "wants a node.name of at most %d characters", HEARTBEAT_NAME_SIZE - 1);
    if ((c->peers_trunk = config_front_trunk(l, where, SETTINGS_PEERS_TRUNK)) < 0)
        return;
    for (int i = 0; i < c->peer_count; i++) {
        const config_setting_t *at = config_setting_get_elem(peers, (unsigned)i);
        check_name(l, at, c, i);
        c->peers[i].target = config_front_target(l, at, c->peers_trunk, c->peers[i].uri);
    }
    config_trunk_targets_as_sources(&l->s->trunks[c->peers_trunk]);
}
