/* Which fellows there are, how we are, and what differs between us. */
#include "b2bua/registrar/fellows.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "b2bua/core/facts.h"
#include "b2bua/log/log.h"
#include "b2bua/registrar/fellows_impl.h"
#include "b2bua/registrar/nodes.h"

struct fellows *fellows_new(struct pool *pool, const char *version) {
    struct fellows *f = mem_zalloc(sizeof *f);

    f->pool = pool;
    snprintf(f->own.version, sizeof f->own.version, "%s", version);
    advice_init(&f->advice);
    pthread_mutex_init(&f->lock, NULL);
    return f;
}

void fellows_free(struct fellows *f) {
    if (f == NULL)
        return;
    for (int i = 0; i < f->count; i++)
        free(f->members[i].name);
    pthread_mutex_destroy(&f->lock);
    free(f);
}

struct fellows_member *fellows_find(struct fellows *f, uint32_t number) {
    for (int i = 0; i < f->count; i++)
        if (f->members[i].number == number)
            return &f->members[i];
    return NULL;
}

struct fellows_member *fellows_named(struct fellows *f, const char *name) {
    struct fellows_member *c = fellows_find(f, nodes_number(name));

    return c != NULL && strcmp(c->name, name) == 0 ? c : NULL;
}

/* --- what differs --- */

static void alarm(const struct fellows_member *c, const char *what, bool *is, bool now) {
    if (*is == now)
        return;
    *is = now;
    log_at(now ? LOG_LEVEL_WARN : LOG_LEVEL_INFO, "fellow=%s alarm=%s state=%s", c->name, what, now ? "on" : "off");
}

static void compare_one(const struct fellows *f, struct fellows_member *c) {
    const struct heartbeat_facts *theirs = &c->fellow.facts;
    bool is_known = f->told && c->fellow.heard_ms != 0;

    alarm(c, "stun_keepalive_mismatch", &c->stun_differs, is_known && theirs->stun != f->own.stun);
    alarm(c, "peer_config_mismatch", &c->config_differs, is_known && theirs->config != f->own.config);
}

static void judge(struct fellows *f, uint64_t now_ms) {
    struct advice_node nodes[SETTINGS_PEERS_MAX + 1];
    int self = f->count, before = f->advice.target;

    for (int i = 0; i < f->count; i++) {
        const struct fellow *one = &f->members[i].fellow;
        nodes[i] = (struct advice_node){one->state == FELLOW_UP && one->facts.state == HEARTBEAT_ACTIVE,
                                        one->facts.registrations, one->facts.busy_percent, one->heard_ms};
    }
    nodes[self] =
        (struct advice_node){f->own.state == HEARTBEAT_ACTIVE, f->own.registrations, f->own.busy_percent, f->own_ms};
    int target = advice_judge(&f->advice, nodes, f->count + 1, self, now_ms);
    atomic_store(&f->advising, target >= 0);
    if (target == before)
        return;
    if (target < 0)
        log_info("fellows advice=off given=%llu", (unsigned long long)f->advice.given);
    else
        log_info("fellows advice=on target=%s registrations=%u ours=%u", f->members[target].name,
                 nodes[target].registrations, nodes[self].registrations);
}

void fellows_compare(struct fellows *f, uint64_t now_ms) {
    for (int i = 0; i < f->count; i++)
        compare_one(f, &f->members[i]);
    judge(f, now_ms);
}

void fellows_take(struct fellows *f, struct fellows_member *c, const struct heartbeat_facts *facts, uint64_t now_ms) {
    bool other_state = c->fellow.heard_ms == 0 || facts->state != c->fellow.facts.state;

    fellow_said(&c->fellow, facts, now_ms);
    if (other_state)
        log_info("fellow=%s says=%s version=%s", c->name, heartbeat_state_name(facts->state), facts->version);
    fellows_compare(f, now_ms);
}

bool fellows_advise(struct fellows *f, char *name) {
    bool advised;

    if (f == NULL || !atomic_load_explicit(&f->advising, memory_order_relaxed))
        return false;
    fellows_lock(f);
    advised = advice_take(&f->advice);
    if (advised)
        snprintf(name, HEARTBEAT_NAME_SIZE, "%s", f->members[f->advice.target].name);
    fellows_unlock(f);
    return advised;
}

void fellows_tell(struct fellows *f, const struct heartbeat_facts *own, uint64_t now_ms) {
    fellows_lock(f);
    struct heartbeat_facts before = f->own;
    f->own = *own;
    f->own.config = before.config;
    memcpy(f->own.version, before.version, sizeof f->own.version);
    f->own_ms = now_ms;
    f->told = true;
    fellows_compare(f, now_ms);
    fellows_unlock(f);
}

/* --- snapshots --- */

static bool begins(struct str s, struct str with) {
    return s.n >= with.n && memcmp(s.p, with.p, with.n) == 0;
}

/* What has to be the same everywhere: the two groups, but where a node listens and who is beside it. That the secret
 * is the same is proven by its use. */
static bool has_to_match(struct str key) {
    static const char *const groups[] = {"registrar.", "cluster."};
    static const char *const own[] = {"registrar.listen", "registrar.flow_secret", "cluster.listen", "cluster.peers"};
    bool is_in = false;

    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++)
        is_in |= begins(key, str_of(groups[i]));
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        is_in &= !begins(key, str_of(own[i]));
    return is_in;
}

static void init_member(struct fellows_member *c, const char *name, uint64_t now_ms) {
    *c = (struct fellows_member){.name = str_dup(str_of(name)), .number = nodes_number(name), .next_ms = now_ms};
    fellow_init(&c->fellow, now_ms);
}

/* Advice names a fellow by its place here: it is judged anew. */
static void take_members(struct fellows *f, const struct settings_cluster *c, uint64_t now_ms) {
    struct fellows_member new[SETTINGS_PEERS_MAX];
    int count = c->on ? c->peer_count : 0;

    for (int i = 0; i < count; i++) {
        struct fellows_member *old = fellows_find(f, nodes_number(c->peers[i].name));
        if (old != NULL && old->name != NULL) {
            new[i] = *old;
            old->name = NULL; /* it has moved */
        } else {
            init_member(&new[i], c->peers[i].name, now_ms);
        }
    }
    for (int i = 0; i < f->count; i++)
        free(f->members[i].name);
    if (count > 0)
        memcpy(f->members, new, (size_t)count * sizeof *new);
    f->count = count;
    f->advice.target = -1;
}

void fellows_adopt(struct fellows *f, const struct settings *s, uint64_t now_ms) {
    fellows_lock(f);
    snprintf(f->name, sizeof f->name, "%s", s->node.name != NULL ? s->node.name : "");
    take_members(f, &s->cluster, now_ms);
    if (f->count > 0) {
        f->key = token_key_of(str_of(s->registrar.flow_secret));
        f->own.config = facts_checksum(s->facts, has_to_match);
    }
    fellows_compare(f, now_ms);
    fellows_unlock(f);
}

/* --- addresses --- */

int fellows_places(struct fellows *f, const struct settings *s, uint32_t number, struct pool_place *out) {
    struct pool_place all[POOL_PLACES_MAX];
    int trunk = settings_peers_trunk(&s->cluster), found = 0;
    int count = trunk < 0 ? 0 : pool_places(f->pool, &s->trunks[trunk], all);

    for (int i = 0; i < count; i++)
        for (int j = 0; j < s->cluster.peer_count; j++)
            if (s->cluster.peers[j].target == all[i].target && nodes_number(s->cluster.peers[j].name) == number)
                out[found++] = all[i];
    return found;
}

bool fellows_at(struct fellows *f, const struct settings *s, const struct addr *from) {
    struct pool_place all[POOL_PLACES_MAX];
    int trunk = settings_peers_trunk(&s->cluster);
    int count = f == NULL || trunk < 0 ? 0 : pool_places(f->pool, &s->trunks[trunk], all);

    for (int i = 0; i < count; i++)
        if (addr_same_ip(&all[i].addr, from))
            return true;
    return false;
}

/* --- for the operator --- */

int fellows_look(struct fellows *f, struct fellows_look *out, struct fellows_summary *summary) {
    fellows_lock(f);
    for (int i = 0; i < f->count; i++) {
        const struct fellows_member *c = &f->members[i];
        out[i] = (struct fellows_look){
            .fellow = c->fellow,
            .asked = c->asked,
            .missed = c->missed,
            .heard = c->heard,
            .refused = c->refused,
            .refused_why = c->refused_why != HEARTBEAT_GOOD ? heartbeat_verdict_name(c->refused_why) : NULL,
            .answer_ms = c->answer_ms,
            .stun_differs = c->stun_differs,
            .config_differs = c->config_differs};
        snprintf(out[i].name, sizeof out[i].name, "%s", c->name);
    }
    *summary = (struct fellows_summary){.own = f->own, .advised = f->advice.given};
    snprintf(summary->name, sizeof summary->name, "%s", f->name);
    if (f->advice.target >= 0)
        snprintf(summary->target, sizeof summary->target, "%s", f->members[f->advice.target].name);
    int count = f->count;
    fellows_unlock(f);
    return count;
}
