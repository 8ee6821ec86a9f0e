/* All counters in the text format of Prometheus (version 0.0.4), as the one string of {"metrics": "..."}. */
#include <stdlib.h>

#include "b2bua/command/page.h"
#include "b2bua/core/json.h"
#include "b2bua/lookup.h"

/* --- one number a line --- */

/* Rows of one name stand together: the first has the help. */
static const struct {
    const char *name;
    enum metric_type type;
    const char *help, *label, *value;
    struct sum_place place;
} rows[] = {
    {"calls_active", METRIC_GAUGE, "Calls now.", NULL, NULL, SUM_OF(engine.calls.calls)},
    {"legs_active", METRIC_GAUGE, "Call legs now.", NULL, NULL, SUM_OF(engine.calls.legs)},
    {"calls_started_total", METRIC_COUNTER, "INVITEs that became calls.", NULL, NULL, SUM_OF(engine.calls.started)},
    {"calls_answered_total", METRIC_COUNTER, "Calls that were answered.", NULL, NULL, SUM_OF(engine.calls.answered)},
    {"calls_failed_total", METRIC_COUNTER, "Calls that were not.", NULL, NULL, SUM_OF(engine.calls.failed)},
    {"transactions_active", METRIC_GAUGE, "Transactions that exist, lingering ones included.", NULL, NULL,
     SUM_OF(engine.ua.txn.active)},
    {"connections_active", METRIC_GAUGE, "TCP and TLS connections now.", NULL, NULL, SUM_OF(net.connections)},
    {"sip_retransmissions_total", METRIC_COUNTER, "Messages that we sent again.", NULL, NULL,
     SUM_OF(engine.ua.txn.resent)},
    {"sip_retransmissions_absorbed_total", METRIC_COUNTER, "Messages of peers that had come before.", NULL, NULL,
     SUM_OF(engine.ua.txn.absorbed)},
    {"session_422_total", METRIC_COUNTER, "Session intervals that were too small.", "direction", "in",
     SUM_OF(engine.calls.too_small[0])},
    {"session_422_total", METRIC_COUNTER, NULL, "direction", "out", SUM_OF(engine.calls.too_small[1])},
    {"redirects_total", METRIC_COUNTER, "3xx by what became of them.", "result", "followed",
     SUM_OF(engine.calls.redirects[CALLS_REDIRECT_FOLLOWED])},
    {"redirects_total", METRIC_COUNTER, NULL, "result", "passed",
     SUM_OF(engine.calls.redirects[CALLS_REDIRECT_PASSED])},
    {"redirects_total", METRIC_COUNTER, NULL, "result", "refused",
     SUM_OF(engine.calls.redirects[CALLS_REDIRECT_REFUSED])},
    {"transfers_total", METRIC_COUNTER, "REFERs by what became of them.", "result", "done",
     SUM_OF(engine.calls.transfers[CALLS_TRANSFER_DONE])},
    {"transfers_total", METRIC_COUNTER, NULL, "result", "failed",
     SUM_OF(engine.calls.transfers[CALLS_TRANSFER_FAILED])},
    {"transfers_total", METRIC_COUNTER, NULL, "result", "passed",
     SUM_OF(engine.calls.transfers[CALLS_TRANSFER_PASSED])},
    {"transfers_total", METRIC_COUNTER, NULL, "result", "refused",
     SUM_OF(engine.calls.transfers[CALLS_TRANSFER_REFUSED])},
    {"stun_requests_total", METRIC_COUNTER, "STUN requests by what they got.", "result", "answered",
     SUM_OF(net.stun_answered)},
    {"stun_requests_total", METRIC_COUNTER, NULL, "result", "refused", SUM_OF(net.stun_refused)},
    {"stun_requests_total", METRIC_COUNTER, NULL, "result", "dropped", SUM_OF(net.stun_dropped)},
    {"stun_requests_total", METRIC_COUNTER, NULL, "result", "answered-late", SUM_OF(engine.keepalives.late)},
    {"stun_requests_total", METRIC_COUNTER, NULL, "result", "path-dead", SUM_OF(engine.keepalives.dead)},
    {"stun_requests_total", METRIC_COUNTER, NULL, "result", "path-doubted", SUM_OF(engine.keepalives.doubted)},
    {"stun_requests_total", METRIC_COUNTER, NULL, "result", "maintenance", SUM_OF(engine.keepalives.maintained)},
    {"stun_requests_total", METRIC_COUNTER, NULL, "result", "off", SUM_OF(engine.keepalives.off)},
    {"relayed_to_nodes_total", METRIC_COUNTER,
     "Requests of clients other than INVITE and REGISTER, passed on to nodes, by what became of them.", "result",
     "answered", SUM_OF(engine.registrar.relays[0][REGISTRAR_RELAY_ANSWERED])},
    {"relayed_to_nodes_total", METRIC_COUNTER, NULL, "result", "refused",
     SUM_OF(engine.registrar.relays[0][REGISTRAR_RELAY_REFUSED])},
    {"relayed_to_nodes_total", METRIC_COUNTER, NULL, "result", "silent",
     SUM_OF(engine.registrar.relays[0][REGISTRAR_RELAY_SILENT])},
    {"relayed_to_nodes_total", METRIC_COUNTER, NULL, "result", "unreachable",
     SUM_OF(engine.registrar.relays[0][REGISTRAR_RELAY_UNREACHABLE])},
    {"relayed_to_clients_total", METRIC_COUNTER, "The same towards clients.", "result", "answered",
     SUM_OF(engine.registrar.relays[1][REGISTRAR_RELAY_ANSWERED])},
    {"relayed_to_clients_total", METRIC_COUNTER, NULL, "result", "refused",
     SUM_OF(engine.registrar.relays[1][REGISTRAR_RELAY_REFUSED])},
    {"relayed_to_clients_total", METRIC_COUNTER, NULL, "result", "silent",
     SUM_OF(engine.registrar.relays[1][REGISTRAR_RELAY_SILENT])},
    {"relayed_to_clients_total", METRIC_COUNTER, NULL, "result", "unreachable",
     SUM_OF(engine.registrar.relays[1][REGISTRAR_RELAY_UNREACHABLE])},
    {"registers_total", METRIC_COUNTER, "REGISTERs of clients by what became of them.", "result", "ok",
     SUM_OF(engine.registrar.results[REGISTRAR_OK])},
    {"registers_total", METRIC_COUNTER, NULL, "result", "absorbed",
     SUM_OF(engine.registrar.results[REGISTRAR_ABSORBED])},
    {"registers_total", METRIC_COUNTER, NULL, "result", "challenged",
     SUM_OF(engine.registrar.results[REGISTRAR_CHALLENGED])},
    {"registers_total", METRIC_COUNTER, NULL, "result", "refused", SUM_OF(engine.registrar.results[REGISTRAR_REFUSED])},
    {"registers_total", METRIC_COUNTER, NULL, "result", "malformed",
     SUM_OF(engine.registrar.results[REGISTRAR_MALFORMED])},
    {"registers_total", METRIC_COUNTER, NULL, "result", "forbidden",
     SUM_OF(engine.registrar.results[REGISTRAR_FORBIDDEN])},
    {"registers_total", METRIC_COUNTER, NULL, "result", "too-brief",
     SUM_OF(engine.registrar.results[REGISTRAR_TOO_BRIEF])},
    {"registers_total", METRIC_COUNTER, NULL, "result", "limited", SUM_OF(engine.registrar.results[REGISTRAR_LIMITED])},
    {"registers_total", METRIC_COUNTER, NULL, "result", "busy", SUM_OF(engine.registrar.results[REGISTRAR_BUSY])},
    {"registers_total", METRIC_COUNTER, NULL, "result", "maintenance",
     SUM_OF(engine.registrar.results[REGISTRAR_MAINTENANCE])},
    {"registers_total", METRIC_COUNTER, NULL, "result", "unavailable",
     SUM_OF(engine.registrar.results[REGISTRAR_UNAVAILABLE])},
    {"register_failovers_total", METRIC_COUNTER, "REGISTERs that went on to another node.", NULL, NULL,
     SUM_OF(engine.registrar.failovers)},
    {"registers_pending", METRIC_GAUGE, "REGISTERs under way now.", NULL, NULL, SUM_OF(engine.registrar.pending)},
    {"dropped_total", METRIC_COUNTER, "What came in and went no further.", "reason", "malformed",
     SUM_OF(engine.ua.malformed)},
    {"dropped_total", METRIC_COUNTER, NULL, "reason", "unknown-source", SUM_OF(engine.ua.unknown_source)},
    {"dropped_total", METRIC_COUNTER, NULL, "reason", "stray-response", SUM_OF(engine.ua.stray_response)},
    {"dropped_total", METRIC_COUNTER, NULL, "reason", "garbage", SUM_OF(net.garbage)},
    {"dropped_total", METRIC_COUNTER, NULL, "reason", "too-big", SUM_OF(net.too_big)},
    {"dropped_total", METRIC_COUNTER, NULL, "reason", "queue-full", SUM_OF(handed_dropped)},
    {"dropped_total", METRIC_COUNTER, NULL, "reason", "banned", SUM_OF(net.banned)},
    {"dropped_total", METRIC_COUNTER, NULL, "reason", "socket-full", SUM_OF(net.lost)},
    {"overloads_total", METRIC_COUNTER, "Times that a worker had more to do than it could.", NULL, NULL,
     SUM_OF(engine.load.overloads)},
    {"overload_refused_total", METRIC_COUNTER, "New requests that were turned away then.", NULL, NULL,
     SUM_OF(engine.load.refused)},
    {"connections_refused_total", METRIC_COUNTER, "Connections beyond the caps.", NULL, NULL, SUM_OF(net.conn_refused)},
    {"messages_handed_over_total", METRIC_COUNTER, "Messages that belonged to another worker.", NULL, NULL,
     SUM_OF(handed_over)},
};

static void put_rows(struct page *p) {
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (rows[i].help != NULL)
            page_head(p, rows[i].name, rows[i].type, rows[i].help);
        SAMPLE(p, rows[i].name, sum_counts(p->q, rows[i].place), rows[i].label, rows[i].value);
    }
}

/* --- by method and class --- */

static void put_requests(struct page *p) {
    static const size_t at[] = {offsetof(struct worker_counts, engine.ua.requests_in),
                                offsetof(struct worker_counts, engine.ua.requests_out)};

    page_head(p, "sip_requests_total", METRIC_COUNTER, "Requests, retransmissions of peers included.");
    for (int way = 0; way < 2; way++)
        for (int m = 0; m < METHODS; m++) {
            const char *name = m == METHOD_UNKNOWN ? "other" : method_name((enum method)m);
            SAMPLE(p, "sip_requests_total", sum_counts(p->q, sum_element(at[way], (size_t)m)), "method", name,
                   "direction", page_directions[way]);
        }
}

static void put_responses(struct page *p) {
    static const char *const classes[] = {"1xx", "2xx", "3xx", "4xx", "5xx", "6xx"};
    static const size_t at[] = {offsetof(struct worker_counts, engine.ua.responses_in),
                                offsetof(struct worker_counts, engine.ua.responses_out)};

    page_head(p, "sip_responses_total", METRIC_COUNTER, "Responses, retransmissions of peers included.");
    for (int way = 0; way < 2; way++)
        for (size_t i = 0; i < 6; i++)
            SAMPLE(p, "sip_responses_total", sum_counts(p->q, sum_element(at[way], i + 1)), "class", classes[i],
                   "direction", page_directions[way]);
}

static void put_profiles(struct page *p) {
    static const struct {
        const char *name, *help;
        struct sum_place place;
    } of_profile[] = {
        {"profile_rules_applied_total", "Rules that changed a message.", SUM_OF_PROFILE(applied)},
        {"profile_rules_failed_total", "Rules that were skipped: broken result, limit, time.", SUM_OF_PROFILE(failed)},
    };

    for (size_t i = 0; i < sizeof of_profile / sizeof *of_profile; i++) {
        page_head(p, of_profile[i].name, METRIC_COUNTER, of_profile[i].help);
        for (int profile = 0; profile < p->c->config.settings->profile_count; profile++)
            SAMPLE(p, of_profile[i].name,
                   sum_profile(p->q, p->c->config.settings->profiles[profile].slot, of_profile[i].place), "profile",
                   p->c->config.settings->profiles[profile].name);
    }
}

static void put_reloads(struct page *p) {
    struct reload_counts c = reload_counts(p->c->config.reload);
    const struct page_row of_reload[] = {
        {"reloads_total", METRIC_COUNTER, "Reloads of the configuration by what came of them.", "result", "done",
         c.done},
        {"reloads_total", METRIC_COUNTER, NULL, "result", "same", c.same},
        {"reloads_total", METRIC_COUNTER, NULL, "result", "failed", c.failed},
        {"configurations", METRIC_GAUGE, "Configurations held: the one in force, and those that calls keep.", NULL,
         NULL, (uint64_t)c.snapshots},
    };

    page_rows(p, of_reload, sizeof of_reload / sizeof *of_reload);
}

static void put_dns(struct page *p, const struct lookup *l) {
    struct resolver_counts c = lookup_counts(l);
    const struct page_row of_dns[] = {
        {"dns_queries_total", METRIC_COUNTER, "Questions to name servers by what came of them.", "result", "answered",
         c.answered},
        {"dns_queries_total", METRIC_COUNTER, NULL, "result", "none", c.none},
        {"dns_queries_total", METRIC_COUNTER, NULL, "result", "refused", c.refused},
        {"dns_queries_total", METRIC_COUNTER, NULL, "result", "timeout", c.silent},
        {"dns_queries_total", METRIC_COUNTER, NULL, "result", "garbage", c.garbage},
        {"dns_stale_total", METRIC_COUNTER, "Failed questions whose last answer went on to hold.", NULL, NULL, c.stale},
        {"dns_hosts_total", METRIC_COUNTER, "Lookups that the hosts file answered.", NULL, NULL, c.hosts},
        {"dns_queries_active", METRIC_GAUGE, "Questions under way.", NULL, NULL, c.in_flight + c.waiting},
        {"dns_names", METRIC_GAUGE, "Answers that are kept.", NULL, NULL, c.names},
    };

    page_rows(p, of_dns, sizeof of_dns / sizeof *of_dns);
}

static void put_tap(struct page *p, struct tap *tap) {
    struct tap_state s = tap_state(tap);
    const struct page_row of_tap[] = {
        {"hep_messages_total", METRIC_COUNTER, "Messages for the capture server.", "result", "sent", s.hep_sent},
        {"hep_messages_total", METRIC_COUNTER, NULL, "result", "failed", s.hep_failed},
        {"trace_dropped_total", METRIC_COUNTER, "Copies of messages, for traces and HEP, that came too fast.", NULL,
         NULL, s.dropped},
        {"trace_active", METRIC_GAUGE, "1: messages are written to a file.", NULL, NULL, s.tracing},
    };

    page_rows(p, of_tap, sizeof of_tap / sizeof *of_tap);
}

static void metrics_answered(struct command_run *r, struct worker_question *q) {
    struct page p = {.out = sbuf_growing(COMMAND_ANSWER_MAX), .q = q, .c = r->commands};
    struct sbuf out = sbuf_growing(COMMAND_ANSWER_MAX);

    put_rows(&p);
    put_requests(&p);
    put_responses(&p);
    page_put_trunks(&p);
    page_put_times(&p);
    page_put_pool(&p, r->commands->config.shared->pool);
    page_put_nodes(&p, r->commands->config.shared->nodes);
    page_put_peers(&p, r->commands->config.shared->fellows);
    page_put_registrations(&p, r->commands->config.shared->registrar);
    put_profiles(&p);
    put_reloads(&p);
    put_dns(&p, r->commands->config.lookup);
    put_tap(&p, r->commands->config.shared->tap);
    page_put_load(&p);
    page_put_guard(&p);
    page_put_records(&p, r->commands->config.shared->recorder);
    page_put_keep(&p, r->commands->config.keep);
    sbuf_putc(&out, '{');
    json_put_text(&out, "metrics", sbuf_str(&p.out));
    sbuf_putc(&out, '}');
    sbuf_fini(&p.out);
    run_finish(r, &out);
}

void command_metrics(struct command_run *r) {
    run_ask(r, &(struct report_ask){.kind = REPORT_COUNTS}, metrics_answered);
}
