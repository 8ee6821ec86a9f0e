/* What an operator's question gets from one engine. */
#include <stdlib.h>

#include "b2bua/worker/engine_impl.h"

static void report_trunks(struct engine *e, struct report *r) {
    const struct calls_trunk_counts *counts = calls_trunks(e->calls, &r->trunk_count);
    size_t n = (size_t)r->trunk_count;
    uint32_t *legs = mem_zalloc(n * sizeof *legs);

    calls_count_legs(e->calls, legs, r->trunk_count);
    r->trunks = mem_zalloc(n * sizeof *r->trunks);
    for (size_t i = 0; i < n; i++)
        r->trunks[i] = (struct report_trunk){.counts = counts[i], .legs = legs[i]};
    for (int i = 0; i < e->settings->trunk_count; i++)
        r->trunks[e->settings->trunks[i].slot].auth = ua_credentials(e->ua, i);
    free(legs);
}

static void report_profiles(struct engine *e, struct report *r) {
    const struct ua_profile_counts *counts = ua_profiles(e->ua, &r->profile_count);

    r->profiles = mem_zalloc(((size_t)r->profile_count + 1) * sizeof *r->profiles);
    if (r->profile_count > 0)
        memcpy(r->profiles, counts, (size_t)r->profile_count * sizeof *r->profiles);
}

static bool report_list(struct engine *e, const struct list_ask *ask, struct report *r, uint64_t now_ms) {
    if (!r->list.begun)
        r->text = sbuf_growing(REPORT_TEXT_MAX);
    bool done = calls_list(e->calls, ask, &r->list, &r->text, now_ms);
    r->found = r->list.found;
    return done;
}

static bool is_to_go(void *ctx, const struct flow *flow) {
    struct engine *e = ctx;

    return registrar_is_agent(e->registrar, flow, e->settings->maintenance.drop);
}

static void drop(struct engine *e, struct report *r, uint64_t now_ms) {
    r->found = e->settings->maintenance.drop == NULL ? 0 : calls_drop(e->calls, is_to_go, e, now_ms);
    engine_sweep(e);
}

static bool report_ladder(struct engine *e, const struct list_ask *ask, struct report *r) {
    const struct ladder *l = ua_ladder(e->ua);

    if (l == NULL)
        return true;
    if (!r->ladder.begun) {
        r->text = sbuf_growing(REPORT_TEXT_MAX);
        calls_remind(e->calls, ask->id);
    }
    bool done = ladder_find(l, &r->ladder, ask->id, &r->text);
    r->found = r->ladder.found;
    return done;
}

bool engine_report(struct engine *e, const struct report_ask *ask, struct report *r, uint64_t now_ms) {
    switch (ask->kind) {
    case REPORT_COUNTS:
        report_trunks(e, r);
        report_profiles(e, r);
        break;
    case REPORT_LIST:
        return report_list(e, &ask->list, r, now_ms);
    case REPORT_LADDER:
        return report_ladder(e, &ask->list, r);
    case REPORT_END:
        r->found = calls_end(e->calls, ask->call, CALLS_STOP_ADMIN, now_ms);
        engine_sweep(e);
        break;
    case REPORT_DROP:
        drop(e, r, now_ms);
        break;
    }
    return true;
}

void engine_report_drop(struct engine *e, struct report *r) {
    calls_list_drop(e->calls, &r->list);
}
