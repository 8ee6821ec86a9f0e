/* How busy the workers are, what is turned away, and who is kept out, as metrics. */
#include <stdio.h>

#include "b2bua/command/page.h"

/* --- by worker --- */

static void put_workers(struct page *p) {
    static const struct {
        const char *name, *help;
        struct sum_place place;
        bool ms; /* shown as seconds */
    } of_worker[] = {
        {"overload_shed_percent", "Share of new requests that is turned away; 0 = no overload.",
         SUM_OF(engine.load.shed_percent), false},
        {"worker_busy_percent", "Share of its time that a worker does not sleep.", SUM_OF(engine.load.busy_percent),
         false},
        {"worker_lag_seconds", "How long a message had to wait for the worker, at the most.",
         SUM_OF(engine.load.lag_ms), true},
    };
    char number[24], text[40];

    for (size_t i = 0; i < sizeof of_worker / sizeof *of_worker; i++) {
        page_head(p, of_worker[i].name, METRIC_GAUGE, of_worker[i].help);
        for (unsigned worker = 0; worker < p->q->count; worker++) {
            snprintf(number, sizeof number, "%u", worker);
            unsigned long long value = sum_worker(p->q, worker, of_worker[i].place);
            if (of_worker[i].ms)
                snprintf(text, sizeof text, "%llu.%03llu", value / 1000, value % 1000);
            else
                snprintf(text, sizeof text, "%llu", value);
            page_text(p, of_worker[i].name, (const char *const[]){"worker", number, NULL}, text);
        }
    }
}

static void put_node_limits(struct page *p) {
    struct pool *pool = p->c->config.shared->pool;

    page_head(p, "calls_refused_total", METRIC_COUNTER, "Calls beyond what all trunks together may carry.");
    for (int limit = 0; limit < POOL_LIMITS; limit++)
        SAMPLE(p, "calls_refused_total", pool_refused(pool, (enum pool_limit)limit), "limit", pool_limit_name(limit));
}

void page_put_load(struct page *p) {
    put_workers(p);
    put_node_limits(p);
}

/* --- call records --- */

void page_put_records(struct page *p, const struct recorder *r) {
    if (r == NULL)
        return;
    const struct page_row of_records[] = {
        {"records_up", METRIC_GAUGE, "Does the file take call records?", NULL, NULL, recorder_error(r) == 0},
        {"records_written_total", METRIC_COUNTER, "Call records in the file.", NULL, NULL, recorder_written(r)},
        {"records_lost_total", METRIC_COUNTER, "Call records that were lost for want of a disk.", NULL, NULL,
         recorder_lost(r)},
    };
    page_rows(p, of_records, sizeof of_records / sizeof *of_records);
}

/* --- who is kept out --- */

void page_put_guard(struct page *p) {
    struct guard_look look;

    guard_look(p->c->config.shared->guard, &look);
    page_head(p, "bans_active", METRIC_GAUGE, "Addresses that nobody listens to, now.");
    SAMPLE(p, "bans_active", (uint64_t)look.bans, NULL);
    page_head(p, "bans_total", METRIC_COUNTER, "Bans by why.");
    for (int i = 0; i <= BANS_CATEGORIES; i++)
        SAMPLE(p, "bans_total", look.bans_made[i], "category", bans_category_name(i));
    page_head(p, "security_events_total", METRIC_COUNTER, "Failures of addresses that are not exempt.");
    for (int i = 0; i < GUARD_WHATS; i++)
        SAMPLE(p, "security_events_total", look.whats[i].count, "what", guard_what_name(i));
}
