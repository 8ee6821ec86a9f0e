/* How calls of a trunk go: limits, success, refreshes, and what went wrong lately. */
#include "b2bua/command/impl.h"
#include "b2bua/core/json.h"

static const struct calls_trunk_counts *counts_of(const struct worker_question *q, unsigned worker, int slot) {
    const struct report *r = &q->answers[worker].report;

    return slot < r->trunk_count ? &r->trunks[slot].counts : NULL;
}

/* --- limits --- */

/* {"now": 12, "most": 30}; null: no limit. */
static void put_limit(struct sbuf *out, const char *name, uint64_t now, int most) {
    json_name(out, name);
    sbuf_putc(out, '{');
    json_put_number(out, "now", now);
    if (most > 0) {
        json_put_number(out, "most", (uint64_t)most);
    } else {
        json_name(out, "most");
        sbuf_puts(out, "null");
    }
    sbuf_putc(out, '}');
}

static void put_refused(struct sbuf *out, const struct pool_look *look) {
    static const char *const directions[] = {"in", "out"};

    json_name(out, "refused");
    sbuf_putc(out, '{');
    for (int way = 0; way < 2; way++) {
        json_name(out, directions[way]);
        sbuf_putc(out, '{');
        for (int limit = 0; limit < POOL_LIMITS; limit++)
            json_put_number(out, pool_limit_name(limit), look->refused[way][limit]);
        sbuf_putc(out, '}');
    }
    sbuf_putc(out, '}');
}

static void put_limits(struct sbuf *out, const struct settings_trunk *t, const struct pool_look *look) {
    uint32_t rate = bucket_used(&look->rate, (uint32_t)t->limits.calls_per_second, net_now_ms());

    json_name(out, "limits");
    sbuf_putc(out, '{');
    put_limit(out, "calls", look->calls, t->limits.calls);
    put_limit(out, "calls_per_second", rate, t->limits.calls_per_second);
    put_refused(out, look);
    sbuf_putc(out, '}');
}

/* --- success --- */

static void put_percent(struct sbuf *out, const char *name, uint64_t part, uint64_t whole) {
    if (whole > 0) {
        json_put_number(out, name, part * 100 / whole);
        return;
    }
    json_name(out, name);
    sbuf_puts(out, "null");
}

static void put_sums(struct sbuf *out, const char *name, const uint64_t sums[COURSE_KINDS]) {
    json_name(out, name);
    sbuf_putc(out, '{');
    json_put_number(out, "calls", sums[COURSE_CALLS]);
    json_put_number(out, "answered", sums[COURSE_ANSWERED]);
    json_put_number(out, "effective", sums[COURSE_EFFECTIVE]);
    put_percent(out, "answered_percent", sums[COURSE_ANSWERED], sums[COURSE_CALLS]);
    put_percent(out, "effective_percent", sums[COURSE_EFFECTIVE], sums[COURSE_CALLS]);
    sbuf_putc(out, '}');
}

static void put_way(struct sbuf *out, const char *name, int way, int slot, const struct worker_question *q) {
    uint64_t recent[COURSE_KINDS] = {0}, all[COURSE_KINDS] = {0};

    for (unsigned i = 0; i < q->count; i++) {
        const struct calls_trunk_counts *c = counts_of(q, i, slot);
        for (int kind = 0; c != NULL && kind < COURSE_KINDS; kind++)
            all[kind] += c->course[way].all[kind];
        if (c != NULL)
            course_recent(&c->course[way], net_now_ms(), recent);
    }
    json_name(out, name);
    sbuf_putc(out, '{');
    put_sums(out, "recent", recent);
    put_sums(out, "since_start", all);
    sbuf_putc(out, '}');
}

static void put_success(struct sbuf *out, int slot, const struct worker_question *q) {
    json_name(out, "success");
    sbuf_putc(out, '{');
    json_put_number(out, "recent_minutes", COURSE_MINUTES);
    put_way(out, "in", 0, slot, q);
    put_way(out, "out", 1, slot, q);
    sbuf_putc(out, '}');
}

/* --- session refreshes --- */

/* `by`: 0 = us, 1 = the peer; INVITE and UPDATE together. */
static uint64_t refreshes(const struct worker_question *q, int slot, int by, enum calls_refresh result) {
    uint64_t all = 0;

    for (unsigned i = 0; i < q->count; i++) {
        const struct calls_trunk_counts *c = counts_of(q, i, slot);
        for (int method = 0; c != NULL && method < 2; method++)
            all += c->refreshes[by][method][result];
    }
    return all;
}

/* One with 422 is sent again: it has neither failed nor been taken. */
static void put_refreshes(struct sbuf *out, int slot, const struct worker_question *q) {
    uint64_t ok = refreshes(q, slot, 0, CALLS_REFRESH_OK);
    uint64_t failed = refreshes(q, slot, 0, CALLS_REFRESH_REFUSED) + refreshes(q, slot, 0, CALLS_REFRESH_LOST);

    json_name(out, "refreshes");
    sbuf_putc(out, '{');
    json_put_number(out, "sent_ok", ok);
    json_put_number(out, "sent_failed", failed);
    put_percent(out, "ok_percent", ok, ok + failed);
    json_put_number(out, "received", refreshes(q, slot, 1, CALLS_REFRESH_OK));
    sbuf_putc(out, '}');
}

/* --- what went wrong --- */

static void put_trouble(struct sbuf *out, const struct trouble *t) {
    uint64_t now_ms = net_now_ms();

    json_item(out);
    sbuf_putc(out, '{');
    json_put_text(out, "direction", t->outgoing ? STR("out") : STR("in"));
    json_put_number(out, "status", (uint64_t)t->status);
    json_put_text(out, "reason", str_of(t->status == 0 ? "no answer" : sip_phrase(t->status)));
    json_put_text(out, "ended_by", str_of(ending_by_name(t->by)));
    json_put_text(out, "cause", str_of(ending_cause_name(t->cause)));
    json_put_number(out, "count", t->count);
    json_put_number(out, "ago_s", now_ms > t->at_ms ? (now_ms - t->at_ms) / 1000 : 0);
    json_put_hex(out, "call_id", t->call);
    sbuf_putc(out, '}');
}

static void put_troubles(struct sbuf *out, int slot, const struct worker_question *q) {
    struct troubles all = {.rows = {{0}}};

    for (unsigned i = 0; i < q->count; i++) {
        const struct calls_trunk_counts *c = counts_of(q, i, slot);
        for (int j = 0; c != NULL && j < TROUBLES_MAX; j++)
            if (c->troubles.rows[j].count > 0)
                troubles_add(&all, &c->troubles.rows[j]);
    }
    troubles_sort(&all);
    json_name(out, "errors");
    sbuf_putc(out, '[');
    for (int i = 0; i < TROUBLES_MAX && all.rows[i].count > 0; i++)
        put_trouble(out, &all.rows[i]);
    sbuf_putc(out, ']');
}

void command_put_course(struct sbuf *out, const struct settings_trunk *t, const struct pool_look *look,
                        const struct worker_question *q) {
    put_limits(out, t, look);
    put_success(out, t->slot, q);
    put_refreshes(out, t->slot, q);
    put_troubles(out, t->slot, q);
}
