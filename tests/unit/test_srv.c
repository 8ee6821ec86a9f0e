/* Where a URI leads, over zones written as text; which queries were needed. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "b2bua/core/srv.h"
#include "tests/suite.h"

enum { U = 1 << FLOW_UDP, T = 1 << FLOW_TCP, S = 1 << FLOW_TLS, V6 = 8, V6_FIRST = 16, ONLY_V6 = 32 };

/*
 * A zone is "NAME TYPE VALUE..." records separated by ';'. Types: hosts and A and AAAA (address), CNAME (name), SRV
 * (priority weight port target), NAPTR (order preference flag service replacement), and for a query that comes to
 * nothing: wait, fail, refuse (each followed by the type asked for).
 */
struct zone {
    const char *text;
    struct dns_set *sets[64]; /* handed out */
    int count;
    char asked[1024];
};

static void note(struct zone *z, const char *name, enum dns_type type) {
    size_t n = strlen(z->asked);

    if (type != DNS_HOSTS)
        snprintf(z->asked + n, sizeof z->asked - n, "%s%s %s", n > 0 ? ", " : "", dns_type_name(type), name);
}

static int add_record(struct dns_set *set, enum dns_type type, char *value) {
    struct dns_record *r = &set->records[set->count];
    char *name = value + strlen(value) + 1, flag[8], service[16];
    unsigned a, b, c;

    *r = (struct dns_record){.name = name};
    if (type == DNS_SRV && sscanf(value, "%u %u %u %63s", &a, &b, &c, name) == 4)
        r->priority = (uint16_t)a, r->weight = (uint16_t)b, r->port = (uint16_t)c;
    else if (type == DNS_NAPTR && sscanf(value, "%u %u %7s %15s %63s", &a, &b, flag, service, name) == 5)
        r->priority = (uint16_t)a, r->weight = (uint16_t)b, r->flag = flag[0], snprintf(r->service, 16, "%s", service);
    else if (addr_parse(&r->addr, str_of(value)) < 0)
        return -1;
    set->count++;
    return 0;
}

static enum srv_look look(void *ctx, const char *name, enum dns_type type, const struct dns_set **out) {
    static const struct {
        const char *word;
        enum srv_look look;
    } troubles[] = {{"wait", SRV_LOOK_WAITING}, {"fail", SRV_LOOK_FAILED}, {"refuse", SRV_LOOK_REFUSED}};
    struct zone *z = ctx;
    /* the records, and behind each its texts */
    struct dns_set *set = mem_zalloc(sizeof *set + DNS_RECORDS_MAX * sizeof(struct dns_record) + 40 * 256);
    char *room = (char *)&set->records[DNS_RECORDS_MAX];

    note(z, name, type);
    ck_assert_int_lt(z->count, 64);
    z->sets[z->count++] = set;
    for (const char *at = z->text; *at != '\0';) {
        char owner[64], word[16];
        int used = 0;
        size_t n = strcspn(at, ";");
        ck_assert_int_eq(sscanf(at, " %63s %15s %n", owner, word, &used), 2);
        snprintf(room, 128, "%.*s", (int)n - used, at + used);
        at += n + (at[n] == ';');
        if (strcmp(owner, name) != 0)
            continue;
        for (int i = 0; i < 3; i++)
            if (strcmp(word, troubles[i].word) == 0 && strcmp(room, dns_type_name(type)) == 0)
                return troubles[i].look;
        if (strcmp(word, "CNAME") == 0 && type != DNS_HOSTS) {
            set->alias = room;
            *out = set;
            return SRV_LOOK_FOUND;
        }
        if (strcmp(word, dns_type_name(type)) == 0)
            ck_assert_int_eq(add_record(set, type, room), 0);
        room += 256;
    }
    *out = set;
    return set->count > 0 ? SRV_LOOK_FOUND : SRV_LOOK_NONE;
}

static void free_zone(struct zone *z) {
    for (int i = 0; i < z->count; i++)
        free(z->sets[i]);
}

static uint8_t families(int enabled, int proto) {
    if (!(enabled & (1 << proto)))
        return 0;
    if (enabled & ONLY_V6)
        return SRV_IPV6;
    return (uint8_t)(SRV_IPV4 | (enabled & (V6 | V6_FIRST) ? SRV_IPV6 : 0) | (enabled & V6_FIRST ? SRV_IPV6_FIRST : 0));
}

/* The answer as text: "strategy: transport address:port priority/weight, ..." */
static const char *resolve(struct zone *z, struct srv_ask ask, int enabled, char *text, size_t size) {
    struct srv_answer a;
    size_t n;

    for (int i = 0; i < FLOW_PROTOS; i++)
        ask.families[i] = families(enabled, i);
    enum srv_outcome outcome = srv_resolve(&ask, &(struct srv_zone){look, z}, &a);
    if (outcome == SRV_WAITING)
        return "waiting";
    if (outcome == SRV_FAILED)
        return a.reason;
    n = (size_t)snprintf(text, size, "%s:", srv_strategy_name(a.strategy));
    for (int i = 0; i < a.count; i++) {
        char addr[ADDR_TEXT_MAX];
        n +=
            (size_t)snprintf(text + n, size - n, "%s %s %s %u/%u", i > 0 ? "," : "", flow_proto_name(a.places[i].proto),
                             addr_format(&a.places[i].addr, addr), a.places[i].priority, a.places[i].weight);
    }
    return text;
}

#define TWO_SRV                                                                                                        \
    "_sip._udp.x.test SRV 10 10 5070 a.test;_sip._udp.x.test SRV 20 5 5080 b.test;a.test A 127.0.0.1;"                 \
    "b.test A 127.0.0.2"
#define ALL_NAPTR                                                                                                      \
    "x.test NAPTR 30 50 s SIP+D2U u.test;x.test NAPTR 20 50 s SIP+D2T t.test;x.test NAPTR 10 50 s SIPS+D2T s.test;"    \
    "s.test SRV 1 1 5061 a.test;t.test SRV 1 1 5062 a.test;u.test SRV 1 1 5063 a.test;a.test A 127.0.0.1"
#define SILENT  "name servers are silent"
#define NOWHERE "no such name, or no address of it"

static const struct {
    const char *rule, *host;
    int port, wish, sips, enabled;
    const char *zone, *asked, *answer;
} rows[] = {
    /* RFC 3263 4.1, 4.2: what is known without a question */
    {"4.1 numeric: the usual transport, its port", "127.0.0.9", 0, -1, 0, U | T, "", "",
     "literal: UDP 127.0.0.9:5060 0/1000"},
    {"4.1 numeric and sips: TLS, 5061", "127.0.0.9", 0, -1, 1, U | S, "", "", "literal: TLS 127.0.0.9:5061 0/1000"},
    {"4.2 numeric with port and transport", "::1", 5099, FLOW_TCP, 0, T | V6, "", "", "literal: TCP [::1]:5099 0/1000"},
    {"numeric of a family that we do not have", "::1", 0, -1, 0, U, "", "",
     "no address of a family that the listeners have"},
    /* port given */
    {"4.2 port: addresses only", "x.test", 5099, -1, 0, U | T, "x.test A 127.0.0.1;" ALL_NAPTR, "A x.test",
     "address: UDP 127.0.0.1:5099 0/1000"},
    {"4.1 port and sips: TLS", "x.test", 5099, -1, 1, U | S, "x.test A 127.0.0.1", "A x.test",
     "address: TLS 127.0.0.1:5099 0/1000"},
    {"4.1 port and transport", "x.test", 5099, FLOW_TCP, 0, U | T, "x.test A 127.0.0.1", "A x.test",
     "address: TCP 127.0.0.1:5099 0/1000"},
    {"4.2 port and AAAA", "x.test", 5099, -1, 0, U | V6, "x.test AAAA ::1", "A x.test, AAAA x.test",
     "address: UDP [::1]:5099 1/1000"},
    {"IPv6 alone: no question for A", "x.test", 5099, -1, 0, U | ONLY_V6, "x.test A 127.0.0.1", "AAAA x.test", NOWHERE},
    /* transport given */
    {"4.1 transport: no NAPTR, SRV of it", "x.test", 0, FLOW_UDP, 0, U | T, TWO_SRV,
     "SRV _sip._udp.x.test, A a.test, A b.test", "srv: UDP 127.0.0.1:5070 20/10000, UDP 127.0.0.2:5080 40/5000"},
    {"4.2 transport without SRV: addresses", "x.test", 0, FLOW_TCP, 0, U | T, "x.test A 127.0.0.1",
     "SRV _sip._tcp.x.test, A x.test", "address: TCP 127.0.0.1:5060 0/1000"},
    {"4.1 transport tls: _sips._tcp, 5061", "x.test", 0, FLOW_TLS, 0, S, "x.test A 127.0.0.1",
     "SRV _sips._tcp.x.test, A x.test", "address: TLS 127.0.0.1:5061 0/1000"},
    {"4.1 sips and transport tcp are TLS", "x.test", 0, FLOW_TCP, 1, S | T, "x.test A 127.0.0.1",
     "SRV _sips._tcp.x.test, A x.test", "address: TLS 127.0.0.1:5061 0/1000"},
    /* NAPTR */
    {"4.1 NAPTR: the lowest order", "x.test", 0, -1, 0, U | T | S, ALL_NAPTR, "NAPTR x.test, SRV s.test, A a.test",
     "naptr: TLS 127.0.0.1:5061 2/1000"},
    {"4.1 NAPTR: services that are not enabled are discarded", "x.test", 0, -1, 0, U, ALL_NAPTR,
     "NAPTR x.test, SRV u.test, A a.test", "naptr: UDP 127.0.0.1:5063 2/1000"},
    {"4.1 NAPTR and sips: SIPS alone", "x.test", 0, -1, 1, U | T | S,
     "x.test NAPTR 1 1 s SIP+D2T t.test;x.test NAPTR 2 1 s SIPS+D2T s.test;s.test SRV 1 1 5061 a.test;a.test A "
     "127.0.0.1",
     "NAPTR x.test, SRV s.test, A a.test", "naptr: TLS 127.0.0.1:5061 2/1000"},
    {"RFC 3403 4.1 equal orders: the lower preference", "x.test", 0, -1, 0, U | T,
     "x.test NAPTR 1 20 s SIP+D2U u.test;x.test NAPTR 1 10 s SIP+D2T t.test;t.test SRV 1 1 5062 a.test;a.test A "
     "127.0.0.1",
     "NAPTR x.test, SRV t.test, A a.test", "naptr: TCP 127.0.0.1:5062 2/1000"},
    {"NAPTR that leads nowhere: the next", "x.test", 0, -1, 0, U | T,
     "x.test NAPTR 1 1 s SIP+D2T t.test;x.test NAPTR 2 1 s SIP+D2U u.test;u.test SRV 1 1 5063 a.test;a.test A "
     "127.0.0.1",
     "NAPTR x.test, SRV t.test, SRV u.test, A a.test", "naptr: UDP 127.0.0.1:5063 2/1000"},
    {"NAPTR of other services: as if there were none", "x.test", 0, -1, 0, U,
     "x.test NAPTR 1 1 u E2U+sip !;x.test A 127.0.0.1", "NAPTR x.test, SRV _sip._udp.x.test, A x.test",
     "address: UDP 127.0.0.1:5060 0/1000"},
    {"NAPTR with another flag", "x.test", 0, -1, 0, U, "x.test NAPTR 1 1 a SIP+D2U a.test;a.test A 127.0.0.1",
     "NAPTR x.test, SRV _sip._udp.x.test, A x.test", NOWHERE},
    /* SRV without NAPTR */
    {"4.1 no NAPTR: SRV of TLS, TCP, UDP", "x.test", 0, -1, 0, U | T | S, TWO_SRV,
     "NAPTR x.test, SRV _sips._tcp.x.test, SRV _sip._tcp.x.test, SRV _sip._udp.x.test, A a.test, A b.test",
     "srv: UDP 127.0.0.1:5070 20/10000, UDP 127.0.0.2:5080 40/5000"},
    {"TLS is not enabled: TCP is first", "x.test", 0, -1, 0, U | T,
     TWO_SRV ";_sip._tcp.x.test SRV 1 1 5066 a.test;_sips._tcp.x.test SRV 1 1 5061 a.test",
     "NAPTR x.test, SRV _sip._tcp.x.test, A a.test", "srv: TCP 127.0.0.1:5066 2/1000"},
    {"4.1 sips: no plain SRV", "x.test", 0, -1, 1, U | T | S, TWO_SRV ";x.test A 127.0.0.1",
     "NAPTR x.test, SRV _sips._tcp.x.test, A x.test", "address: TLS 127.0.0.1:5061 0/1000"},
    {"4.2 no SRV: addresses at the usual transport", "x.test", 0, -1, 0, T | U, "x.test A 127.0.0.1",
     "NAPTR x.test, SRV _sip._tcp.x.test, SRV _sip._udp.x.test, A x.test", "address: UDP 127.0.0.1:5060 0/1000"},
    {"nothing at all", "x.test", 0, -1, 0, U, "", "NAPTR x.test, SRV _sip._udp.x.test, A x.test", NOWHERE},
    /* RFC 2782 */
    {"2782 target \".\": the service is not there, no address is tried", "x.test", 0, FLOW_UDP, 0, U,
     "_sip._udp.x.test SRV 0 0 0 .;x.test A 127.0.0.1", "SRV _sip._udp.x.test",
     "no such service there, says its SRV record"},
    {"2782 \".\" for one transport: the next one", "x.test", 0, -1, 0, U | T, "_sip._tcp.x.test SRV 0 0 0 .;" TWO_SRV,
     "NAPTR x.test, SRV _sip._tcp.x.test, SRV _sip._udp.x.test, A a.test, A b.test",
     "srv: UDP 127.0.0.1:5070 20/10000, UDP 127.0.0.2:5080 40/5000"},
    {"several addresses of one target share its weight", "x.test", 0, FLOW_UDP, 0, U,
     "_sip._udp.x.test SRV 1 30 5070 a.test;a.test A 127.0.0.2;a.test A 127.0.0.1;a.test A 127.0.0.3",
     "SRV _sip._udp.x.test, A a.test",
     "srv: UDP 127.0.0.1:5070 2/10000, UDP 127.0.0.2:5070 2/10000, UDP 127.0.0.3:5070 2/10000"},
    {"several addresses of one name", "x.test", 5060, -1, 0, U, "x.test A 127.0.0.2;x.test A 127.0.0.1", "A x.test",
     "address: UDP 127.0.0.1:5060 0/500, UDP 127.0.0.2:5060 0/500"},
    {"two records for one place are one", "x.test", 0, FLOW_UDP, 0, U,
     "_sip._udp.x.test SRV 1 2 5070 a.test;_sip._udp.x.test SRV 1 3 5070 b.test;a.test A 127.0.0.1;b.test A 127.0.0.1",
     "SRV _sip._udp.x.test, A a.test, A b.test", "srv: UDP 127.0.0.1:5070 2/5000"},
    {"a target without address is left out", "x.test", 0, FLOW_UDP, 0, U,
     "_sip._udp.x.test SRV 1 2 5070 gone.test;_sip._udp.x.test SRV 2 3 5070 b.test;b.test A 127.0.0.1",
     "SRV _sip._udp.x.test, A gone.test, A b.test", "srv: UDP 127.0.0.1:5070 4/3000"},
    {"both families: IPv4 first where the listener says so", "x.test", 5060, -1, 0, U | V6,
     "x.test A 127.0.0.1;x.test AAAA ::1", "A x.test, AAAA x.test",
     "address: UDP 127.0.0.1:5060 0/1000, UDP [::1]:5060 1/1000"},
    {"both families: IPv6 first", "x.test", 5060, -1, 0, U | V6_FIRST, "x.test A 127.0.0.1;x.test AAAA ::1",
     "A x.test, AAAA x.test", "address: UDP [::1]:5060 0/1000, UDP 127.0.0.1:5060 1/1000"},
    /* CNAME */
    {"RFC 1034 3.6.2 an alias is followed", "x.test", 5060, -1, 0, U,
     "x.test CNAME y.test;y.test CNAME z.test;z.test A 127.0.0.1", "A x.test, A y.test, A z.test",
     "address: UDP 127.0.0.1:5060 0/1000"},
    {"aliases in a circle end", "x.test", 5060, -1, 0, U, "x.test CNAME y.test;y.test CNAME x.test",
     "A x.test, A y.test, A x.test, A y.test, A x.test, A y.test, A x.test, A y.test, A x.test", NOWHERE},
    /* /etc/hosts */
    {"hosts: nothing is asked", "x.test", 0, -1, 0, U | T, "x.test hosts 127.0.0.1;" ALL_NAPTR, "",
     "address: UDP 127.0.0.1:5060 0/1000"},
    {"hosts: the address of an SRV target", "x.test", 0, FLOW_UDP, 0, U,
     "_sip._udp.x.test SRV 1 1 5070 a.test;a.test hosts 127.0.0.7;a.test A 127.0.0.1", "SRV _sip._udp.x.test",
     "srv: UDP 127.0.0.7:5070 2/1000"},
    {"hosts: of another family", "x.test", 0, -1, 0, U, "x.test hosts ::1", "",
     "no address of a family that the listeners have"},
    /* trouble */
    {"waiting for NAPTR: nothing else is asked yet", "x.test", 0, -1, 0, U, "x.test wait NAPTR", "NAPTR x.test",
     "waiting"},
    {"waiting for one address: the others are asked for, too", "x.test", 0, FLOW_UDP, 0, U, "a.test wait A;" TWO_SRV,
     "SRV _sip._udp.x.test, A a.test, A b.test", "waiting"},
    {"silence on NAPTR is not passed over", "x.test", 0, -1, 0, U, "x.test fail NAPTR;" TWO_SRV, "NAPTR x.test",
     SILENT},
    {"silence on TLS does not lead to TCP", "x.test", 0, -1, 0, T | S,
     "_sips._tcp.x.test fail SRV;_sip._tcp.x.test SRV 1 1 5060 a.test;a.test A 127.0.0.1",
     "NAPTR x.test, SRV _sips._tcp.x.test", SILENT},
    {"a server that does not do NAPTR", "x.test", 0, -1, 0, U, "x.test refuse NAPTR;" TWO_SRV,
     "NAPTR x.test, SRV _sip._udp.x.test, A a.test, A b.test",
     "srv: UDP 127.0.0.1:5070 20/10000, UDP 127.0.0.2:5080 40/5000"},
    {"a server that does nothing for us", "x.test", 5060, -1, 0, U, "x.test refuse A", "A x.test",
     "name servers refuse to answer"},
    {"one of two targets is silent: the other serves", "x.test", 0, FLOW_UDP, 0, U, "a.test fail A;" TWO_SRV,
     "SRV _sip._udp.x.test, A a.test, A b.test", "srv: UDP 127.0.0.2:5080 40/5000"},
};

START_TEST(procedure) {
    struct zone z = {.text = rows[_i].zone};
    struct srv_ask ask = {.host = rows[_i].host,
                          .port = (uint16_t)rows[_i].port,
                          .wish = rows[_i].wish,
                          .sips = rows[_i].sips != 0,
                          .usual = rows[_i].enabled & U   ? FLOW_UDP
                                   : rows[_i].enabled & T ? FLOW_TCP
                                                          : FLOW_TLS};
    char text[2048];
    const char *answer = resolve(&z, ask, rows[_i].enabled, text, sizeof text);

    ck_assert_msg(strcmp(answer, rows[_i].answer) == 0, "%s: %s", rows[_i].rule, answer);
    ck_assert_msg(strcmp(z.asked, rows[_i].asked) == 0, "%s asked: %s", rows[_i].rule, z.asked);
    free_zone(&z);
}
END_TEST

/* Beyond the limit the least wanted are cut, whatever their order in the answer. */
START_TEST(limit) {
    struct sbuf records = sbuf_growing(1 << 16);
    struct srv_ask ask = {.host = "x.test", .wish = FLOW_UDP, .families = {SRV_IPV4}};
    struct srv_answer a;
    char text[256];

    for (int i = 0; i < 20; i++) {
        snprintf(text, sizeof text,
                 "_sip._udp.x.test SRV %d 1 5060 h%d.test;h%d.test A 127.0.1.%d;h%d.test A 127.0.2.%d;", 20 - i, i, i,
                 i, i, i);
        sbuf_puts(&records, text);
    }
    sbuf_putc(&records, '\0');
    struct zone z = {.text = records.p};
    ck_assert_int_eq(srv_resolve(&ask, &(struct srv_zone){look, &z}, &a), SRV_RESOLVED);
    ck_assert_int_eq(a.count, SRV_PLACES_MAX);
    ck_assert(a.cut);
    ck_assert_uint_eq(a.places[0].priority, 2);
    ck_assert_uint_eq(a.places[31].priority, 32);
    free_zone(&z);
    sbuf_fini(&records);
}
END_TEST

int main(void) {
    Suite *s = suite_create("srv");
    TCase *t = tcase_create("all");

    tcase_add_loop_test(t, procedure, 0, sizeof rows / sizeof *rows);
    tcase_add_test(t, limit);
    suite_add_tcase(s, t);
    return suite_run(s);
}
