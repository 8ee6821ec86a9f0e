#include "b2bua/command/services.h"

#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#include "b2bua/core/json.h"

enum { PROBLEMS_MAX = 50, DETAILS_MAX = 20 };

struct service {
    const char *name;
    bool maintained;                                     /* maintenance stops it */
    const char *(*missing)(const struct service_look *); /* how it is configured; NULL: it is */
    void (*look)(struct service_look *l);
};

void service_problem(struct service_look *l, const char *see, const char *format, ...) {
    char what[512];
    va_list args;

    if (l->problem_count++ >= PROBLEMS_MAX)
        return;
    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    json_item(l->problems);
    sbuf_putc(l->problems, '{');
    json_put_text(l->problems, "what", str_of(what));
    json_put_text(l->problems, "see", str_of(see));
    sbuf_putc(l->problems, '}');
}

void service_detail(struct service_look *l, const char *format, ...) {
    char text[512];
    va_list args;

    if (l->details++ >= DETAILS_MAX) {
        sbuf_puts(&l->detail, l->details == DETAILS_MAX + 1 ? ", ..." : "");
        return;
    }
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    sbuf_puts(&l->detail, l->detail.n > 0 ? ", " : "");
    sbuf_puts(&l->detail, text);
}

static const struct service services[] = {
    {"SIP trunks", true, service_no_trunks, service_look_at_trunks},
    {"Registration of trunks", false, service_no_trunk_registers, service_look_at_registering},
    {"Registrations", true, service_no_front, service_look_at_front},
    {"Call managers", false, service_no_nodes, service_look_at_nodes},
    {"Fellow nodes", false, service_no_fellows, service_look_at_fellows},
    {"Own registrar", true, service_no_local, service_look_at_local},
    {"STUN keepalive", true, service_no_stun, service_look_at_stun},
    {"Authorization limit", false, service_no_limit, service_look_at_limit},
    {"Credential cache", false, service_no_cache, service_look_at_cache},
    {"Registrations on disk", false, service_no_keep, service_look_at_keep},
    {"Intrusion protection", false, service_no_bans, service_look_at_bans},
    {"TLS certificates", false, service_no_tls, service_look_at_tls},
    {"Call records", false, service_no_records, service_look_at_records},
    {"HTTP administration", false, service_no_http, service_look_at_http},
    {"Message capture", false, service_no_hep, service_look_at_hep},
};

/* --- writing them --- */

/* Why a service that would work takes nothing new; NULL: it does. */
static const char *idle_because(const struct commands *c) {
    if (switches_maintained_ms(&c->config.shared->switches) != 0)
        return "Maintenance mode";
    return c->config.stopping(c->config.ctx) ? "twinleg is stopping" : NULL;
}

static void put_state(struct sbuf *out, const struct service *v, const struct service_look *l, const char *missing,
                      const char *idle) {
    char text[256];

    if (missing != NULL)
        snprintf(text, sizeof text, "Not configured (%s)", missing);
    else if (v->maintained && idle != NULL)
        snprintf(text, sizeof text, "Inactive (%s)", idle);
    else
        snprintf(text, sizeof text, "%s", l->problem_count > 0 ? "Configured but with errors" : "Configured");
    json_put_text(out, "state", str_of(text));
}

static void put_service(struct sbuf *out, const struct commands *c, const struct service *v, const char *idle) {
    struct sbuf problems = sbuf_growing(COMMAND_ANSWER_MAX);
    struct service_look l = {.c = c, .s = c->config.settings, .problems = &problems};
    const char *missing = v->missing(&l);

    l.detail = sbuf_on(l.text, sizeof l.text);
    if (missing == NULL)
        v->look(&l);
    json_item(out);
    sbuf_putc(out, '{');
    json_put_text(out, "name", str_of(v->name));
    put_state(out, v, &l, missing, idle);
    json_put_text(out, "detail", sbuf_str(&l.detail));
    json_put_number(out, "problem_count", (uint64_t)l.problem_count);
    json_name(out, "problems");
    sbuf_putc(out, '[');
    sbuf_put(out, sbuf_str(&problems));
    sbuf_puts(out, "]}");
    sbuf_fini(&problems);
}

void status_put_services(struct sbuf *out, const struct commands *c) {
    const char *idle = idle_because(c);
    time_t now = time(NULL);
    struct tm local;
    char text[64] = "";

    if (localtime_r(&now, &local) != NULL)
        strftime(text, sizeof text, "%H:%M:%S %Z", &local);
    json_put_text(out, "last_updated", str_of(text));
    json_name(out, "services");
    sbuf_putc(out, '[');
    for (size_t i = 0; i < sizeof services / sizeof *services; i++)
        put_service(out, c, &services[i], idle);
    sbuf_putc(out, ']');
}
