/* Answers of name servers, byte by byte: what is read, how long it holds, what is refused. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "b2bua/core/dns.h"
#include "tests/suite.h"

/* Heads: id, flags, counts of question, answer, authority, additional. */
#define HEAD(flags, answers, authorities) "\0\1" flags "\0\1\0" answers "\0" authorities "\0\0"
#define OK(answers, authorities)          HEAD("\x81\x80", answers, authorities)
#define Q(type)                           "\1x\4test\0\0" type "\0\1" /* x.test, at offset 12 */
#define X                                 "\xc0\x0c"
#define RR(type, ttl, size)               "\0" type "\0\1\0\0" ttl "\0" size
#define A                                 "\x01"
#define AAAA                              "\x1c"
#define CNAME                             "\x05"
#define SRV                               "\x21"
#define NAPTR                             "\x23"
#define SOA                               "\x06"
#define TTL60                             "\0\x3c"
#define TTL9                              "\0\x09"
/* mname and rname the root; serial, refresh, retry, expire; minimum */
#define SOA_DATA(minimum)                                                                                              \
    "\0\0"                                                                                                             \
    "0000"                                                                                                             \
    "0000"                                                                                                             \
    "0000"                                                                                                             \
    "0000"                                                                                                             \
    "\0\0" minimum

static const struct {
    const char *rule;
    enum dns_type type;
    const char *bytes;
    size_t n;
    const char *expected;
} rows[] = {
#define ROW(rule, type, bytes, expected)                                                                               \
    { rule, type, bytes, sizeof(bytes) - 1, expected }
    ROW("RFC 1035 3.4.1 A", DNS_A, OK("\1", "\0") Q(A) X RR(A, TTL60, "\4") "\x7f\0\0\1", "found 60 127.0.0.1"),
    ROW("RFC 3596 2.2 AAAA", DNS_AAAA,
        OK("\1", "\0") Q(AAAA) X RR(AAAA, TTL60, "\x10") "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1", "found 60 [::1]"),
    ROW("RFC 2782 SRV", DNS_SRV, OK("\1", "\0") Q(SRV) X RR(SRV, TTL60, "\x0b") "\0\1\0\2\x13\xc4\2Cm" X,
        "found 60 1 2 5060 cm.x.test"),
    ROW("2782 target \".\"", DNS_SRV, OK("\1", "\0") Q(SRV) X RR(SRV, TTL60, "\7") "\0\0\0\0\0\0\0",
        "found 60 0 0 0 ."),
    ROW("RFC 3403 4.1 NAPTR", DNS_NAPTR, OK("\1", "\0") Q(NAPTR) X RR(NAPTR, TTL60, "\x11") "\0\1\0\2\1S\7sip+d2u\0" X,
        "found 60 1 2 s SIP+D2U x.test"),
    ROW("3403 4.1 no flag, two flags, a long service", DNS_NAPTR,
        OK("\2", "\0") Q(NAPTR)
            X RR(NAPTR, TTL60, "\x09") "\0\1\0\2\0\0\0" X X RR(NAPTR, TTL60, "\x1b") "\0\1\0\2\2AS\x10"
                                                                                     "0123456789abcdef"
                                                                                     "\0" X,
        "found 60 1 2 - - x.test, 1 2 - - x.test"),
    ROW("RFC 1034 3.6.2 along a CNAME; the shortest TTL holds", DNS_A,
        OK("\2", "\0") Q(A) X RR(CNAME, TTL9, "\4") "\1y"
                                                    "\xc0\x0e"
                                                    "\xc0\x24" RR(A, TTL60, "\4") "\x7f\0\0\2",
        "found 9 127.0.0.2"),
    ROW("records in any order", DNS_A,
        OK("\2", "\0") Q(A) "\1y\xc0\x0e" RR(A, TTL60, "\4") "\x7f\0\0\2" X RR(CNAME, TTL9, "\4") "\1y"
                                                                                                  "\xc0\x0e",
        "found 9 127.0.0.2"),
    ROW("a CNAME that leads elsewhere", DNS_A,
        OK("\1", "\0") Q(A) X RR(CNAME, TTL9, "\4") "\1y"
                                                    "\xc0\x0e",
        "alias 9 y.test"),
    ROW("RFC 2308 2.1 CNAME, then no such name", DNS_A,
        HEAD("\x81\x83", "\1", "\0") Q(A) X RR(CNAME, TTL60, "\4") "\1y"
                                                                   "\xc0\x0e",
        "none 5"),
    ROW("2308 2.2 CNAME, then no such record", DNS_A,
        OK("\1", "\1") Q(A) X RR(CNAME, TTL60, "\4") "\1y"
                                                     "\xc0\x0e" X RR(SOA, TTL60, "\x16") SOA_DATA("\0\x1e"),
        "none 30"),
    ROW("a CNAME to itself", DNS_A, OK("\1", "\0") Q(A) X RR(CNAME, TTL9, "\2") X, "garbage"),
    ROW("records of others are not ours", DNS_A, OK("\1", "\0") Q(A) "\1z\0" RR(A, TTL60, "\4") "\x7f\0\0\1", "none 5"),
    ROW("letters of names are alike", DNS_A, OK("\1", "\0") Q(A) "\1X\4TesT\0" RR(A, TTL60, "\4") "\x7f\0\0\1",
        "found 60 127.0.0.1"),
    ROW("2308 5 no such name: the SOA's minimum", DNS_A,
        HEAD("\x81\x83", "\0", "\1") Q(A) "\0" RR(SOA, TTL60, "\x16") SOA_DATA("\0\x1e"), "none 30"),
    ROW("2308 5 or its TTL, if that is less", DNS_A,
        HEAD("\x81\x83", "\0", "\1") Q(A) "\0" RR(SOA, TTL9, "\x16") SOA_DATA("\0\x1e"), "none 9"),
    ROW("2308 2.2 no such record, no SOA", DNS_A, OK("\0", "\0") Q(A), "none 5"),
    ROW("RFC 2181 8 a TTL above 2^31 is 0", DNS_A, OK("\1", "\0") Q(A) X "\0\1\0\1\x80\0\0\1\0\4\x7f\0\0\1",
        "found 0 127.0.0.1"),
    ROW("1035 4.1.1 server failure", DNS_A, HEAD("\x81\x82", "\0", "\0") Q(A), "refused"),
    ROW("4.1.1 not implemented", DNS_A, HEAD("\x81\x84", "\0", "\0") Q(A), "refused"),
    ROW("4.1.1 refused", DNS_A, HEAD("\x81\x85", "\0", "\0") Q(A), "refused"),
    ROW("4.1.1 a question is no answer", DNS_A, HEAD("\x01\x00", "\0", "\0") Q(A), "garbage"),
    ROW("an answer to another type", DNS_A, OK("\0", "\0") Q(AAAA), "garbage"),
    ROW("nothing", DNS_A, "", "garbage"),
    ROW("a head alone", DNS_A, OK("\0", "\0"), "garbage"),
    ROW("fewer records than promised", DNS_A, OK("\2", "\0") Q(A) X RR(A, TTL60, "\4") "\x7f\0\0\1", "garbage"),
    ROW("data that go on beyond the end", DNS_A, OK("\1", "\0") Q(A) X RR(A, TTL60, "\4") "\x7f\0\0", "garbage"),
    ROW("an address of three bytes", DNS_A, OK("\1", "\0") Q(A) X RR(A, TTL60, "\3") "\x7f\0\0", "garbage"),
    ROW("4.1.4 a pointer to itself", DNS_A, OK("\1", "\0") Q(A) "\xc0\x18" RR(A, TTL60, "\4") "\x7f\0\0\1", "garbage"),
    ROW("4.1.4 a pointer beyond the end", DNS_A, OK("\1", "\0") Q(A) "\xff\xff" RR(A, TTL60, "\4") "\x7f\0\0\1",
        "garbage"),
    ROW("4.1.4 a label of no kind", DNS_A, OK("\1", "\0") Q(A) "\x80" RR(A, TTL60, "\4") "\x7f\0\0\1", "garbage"),
    ROW("a label that would read as several", DNS_SRV,
        OK("\1", "\0") Q(SRV) X RR(SRV, TTL60, "\x0c") "\0\1\0\2\x13\xc4\3a.b" X, "garbage"),
    ROW("a label with a line feed", DNS_SRV, OK("\1", "\0") Q(SRV) X RR(SRV, TTL60, "\x0c") "\0\1\0\2\x13\xc4\3a\nb" X,
        "garbage"),
};

static const char *text_of(const struct dns_record *r, enum dns_type type, char *out, size_t size) {
    char addr[ADDR_TEXT_MAX];

    if (type == DNS_SRV)
        snprintf(out, size, "%u %u %u %s", r->priority, r->weight, r->port, r->name);
    else if (type == DNS_NAPTR)
        snprintf(out, size, "%u %u %c %s %s", r->priority, r->weight, r->flag != '\0' ? r->flag : '-',
                 r->service[0] != '\0' ? r->service : "-", r->name);
    else
        snprintf(out, size, "%s", addr_format_ip(&r->addr, true, addr));
    return out;
}

static void describe(enum dns_outcome outcome, const struct dns_set *set, enum dns_type type, char *out, size_t size) {
    static const char *const names[] = {
        [DNS_FOUND] = "found", [DNS_NONE] = "none", [DNS_REFUSED] = "refused", [DNS_GARBAGE] = "garbage"};
    size_t n = (size_t)snprintf(out, size, "%s", set != NULL && set->alias != NULL ? "alias" : names[outcome]);
    char one[600];

    if (set != NULL)
        n += (size_t)snprintf(out + n, size - n, " %u", set->ttl_s);
    if (set != NULL && set->alias != NULL)
        snprintf(out + n, size - n, " %s", set->alias);
    for (int i = 0; set != NULL && i < set->count; i++)
        n += (size_t)snprintf(out + n, size - n, "%s %s", i > 0 ? "," : "",
                              text_of(&set->records[i], type, one, sizeof one));
}

START_TEST(answers) {
    char text[2048];
    struct dns_set *set;
    /* memory of just that size: what is read beyond it is found */
    uint8_t *bytes = mem_alloc(rows[_i].n + 1);

    memcpy(bytes, rows[_i].bytes, rows[_i].n);
    bytes = mem_realloc(bytes, rows[_i].n > 0 ? rows[_i].n : 1);
    enum dns_outcome outcome = dns_read(bytes, rows[_i].n, rows[_i].type, &set);
    ck_assert_msg((set != NULL) == (outcome == DNS_FOUND || outcome == DNS_NONE), "%s", rows[_i].rule);
    describe(outcome, set, rows[_i].type, text, sizeof text);
    ck_assert_msg(strcmp(text, rows[_i].expected) == 0, "%s: %s", rows[_i].rule, text);
    free(set);
    free(bytes);
}
END_TEST

/* Whatever is missing at the end, it is no answer, or at least none with more in it. */
START_TEST(cut_short) {
    for (size_t n = 0; n < rows[_i].n; n++) {
        uint8_t *bytes = mem_alloc(n > 0 ? n : 1);
        struct dns_set *set;
        memcpy(bytes, rows[_i].bytes, n);
        enum dns_outcome outcome = dns_read(bytes, n, rows[_i].type, &set);
        ck_assert_msg(outcome == DNS_GARBAGE || outcome == DNS_REFUSED, "%s, %zu bytes", rows[_i].rule, n);
        free(bytes);
    }
}
END_TEST

START_TEST(limit) {
    static const char rr[] = X RR(A, TTL60, "\4") "\x7f\0\0";
    struct sbuf b = sbuf_growing(1 << 16);
    struct dns_set *set;

    sbuf_put(&b, STR(OK("\x28", "\0") Q(A)));
    for (int i = 0; i < 40; i++) {
        sbuf_put(&b, (struct str){rr, sizeof rr - 1});
        sbuf_putc(&b, (char)i);
    }
    ck_assert_int_eq(dns_read((const uint8_t *)b.p, b.n, DNS_A, &set), DNS_FOUND);
    ck_assert_int_eq(set->count, DNS_RECORDS_MAX);
    ck_assert(set->cut);
    free(set);
    sbuf_fini(&b);
}
END_TEST

START_TEST(type_names) {
    ck_assert_str_eq(dns_type_name(DNS_NAPTR), "NAPTR");
    ck_assert_str_eq(dns_type_name(DNS_HOSTS), "hosts");
}
END_TEST

int main(void) {
    Suite *s = suite_create("dns");
    TCase *t = tcase_create("all");

    tcase_add_loop_test(t, answers, 0, sizeof rows / sizeof *rows);
    tcase_add_loop_test(t, cut_short, 0, sizeof rows / sizeof *rows);
    tcase_add_test(t, limit);
    tcase_add_test(t, type_names);
    suite_add_tcase(s, t);
    return suite_run(s);
}
