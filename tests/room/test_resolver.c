/* The resolver against a name server of ours: what is told and when, what is asked, what holds while nobody answers.
 * Time passes by moving what the resolver waits for, never by waiting. */
#include "b2bua/net/net.h"
#include "b2bua/net/resolver_impl.h"
#include "tests/room/bed_dns.h"
#include "tests/suite.h"

enum { PATIENCE_MS = 10000, TOLD_MAX = 512 };

#define CHAIN                                                                                                          \
    "x.test NAPTR 3600 10 1 s SIP+D2U _sip._udp.x.test;_sip._udp.x.test SRV 300 10 1 5070 a.test;"                     \
    "_sip._udp.x.test SRV 300 20 1 5071 b.test;a.test A 60 127.0.0.1;b.test A 60 127.0.0.2"
#define CHAIN_PLACES "UDP 127.0.0.1:5070 UDP 127.0.0.2:5071"

static uv_loop_t loop;
static struct bed_dns dns;
static struct resolver *resolver;

/* What one watch has heard. */
struct heard {
    int count;
    bool stale;
    char text[512]; /* places, or the reason */
    struct resolver_watch *watch;
    bool end_it;
};

static void changed(void *ctx, const struct resolver_answer *a) {
    struct heard *h = ctx;
    struct sbuf b = sbuf_on(h->text, sizeof h->text - 1);
    char addr[ADDR_TEXT_MAX];

    ck_assert_msg((a->reason == NULL) == (a->srv->count > 0), "either places or a reason");
    for (int i = 0; i < a->srv->count; i++) {
        sbuf_puts(&b, i > 0 ? " " : "");
        sbuf_puts(&b, flow_proto_name(a->srv->places[i].proto));
        sbuf_puts(&b, " ");
        sbuf_puts(&b, addr_format(&a->srv->places[i].addr, addr));
    }
    if (a->reason != NULL)
        sbuf_puts(&b, a->reason);
    h->text[b.n] = '\0';
    h->stale = a->stale;
    h->count++;
    if (h->end_it) {
        resolver_unwatch(h->watch);
        h->watch = NULL;
    }
}

static struct settings_dns config(void) {
    static char servers[ADDR_TEXT_MAX];

    addr_format(&dns.at, servers);
    return (struct settings_dns){.servers = servers, .search = (char *)"", .timeout_ms = 50, .tries = 1};
}

static void begin(const char *zone) {
    char error[256] = "";

    uv_loop_init(&loop);
    bed_dns_start(&dns, &loop, zone);
    struct settings_dns c = config();
    resolver = resolver_new(&loop, &c, error, sizeof error);
    ck_assert_msg(resolver != NULL, "%s", error);
}

static void end(void) {
    resolver_close(resolver);
    bed_dns_stop(&dns);
    uv_run(&loop, UV_RUN_DEFAULT);
    ck_assert_int_eq(uv_loop_close(&loop), 0);
    resolver_free(resolver);
}

static void follow(struct heard *h, const char *host) {
    struct srv_ask ask = {.host = host, .wish = -1, .usual = FLOW_UDP, .families = {[FLOW_UDP] = SRV_IPV4}};

    *h = (struct heard){.count = 0};
    h->watch = resolver_watch(resolver, &ask, changed, h);
}

static bool busy(void) {
    struct resolver_counts c = resolver_counts(resolver);

    if (c.in_flight + c.waiting > 0)
        return true;
    for (struct resolver_watch *w = resolver->watches; w != NULL; w = w->next)
        if (w->blocked != NULL || w->timer.at_ms <= uv_now(&loop))
            return true;
    return false;
}

/* Runs the loop until the resolver has nothing to do. */
static void settle(void) {
    uint64_t end_ms = net_now_ms() + PATIENCE_MS;

    do {
        uv_run(&loop, UV_RUN_ONCE);
        ck_assert_msg(net_now_ms() < end_ms, "it does not come to rest");
    } while (busy());
}

/* Time passes. */
static void pass(uint64_t ms) {
    uv_update_time(&loop);
    for (struct name *n = resolver->oldest; n != NULL; n = n->use_newer)
        n->until_ms -= n->until_ms > ms ? ms : n->until_ms;
    for (struct resolver_watch *w = resolver->watches; w != NULL; w = w->next) {
        uint64_t at_ms = w->timer.at_ms > ms ? w->timer.at_ms - ms : 0;
        if (at_ms <= uv_now(&loop))
            resolver_wake(w);
        else
            timerq_set(&resolver->timers, &w->timer, at_ms);
    }
    settle();
}

/* --- what is told --- */

START_TEST(chain) {
    struct heard h;

    begin(CHAIN);
    follow(&h, "X.test");
    ck_assert_msg(h.count == 0, "never from the call itself");
    settle();
    ck_assert_str_eq(h.text, CHAIN_PLACES);
    ck_assert_int_eq(h.count, 1);
    ck_assert_int_eq(dns.asked, 4);
    ck_assert_uint_eq(resolver_counts(resolver).answered, 4);
    end();
}
END_TEST

/* RFC 2181 5.2, RFC 1035 3.2.1: each set lives its own time. */
START_TEST(ttl) {
    struct heard h;

    begin(CHAIN);
    follow(&h, "x.test");
    settle();
    pass(58000);
    ck_assert_msg(dns.asked == 4, "asked before the time is over: %s", dns.last);
    dns.zone = "a.test A 60 127.0.0.9;b.test A 60 127.0.0.2";
    pass(2000);
    ck_assert_int_eq(dns.asked, 6);
    ck_assert_str_eq(h.text, "UDP 127.0.0.9:5070 UDP 127.0.0.2:5071");
    end();
}
END_TEST

START_TEST(unchanged_is_not_told) {
    struct heard h;

    begin("x.test A 10 127.0.0.1;x.test A 10 127.0.0.2");
    follow(&h, "x.test");
    settle();
    int asked = dns.asked;
    dns.zone = "x.test A 20 127.0.0.2;x.test A 20 127.0.0.1";
    pass(10000);
    ck_assert_int_gt(dns.asked, asked);
    ck_assert_int_eq(h.count, 1);
    end();
}
END_TEST

START_TEST(zero_ttl_is_a_second) {
    struct heard h;

    begin("x.test A 0 127.0.0.1");
    follow(&h, "x.test");
    settle();
    ck_assert_int_eq(h.count, 1);
    ck_assert_uint_ge(h.watch->timer.at_ms, uv_now(&loop) + 1);
    ck_assert_uint_le(h.watch->timer.at_ms, uv_now(&loop) + 1000);
    end();
}
END_TEST

/* RFC 2308 5: "no" holds for the SOA's minimum. */
START_TEST(negative) {
    struct heard h;

    begin("y.test A 60 127.0.0.1");
    follow(&h, "x.test");
    settle();
    ck_assert_str_eq(h.text, "no such name, or no address of it");
    ck_assert_uint_eq(resolver_counts(resolver).none, 3);
    int asked = dns.asked;
    dns.zone = "x.test A 60 127.0.0.1";
    pass(28000);
    ck_assert_int_eq(dns.asked, asked);
    pass(2000);
    ck_assert_str_eq(h.text, "UDP 127.0.0.1:5060");
    dns.zone = "y.test A 60 127.0.0.1";
    pass(60000);
    ck_assert_msg(h.count == 3 && h.stale == false, "a name that has gone is gone");
    ck_assert_str_eq(h.text, "no such name, or no address of it");
    end();
}
END_TEST

/* --- while nobody answers --- */

static const struct {
    const char *rule;
    enum bed_dns_mood mood;
    const char *reason; /* where nothing was known before */
    size_t counter;
} troubles[] = {
    {"silence", BED_DNS_SILENT, "name servers are silent", offsetof(struct resolver_counts, silent)},
    {"garbage", BED_DNS_BROKEN, "name servers are silent", offsetof(struct resolver_counts, garbage)},
    {"refusal", BED_DNS_REFUSES, "name servers refuse to answer", offsetof(struct resolver_counts, refused)},
};

START_TEST(stale) {
    struct heard h;

    begin(CHAIN);
    follow(&h, "x.test");
    settle();
    dns.mood = troubles[_i].mood;
    pass(4000000);
    ck_assert_msg(h.count == 2 && h.stale, "%s", troubles[_i].rule);
    ck_assert_str_eq(h.text, CHAIN_PLACES);
    struct resolver_counts c = resolver_counts(resolver);
    ck_assert_msg(*(uint64_t *)((char *)&c + troubles[_i].counter) > 0 && c.stale > 0, "%s", troubles[_i].rule);
    int asked = dns.asked;
    pass(2000);
    ck_assert_msg(dns.asked > asked && h.count == 2, "%s: asked again soon, told once", troubles[_i].rule);
    dns.mood = BED_DNS_ANSWERS;
    pass(30000);
    ck_assert_msg(h.count == 3 && !h.stale, "%s: fresh again", troubles[_i].rule);
    end();
}
END_TEST

START_TEST(trouble_from_the_start) {
    struct heard h;

    begin(CHAIN);
    dns.mood = troubles[_i].mood;
    follow(&h, "x.test");
    settle();
    ck_assert_msg(strcmp(h.text, troubles[_i].reason) == 0 && !h.stale, "%s: %s", troubles[_i].rule, h.text);
    dns.mood = BED_DNS_ANSWERS;
    pass(30000);
    ck_assert_str_eq(h.text, CHAIN_PLACES);
    end();
}
END_TEST

/* RFC 1035 4.2.2, RFC 7766: what does not fit a datagram comes by TCP. */
START_TEST(cut_answer) {
    struct heard h;

    begin(CHAIN);
    dns.mood = BED_DNS_CUT;
    follow(&h, "x.test");
    settle();
    ck_assert_str_eq(h.text, CHAIN_PLACES);
    ck_assert_int_eq(dns.asked_tcp, 4);
    end();
}
END_TEST

/* A server that is not there: the machine says so. */
START_TEST(nobody) {
    struct heard h;

    begin(CHAIN);
    uv_close((uv_handle_t *)&dns.udp, NULL);
    uv_run(&loop, UV_RUN_NOWAIT);
    follow(&h, "x.test");
    settle();
    ck_assert_str_eq(h.text, "name servers refuse to answer");
    uv_udp_init(&loop, &dns.udp);
    struct sockaddr_storage ss;
    addr_to_sockaddr(&dns.at, &ss);
    ck_assert_int_eq(uv_udp_bind(&dns.udp, (struct sockaddr *)&ss, 0), 0);
    uv_udp_recv_start(&dns.udp, bed_dns_room, bed_dns_datagram);
    pass(30000);
    ck_assert_str_eq(h.text, CHAIN_PLACES);
    end();
}
END_TEST

/* --- several --- */

START_TEST(shared) {
    struct heard h[3];

    begin(CHAIN);
    for (int i = 0; i < 3; i++)
        follow(&h[i], "x.test");
    settle();
    for (int i = 0; i < 3; i++)
        ck_assert_str_eq(h[i].text, CHAIN_PLACES);
    ck_assert_int_eq(dns.asked, 4);
    end();
}
END_TEST

START_TEST(many) {
    static struct heard h[TOLD_MAX];
    char host[32];

    begin("");
    for (int i = 0; i < TOLD_MAX; i++) {
        snprintf(host, sizeof host, "h%d.test", i);
        follow(&h[i], host);
    }
    uint32_t most = 0;
    do {
        uv_run(&loop, UV_RUN_ONCE);
        struct resolver_counts c = resolver_counts(resolver);
        most = c.in_flight > most ? c.in_flight : most;
    } while (busy());
    ck_assert_msg(most > 1 && most <= RESOLVER_IN_FLIGHT_MAX, "%u", most);
    for (int i = 0; i < TOLD_MAX; i++)
        ck_assert_int_eq(h[i].count, 1);
    for (int i = 0; i < TOLD_MAX; i++)
        resolver_unwatch(h[i].watch);
    ck_assert_uint_eq(resolver_counts(resolver).watches, 0);
    end();
}
END_TEST

START_TEST(ended_while_told) {
    struct heard h[3];

    begin(CHAIN);
    for (int i = 0; i < 3; i++)
        follow(&h[i], "x.test");
    h[0].end_it = h[2].end_it = true;
    settle();
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(h[i].count, 1);
    ck_assert_uint_eq(resolver_counts(resolver).watches, 1);
    end();
}
END_TEST

START_TEST(ended_while_asking) {
    struct heard h;

    begin(CHAIN);
    follow(&h, "x.test");
    uv_run(&loop, UV_RUN_NOWAIT);
    resolver_unwatch(h.watch);
    settle();
    ck_assert_int_eq(h.count, 0);
    follow(&h, "x.test"); /* and the end of all comes in between */
    dns.mood = BED_DNS_SILENT;
    uv_run(&loop, UV_RUN_NOWAIT);
    end();
}
END_TEST

/* --- configuration --- */

START_TEST(hosts) {
    struct heard h;

    begin("localhost A 60 127.0.0.9");
    follow(&h, "localhost");
    settle();
    ck_assert_str_eq(h.text, "UDP 127.0.0.1:5060");
    ck_assert_int_eq(dns.asked, 0);
    ck_assert_uint_eq(resolver_counts(resolver).hosts, 1);
    end();
}
END_TEST

START_TEST(other_servers) {
    struct heard h;
    struct settings_dns c;
    char error[256], port[ADDR_TEXT_MAX];

    begin(CHAIN);
    c = config();
    c.servers = port;
    c.timeout_ms = 30000;
    addr_format(&(struct addr){.family = 4, .port = 1, .ip = {127, 0, 0, 1}}, port);
    ck_assert_int_eq(resolver_configure(resolver, &c, error, sizeof error), 0);
    dns.mood = BED_DNS_SILENT;
    follow(&h, "x.test");
    uv_run(&loop, UV_RUN_NOWAIT);
    dns.mood = BED_DNS_ANSWERS;
    c = config();
    ck_assert_int_eq(resolver_configure(resolver, &c, error, sizeof error), 0);
    settle();
    pass(2000);
    ck_assert_str_eq(h.text, CHAIN_PLACES);
    c.servers = (char *)"nonsense";
    ck_assert_int_eq(resolver_configure(resolver, &c, error, sizeof error), -1);
    ck_assert_msg(strstr(error, "no resolver") != NULL, "%s", error);
    end();
}
END_TEST

START_TEST(search) {
    struct heard h;
    struct settings_dns c;
    char error[256];

    begin("cm.b.test A 60 127.0.0.3");
    c = config();
    c.search = (char *)"a.test,b.test";
    ck_assert_int_eq(resolver_configure(resolver, &c, error, sizeof error), 0);
    follow(&h, "cm");
    settle();
    ck_assert_str_eq(h.text, "UDP 127.0.0.3:5060");
    end();
}
END_TEST

int main(void) {
    Suite *s = suite_create("resolver");
    TCase *told = tcase_create("told"), *trouble = tcase_create("trouble"), *several = tcase_create("several"),
          *configured = tcase_create("configured");
    int n = sizeof troubles / sizeof *troubles;

    tcase_set_timeout(trouble, 30);
    tcase_add_test(told, chain);
    tcase_add_test(told, ttl);
    tcase_add_test(told, unchanged_is_not_told);
    tcase_add_test(told, zero_ttl_is_a_second);
    tcase_add_test(told, negative);
    suite_add_tcase(s, told);
    tcase_add_loop_test(trouble, stale, 0, n);
    tcase_add_loop_test(trouble, trouble_from_the_start, 0, n);
    tcase_add_test(trouble, cut_answer);
    tcase_add_test(trouble, nobody);
    suite_add_tcase(s, trouble);
    tcase_add_test(several, shared);
    tcase_add_test(several, many);
    tcase_add_test(several, ended_while_told);
    tcase_add_test(several, ended_while_asking);
    suite_add_tcase(s, several);
    tcase_add_test(configured, hosts);
    tcase_add_test(configured, other_servers);
    tcase_add_test(configured, search);
    suite_add_tcase(s, configured);
    return suite_run(s);
}
