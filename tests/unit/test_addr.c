/* Address literals, socket addresses, and ranges. */
#include <arpa/inet.h>
#include <check.h>
#include <netinet/in.h>

#include "b2bua/core/addr.h"
#include "tests/suite.h"

/* clang-format off */
static const struct { const char *name; struct str text; const char *want; } texts[] = { /* NULL: no address */
    {"IPv4", STR("127.0.0.1"), "127.0.0.1"},
    {"IPv4 and port", STR("127.0.0.1:5060"), "127.0.0.1:5060"},
    {"the highest port", STR("127.0.0.1:65535"), "127.0.0.1:65535"},
    {"IPv6", STR("::1"), "[::1]"},
    {"RFC 3261 25.1: IPv6reference", STR("[::1]"), "[::1]"},
    {"IPv6 and port", STR("[2001:db8::10]:5070"), "[2001:db8::10]:5070"},
    {"RFC 5118 4.5: the last group is no port", STR("2001:db8::10:5070"), "[2001:db8::10:5070]"},
    {"RFC 5952 4: shortened, in lower case", STR("2001:0DB8:0:0:0:0:0:1"), "[2001:db8::1]"},
    {"port zero is none", STR("127.0.0.1:0"), "127.0.0.1"},
    {"a name", STR("localhost"), NULL},
    {"a name and port", STR("localhost:5060"), NULL},
    {"empty", STR(""), NULL},
    {"none", STR_NONE, NULL},
    {"port above 65535", STR("127.0.0.1:65536"), NULL},
    {"no port behind the colon", STR("127.0.0.1:"), NULL},
    {"no port behind bracket and colon", STR("[::1]:"), NULL},
    {"a port that is no number", STR("127.0.0.1:sip"), NULL},
    {"text behind the bracket", STR("[::1]5060"), NULL},
    {"bracket not closed", STR("[::1"), NULL},
    {"nothing in brackets", STR("[]:5060"), NULL},
    {"RFC 5118 4.2: bracket not opened", STR("::1]"), NULL},
    {"IPv4 in brackets", STR("[127.0.0.1]:5060"), NULL},
    {"RFC 5118 4.9: three colons", STR("2001:db8:::192.0.2.1"), NULL},
    {"five bytes", STR("1.2.3.4.5"), NULL},
    {"a byte above 255", STR("1.2.3.256"), NULL},
    {"blank in front", STR(" 127.0.0.1"), NULL},
    {"NUL behind", STR("127.0.0.1\0x"), NULL},
    {"NUL behind, IPv6", STR("[::1\0x]:5060"), NULL},
    {"longer than any address", STR("1111:1111:1111:1111:1111:1111:1111:1111:1111:1111"), NULL},
};
/* clang-format on */

START_TEST(parse) {
    struct addr a = {.port = 4711};
    char text[ADDR_TEXT_MAX];
    int result = addr_parse(&a, texts[_i].text);

    ck_assert_msg((result == 0) == (texts[_i].want != NULL), "%s: %d", texts[_i].name, result);
    if (result == 0)
        ck_assert_msg(strcmp(addr_format(&a, text), texts[_i].want) == 0, "%s: %s", texts[_i].name, text);
    else
        ck_assert_msg(a.port == 4711, "%s: written on failure", texts[_i].name);
}
END_TEST

static struct addr at(const char *text) {
    struct addr a;

    ck_assert_msg(addr_parse(&a, str_of(text)) == 0, "%s", text);
    return a;
}

START_TEST(format_ip_alone) {
    struct addr v4 = at("192.0.2.1:5060"), v6 = at("[2001:db8::1]:5060");
    char text[ADDR_TEXT_MAX];

    ck_assert_str_eq(addr_format_ip(&v4, true, text), "192.0.2.1");
    ck_assert_str_eq(addr_format_ip(&v6, true, text), "[2001:db8::1]");
    ck_assert_str_eq(addr_format_ip(&v6, false, text), "2001:db8::1");
}
END_TEST

/* clang-format off */
static const struct { const char *name, *a, *b; bool same, same_ip; } pairs[] = {
    {"equal", "192.0.2.1:1", "192.0.2.1:1", true, true},
    {"another port", "192.0.2.1:1", "192.0.2.1:2", false, true},
    {"another address", "192.0.2.1:1", "192.0.2.2:1", false, false},
    {"IPv6 in two spellings", "[2001:db8:0::1]:1", "[2001:DB8::0001]:1", true, true},
    {"IPv6 that differs in its last byte", "::1", "::2", false, false},
    {"the same first bytes, another family", "32.1.13.184", "2001:db8::", false, false},
};
/* clang-format on */

START_TEST(equal) {
    struct addr a = at(pairs[_i].a), b = at(pairs[_i].b);

    ck_assert_msg(addr_eq(&a, &b) == pairs[_i].same, "%s", pairs[_i].name);
    ck_assert_msg(addr_same_ip(&a, &b) == pairs[_i].same_ip, "%s", pairs[_i].name);
    if (pairs[_i].same_ip)
        ck_assert_msg(addr_hash_ip(&a) == addr_hash_ip(&b), "%s", pairs[_i].name);
}
END_TEST

START_TEST(sockaddr_there_and_back) {
    static const char *const both[] = {"192.0.2.1:5060", "[2001:db8::1]:5061"};
    struct addr a = at(both[_i]), b;
    struct sockaddr_storage ss;

    ck_assert_uint_eq(addr_to_sockaddr(&a, &ss),
                      a.family == 6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in));
    addr_from_sockaddr(&b, (struct sockaddr *)&ss);
    ck_assert(addr_eq(&a, &b));
}
END_TEST

START_TEST(mapped_ipv4_is_ipv4) {
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons(5060)};
    struct addr a, want = at("192.0.2.1:5060");

    ck_assert_int_eq(inet_pton(AF_INET6, "::ffff:192.0.2.1", &in6.sin6_addr), 1);
    addr_from_sockaddr(&a, (struct sockaddr *)&in6);
    ck_assert(addr_eq(&a, &want));
}
END_TEST

START_TEST(other_families_are_none) {
    struct sockaddr_storage ss = {.ss_family = AF_UNIX};
    struct addr a = at("192.0.2.1:5060");

    addr_from_sockaddr(&a, (struct sockaddr *)&ss);
    ck_assert_uint_eq(a.family, 0);
}
END_TEST

enum { BAD = -2 }; /* the range does not parse */

/* clang-format off */
static const struct { const char *name, *range, *addr; int want; } ranges[] = {
    {"an address", "192.0.2.1", "192.0.2.1:5060", 32},
    {"another address", "192.0.2.1", "192.0.2.2:5060", -1},
    {"address and port", "192.0.2.1:5060", "192.0.2.1:5060", 1032},
    {"address and another port", "192.0.2.1:5060", "192.0.2.1:5061", -1},
    {"whole bytes", "192.0.2.0/24", "192.0.2.255:1", 24},
    {"outside of whole bytes", "192.0.2.0/24", "192.0.3.0:1", -1},
    {"bits inside a byte, the last inside", "192.0.2.128/25", "192.0.2.255:1", 25},
    {"bits inside a byte, outside", "192.0.2.128/25", "192.0.2.127:1", -1},
    {"/31, first bit outside", "192.0.2.2/31", "192.0.2.4", -1},
    {"host bits of the range do not matter", "192.0.2.77/24", "192.0.2.1", 24},
    {"all of IPv4", "0.0.0.0/0", "203.0.113.1:1", 0},
    {"all of IPv4 is not IPv6", "0.0.0.0/0", "::1", -1},
    {"all of IPv6", "::/0", "2001:db8::1", 0},
    {"IPv6 prefix", "2001:db8::/33", "2001:db8:7fff::1", 33},
    {"outside of an IPv6 prefix", "2001:db8::/33", "2001:db8:8000::1", -1},
    {"IPv6 prefix in brackets", "[2001:db8::]/32", "2001:db8::1", 32},
    {"IPv6 address", "2001:db8::1", "[2001:db8::1]:7", 128},
    {"IPv6 address and port", "[2001:db8::1]:7", "[2001:db8::1]:7", 1128},
    {"prefix above 32", "192.0.2.0/33", "192.0.2.0", BAD},
    {"prefix above 128", "::/129", "::1", BAD},
    {"no prefix behind the slash", "192.0.2.0/", "192.0.2.0", BAD},
    {"port and prefix", "192.0.2.0:5060/24", "192.0.2.0", BAD},
    {"a netmask", "192.0.2.0/255.255.255.0", "192.0.2.0", BAD},
    {"a name", "example.com", "192.0.2.0", BAD},
};
/* clang-format on */

START_TEST(range) {
    struct addr_range r;
    struct addr a = at(ranges[_i].addr);
    int got = BAD;

    if (addr_range_parse(&r, str_of(ranges[_i].range)) == 0)
        got = addr_range_match(&r, &a);
    ck_assert_msg(got == ranges[_i].want, "%s: %d", ranges[_i].name, got);
}
END_TEST

#define ROWS(table) (int)(sizeof(table) / sizeof(table)[0])

int main(void) {
    Suite *s = suite_create("addr");
    TCase *tc = tcase_create("addr");

    tcase_add_loop_test(tc, parse, 0, ROWS(texts));
    tcase_add_test(tc, format_ip_alone);
    tcase_add_loop_test(tc, equal, 0, ROWS(pairs));
    tcase_add_loop_test(tc, sockaddr_there_and_back, 0, 2);
    tcase_add_test(tc, mapped_ipv4_is_ipv4);
    tcase_add_test(tc, other_families_are_none);
    tcase_add_loop_test(tc, range, 0, ROWS(ranges));
    suite_add_tcase(s, tc);
    return suite_run(s);
}
