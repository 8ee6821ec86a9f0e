/* What is made from a message for the other leg, and for the answer: addresses, URIs, routes, echoes, branches. */
#include "tests/room/bed_sip.h"
#include "tests/suite.h"

/* --- From and To of the other leg: names and users stay, the host is ours --- */

static const struct {
    const char *rule, *from, *host, *expected;
} parties[] = {
    {"20.20 the host is replaced, the tag goes", "<sip:a@192.0.2.9>;tag=t", "h", "<sip:a@h>"},
    {"20.20 host and port", "<sip:a@192.0.2.9:5071>;tag=t", "h:5", "<sip:a@h:5>"},
    {"20.20 a display name keeps its bytes", "\"M\303\274ller, \\\"A\\\" <x>\"  <sip:a@b>;tag=t", "h",
     "\"M\303\274ller, \\\"A\\\" <x>\"  <sip:a@h>"},
    {"20.20 a name of tokens", "Anne Other<sip:a@b>;tag=t", "h", "Anne Other<sip:a@h>"},
    {"20.20 an addr-spec gets brackets, its parameters stay outside", "sip:a@b;tag=t;x=1", "h", "<sip:a@h>;x=1"},
    {"19.1.1 user parameters stay, those of the place go",
     "<sip:+49@b:5071;user=phone;transport=tcp;maddr=1.2.3.4;x=y>;tag=t", "h", "<sip:+49@h;user=phone;x=y>"},
    {"19.1.1 escapes and password stay", "<sip:%61%00:pw@b>;tag=t", "h", "<sip:%61%00:pw@h>"},
    {"19.1.1 no user", "<sip:192.0.2.9>;tag=t", "h", "<sip:h>"},
    {"19.1.1 a user with ; and ?", "<sip:a;b?c@d>;tag=t", "h", "<sip:a;b?c@h>"},
    {"3966 tel: has no host", "<tel:+49-30;phone-context=x>;tag=t", "h", "<tel:+49-30;phone-context=x>"},
    {"19.1.1 IPv6 for IPv4", "<sip:a@192.0.2.9>;tag=t", "[2001:db8::1]:5", "<sip:a@[2001:db8::1]:5>"},
    {"19.1.1 IPv4 for IPv6", "<sip:a@[2001:db8::1]:5>;tag=t", "h", "<sip:a@h>"},
    {"3323 4.1.1.3 anonymous stays nowhere", "\"Anonymous\" <sip:anonymous@anonymous.invalid>;tag=t", "h",
     IDENTITY_ANONYMOUS},
    {"3323 4.1.1.3 nowhere has no port", "<sip:a@Anonymous.Invalid:5060;maddr=192.0.2.9>;tag=t", "h",
     "<sip:a@Anonymous.Invalid>"},
    {"no host given: all stays", "<sip:a@b:1;x>;tag=t", "", "<sip:a@b:1;x>"},
    {"20.20 other parameters stay", "<sip:a@b> ;tag=t ; x=\"1;2\"", "h", "<sip:a@h>; x=\"1;2\""},
    {"sips: stays sips:", "<sips:a@b>;tag=t", "h", "<sips:a@h>"},
};

START_TEST(party) {
    struct bed_sip *b = mem_zalloc(sizeof *b);
    char head[1000];

    snprintf(head, sizeof head,
             "OPTIONS sip:a@b SIP/2.0\r\n" BED_VIA "From: %s\r\n" BED_TO BED_ID "CSeq: 7 OPTIONS\r\n",
             parties[_i].from);
    bed_parse(b, head, STR_NONE);
    sip_party(&b->out, &b->m, SIP_FROM, str_of(parties[_i].host));
    const char *text = bed_text(b);
    ck_assert_msg(strcmp(text, parties[_i].expected) == 0, "%s: %s", parties[_i].rule, text);
    bed_sip_end(b);
    free(b);
}
END_TEST

/* --- the Request-URI for another place --- */

static const struct {
    const char *rule, *uri;
    enum flow_proto proto;
    const char *expected;
} targets[] = {
    {"16.5 user stays, host is the target's", "sip:a@198.51.100.1:5062", FLOW_UDP, "sip:a@t:5"},
    {"19.1.1 by TCP", "sip:a@b", FLOW_TCP, "sip:a@t:5;transport=tcp"},
    {"19.1.1 by TLS", "sip:a@b", FLOW_TLS, "sip:a@t:5;transport=tls"},
    {"19.1.1 user=phone stays, transport does not", "sip:+49@b;transport=tcp;user=phone", FLOW_UDP,
     "sip:+49@t:5;user=phone"},
    {"19.1.1 headers go", "sip:a@b?Route=%3Csip:x%3E", FLOW_UDP, "sip:a@t:5"},
    {"19.1.1 no user", "sip:198.51.100.1", FLOW_UDP, "sip:t:5"},
    {"19.1.6 a telephone number becomes a user", "tel:+49-30", FLOW_UDP, "sip:+49-30@t:5;user=phone"},
    {"19.1.1 an odd user stays", "sip:sips%3Auser%40example.com@b", FLOW_UDP, "sip:sips%3Auser%40example.com@t:5"},
};

START_TEST(target_uri) {
    struct bed_sip *b = mem_zalloc(sizeof *b);
    char head[1000];

    snprintf(head, sizeof head, "OPTIONS %s SIP/2.0\r\n" BED_HEAD("OPTIONS"), targets[_i].uri);
    bed_parse(b, head, STR_NONE);
    sip_target_uri(&b->out, &b->m, STR("t:5"), targets[_i].proto);
    const char *text = bed_text(b);
    ck_assert_msg(strcmp(text, targets[_i].expected) == 0, "%s: %s", targets[_i].rule, text);
    bed_sip_end(b);
    free(b);
}
END_TEST

/* --- routes --- */

static const struct {
    const char *rule, *headers;
    bool reversed;
    const char *expected;
} route_sets[] = {
    {"12.1.1 in order", "Record-Route: <sip:1;lr>\r\nRecord-Route: <sip:2;lr>\r\n", false,
     "Route: <sip:1;lr>\r\nRoute: <sip:2;lr>\r\n"},
    {"12.1.2 reversed", "Record-Route: <sip:1;lr>\r\nRecord-Route: <sip:2;lr>\r\n", true,
     "Route: <sip:2;lr>\r\nRoute: <sip:1;lr>\r\n"},
    {"7.3.1 one line or two are the same",
     "Record-Route: <sip:1;lr> , \"a,b\" <sip:2;x=1,2>;p=3\r\nRecord-Route: <sip:3>\r\n", false,
     "Route: <sip:1;lr>\r\nRoute: \"a,b\" <sip:2;x=1,2>;p=3\r\nRoute: <sip:3>\r\n"},
    {"12.1.1 none", "X: 1\r\n", false, ""},
};

START_TEST(route_set) {
    struct bed_sip *b = mem_zalloc(sizeof *b);
    char head[1000];

    snprintf(head, sizeof head, "%s%s", BED_INVITE, route_sets[_i].headers);
    bed_parse(b, head, STR_NONE);
    sip_route_set(&b->out, &b->m, route_sets[_i].reversed);
    const char *text = bed_text(b);
    ck_assert_msg(strcmp(text, route_sets[_i].expected) == 0, "%s: %s", route_sets[_i].rule, text);
    bed_sip_end(b);
    free(b);
}
END_TEST

#define LOOSE  "Route: <sip:p1:5070;lr>\r\nRoute: <sip:p2;lr>\r\n"
#define STRICT "Route: <sip:p1:5070>\r\nRoute: <sip:p2;lr>\r\n"

static const struct {
    const char *rule, *target, *route, *uri, *routes, *host;
    int port;
    enum flow_proto proto;
    bool given;
} hops[] = {
    {"12.2.1.1 no routes: the target", "sip:a@h:5071", "", "sip:a@h:5071", "", "h", 5071, FLOW_UDP, false},
    {"19.1.2 no port", "sip:a@h", "", "sip:a@h", "", "h", 0, FLOW_UDP, false},
    {"19.1.1 transport=tcp", "sip:a@h;transport=TCP", "", "sip:a@h;transport=TCP", "", "h", 0, FLOW_TCP, true},
    {"19.1.1 sips: is TLS", "sips:a@h;transport=tcp", "", "sips:a@h;transport=tcp", "", "h", 0, FLOW_TLS, true},
    {"19.1.1 IPv6", "sip:a@[2001:db8::1]:5071", "", "sip:a@[2001:db8::1]:5071", "", "2001:db8::1", 5071, FLOW_UDP,
     false},
    {"12.2.1.1 a loose router", "sip:a@h", LOOSE, "sip:a@h", LOOSE, "p1", 5070, FLOW_UDP, false},
    {"16.12.1.1 a strict router", "sip:a@h;x", STRICT, "sip:p1:5070", "Route: <sip:p2;lr>\r\nRoute: <sip:a@h;x>\r\n",
     "p1", 5070, FLOW_UDP, false},
    {"no host", "tel:+49", "", NULL, "", "", 0, FLOW_UDP, false},
    {"a port that is none", "sip:a@h:70000", "", NULL, "", "", 0, FLOW_UDP, false},
};

START_TEST(next_hop) {
    char uri[300], routes[300];
    struct sbuf u = sbuf_on(uri, sizeof uri), r = sbuf_on(routes, sizeof routes);
    struct sip_hop hop;
    int found = sip_next_hop(str_of(hops[_i].target), str_of(hops[_i].route), &u, &r, &hop);

    ck_assert_msg((found == 0) == (hops[_i].uri != NULL), "%s: %d", hops[_i].rule, found);
    if (found < 0)
        return;
    ck_assert_msg(str_eq(sbuf_str(&u), str_of(hops[_i].uri)), "%s: %.*s", hops[_i].rule, (int)u.n, uri);
    ck_assert_msg(str_eq(sbuf_str(&r), str_of(hops[_i].routes)), "%s: %.*s", hops[_i].rule, (int)r.n, routes);
    ck_assert_msg(strcmp(hop.host, hops[_i].host) == 0 && hop.port == hops[_i].port, "%s: %s %u", hops[_i].rule,
                  hop.host, hop.port);
    ck_assert_msg(hop.proto == hops[_i].proto && hop.proto_given == hops[_i].given, "%s: by %s", hops[_i].rule,
                  flow_proto_name(hop.proto));
}
END_TEST

/* --- what an answer repeats, and where it goes; the request came from 192.0.2.9:40000 --- */

static const struct {
    const char *rule, *via;
    enum flow_proto proto;
    const char *echo; /* stands in the answer */
    int port, fallback_port;
} vias[] = {
    {"18.2.1 sent-by is the source: the Via as it came", "Via: SIP/2.0/UDP 192.0.2.9:5071;branch=z9hG4bK1", FLOW_UDP,
     "Via: SIP/2.0/UDP 192.0.2.9:5071;branch=z9hG4bK1\r\nFrom", 5071, 0},
    {"18.2.1 a name gets received", "Via: SIP/2.0/UDP h:5071;branch=z9hG4bK1", FLOW_UDP,
     "Via: SIP/2.0/UDP h:5071;branch=z9hG4bK1;received=192.0.2.9\r\nFrom", 5071, 0},
    {"18.2.2 no port: 5060", "v: SIP/2.0/UDP h;branch=z9hG4bK1", FLOW_UDP, ";received=192.0.2.9\r\n", 5060, 0},
    {"18.2.2 blanks around the port's colon", "Via: SIP / 2.0 / UDP h : 5071 ;branch=z9hG4bK1", FLOW_UDP,
     ";received=192.0.2.9\r\n", 5071, 0},
    {"3581 4 rport", "Via: SIP/2.0/UDP 192.0.2.9:5071;rport;branch=z9hG4bK1", FLOW_UDP,
     "Via: SIP/2.0/UDP 192.0.2.9:5071;rport=40000;branch=z9hG4bK1;received=192.0.2.9\r\n", 40000, 0},
    {"18.2.1 what the peer says of received is not believed", "Via: SIP/2.0/UDP h;received=203.0.113.1;branch=z9hG4bK1",
     FLOW_UDP, "Via: SIP/2.0/UDP h;branch=z9hG4bK1;received=192.0.2.9\r\n", 5060, 0},
    {"18.2.2 a stream answers itself, or by sent-by's port", "Via: SIP/2.0/TCP h:5071;branch=z9hG4bK1", FLOW_TCP,
     "Via: SIP/2.0/TCP h:5071;branch=z9hG4bK1;received=192.0.2.9\r\n", 40000, 5071},
    {"18.2.2 TLS without a port: 5061", "Via: SIP/2.0/TLS h;branch=z9hG4bK1", FLOW_TLS, ";received=192.0.2.9\r\n",
     40000, 5061},
    {"8.2.6.2 the Vias below, on the line and after it",
     "Via: SIP/2.0/UDP h;branch=z9hG4bK1, SIP/2.0/UDP b\r\nv: SIP/2.0/X c;received=1.2.3.4", FLOW_UDP,
     ";received=192.0.2.9, SIP/2.0/UDP b\r\nv: SIP/2.0/X c;received=1.2.3.4\r\nFrom", 5060, 0},
};

START_TEST(via_of_an_answer) {
    struct bed_sip *b = mem_zalloc(sizeof *b);
    struct flow flow = {.proto = vias[_i].proto, .peer = {.family = 4, .port = 40000, .ip = {192, 0, 2, 9}}};
    char head[1000];

    snprintf(head, sizeof head, "INVITE sip:a@b SIP/2.0\r\n%s\r\n" BED_FROM BED_TO BED_ID "CSeq: 7 INVITE\r\n",
             vias[_i].via);
    bed_parse(b, head, STR_NONE);
    struct sip_echo *e = sip_echo_new(&b->m, &flow);
    ck_assert_ptr_nonnull(e);
    sip_print_response(&b->out, &(struct sip_response){.status = 180, .echo = e, .to_tag = STR("ours")}, NULL);
    const char *text = bed_text(b);
    ck_assert_msg(strstr(text, vias[_i].echo) != NULL, "%s: %s", vias[_i].rule, text);
    sip_reply_flow(&b->m, &flow);
    ck_assert_msg(flow.peer.port == vias[_i].port && flow.fallback_port == vias[_i].fallback_port, "%s: to %u, else %u",
                  vias[_i].rule, flow.peer.port, flow.fallback_port);
    free(e);
    bed_sip_end(b);
    free(b);
}
END_TEST

static const struct {
    const char *rule, *request;
    struct sip_response r;
    const char *expected; /* all but the Via before it */
} responses[] = {
    {"8.2.6.2 a tag for To",
     BED_INVITE,
     {.status = 200, .to_tag = {"ours", 4}},
     BED_FROM "To: <sip:callee@198.51.100.1>;tag=ours\r\n" BED_ID "CSeq: 7 INVITE\r\nContent-Length: 0\r\n\r\n"},
    {"8.2.6.2 a To with a tag keeps it",
     "BYE sip:a@b SIP/2.0\r\n" BED_VIA "f: A <sip:a@b>;tag=1\r\nt:  B <sip:c@d> ;tag=2\r\ni: x\r\nCSeq: 08 BYE\r\n",
     {.status = 481, .to_tag = {"ours", 4}},
     "f: A <sip:a@b>;tag=1\r\nt:  B <sip:c@d> ;tag=2\r\ni: x\r\nCSeq: 08 BYE\r\nContent-Length: 0\r\n\r\n"},
    {"8.2.6.1 100 has no tag",
     BED_INVITE,
     {.status = 100},
     BED_FROM BED_TO BED_ID "CSeq: 7 INVITE\r\nContent-Length: 0\r\n\r\n"},
    {"12.1.1 Record-Route where a dialog begins",
     BED_INVITE "Record-Route: <sip:1;lr>,\r\n <sip:2;lr>\r\nrecord-route:<sip:3>\r\n",
     {.status = 180, .to_tag = {"o", 1}, .record_route = true, .contact = {"sip:us", 6}},
     BED_FROM "To: <sip:callee@198.51.100.1>;tag=o\r\n" BED_ID
              "CSeq: 7 INVITE\r\nRecord-Route: <sip:1;lr>,\r\n <sip:2;lr>\r\nrecord-route:<sip:3>\r\n"
              "Contact: <sip:us>\r\nContent-Length: 0\r\n\r\n"},
    {"12.1.1 Record-Route not where none does",
     BED_INVITE "Record-Route: <sip:1;lr>\r\n",
     {.status = 404, .to_tag = {"o", 1}},
     BED_FROM "To: <sip:callee@198.51.100.1>;tag=o\r\n" BED_ID "CSeq: 7 INVITE\r\nContent-Length: 0\r\n\r\n"},
    {"3262 3 a reliable provisional",
     BED_INVITE,
     {.status = 183, .to_tag = {"o", 1}, .rseq = 4294967295, .supported = "timer"},
     BED_FROM "To: <sip:callee@198.51.100.1>;tag=o\r\n" BED_ID
              "CSeq: 7 INVITE\r\nSupported: timer\r\nRequire: 100rel\r\nRSeq: 4294967295\r\nContent-Length: 0\r\n\r\n"},
    {"21.4.6 what is allowed, and more",
     BED_INVITE,
     {.status = 405, .to_tag = {"o", 1}, .allow = "INVITE", .extra = "Retry-After: 1\r\n"},
     BED_FROM "To: <sip:callee@198.51.100.1>;tag=o\r\n" BED_ID
              "CSeq: 7 INVITE\r\nAllow: INVITE\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n"},
};

START_TEST(response) {
    struct bed_sip *b = mem_zalloc(sizeof *b);
    struct flow flow = {.proto = FLOW_UDP, .peer = {.family = 4, .port = 5071, .ip = {192, 0, 2, 9}}};
    struct sip_response r = responses[_i].r;
    char expected[1000];

    bed_parse(b, responses[_i].request, STR_NONE);
    struct sip_echo *e = sip_echo_new(&b->m, &flow);
    r.echo = e;
    sip_print_response(&b->out, &r, NULL);
    snprintf(expected, sizeof expected, "SIP/2.0 %d %s\r\n" BED_VIA "%s", r.status, sip_phrase(r.status),
             responses[_i].expected);
    const char *text = bed_text(b);
    ck_assert_msg(strcmp(text, expected) == 0, "%s: %s", responses[_i].rule, text);
    free(e);
    bed_sip_end(b);
    free(b);
}
END_TEST

/* --- branches --- */

START_TEST(branch_tells_its_transaction) {
    static const struct {
        uint64_t id;
        const char *branch;
    } branches[] = {{0, "z9hG4bK-tl-abcdef0189abcdef0000000000000000"},
                    {1, "z9hG4bK-tl-abcdef0189abcdef0000000000000001"},
                    {0xfedcba9876543210u, "z9hG4bK-tl-abcdef0189abcdeffedcba9876543210"},
                    {UINT64_MAX, "z9hG4bK-tl-abcdef0189abcdefffffffffffffffff"}};
    char text[80];
    struct sbuf b = sbuf_on(text, sizeof text - 1);

    sip_branch(&b, 0xabcdef01, 0x89abcdef, branches[_i].id);
    text[b.n] = '\0';
    ck_assert_str_eq(text, branches[_i].branch); /* RFC 3261 8.1.1.7: the cookie, and unique */
}
END_TEST

/* RFC 3261 16.3: a loop is our branch with the same hash; a spiral comes back with another Request-URI or user. */
static const struct {
    const char *rule, *second_uri;
    uint32_t node;
    bool loop;
} loops[] = {
    {"16.3 the same again is a loop", "sip:callee@198.51.100.1", 7, true},
    {"16.3 another user is a spiral", "sip:other@198.51.100.1", 7, false},
    {"16.3 of another node", "sip:callee@198.51.100.1", 8, false},
};

START_TEST(loop) {
    struct bed_sip *first = mem_zalloc(sizeof *first), *second = mem_zalloc(sizeof *second);
    char branch[80], head[1000];
    struct sbuf b = sbuf_on(branch, sizeof branch);

    bed_parse(first, BED_INVITE, STR_NONE);
    sip_branch(&b, 7, sip_loop_hash(&first->m), 1);
    snprintf(head, sizeof head,
             "INVITE %s SIP/2.0\r\n" BED_VIA "Via: SIP/2.0/UDP us;branch=%.*s\r\n" BED_FROM BED_TO BED_ID
             "CSeq: 7 INVITE\r\n",
             loops[_i].second_uri, (int)b.n, branch);
    bed_parse(second, head, STR_NONE);
    ck_assert_msg(sip_has_loop(&second->m, loops[_i].node, sip_loop_hash(&second->m)) == loops[_i].loop, "%s",
                  loops[_i].rule);
    bed_sip_end(first);
    bed_sip_end(second);
    free(first);
    free(second);
}
END_TEST

int main(void) {
    Suite *s = suite_create("sip_print");
    TCase *t = tcase_create("print");

    tcase_add_loop_test(t, party, 0, sizeof parties / sizeof parties[0]);
    tcase_add_loop_test(t, target_uri, 0, sizeof targets / sizeof targets[0]);
    tcase_add_loop_test(t, route_set, 0, sizeof route_sets / sizeof route_sets[0]);
    tcase_add_loop_test(t, next_hop, 0, sizeof hops / sizeof hops[0]);
    tcase_add_loop_test(t, via_of_an_answer, 0, sizeof vias / sizeof vias[0]);
    tcase_add_loop_test(t, response, 0, sizeof responses / sizeof responses[0]);
    tcase_add_loop_test(t, branch_tells_its_transaction, 0, 4);
    tcase_add_loop_test(t, loop, 0, sizeof loops / sizeof loops[0]);
    suite_add_tcase(s, t);
    return suite_run(s);
}
