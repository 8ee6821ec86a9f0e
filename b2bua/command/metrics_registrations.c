/* Who is registered. */
#include "b2bua/command/page.h"

void page_put_registrations(struct page *p, struct registrar_shared *registrar) {
    struct bindings_counts c = bindings_counts(registrar_bindings(registrar));
    const struct page_row rows[] = {
        {"registrations_current", METRIC_GAUGE, "Bindings now.", NULL, NULL, c.current},
        {"registrations_peak", METRIC_GAUGE, "The most bindings since the start.", NULL, NULL, c.peak},
        {"registrations_expired_total", METRIC_COUNTER, "Bindings that nobody refreshed.", NULL, NULL, c.expired},
        {"registrations_refused_total", METRIC_COUNTER, "Bindings that had no room.", NULL, NULL, c.refused},
        {"credentials_cached", METRIC_GAUGE, "Bindings whose credentials a node has accepted.", NULL, NULL,
         c.credentials},
    };

    page_rows(p, rows, sizeof rows / sizeof *rows);
}
