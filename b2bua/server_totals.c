#include "b2bua/server_totals.h"

#include "b2bua/log/log.h"

struct server_totals server_totals(const struct worker_shared *shared) {
    struct server_totals t = {.alive_ms = UINT64_MAX};

    for (unsigned i = 0; i < shared->count; i++) {
        struct worker_counts c = worker_counts(shared->workers[i]);
        const struct ua_counts *ua = &c.engine.ua;
        t.calls += c.engine.calls.calls;
        t.legs += c.engine.calls.legs;
        t.transactions += ua->txn.active;
        t.open += ua->txn.open;
        t.resent += ua->txn.resent;
        t.absorbed += ua->txn.absorbed;
        t.connections += c.net.connections;
        t.received += c.net.received;
        t.sent += c.net.sent;
        t.handed += c.handed_over;
        t.dropped += ua->malformed + ua->unknown_source + ua->stray_response + c.net.garbage + c.handed_dropped;
        t.started += c.engine.calls.started;
        t.answered += c.engine.calls.answered;
        t.busy_percent += c.engine.load.busy_percent;
        t.alive_ms = c.at_ms < t.alive_ms ? c.at_ms : t.alive_ms;
    }
    t.busy_percent /= shared->count > 0 ? shared->count : 1;
    return t;
}

/* `transactions` are those that still wait for something; those that only linger for copies are counted apart. */
void server_totals_log(const struct worker_shared *shared, const char *what) {
    struct server_totals t = server_totals(shared);

    log_info("%s calls=%llu legs=%llu transactions=%llu lingering=%llu connections=%llu started=%llu answered=%llu "
             "received=%llu sent=%llu retransmitted=%llu absorbed=%llu handed_over=%llu dropped=%llu",
             what, (unsigned long long)t.calls, (unsigned long long)t.legs, (unsigned long long)t.open,
             (unsigned long long)(t.transactions - t.open), (unsigned long long)t.connections,
             (unsigned long long)t.started, (unsigned long long)t.answered, (unsigned long long)t.received,
             (unsigned long long)t.sent, (unsigned long long)t.resent, (unsigned long long)t.absorbed,
             (unsigned long long)t.handed, (unsigned long long)t.dropped);
}
