/* Messages taken apart: what is read of them, and which answer a faulty one gets. */
#include "tests/room/bed_sip.h"
#include "tests/suite.h"

/* --- facts --- */

#define FACT(member)                                                                                                   \
    static struct str member##_of(const struct sip_msg *m) {                                                           \
        return m->member;                                                                                              \
    }
FACT(method_name)
FACT(uri)
FACT(uri_user)
FACT(call_id)
FACT(from_tag)
FACT(to_tag)
FACT(branch)
FACT(via)
FACT(via_sent_by)
FACT(from_uri)
FACT(from_user)
FACT(contact)
FACT(content_type)
FACT(body)
FACT(sdp)
FACT(phrase)
FACT(identity)
FACT(replaces)

#define URI(uri)     "OPTIONS " uri " SIP/2.0\r\n" BED_HEAD("OPTIONS")
#define VIA(via)     "OPTIONS sip:a@b SIP/2.0\r\n" via "\r\n" BED_FROM BED_TO BED_ID "CSeq: 7 OPTIONS\r\n"
#define FROM(from)   "OPTIONS sip:a@b SIP/2.0\r\n" BED_VIA from "\r\n" BED_TO BED_ID "CSeq: 7 OPTIONS\r\n"
#define TO(to)       "OPTIONS sip:a@b SIP/2.0\r\n" BED_VIA BED_FROM to "\r\n" BED_ID "CSeq: 7 OPTIONS\r\n"
#define CALL_ID(id)  "OPTIONS sip:a@b SIP/2.0\r\n" BED_VIA BED_FROM BED_TO id "\r\nCSeq: 7 OPTIONS\r\n"
#define CSEQ(cseq)   "OPTIONS sip:a@b SIP/2.0\r\n" BED_VIA BED_FROM BED_TO BED_ID cseq "\r\n"
#define MORE(header) URI("sip:a@b") header "\r\n"
#define SDP          "v=0\r\no=- 1 1 IN IP4 192.0.2.9\r\ns=-\r\nc=IN IP4 192.0.2.9\r\nt=0 0\r\n"

static const struct {
    const char *rule, *head;
    struct str (*fact)(const struct sip_msg *m);
    const char *expected, *body;
} facts[] = {
    {"25.1 a method is any token", "Foo-Bar.1 sip:a@b SIP/2.0\r\n" BED_HEAD("Foo-Bar.1"), method_name_of, "Foo-Bar.1",
     ""},
    {"7.1 methods mind their case", "invite sip:a@b SIP/2.0\r\n" BED_HEAD("invite"), method_name_of, "invite", ""},
    {"19.1.1 Request-URI as written", URI("sip:a:pw@b:5070;p=1?h=2"), uri_of, "sip:a:pw@b:5070;p=1?h=2", ""},
    {"19.1.1 a password is no part of the user", URI("sip:a:pw@b"), uri_user_of, "a", ""},
    {"25.1 ; and ? belong to the user before @", URI("sip:a;b=1?c@d"), uri_user_of, "a;b=1?c", ""},
    {"19.1.2 escapes stay", URI("sip:%61%00b@c"), uri_user_of, "%61%00b", ""},
    {"19.1.1 no user", URI("sip:198.51.100.1"), uri_user_of, "", ""},
    {"3966 3 the number is the user", URI("tel:+49-30;phone-context=x"), uri_user_of, "+49-30", ""},
    {"3325 9.1 P-Asserted-Identity, whatever stands before it",
     MORE("Remote-Party-ID: <sip:r@b>\r\nP-Asserted-Identity: \"A\" <sip:p@b>\r\nP-Asserted-Identity: <tel:1>"),
     identity_of, "\"A\" <sip:p@b>", ""},
    {"3325 9.1 else Remote-Party-ID, the first", MORE("Remote-Party-ID: <sip:r@b>\r\nRemote-Party-ID: <sip:s@b>"),
     identity_of, "<sip:r@b>", ""},
    {"3891 6.1 Replaces, in any case", MORE("REPLACES: 1@a;to-tag=t;from-tag=f \r\nReplaces: 2@a"), replaces_of,
     "1@a;to-tag=t;from-tag=f", ""},
    {"3891 6.1 no Replaces", MORE("Replaces-Not: 1@a;to-tag=t;from-tag=f"), replaces_of, "", ""},
    {"20.42 top Via of a list", VIA("Via: SIP/2.0/UDP a;branch=z9hG4bK1 , SIP/2.0/TCP b;branch=z9hG4bK2"), branch_of,
     "z9hG4bK1", ""},
    {"20.42 top Via of several", VIA("v: SIP/2.0/UDP a;branch=z9hG4bK1\r\nVia: SIP/2.0/TCP b;branch=z9hG4bK2"), via_of,
     "SIP/2.0/UDP a;branch=z9hG4bK1", ""},
    {"20.42 sent-by with blanks around the colon", VIA("Via: SIP / 2.0 / UDP first.example.com: 4000;ttl=16"),
     via_sent_by_of, "first.example.com: 4000", ""},
    {"20.42 IPv6 sent-by", VIA("Via: SIP/2.0/UDP [2001:db8::9]:5071;branch=z9hG4bK1"), via_sent_by_of,
     "[2001:db8::9]:5071", ""},
    {"20.42 branch behind other parameters", VIA("Via: SIP/2.0/UDP a;rport;x=\"a;b\" ; branch = z9hG4bKq"), branch_of,
     "z9hG4bKq", ""},
    {"20.20 tag of an addr-spec", FROM("From: sip:a@b;x=1;tag=t"), from_tag_of, "t", ""},
    {"20.20 parameters within <> are the URI's", FROM("From: <sip:a@b;tag=no>;tag=yes"), from_tag_of, "yes", ""},
    {"20.20 URI behind a name with <", FROM("f: \"A <sip:x@y>\" <sip:a@b>;tag=t"), from_uri_of, "sip:a@b", ""},
    {"20.20 escaped quote in the name", FROM("From: \"A \\\" <x\" <sip:a@b>;tag=t"), from_user_of, "a", ""},
    {"7.3.1 folded From", FROM("From\r\n :\r\n <sip:a@b>\r\n ;tag\r\n =\r\n t"), from_tag_of, "t", ""},
    {"20.39 no tag", TO("To: <sip:a@b>"), to_tag_of, "", ""},
    {"20.39 compact To with tag", TO("t: \"N\"<sip:a@b>;tag=9"), to_tag_of, "9", ""},
    {"20.8 Call-ID as written", CALL_ID("i: f81d4fae@[::1]/<>\"?"), call_id_of, "f81d4fae@[::1]/<>\"?", ""},
    {"20.10 first Contact", MORE("m: \"x,y\" <sip:1@h;a=b>;q=1, <sip:2@h>"), contact_of, "sip:1@h;a=b", ""},
    {"20.10 Contact without brackets", MORE("Contact: sip:1@h;expires=3"), contact_of, "sip:1@h", ""},
    {"20.15 compact Content-Type", MORE("c: text/plain"), content_type_of, "text/plain", "x"},
    {"18.3 a body is as long as Content-Length", MORE("c: text/plain"), body_of, "four", "four"},
    {"20.15 SDP", MORE("Content-Type: application/SDP ; charset=utf-8"), sdp_of, SDP, SDP},
    {"20.15 no SDP without its type", MORE("Content-Type: text/plain"), sdp_of, "", SDP},
    {"7.4.1 SDP in a multipart body", MORE("Content-Type: multipart/mixed;boundary=b"), sdp_of, SDP,
     "--b\r\nContent-Type: text/plain\r\n\r\nx\r\n--b\r\nContent-Type: application/sdp\r\n\r\n" SDP "\r\n--b--\r\n"},
    {"7.2 phrase in UTF-8", "SIP/2.0 200 \320\276\320\272 =2**3\r\n" BED_HEAD("INVITE"), phrase_of,
     "\320\276\320\272 =2**3", ""},
    {"7.2 no phrase", "SIP/2.0 180 \r\n" BED_HEAD("INVITE"), phrase_of, "", ""},
    {"8.1.3 a response is of its CSeq method", "SIP/2.0 200 OK\r\n" BED_HEAD("BYE"), method_name_of, "BYE", ""},
};

START_TEST(fact) {
    struct bed_sip *b = mem_zalloc(sizeof *b);

    bed_parse(b, facts[_i].head, str_of(facts[_i].body));
    struct str got = facts[_i].fact(&b->m);
    ck_assert_msg(str_eq(got, str_of(facts[_i].expected)), "%s: \"%.*s\" instead of \"%s\"", facts[_i].rule, (int)got.n,
                  got.p == NULL ? "" : got.p, facts[_i].expected);
    bed_sip_end(b);
    free(b);
}
END_TEST

static uint64_t max_forwards_of(const struct sip_msg *m) {
    return (uint64_t)(int64_t)m->max_forwards;
}

#define NUMBER(member)                                                                                                 \
    static uint64_t member##_of(const struct sip_msg *m) {                                                             \
        return (uint64_t)m->member;                                                                                    \
    }
NUMBER(cseq)
NUMBER(via_count)
NUMBER(is_rfc2543)
NUMBER(has_record_route)
NUMBER(rseq)
NUMBER(rack_rseq)
NUMBER(rack_cseq)
NUMBER(rack_method)
NUMBER(supported)
NUMBER(required)
NUMBER(allow)
NUMBER(expires)

static uint64_t method_of_msg(const struct sip_msg *m) {
    return m->method;
}

static const struct {
    const char *rule, *head;
    uint64_t (*fact)(const struct sip_msg *m);
    uint64_t expected;
} numbers[] = {
    {"20.16 leading zeros", CSEQ("CSeq: 0009 OPTIONS"), cseq_of, 9},
    {"8.1.1.5 the highest CSeq", CSEQ("CSeq: 2147483647 OPTIONS"), cseq_of, 2147483647},
    {"7.1 an unknown method", "FOO sip:a@b SIP/2.0\r\n" BED_HEAD("FOO"), method_of_msg, METHOD_UNKNOWN},
    {"20.22 no Max-Forwards", CSEQ("CSeq: 7 OPTIONS"), max_forwards_of, (uint64_t)-1},
    {"20.22 Max-Forwards 0", CSEQ("CSeq: 7 OPTIONS\r\nMax-Forwards: 0"), max_forwards_of, 0},
    {"20.42 Vias on one line and on two", VIA("Via: SIP/2.0/UDP a, SIP/2.0/UDP b\r\nv: SIP/2.0/TLS c"), via_count_of,
     3},
    {"8.1.1.7 no branch: RFC 2543", VIA("Via: SIP/2.0/UDP a"), is_rfc2543_of, 1},
    {"8.1.1.7 another cookie: RFC 2543", VIA("Via: SIP/2.0/UDP a;branch=z9hg4bk1"), is_rfc2543_of, 1},
    {"8.1.1.7 the cookie", VIA("Via: SIP/2.0/UDP a;branch=z9hG4bK1"), is_rfc2543_of, 0},
    {"20.30 Record-Route", MORE("Record-Route: <sip:p;lr>"), has_record_route_of, 1},
    {"20.37 Supported, compact, twice", MORE("k: 100rel\r\nSupported: TIMER"), supported_of,
     SIP_OPTION_100REL | SIP_OPTION_TIMER},
    {"20.37 an empty Supported", MORE("Supported:"), supported_of, 0},
    {"20.32 a tag that nobody knows", MORE("Require: foo, replaces"), required_of,
     SIP_OPTION_OTHER | SIP_OPTION_REPLACES},
    {"20.5 Allow", MORE("Allow: BYE, ACK"), allow_of, METHOD_BIT(METHOD_BYE) | METHOD_BIT(METHOD_ACK)},
    {"20.19 no Expires", MORE("X: 1"), expires_of, UINT32_MAX},
    {"20.19 Expires", MORE("Expires: 3600"), expires_of, 3600},
    {"3262 7.1 RSeq", MORE("RSeq: 4294967295"), rseq_of, 4294967295},
    {"3262 7.2 RAck: number", MORE("RAck: 776656 1 INVITE"), rack_rseq_of, 776656},
    {"3262 7.2 RAck: CSeq", MORE("RAck: 776656 1 INVITE"), rack_cseq_of, 1},
    {"3262 7.2 RAck: method", MORE("RAck: 776656 1 INVITE"), rack_method_of, METHOD_INVITE},
};

START_TEST(number) {
    struct bed_sip *b = mem_zalloc(sizeof *b);

    bed_parse(b, numbers[_i].head, STR_NONE);
    uint64_t got = numbers[_i].fact(&b->m);
    ck_assert_msg(got == numbers[_i].expected, "%s: %llu instead of %llu", numbers[_i].rule, (unsigned long long)got,
                  (unsigned long long)numbers[_i].expected);
    bed_sip_end(b);
    free(b);
}
END_TEST

int main(void) {
    Suite *s = suite_create("sip_parse");
    TCase *t = tcase_create("facts");

    tcase_add_loop_test(t, fact, 0, sizeof facts / sizeof facts[0]);
    tcase_add_loop_test(t, number, 0, sizeof numbers / sizeof numbers[0]);
    suite_add_tcase(s, t);
    return suite_run(s);
}
