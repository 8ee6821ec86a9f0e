/* What the server tells others of this node: who is never banned, its fellows, the service manager, the log. */
#include <stdio.h>
#include <stdlib.h>

#include "b2bua/server_impl.h"

/* Trunks are never banned, wherever they are at the moment. */
void server_tell_guard(struct server *s, const struct settings *settings) {
    source_forget(&s->named);
    source_fresh(&s->named, s->shared.pool, settings);
    struct addr *list = mem_alloc(((size_t)s->named.count + 1) * sizeof *list);
    for (int i = 0; i < s->named.count; i++)
        list[i] = s->named.items[i].addr;
    guard_configure(s->shared.guard, settings, list, s->named.count);
    free(list);
}

static enum heartbeat_state heartbeat_state(const struct server *s) {
    return s->state != SERVER_RUNNING                         ? HEARTBEAT_DRAINING
           : switches_maintained_ms(&s->shared.switches) != 0 ? HEARTBEAT_MAINTENANCE
                                                              : HEARTBEAT_ACTIVE;
}

/* How this node is, for its fellows. */
void server_tell_fellows(struct server *s, const struct server_totals *t, uint64_t now_ms) {
    const struct settings *settings = reload_settings(s->reload);

    if (settings_peers_trunk(&settings->cluster) < 0)
        return;
    fellows_tell(
        s->shared.fellows,
        &(struct heartbeat_facts){.state = heartbeat_state(s),
                                  .registrations = bindings_counts(registrar_bindings(s->shared.registrar)).current,
                                  .calls = (uint32_t)t->calls,
                                  .busy_percent = (uint32_t)t->busy_percent,
                                  .stun = switches_stun(&s->shared.switches, settings)},
        now_ms);
}

/* A worker is given a while to begin. */
void server_tell_manager(struct server *s, const struct server_totals *t, uint64_t now_ms) {
    char status[128];

    snprintf(status, sizeof status, "%s; calls: %llu", server_state_name(s), (unsigned long long)t->calls);
    notify_tick(&s->notify, t->alive_ms > s->ready_ms ? t->alive_ms : s->ready_ms, status, now_ms);
}

void server_tell_drained(struct server *s, const struct server_totals *t, uint64_t now_ms) {
    const uint64_t left[SERVER_DRAINED_KINDS] = {[SERVER_DRAINED_CALLS] = t->calls,
                                                 [SERVER_DRAINED_REGISTRATIONS] =
                                                     bindings_counts(registrar_bindings(s->shared.registrar)).current};

    server_drained_look(&s->drained, switches_maintained_ms(&s->shared.switches), left, now_ms);
}
