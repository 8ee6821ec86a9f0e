/* What went on with each trunk, and whether our registration there holds, as metrics. */
#include <stdlib.h>

#include "b2bua/command/page.h"

static void put_refreshes_of(struct page *p, const struct settings_trunk *t) {
    static const char *const roles[] = {"local", "remote"}, *const methods[] = {"invite", "update"};
    static const char *const results[CALLS_REFRESHES] = {[CALLS_REFRESH_OK] = "ok",
                                                         [CALLS_REFRESH_TOO_SMALL] = "too-small",
                                                         [CALLS_REFRESH_REFUSED] = "refused",
                                                         [CALLS_REFRESH_LOST] = "lost"};
    size_t at = offsetof(struct report_trunk, counts.refreshes), i = 0;

    for (int role = 0; role < 2; role++)
        for (int method = 0; method < 2; method++)
            for (int result = 0; result < CALLS_REFRESHES; result++, i++)
                SAMPLE(p, "session_refreshes_total", sum_trunk(p->q, t->slot, sum_element(at, i)), "trunk", t->name,
                       "role", roles[role], "method", methods[method], "result", results[result]);
}

static void put_midcalls_of(struct page *p, const struct settings_trunk *t) {
    static const char *const actions[CALLS_MIDCALLS] = {
        [CALLS_CONSUMED] = "consumed", [CALLS_FORWARDED] = "forwarded", [CALLS_REJECTED] = "rejected"};

    for (size_t i = 0; i < CALLS_MIDCALLS; i++)
        SAMPLE(p, "midcall_total",
               sum_trunk(p->q, t->slot, sum_element(offsetof(struct report_trunk, counts.midcall), i)), "trunk",
               t->name, "action", actions[i]);
}

static void put_identities_of(struct page *p, const struct settings_trunk *t) {
    static const char *const actions[CALLS_IDS] = {[CALLS_ID_WITHHELD] = "withheld",
                                                   [CALLS_ID_ANONYMOUS] = "anonymous",
                                                   [CALLS_ID_UNSIGNED] = "unsigned",
                                                   [CALLS_ID_REFUSED] = "refused"};

    for (size_t i = 0; i < CALLS_IDS; i++)
        SAMPLE(p, "identity_total",
               sum_trunk(p->q, t->slot, sum_element(offsetof(struct report_trunk, counts.identity), i)), "trunk",
               t->name, "action", actions[i]);
}

static void put_calls_of(struct page *p, const struct settings_trunk *t) {
    static const char *const results[] = {"failed", "answered"};
    size_t at = offsetof(struct report_trunk, counts.calls), i = 0;

    for (int way = 0; way < 2; way++)
        for (int result = 0; result < 2; result++, i++)
            SAMPLE(p, "calls_total", sum_trunk(p->q, t->slot, sum_element(at, i)), "trunk", t->name, "direction",
                   page_directions[way], "result", results[result]);
}

static void put_endings_of(struct page *p, const struct settings_trunk *t) {
    size_t at = offsetof(struct report_trunk, counts.ended), i = 0;

    for (int by = 0; by < ENDING_BYS; by++)
        for (int cause = 0; cause < ENDING_CAUSES; cause++, i++)
            if (ending_may(by, cause))
                SAMPLE(p, "calls_ended_total", sum_trunk(p->q, t->slot, sum_element(at, i)), "trunk", t->name,
                       "ended_by", ending_by_name(by), "cause", ending_cause_name(cause));
}

static void put_limits_of(struct page *p, const struct settings_trunk *t) {
    struct pool_look look;

    pool_look(p->c->config.shared->pool, t->slot, &look);
    for (int way = 0; way < 2; way++)
        for (int limit = 0; limit < POOL_LIMITS; limit++)
            SAMPLE(p, "limit_refused_total", look.refused[way][limit], "trunk", t->name, "direction",
                   page_directions[way], "limit", pool_limit_name(limit));
}

static void put_expired_of(struct page *p, const struct settings_trunk *t) {
    SAMPLE(p, "session_expired_total", sum_trunk(p->q, t->slot, (struct sum_place)SUM_OF_TRUNK(counts.expired)),
           "trunk", t->name);
}

static void put_challenges_of(struct page *p, const struct settings_trunk *t) {
    static const char *const results[] = {"answered", "refused", "unknown-realm"};

    for (size_t i = 0; t->auth_count > 0 && i < 3; i++)
        SAMPLE(p, "auth_challenges_total",
               sum_trunk(p->q, t->slot, sum_element(offsetof(struct report_trunk, auth), i)), "trunk", t->name,
               "result", results[i]);
}

static const struct {
    const char *name, *help;
    void (*put)(struct page *p, const struct settings_trunk *t);
} of_trunk[] = {
    {"calls_total", "Legs that have ended: in = the peer called, out = we did.", put_calls_of},
    {"calls_ended_total", "Legs that have ended, as their call records say.", put_endings_of},
    {"session_refreshes_total", "Session refreshes by who sent them.", put_refreshes_of},
    {"session_expired_total", "Calls that ended for want of a refresh.", put_expired_of},
    {"limit_refused_total", "Calls beyond what the trunk may carry: in = from it, out = to it.", put_limits_of},
    {"midcall_total", "INVITEs and UPDATEs inside a dialog.", put_midcalls_of},
    {"identity_total", "INVITEs to the trunk that do not say who calls as they came.", put_identities_of},
    {"auth_challenges_total", "401 and 407 to what we sent.", put_challenges_of},
};

static void put_counts(struct page *p) {
    int count;
    struct command_trunk *all = command_all_trunks(p->c, &count);

    for (size_t i = 0; i < sizeof of_trunk / sizeof *of_trunk; i++) {
        page_head(p, of_trunk[i].name, METRIC_COUNTER, of_trunk[i].help);
        for (int j = 0; j < count; j++)
            of_trunk[i].put(p, all[j].trunk);
    }
    free(all);
}

static void put_registered(struct page *p, struct registrations *all) {
    const struct settings *s = p->c->config.settings;
    struct registration r;

    page_head(p, "trunk_registered", METRIC_GAUGE, "Does our registration there hold?");
    for (int i = 0; i < s->trunk_count; i++)
        if (registrations_get(all, s->trunks[i].name, &r))
            SAMPLE(p, "trunk_registered", r.state == REG_REGISTERED, "trunk", s->trunks[i].name);
    page_head(p, "trunk_registers_total", METRIC_COUNTER, "REGISTER requests to the trunk by what they came to.");
    for (int i = 0; i < s->trunk_count; i++)
        if (registrations_get(all, s->trunks[i].name, &r)) {
            SAMPLE(p, "trunk_registers_total", r.registered, "trunk", s->trunks[i].name, "result", "ok");
            SAMPLE(p, "trunk_registers_total", r.failed, "trunk", s->trunks[i].name, "result", "failed");
        }
}

void page_put_trunks(struct page *p) {
    put_counts(p);
    put_registered(p, p->c->config.shared->registrations);
}
