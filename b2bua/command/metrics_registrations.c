/* Who is registered. */
#include "b2bua/command/page.h"

static const char *const none[] = {NULL};

void page_put_registrations(struct page *p, struct registrar_shared *registrar) {
    struct bindings_counts c = bindings_counts(registrar_bindings(registrar));
    const struct {
        const char *name;
        enum metric_type type;
        const char *help;
        uint64_t value;
    } rows[] = {
        {"registrations_current", METRIC_GAUGE, "Bindings now.", c.current},
        {"registrations_peak", METRIC_GAUGE, "The most bindings since the start.", c.peak},
        {"registrations_expired_total", METRIC_COUNTER, "Bindings that nobody refreshed.", c.expired},
        {"registrations_refused_total", METRIC_COUNTER, "Bindings that had no room.", c.refused},
        {"credentials_cached", METRIC_GAUGE, "Bindings whose credentials a node has accepted.", c.credentials},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        page_head(p, rows[i].name, rows[i].type, rows[i].help);
        page_sample(p, rows[i].name, none, rows[i].value);
    }
}
