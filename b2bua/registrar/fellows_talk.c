/* Questions and answers: what we ask fellows, and what becomes of what they say. */
#include <stdio.h>

#include "b2bua/log/log.h"
#include "b2bua/registrar/fellows_impl.h"

static void put(const struct fellows *f, enum heartbeat_kind kind, const char *to, uint64_t number, struct sbuf *out,
                uint64_t wall_ms) {
    struct heartbeat h = {.kind = kind, .at_ms = wall_ms, .number = number, .facts = f->own};

    snprintf(h.from, sizeof h.from, "%s", f->name);
    snprintf(h.to, sizeof h.to, "%s", to);
    heartbeat_put(out, &f->key, &h);
}

/* --- ours --- */

static bool is_due(const struct fellows_member *c, uint64_t now_ms) {
    return now_ms >= c->next_ms && (!c->under_way || now_ms - c->sent_ms >= FELLOW_TIMEOUT_MS + FELLOWS_GRACE_MS);
}

static void ask(struct fellows *f, struct fellows_member *c, uint64_t number, struct fellows_question *out,
                uint64_t now_ms, uint64_t wall_ms) {
    struct sbuf b = sbuf_on(out->value, sizeof out->value - 1);

    c->under_way = true;
    c->asking = number;
    c->asked++;
    c->sent_ms = now_ms;
    c->next_ms = now_ms + FELLOW_EVERY_MS;
    out->fellow = c->number;
    out->number = number;
    put(f, HEARTBEAT_QUESTION, c->name, number, &b, wall_ms);
    out->value[b.n] = '\0';
}

bool fellows_due(struct fellows *f, const struct settings *s, unsigned worker, unsigned workers, uint64_t number,
                 struct fellows_question *out, uint64_t now_ms, uint64_t wall_ms) {
    struct pool_place places[POOL_PLACES_MAX];
    struct fellows_member *c = NULL;
    unsigned turn = 0;

    fellows_lock(f);
    for (unsigned i = worker; i < (unsigned)f->count && c == NULL && f->told; i += workers)
        if (is_due(&f->members[i], now_ms))
            c = &f->members[i];
    if (c != NULL) {
        ask(f, c, number, out, now_ms, wall_ms);
        turn = c->turn;
    }
    fellows_unlock(f);
    if (c == NULL)
        return false;
    int count = fellows_places(f, s, out->fellow, places);
    out->has_place = count > 0;
    if (count > 0)
        out->at = places[turn % (unsigned)count];
    return true;
}

static void log_change(const struct fellows_member *c) {
    const struct fellow *f = &c->fellow;

    log_at(f->state == FELLOW_UP ? LOG_LEVEL_INFO : LOG_LEVEL_WARN, "fellow=%s state=%s reason=%s", c->name,
           fellow_state_name(f->state), fellow_reason(f));
}

static void conclude(struct fellows *f, struct fellows_member *c, enum fellow_event e, enum heartbeat_verdict verdict,
                     uint64_t now_ms) {
    c->under_way = false;
    c->missed += e != FELLOW_ANSWERED;
    c->turn += e != FELLOW_ANSWERED;
    if (e == FELLOW_ANSWERED || e == FELLOW_NOT_BELIEVED)
        c->answer_ms = (uint32_t)(now_ms - c->sent_ms);
    if (fellow_event(&c->fellow, e, verdict, now_ms))
        log_change(c);
    fellows_compare(f, now_ms);
}

static struct fellows_member *awaiting(struct fellows *f, uint32_t fellow, uint64_t number) {
    struct fellows_member *c = fellows_find(f, fellow);

    return c != NULL && c->under_way && c->asking == number ? c : NULL;
}

static enum heartbeat_verdict judge_answer(const struct fellows *f, const struct fellows_member *c, struct str value,
                                           struct heartbeat *h) {
    enum heartbeat_verdict v = value.n == 0 ? HEARTBEAT_UNSIGNED : heartbeat_read(value, &f->key, h);

    if (v != HEARTBEAT_GOOD)
        return v;
    if (h->kind != HEARTBEAT_ANSWER || h->number != c->asking)
        return HEARTBEAT_REPLAYED;
    return strcmp(h->from, c->name) == 0 && strcmp(h->to, f->name) == 0 ? HEARTBEAT_GOOD : HEARTBEAT_WRONG_NAME;
}

void fellows_answered(struct fellows *f, uint32_t fellow, uint64_t number, struct str value, uint64_t now_ms) {
    struct heartbeat h;

    fellows_lock(f);
    struct fellows_member *c = awaiting(f, fellow, number);
    enum heartbeat_verdict v = c == NULL ? HEARTBEAT_UNSIGNED : judge_answer(f, c, value, &h);
    if (c != NULL && v == HEARTBEAT_GOOD)
        fellows_take(f, c, &h.facts, now_ms);
    if (c != NULL)
        conclude(f, c, v == HEARTBEAT_GOOD ? FELLOW_ANSWERED : FELLOW_NOT_BELIEVED, v, now_ms);
    fellows_unlock(f);
}

void fellows_missed(struct fellows *f, uint32_t fellow, uint64_t number, enum fellow_event e, uint64_t now_ms) {
    fellows_lock(f);
    struct fellows_member *c = awaiting(f, fellow, number);
    if (c != NULL)
        conclude(f, c, e, HEARTBEAT_GOOD, now_ms);
    fellows_unlock(f);
}

/* --- theirs --- */

static bool is_from(struct fellows *f, const struct settings *s, const struct fellows_member *c,
                    const struct addr *from) {
    struct pool_place places[POOL_PLACES_MAX];
    int count = fellows_places(f, s, c->number, places);

    for (int i = 0; i < count; i++)
        if (addr_same_ip(&places[i].addr, from))
            return true;
    return false;
}

/* Whose it is, as far as the address tells, where nothing else can be believed. */
static struct fellows_member *suspect(struct fellows *f, const struct settings *s, const struct addr *from) {
    for (int i = 0; i < f->count; i++)
        if (is_from(f, s, &f->members[i], from))
            return &f->members[i];
    return NULL;
}

static enum heartbeat_verdict judge_question(struct fellows *f, const struct settings *s, const struct addr *from,
                                             const struct heartbeat *h, struct fellows_member **who, uint64_t wall_ms) {
    struct fellows_member *c = fellows_named(f, h->from);

    if (h->kind != HEARTBEAT_QUESTION)
        return HEARTBEAT_REPLAYED;
    if (c == NULL || strcmp(h->to, f->name) != 0 || !is_from(f, s, c, from))
        return HEARTBEAT_WRONG_NAME;
    *who = c;
    return fellow_question(&c->fellow, h->at_ms, wall_ms);
}

/* The first of a kind is a line; more of them are a number. */
static void refuse(struct fellows_member *c, enum heartbeat_verdict v) {
    c->refused++;
    if (c->refused_why != v)
        log_warn("fellow=%s heartbeat=refused reason=%s", c->name, heartbeat_verdict_name(v));
    c->refused_why = v;
}

void fellows_heard(struct fellows *f, const struct settings *s, const struct addr *from, struct str value,
                   struct sbuf *answer, uint64_t now_ms, uint64_t wall_ms) {
    struct heartbeat h;

    fellows_lock(f);
    struct fellows_member *c = suspect(f, s, from);
    enum heartbeat_verdict v = heartbeat_read(value, &f->key, &h);
    if (v == HEARTBEAT_GOOD)
        v = judge_question(f, s, from, &h, &c, wall_ms);
    if (c != NULL)
        c->heard++;
    if (v == HEARTBEAT_GOOD) {
        c->refused_why = HEARTBEAT_GOOD;
        put(f, HEARTBEAT_ANSWER, c->name, h.number, answer, wall_ms);
        fellows_take(f, c, &h.facts, now_ms);
    } else {
        if (c != NULL)
            refuse(c, v);
        heartbeat_put_refusal(answer, v);
    }
    fellows_unlock(f);
}
