/*
 * page: a page in the text format of Prometheus (version 0.0.4) while it is made.
 */
#ifndef B2BUA_COMMAND_PAGE_H
#define B2BUA_COMMAND_PAGE_H

#include "b2bua/command/impl.h"
#include "b2bua/command/sum.h"

struct page {
    struct sbuf out;
    const struct worker_question *q;
    const struct commands *c;
};

enum metric_type { METRIC_GAUGE, METRIC_COUNTER, METRIC_HISTOGRAM };

/* Help and type; the samples of one name stand together below. */
void page_head(struct page *p, const char *name, enum metric_type type, const char *help);

/* One line. `labels` are names and values in turn, NULL at the end. */
void page_sample(struct page *p, const char *name, const char *const *labels, uint64_t value);

/* Rows of one name stand together: the first has the help. `label` NULL: the sample has none. */
struct page_row {
    const char *name;
    enum metric_type type;
    const char *help, *label, *value;
    uint64_t count;
};
void page_rows(struct page *p, const struct page_row *rows, size_t n);

/* The same for a value that is no whole number. */
void page_text(struct page *p, const char *name, const char *const *labels, const char *value);

#define SAMPLE(p, name, value, ...) page_sample(p, name, (const char *const[]){__VA_ARGS__, NULL}, value)

/* Values of the label "direction". */
extern const char *const page_directions[2];

/* metrics_trunks.c: calls, refreshes, identities, limits, challenges and registrations of each. */
void page_put_trunks(struct page *p);

/* metrics_times.c: how long it took to be answered, and how long calls were. */
void page_put_times(struct page *p);

/* metrics_pool.c: places of trunks, and attempts to reach them. */
void page_put_pool(struct page *p, struct pool *pool);

/* metrics_nodes.c */
void page_put_nodes(struct page *p, struct nodes *nodes);

/* peers.c */
void page_put_peers(struct page *p, struct fellows *fellows);

/* metrics_registrations.c: who is registered at us, or through us. */
void page_put_registrations(struct page *p, struct registrar_shared *registrar);

/* metrics_load.c */
void page_put_load(struct page *p);
void page_put_guard(struct page *p);
void page_put_records(struct page *p, const struct recorder *r); /* NULL: none are kept */

/* keep.c: the file of registrations. */
void page_put_keep(struct page *p, const struct keep *keep);

#endif
