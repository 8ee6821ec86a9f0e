/* How well the places are, and what they carry. */
#include "b2bua/log/log.h"
#include "b2bua/trunk/pool_impl.h"

struct place *slot_find_place(struct slot *s, uint32_t id) {
    for (int i = 0; i < s->place_count; i++)
        if (s->places[i].id == id)
            return &s->places[i];
    return NULL;
}

static bool has_usable(const struct slot *s) {
    for (int i = 0; i < s->place_count; i++)
        if (health_usable(s->places[i].health.state))
            return true;
    return false;
}

/* Names that are still being looked up are no news. */
static bool is_known(const struct slot *s) {
    bool known = s->place_count > 0;

    for (int i = 0; i < s->target_count; i++)
        known |= s->targets[i].reason != NULL;
    return known;
}

static bool is_busy(const struct slot *s) {
    return s->target_count > 0 && !has_usable(s);
}

static void log_busy(struct slot *s) {
    bool busy = is_busy(s) && is_known(s);

    if (busy && !s->was_busy)
        log_warn("trunk=%s busy=yes places=%d", s->name, s->place_count);
    else if (!busy && s->was_busy)
        log_info("trunk=%s busy=no places=%d", s->name, s->place_count);
    s->was_busy = busy;
}

void slot_settle(struct slot *s) {
    uint64_t deadline_ms = UINT64_MAX;
    unsigned troubled = 0;

    for (int i = 0; i < s->place_count; i++) {
        const struct health *h = &s->places[i].health;
        troubled += h->state != HEALTH_UP ? 1 : 0;
        deadline_ms = h->probe_ms < deadline_ms ? h->probe_ms : deadline_ms;
    }
    atomic_store_explicit(&s->troubled, troubled, memory_order_relaxed);
    atomic_store_explicit(&s->deadline_ms, deadline_ms, memory_order_relaxed);
    log_busy(s);
}

static bool is_bad(enum health_evidence e) {
    return e != HEALTH_STARTED && e != HEALTH_PROBE_ANSWERED && e != HEALTH_CALL_ANSWERED && e != HEALTH_LAPSED;
}

static void log_flip(const struct slot *s, const struct place *p, int before, enum health_evidence e) {
    enum log_level level = p->health.state == HEALTH_DOWN ? LOG_LEVEL_WARN : LOG_LEVEL_INFO;
    char at[ADDR_TEXT_MAX];

    log_at(level, "trunk=%s target=%s address=%s transport=%s state=%s was=%s evidence=%s", s->name, p->uri,
           addr_format(&p->at.addr, at), flow_proto_name(p->at.proto), health_state_name(p->health.state),
           health_state_name(before), health_evidence_name(e));
}

static void hear(struct pool *pool, struct slot *s, struct place *p, enum health_evidence e, uint64_t now_ms) {
    int before = p->health.state;

    p->heard[e]++;
    if (is_bad(e)) {
        p->error = (int)e;
        p->error_ms = now_ms;
    }
    if (health_event(&p->health, &s->policy, e, slot_random(s), now_ms)) {
        p->flips++;
        if (p->health.state == HEALTH_DOWN)
            atomic_fetch_add_explicit(&pool->downs, 1, memory_order_release);
        log_flip(s, p, before, e);
    }
}

void pool_heard(struct pool *pool, int slot, uint32_t place, enum health_evidence e, uint64_t now_ms) {
    struct slot *s = pool->slots[slot];

    /* What goes well where all is well is not worth a lock: most calls. */
    if (place == POOL_NO_PLACE ||
        (e == HEALTH_CALL_ANSWERED && atomic_load_explicit(&s->troubled, memory_order_relaxed) == 0))
        return;
    pool_lock(pool, slot);
    struct place *p = slot_find_place(s, place);
    if (p != NULL) {
        hear(pool, s, p, e, now_ms);
        slot_settle(s);
    }
    pool_unlock(s);
}

/* --- probes --- */

uint64_t pool_deadline(struct pool *p, int slot) {
    return atomic_load_explicit(&p->slots[slot]->deadline_ms, memory_order_relaxed);
}

uint32_t pool_probe_timeout_ms(struct pool *p, int slot) {
    struct slot *s = pool_lock(p, slot);
    uint32_t timeout_ms = s->policy.timeout_ms;

    pool_unlock(s);
    return timeout_ms;
}

int pool_due(struct pool *pool, const struct settings_trunk *t, struct pool_place *out, uint64_t now_ms) {
    struct slot *s = pool_lock(pool, t->slot);
    int n = 0;

    for (int i = 0; i < s->place_count; i++) {
        struct place *p = &s->places[i];
        int target = slot_target_of(t, p->uri);
        if (!health_due(&p->health, now_ms) || target < 0)
            continue;
        if (!s->policy.probes) {
            hear(pool, s, p, HEALTH_LAPSED, now_ms);
            continue;
        }
        health_probed(&p->health, now_ms);
        slot_copy_place(p, target, &out[n++]);
    }
    slot_settle(s);
    pool_unlock(s);
    return n;
}

unsigned pool_downs(const struct pool *p) {
    return atomic_load_explicit(&((struct pool *)p)->downs, memory_order_acquire);
}

bool pool_lost(struct pool *pool, int slot, uint32_t place) {
    struct slot *s = pool_lock(pool, slot);
    const struct place *p = slot_find_place(s, place);
    bool lost = p != NULL && p->health.state == HEALTH_DOWN &&
                (p->health.evidence == HEALTH_PROBE_SILENT || p->health.evidence == HEALTH_PROBE_UNREACHABLE);

    pool_unlock(s);
    return lost;
}

bool pool_busy(struct pool *p, const struct settings_trunk *t) {
    struct slot *s = pool_lock(p, t->slot);
    bool busy = is_busy(s);

    pool_unlock(s);
    return busy;
}

/* --- attempts --- */

void pool_attempt(struct pool *p, int slot, enum pool_attempt result) {
    atomic_fetch_add_explicit(&p->slots[slot]->attempts[result], 1, memory_order_relaxed);
}

const char *pool_attempt_name(int result) {
    static const char *const names[POOL_ATTEMPTS] = {
        [POOL_ATTEMPT_ANSWERED] = "answered",       [POOL_ATTEMPT_FAILED] = "failed",
        [POOL_ATTEMPT_STATUS] = "status",           [POOL_ATTEMPT_SILENT] = "silent",
        [POOL_ATTEMPT_UNREACHABLE] = "unreachable", [POOL_ATTEMPT_CANCELLED] = "cancelled",
    };
    return names[result];
}

/* --- for the operator --- */

void pool_look(struct pool *p, int slot, struct pool_look *out) {
    struct slot *s = pool_lock(p, slot);

    *out =
        (struct pool_look){.policy = s->policy, .calls = atomic_load(&s->calls), .busy = is_busy(s), .rate = s->rate};
    for (int i = 0; i < POOL_ATTEMPTS; i++)
        out->attempts[i] = atomic_load(&s->attempts[i]);
    for (int i = 0; i < POOL_LIMITS; i++)
        for (int way = 0; way < 2; way++)
            out->refused[way][i] = atomic_load(&s->refused[way][i]);
    pool_unlock(s);
}

static void look_place(const struct place *p, int target, struct pool_place_look *out) {
    *out = (struct pool_place_look){
        .health = p->health, .calls = p->calls, .flips = p->flips, .error = p->error, .error_ms = p->error_ms};
    slot_copy_place(p, target, &out->place);
    memcpy(out->heard, p->heard, sizeof out->heard);
}

int pool_look_target(struct pool *pool, const struct settings_trunk *t, int target, struct pool_place_look *out,
                     char *reason, size_t size) {
    struct slot *s = pool_lock(pool, t->slot);
    const char *uri = t->targets[target].uri, *why = "";
    int n = 0;

    for (int i = 0; i < s->place_count; i++)
        if (strcmp(s->places[i].uri, uri) == 0)
            look_place(&s->places[i], target, &out[n++]);
    for (int i = 0; i < s->target_count; i++)
        if (strcmp(s->targets[i].uri, uri) == 0 && s->targets[i].reason != NULL)
            why = s->targets[i].reason;
    pool_unlock(s);
    struct sbuf b = sbuf_on(reason, size - 1);
    sbuf_puts(&b, why);
    reason[b.full ? 0 : b.n] = '\0';
    return n;
}
