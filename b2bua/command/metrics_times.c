/* Durations as histograms, by trunk. */
#include <stdio.h>
#include <stdlib.h>

#include "b2bua/command/page.h"

static const struct {
    const char *name, *help;
    const struct histogram_shape *shape;
    size_t at; /* of those of both directions, in struct report_trunk */
} histograms[] = {
    {"call_setup_seconds", "From a leg's INVITE to its answer: in = the peer called, out = we did.", &histogram_setup,
     offsetof(struct report_trunk, counts.setup)},
    {"call_duration_seconds", "From a leg's answer to its end.", &histogram_talk,
     offsetof(struct report_trunk, counts.talk)},
};

enum { HISTOGRAMS = sizeof histograms / sizeof *histograms };

struct labels {
    const char *trunk, *direction;
};

/* Seconds as short as they can be: "0.05", "1". */
static const char *bound(uint64_t ms, char *buf, size_t size) {
    snprintf(buf, size, "%g", (double)ms / 1000);
    return buf;
}

static uint64_t number(struct page *p, const struct settings_trunk *t, size_t at) {
    return sum_trunk(p->q, t->slot, sum_element(at, 0));
}

static void put_sum(struct page *p, const char *name, const struct labels *l, uint64_t ms) {
    char text[32];

    snprintf(text, sizeof text, "%llu.%03llu", (unsigned long long)ms / 1000, (unsigned long long)ms % 1000);
    page_text(p, name, (const char *const[]){"trunk", l->trunk, "direction", l->direction, NULL}, text);
}

/* Each bucket has what is in those before it, too; the last has all. */
static void put_histogram(struct page *p, int which, const struct settings_trunk *t, int way) {
    const struct labels l = {t->name, page_directions[way]};
    size_t at = histograms[which].at + (size_t)way * sizeof(struct histogram);
    char name[64], le[24] = "+Inf";
    uint64_t count = 0;

    snprintf(name, sizeof name, "%s_bucket", histograms[which].name);
    for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++) {
        bool last = i == HISTOGRAM_BUCKETS - 1;
        count += number(p, t, at + offsetof(struct histogram, buckets) + i * sizeof(uint64_t));
        SAMPLE(p, name, count, "trunk", l.trunk, "direction", l.direction, "le",
               last ? "+Inf" : bound(histograms[which].shape->le_ms[i], le, sizeof le));
    }
    snprintf(name, sizeof name, "%s_sum", histograms[which].name);
    put_sum(p, name, &l, number(p, t, at + offsetof(struct histogram, sum_ms)));
    snprintf(name, sizeof name, "%s_count", histograms[which].name);
    SAMPLE(p, name, count, "trunk", l.trunk, "direction", l.direction);
}

void page_put_times(struct page *p) {
    int count;
    struct command_trunk *all = command_all_trunks(p->c, &count);

    for (int i = 0; i < HISTOGRAMS; i++) {
        page_head(p, histograms[i].name, METRIC_HISTOGRAM, histograms[i].help);
        for (int j = 0; j < 2 * count; j++)
            put_histogram(p, i, all[j / 2].trunk, j % 2);
    }
    free(all);
}
