/* The file of registrations, as metrics and in `status`. */
#include "b2bua/command/page.h"
#include "b2bua/core/json.h"

void page_put_keep(struct page *p, const struct keep *keep) {
    struct keep_counts c = keep_counts(keep);
    const struct page_row rows[] = {
        {"store_up", METRIC_GAUGE, "Are registrations written to disk?", NULL, NULL, c.state == KEEP_OK},
        {"store_loaded", METRIC_GAUGE, "Registrations of an earlier run that were taken over.", NULL, NULL, c.loaded},
        {"store_waiting", METRIC_GAUGE, "Changes that the disk has not taken yet.", NULL, NULL, c.store.waiting},
        {"store_writes_total", METRIC_COUNTER, "Registrations written and deleted.", "kind", "put", c.store.written},
        {"store_writes_total", METRIC_COUNTER, NULL, "kind", "delete", c.store.deleted},
        {"store_batches_total", METRIC_COUNTER, "Transactions of the file.", "result", "ok", c.store.batches},
        {"store_batches_total", METRIC_COUNTER, NULL, "result", "failed", c.store.failures},
        {"store_lost_total", METRIC_COUNTER, "Changes that found no room to wait.", NULL, NULL, c.store.lost},
        {"store_damaged_total", METRIC_COUNTER, "Files that were set aside.", NULL, NULL, c.store.aside},
    };

    if (c.wanted)
        page_rows(p, rows, sizeof rows / sizeof *rows);
}

void status_put_keep(struct sbuf *out, const struct keep *keep) {
    struct keep_counts c = keep_counts(keep);

    if (!c.wanted)
        return;
    json_name(out, "store");
    sbuf_putc(out, '{');
    json_put_text(out, "state", str_of(keep_state_name(c.state)));
    json_put_number(out, "waiting", c.store.waiting);
    json_put_number(out, "loaded", c.loaded);
    json_put_number(out, "lost", c.store.lost);
    sbuf_putc(out, '}');
}
