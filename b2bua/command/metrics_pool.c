/* Places of trunks, and attempts to reach them, as metrics. */
#include "b2bua/command/page.h"

/* What is summed up over the places of a target. */
struct target_sums {
    bool up;
    uint64_t flips, heard[HEALTH_EVIDENCES];
};

static struct target_sums sums_of(const struct commands *c, const struct settings_trunk *t, int target) {
    struct pool_place_look looks[POOL_PLACES_MAX];
    struct target_sums sums = {.up = false};
    char reason[8];
    int n = pool_look_target(c->config.shared->pool, t, target, looks, reason, sizeof reason);
    struct nodes_look node;

    for (int i = 0; i < n; i++) {
        sums.up |= health_usable(looks[i].place.state);
        sums.flips += looks[i].flips;
        for (int e = 0; e < HEALTH_EVIDENCES; e++)
            sums.heard[e] += looks[i].heard[e];
    }
    if (trunk_node(c, t, target, &node))
        sums.up = n > 0 && trunk_node_usable(&node);
    return sums;
}

/* Calls that got through are counted as attempts; here only those that matter are. */
static bool is_shown(int evidence) {
    return evidence != HEALTH_STARTED && evidence != HEALTH_CALL_ANSWERED && evidence != HEALTH_LAPSED;
}

static void put_up(struct page *p, const char *name, const char *trunk, const char *uri, const struct target_sums *s) {
    SAMPLE(p, name, s->up, "trunk", trunk, "target", uri);
}

static void put_flips(struct page *p, const char *name, const char *trunk, const char *uri,
                      const struct target_sums *s) {
    SAMPLE(p, name, s->flips, "trunk", trunk, "target", uri);
}

static void put_evidence(struct page *p, const char *name, const char *trunk, const char *uri,
                         const struct target_sums *s) {
    for (int e = 0; e < HEALTH_EVIDENCES; e++)
        if (is_shown(e))
            SAMPLE(p, name, s->heard[e], "trunk", trunk, "target", uri, "evidence", health_evidence_name(e));
}

static const struct {
    const char *name;
    enum metric_type type;
    const char *help;
    void (*put)(struct page *p, const char *name, const char *trunk, const char *uri, const struct target_sums *s);
} of_target[] = {
    {"trunk_up", METRIC_GAUGE, "May the target get calls?", put_up},
    {"trunk_flips_total", METRIC_COUNTER, "Changes of state of the target's addresses.", put_flips},
    {"trunk_evidence_total", METRIC_COUNTER, "What was heard of the target by OPTIONS, and missed by calls.",
     put_evidence},
};

static void put_targets(struct page *p, int row) {
    page_head(p, of_target[row].name, of_target[row].type, of_target[row].help);
    for (int i = 0; i < settings_call_trunks(p->c->config.settings); i++) {
        const struct settings_trunk *t = &p->c->config.settings->trunks[i];
        for (int j = 0; j < t->target_count; j++) {
            struct target_sums sums = sums_of(p->c, t, j);
            of_target[row].put(p, of_target[row].name, t->name, t->targets[j].uri, &sums);
        }
    }
}

static void put_attempts(struct page *p, struct pool *pool) {
    page_head(p, "trunk_attempts_total", METRIC_COUNTER, "INVITEs to targets by what became of them.");
    for (int i = 0; i < settings_call_trunks(p->c->config.settings); i++) {
        struct pool_look look;
        pool_look(pool, p->c->config.settings->trunks[i].slot, &look);
        for (int result = 0; result < POOL_ATTEMPTS; result++)
            SAMPLE(p, "trunk_attempts_total", look.attempts[result], "trunk", p->c->config.settings->trunks[i].name,
                   "result", pool_attempt_name(result));
    }
}

static void put_busy(struct page *p, struct pool *pool) {
    page_head(p, "trunk_busy", METRIC_GAUGE, "Is no target of the trunk up?");
    for (int i = 0; i < settings_call_trunks(p->c->config.settings); i++) {
        const struct settings_trunk *t = &p->c->config.settings->trunks[i];
        const char *of_nodes = trunk_nodes_state(p->c, t);
        bool busy = of_nodes != NULL ? strcmp(of_nodes, "busy") == 0 : pool_busy(pool, t);
        SAMPLE(p, "trunk_busy", busy, "trunk", t->name);
    }
}

void page_put_pool(struct page *p, struct pool *pool) {
    for (size_t row = 0; row < sizeof of_target / sizeof *of_target; row++)
        put_targets(p, (int)row);
    put_attempts(p, pool);
    put_busy(p, pool);
}
