/* What a capture server gets, byte for byte. */
#include <check.h>

#include "b2bua/core/hep.h"
#include "tests/suite.h"

static char datagram[HEP_MAX];

static struct hep_message message(const char *from, const char *to, struct str payload) {
    struct hep_message m = {.at_us = 0x65000000ull * 1000000 + 7,
                            .agent = 1,
                            .node = STR("n"),
                            .correlation = STR("ab"),
                            .payload = payload};

    addr_parse(&m.from, str_of(from));
    addr_parse(&m.to, str_of(to));
    return m;
}

/* HEP 3, 3.2: chunks of vendor 0. */
START_TEST(chunks_over_ipv4) {
    static const char expected[] = "HEP3\x00\x75"
                                   "\0\0\0\x01\0\x07\x02"
                                   "\0\0\0\x02\0\x07\x11"
                                   "\0\0\0\x03\0\x0a\xc0\0\x02\x01"
                                   "\0\0\0\x04\0\x0a\xc0\0\x02\x02"
                                   "\0\0\0\x07\0\x08\x13\xc4"
                                   "\0\0\0\x08\0\x08\x13\xc5"
                                   "\0\0\0\x09\0\x0a\x65\0\0\0"
                                   "\0\0\0\x0a\0\x0a\0\0\0\x07"
                                   "\0\0\0\x0b\0\x07\x01"
                                   "\0\0\0\x0c\0\x0a\0\0\0\x01"
                                   "\0\0\0\x11\0\x08"
                                   "ab"
                                   "\0\0\0\x13\0\x07n"
                                   "\0\0\0\x0f\0\x09SIP";
    struct hep_message m = message("192.0.2.1:5060", "192.0.2.2:5061", STR("SIP"));
    struct sbuf out = sbuf_on(datagram, sizeof datagram);

    ck_assert_int_eq(hep_put(&out, &m), 0);
    ck_assert_uint_eq(out.n, sizeof expected - 1);
    ck_assert_mem_eq(out.p, expected, out.n);
}
END_TEST

START_TEST(ipv6_and_tls) {
    struct hep_message m = message("[2001:db8::1]:5061", "[2001:db8::2]:5061", STR("SIP"));
    struct sbuf out = sbuf_on(datagram, sizeof datagram);

    m.proto = FLOW_TLS;
    ck_assert_int_eq(hep_put(&out, &m), 0);
    ck_assert_mem_eq(out.p + 6, "\0\0\0\x01\0\x07\x0a\0\0\0\x02\0\x07\x06\0\0\0\x05\0\x16\x20\x01\x0d\xb8", 24);
    ck_assert_uint_eq((size_t)(uint8_t)out.p[4] << 8 | (uint8_t)out.p[5], out.n);
}
END_TEST

START_TEST(what_no_datagram_holds) {
    static char text[HEP_MAX];
    struct hep_message m = message("192.0.2.1:5060", "192.0.2.2:5061", (struct str){text, sizeof text});
    struct sbuf out = sbuf_on(datagram, sizeof datagram);

    ck_assert_int_eq(hep_put(&out, &m), -1);
    m.payload.n = 100;
    out = sbuf_on(datagram, 150);
    ck_assert_int_eq(hep_put(&out, &m), -1);
}
END_TEST

int main(void) {
    Suite *s = suite_create("hep");
    TCase *c = tcase_create("hep");

    suite_add_tcase(s, c);
    tcase_add_test(c, chunks_over_ipv4);
    tcase_add_test(c, ipv6_and_tls);
    tcase_add_test(c, what_no_datagram_holds);
    return suite_run(s);
}
