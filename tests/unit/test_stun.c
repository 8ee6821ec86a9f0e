/* STUN as SIP's keepalive: RFC 5769's messages, and what must not be answered. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "b2bua/core/stun.h"
#include "tests/mapped.h"
#include "tests/suite.h"

#define ID          "abcdefghijkl"
#define COOKIE      "\x21\x12\xa4\x42"
#define HEAD(t, l)  t "\x00" l COOKIE ID
#define BINDING     "\x00\x01"
#define REQUEST(l)  HEAD(BINDING, l)
#define USERNAME    "\x00\x06\x00\x05user1\x00\x00\x00"
#define UNKNOWN     "\x00\x03\x00\x04\x00\x00\x00\x06" /* CHANGE-REQUEST of RFC 3489 */
#define UNKNOWN_TOO "\x7f\xff\x00\x00"
#define OPTIONAL    "\xff\xff\x00\x01x\x00\x00\x00"

static struct addr at(const char *text) {
    struct addr a;

    ck_assert_int_eq(addr_parse(&a, str_of(text)), 0);
    return a;
}

static struct str load(const char *name, char *buf, size_t cap) {
    char path[128];

    snprintf(path, sizeof path, "tests/vectors/stun/%s", name);
    FILE *f = fopen(path, "rb");
    ck_assert_msg(f != NULL, "%s", path);
    size_t n = fread(buf, 1, cap, f);
    fclose(f);
    return (struct str){buf, n};
}

static unsigned get16(const uint8_t *p) {
    return (unsigned)p[0] << 8 | p[1];
}

/* The place of attribute `type` in an answer; 0 = it has none. */
static size_t attribute(const uint8_t *p, size_t n, unsigned type) {
    for (size_t i = STUN_HEADER; i + 4 <= n; i += 4 + ((get16(p + i + 2) + 3u) & ~3u))
        if (get16(p + i) == type)
            return i;
    return 0;
}

static size_t answer(struct str request, const char *from, uint8_t *out) {
    struct addr a = at(from);
    /* a copy of the exact size: a look beyond it is seen by the sanitizer */
    char *copy = str_dup(request);
    size_t n = stun_answer((struct str){copy, request.n}, &a, "twinleg", out);

    free(copy);
    return n;
}

START_TEST(rfc5769_request) {
    char buf[256];
    uint8_t out[STUN_REPLY_MAX];
    struct addr seen;
    struct str request = load("2.1-sample-request.bin", buf, sizeof buf);

    ck_assert_int_eq(stun_kind(request), STUN_REQUEST);
    size_t n = answer(request, "192.0.2.1:32853", out);
    ck_assert_uint_gt(n, 0);
    ck_assert_mem_eq(out + 4, buf + 4, 16);
    ck_assert_int_eq(mapped_address((struct str){(char *)out, n}, (uint8_t *)buf + 8, &seen), 0);
    struct addr want = at("192.0.2.1:32853");
    ck_assert(addr_eq(&seen, &want));
    ck_assert_uint_eq(attribute(out, n, 0x8028), n - 8);
}
END_TEST

/* Each byte of RFC 5769 2.1 but FINGERPRINT's own type: with another type it is a request without one. */
START_TEST(rfc5769_request_damaged) {
    char buf[256];
    uint8_t out[STUN_REPLY_MAX];
    struct str request = load("2.1-sample-request.bin", buf, sizeof buf);

    for (size_t i = 0; i < request.n; i++) {
        if (i == request.n - 8 || i == request.n - 7)
            continue;
        buf[i] ^= 0x10;
        ck_assert_msg(answer(request, "192.0.2.1:1", out) == 0, "byte %zu", i);
        buf[i] ^= 0x10;
    }
}
END_TEST

static const struct {
    const char *name, *file, *mapped;
} responses[] = {
    {"RFC 5769 2.2: IPv4 response", "2.2-sample-ipv4-response.bin", "192.0.2.1:32853"},
    {"RFC 5769 2.3: IPv6 response", "2.3-sample-ipv6-response.bin", "[2001:db8:1234:5678:11:2233:4455:6677]:32853"},
};

START_TEST(rfc5769_response) {
    char buf[256], text[ADDR_TEXT_MAX];
    struct addr seen;
    struct str s = load(responses[_i].file, buf, sizeof buf);

    ck_assert_int_eq(stun_kind(s), STUN_SUCCESS);
    ck_assert_msg(mapped_address(s, (uint8_t *)buf + 8, &seen) == 0, "%s", responses[_i].name);
    ck_assert_str_eq(addr_format(&seen, text), responses[_i].mapped);
    ck_assert_int_eq(mapped_address(s, (const uint8_t *)ID, &seen), -1); /* another transaction */
    ck_assert_uint_eq(answer(s, "192.0.2.1:1", (uint8_t[STUN_REPLY_MAX]){0}), 0);
}
END_TEST

START_TEST(mapped_comes_back) {
    static const char *const peers[] = {"127.0.0.1:5060", "255.255.255.255:65535", "[::1]:1", "[2001:db8::ff]:40000"};
    uint8_t out[STUN_REPLY_MAX];
    struct addr seen;
    char text[ADDR_TEXT_MAX];
    size_t n = answer(STR(REQUEST("\x00")), peers[_i], out);

    ck_assert_int_eq(stun_kind((struct str){(char *)out, n}), STUN_SUCCESS);
    ck_assert_int_eq(mapped_address((struct str){(char *)out, n}, (const uint8_t *)ID, &seen), 0);
    ck_assert_str_eq(addr_format(&seen, text), peers[_i]);
    ck_assert_uint_eq(attribute(out, n, 0x8028), 0); /* RFC 8489 7.3: as the request had none */
    size_t software = attribute(out, n, 0x8022);
    ck_assert_uint_ne(software, 0);
    ck_assert_mem_eq(out + software + 4, "twinleg", 7);
}
END_TEST

struct refusal {
    const char *name;
    struct str request;
    unsigned types[4]; /* of UNKNOWN-ATTRIBUTES; none: a success */
};

/* clang-format off */
static const struct refusal refusals[] = {
    {"RFC 8489 6.3.1: one unknown comprehension-required attribute", STR(REQUEST("\x08") UNKNOWN), {0x0003}},
    {"RFC 8489 6.3.1: two, and one that may be ignored",
     STR(REQUEST("\x14") UNKNOWN OPTIONAL UNKNOWN_TOO), {0x0003, 0x7fff}},
    {"RFC 8489 14: what may be ignored is", STR(REQUEST("\x08") OPTIONAL), {0}},
    {"RFC 5626 8: credentials do no harm", STR(REQUEST("\x0c") USERNAME), {0}},
    {"empty attribute at the end", STR(REQUEST("\x04") "\x80\x22\x00\x00"), {0}},
};
/* clang-format on */

START_TEST(unknown_attributes) {
    const struct refusal *row = &refusals[_i];
    uint8_t out[STUN_REPLY_MAX];
    size_t n = answer(row->request, "192.0.2.1:9", out), count = 0;

    while (row->types[count] != 0)
        count++;
    ck_assert_msg(stun_kind((struct str){(char *)out, n}) == (count > 0 ? STUN_ERROR : STUN_SUCCESS), "%s", row->name);
    size_t code = attribute(out, n, 0x0009), list = attribute(out, n, 0x000a);
    ck_assert_msg((code != 0) == (count > 0) && (list != 0) == (count > 0), "%s", row->name);
    if (count == 0)
        return;
    ck_assert_msg(out[code + 6] == 4 && out[code + 7] == 20, "%s", row->name);
    ck_assert_msg(get16(out + list + 2) == 2 * count, "%s", row->name);
    for (size_t i = 0; i < count; i++)
        ck_assert_msg(get16(out + list + 4 + 2 * i) == row->types[i], "%s", row->name);
    ck_assert_msg(attribute(out, n, 0x0020) == 0, "%s", row->name);
}
END_TEST

START_TEST(many_unknown_attributes) {
    char buf[STUN_HEADER + 4 * 63];
    uint8_t out[STUN_REPLY_MAX];

    memcpy(buf, REQUEST("\xfc"), STUN_HEADER);
    for (int i = 0; i < 63; i++)
        memcpy(buf + STUN_HEADER + 4 * i, (char[]){0x40, (char)i, 0, 0}, 4);
    size_t n = answer((struct str){buf, sizeof buf}, "[::1]:9", out);
    ck_assert_uint_le(n, STUN_REPLY_MAX);
    ck_assert_int_eq(stun_kind((struct str){(char *)out, n}), STUN_ERROR);
}
END_TEST

struct shape {
    const char *name;
    enum stun_kind kind;
    struct str bytes;
};

/* clang-format off */
static const struct shape shapes[] = {
    {"request", STUN_REQUEST, STR(REQUEST("\x00"))},
    {"RFC 8489 5: indication", STUN_INDICATION, STR(HEAD("\x00\x11", "\x00"))},
    {"RFC 8489 5: error", STUN_ERROR, STR(HEAD("\x01\x11", "\x00"))},
    {"another method", STUN_NOT, STR(HEAD("\x00\x03", "\x00"))},
    {"RFC 3489: no cookie", STUN_NOT, STR(BINDING "\x00\x00zzzz" ID)},
    {"empty", STUN_NOT, STR("")},
    {"header cut short", STUN_NOT, STR(BINDING "\x00\x00" COOKIE "abcdefghijk")},
    {"bytes behind the length", STUN_NOT, STR(REQUEST("\x00") "\x80\x22\x00\x00")},
    {"length beyond the bytes", STUN_NOT, STR(REQUEST("\x08") "\x80\x22\x00\x00")},
    {"length not a multiple of 4", STUN_NOT, STR(REQUEST("\x02") "xx")},
    {"attribute header cut short", STUN_NOT, STR(HEAD(BINDING, "\x06") "\x80\x22\x00\x00xx")},
    {"attribute longer than the message", STUN_NOT, STR(REQUEST("\x08") "\x80\x22\x00\x05xxxx")},
    {"attribute of 65535 bytes", STUN_NOT, STR(REQUEST("\x04") "\x80\x22\xff\xff")},
    {"attribute that ends inside its padding", STUN_REQUEST, STR(REQUEST("\x08") "\x80\x22\x00\x01x\x00\x00\x00")},
};
/* clang-format on */

START_TEST(shape) {
    const struct shape *row = &shapes[_i];
    uint8_t out[STUN_REPLY_MAX];

    ck_assert_msg(stun_kind(row->bytes) == row->kind, "%s: %d", row->name, stun_kind(row->bytes));
    ck_assert_msg((answer(row->bytes, "192.0.2.1:1", out) > 0) == (row->kind == STUN_REQUEST), "%s", row->name);
}
END_TEST

/* clang-format off */
static const struct { const char *name; struct str bytes; } silent[] = {
    {"wrong FINGERPRINT", STR(REQUEST("\x08") "\x80\x28\x00\x04zzzz")},
    {"FINGERPRINT too short", STR(REQUEST("\x04") "\x80\x28\x00\x00")},
    {"FINGERPRINT too long", STR(REQUEST("\x0c") "\x80\x28\x00\x08zzzzzzzz")},
    {"wrong FINGERPRINT with an unknown attribute", STR(REQUEST("\x10") UNKNOWN "\x80\x28\x00\x04zzzz")},
};
/* clang-format on */

START_TEST(silence) {
    uint8_t out[STUN_REPLY_MAX];

    ck_assert_msg(answer(silent[_i].bytes, "192.0.2.1:1", out) == 0, "%s", silent[_i].name);
}
END_TEST

START_TEST(own_request) {
    uint8_t request[64], out[STUN_REPLY_MAX];
    size_t n = stun_request(request, (const uint8_t *)ID);
    struct str s = {(char *)request, n};

    ck_assert_int_eq(stun_kind(s), STUN_REQUEST);
    size_t m = answer(s, "192.0.2.1:5", out);
    ck_assert_uint_gt(m, 0);
    ck_assert_uint_eq(attribute(out, m, 0x8028), m - 8); /* the fingerprint was right, and is answered with one */
    request[n - 1] ^= 1;
    ck_assert_uint_eq(answer(s, "192.0.2.1:5", out), 0);
}
END_TEST

/* RFC 8489 14.7: FINGERPRINT is the last attribute. The one of 2.1, made longer, no longer is. */
START_TEST(fingerprint_is_last) {
    uint8_t request[64], out[STUN_REPLY_MAX];
    size_t n = stun_request(request, (const uint8_t *)ID);

    memcpy(request + n, "\x80\x22\x00\x00", 4);
    request[3] += 4;
    ck_assert_uint_eq(answer((struct str){(char *)request, n + 4}, "192.0.2.1:5", out), 0);
}
END_TEST

#define ROWS(table) (int)(sizeof(table) / sizeof(table)[0])

int main(void) {
    Suite *s = suite_create("stun");
    TCase *tc = tcase_create("stun");

    tcase_add_test(tc, rfc5769_request);
    tcase_add_test(tc, rfc5769_request_damaged);
    tcase_add_loop_test(tc, rfc5769_response, 0, ROWS(responses));
    tcase_add_loop_test(tc, mapped_comes_back, 0, 4);
    tcase_add_loop_test(tc, unknown_attributes, 0, ROWS(refusals));
    tcase_add_test(tc, many_unknown_attributes);
    tcase_add_loop_test(tc, shape, 0, ROWS(shapes));
    tcase_add_loop_test(tc, silence, 0, ROWS(silent));
    tcase_add_test(tc, own_request);
    tcase_add_test(tc, fingerprint_is_last);
    suite_add_tcase(s, tc);
    return suite_run(s);
}
