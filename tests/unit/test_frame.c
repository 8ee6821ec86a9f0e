/* Where one message ends in a stream. A row is a stream cut where the frames are expected; it is fed whole, and byte by
 * byte. */
#include <check.h>
#include <stdlib.h>

#include "b2bua/core/frame.h"
#include "tests/suite.h"

enum { PARTS_MAX = 5, LIMIT = 400 };

#define REQ      "OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/TCP h;branch=z9hG4bK1\r\nCall-ID: c\r\n"
#define PLAIN    REQ "Content-Length: 0\r\n\r\n"
#define BODY5    REQ "Content-Length: 5\r\n\r\nhello"
#define STUN_ID_ "abcdefghijkl"
#define STUN20   "\x00\x01\x00\x00\x21\x12\xa4\x42" STUN_ID_
#define STUN28   "\x00\x01\x00\x08\x21\x12\xa4\x42" STUN_ID_ "\x80\x22\x00\x04test"

struct part {
    enum frame_kind kind;
    struct str bytes;
};

struct row {
    const char *name;
    struct part parts[PARTS_MAX]; /* a part without bytes ends them */
};

/* clang-format off */
static const struct row rows[] = {
    {"RFC 3261 18.3: ends at its empty line when Content-Length is 0", {{FRAME_SIP, STR(PLAIN)}}},
    {"RFC 3261 18.3: body of Content-Length bytes", {{FRAME_SIP, STR(BODY5)}}},
    {"RFC 3261 18.3: several messages in one segment",
     {{FRAME_SIP, STR(BODY5)}, {FRAME_SIP, STR(PLAIN)}, {FRAME_SIP, STR(BODY5)}}},
    {"RFC 3261 18.3: a response is framed alike", {{FRAME_SIP, STR("SIP/2.0 200 OK\r\nl: 2\r\n\r\nhi")},
     {FRAME_SIP, STR(PLAIN)}}},
    {"a body that looks like a message is a body",
     {{FRAME_SIP, STR(REQ "Content-Length: 16\r\n\r\nX Y Z\r\nl: 9\r\n\r\n\n")}, {FRAME_SIP, STR(PLAIN)}}},
    {"RFC 3261 7.3.3: compact form l", {{FRAME_SIP, STR(REQ "l: 3\r\n\r\nabc")}, {FRAME_SIP, STR(PLAIN)}}},
    {"RFC 3261 7.3.1: compact form in capitals, blank before the colon",
     {{FRAME_SIP, STR(REQ "L \t: 3\r\n\r\nabc")}, {FRAME_SIP, STR(PLAIN)}}},
    {"RFC 3261 7.3.1: header names in any case", {{FRAME_SIP, STR(REQ "cONTENT-lENGTH:3\r\n\r\nabc")}}},
    {"RFC 3261 7.3.1: folded Content-Length", {{FRAME_SIP, STR(REQ "Content-Length:\r\n  3\r\n\r\nabc")}}},
    {"RFC 4475 3.1.1.1: leading zeros", {{FRAME_SIP, STR(REQ "l: 0000000000000000000003\r\n\r\nabc")}}},
    {"Content-Length inside another header's folded value does not count",
     {{FRAME_SIP, STR(REQ "Subject: x\r\n Content-Length: 7\r\nl: 3\r\n\r\nabc")}, {FRAME_SIP, STR(PLAIN)}}},
    {"lines may end in LF alone", {{FRAME_SIP, STR("BYE sip:a SIP/2.0\nl: 2\n\nhi")}, {FRAME_SIP, STR(PLAIN)}}},
    {"two equal Content-Length headers", {{FRAME_SIP, STR(REQ "l: 3\r\nContent-Length: 3\r\n\r\nabc")}}},
    {"RFC 4475 3.3.9: Content-Lengths that differ", {{FRAME_GARBAGE, STR(REQ "Content-Length: 3\r\nl: 4\r\n\r\n")}}},
    {"RFC 3261 18.3: no Content-Length on a stream", {{FRAME_GARBAGE, STR(REQ "\r\n")}}},
    {"RFC 4475 3.1.2.2: negative", {{FRAME_GARBAGE, STR(REQ "Content-Length: -999\r\n\r\n")}}},
    {"plus sign", {{FRAME_GARBAGE, STR(REQ "Content-Length: +3\r\n\r\n")}}},
    {"empty value", {{FRAME_GARBAGE, STR(REQ "Content-Length:\r\n\r\n")}}},
    {"a list", {{FRAME_GARBAGE, STR(REQ "Content-Length: 3, 3\r\n\r\n")}}},
    {"huge, beyond 32 bits", {{FRAME_GARBAGE, STR(REQ "Content-Length: 4294967299\r\n\r\n")}}},
    {"huge, beyond 64 bits", {{FRAME_GARBAGE, STR(REQ "Content-Length: 18446744073709551619\r\n\r\n")}}},
    {"above the limit", {{FRAME_TOO_BIG, STR(REQ "Content-Length: 400\r\n\r\n")}}},
    {"RFC 3261 7.5: CRLF before a start line", {{FRAME_SKIP, STR("\r\n")}, {FRAME_SIP, STR(PLAIN)}}},
    {"RFC 5626 3.5.1: ping", {{FRAME_PING, STR("\r\n\r\n")}}},
    {"RFC 5626 3.5.1: ping between messages",
     {{FRAME_SIP, STR(BODY5)}, {FRAME_PING, STR("\r\n\r\n")}, {FRAME_SIP, STR(PLAIN)}}},
    {"RFC 5626 3.5.1: two pings", {{FRAME_PING, STR("\r\n\r\n")}, {FRAME_PING, STR("\r\n\r\n")}}},
    {"RFC 5626 3.5.1: ping, then CRLF before a start line",
     {{FRAME_PING, STR("\r\n\r\n")}, {FRAME_SKIP, STR("\r\n")}, {FRAME_SIP, STR(PLAIN)}}},
    {"RFC 8489 5: a header alone", {{FRAME_STUN, STR(STUN20)}}},
    {"RFC 5626 3.5.2: STUN between messages",
     {{FRAME_SIP, STR(BODY5)}, {FRAME_STUN, STR(STUN28)}, {FRAME_STUN, STR(STUN20)}, {FRAME_SIP, STR(PLAIN)}}},
    {"STUN behind a ping", {{FRAME_PING, STR("\r\n\r\n")}, {FRAME_STUN, STR(STUN28)}, {FRAME_SIP, STR(PLAIN)}}},
    {"RFC 8489 5: STUN length not a multiple of 4",
     {{FRAME_GARBAGE, STR("\x00\x01\x00\x02\x21\x12\xa4\x42" STUN_ID_)}}},
    {"RFC 8489 5: STUN above the limit", {{FRAME_TOO_BIG, STR("\x00\x01\x01\x80\x21\x12\xa4\x42" STUN_ID_)}}},
    {"RFC 8489 5: no magic cookie", {{FRAME_GARBAGE, STR("\x00\x01\x00\x00zzzz")}}},
    {"not SIP: binary", {{FRAME_GARBAGE, STR("\x80\x01\x02\x03")}}},
    {"not SIP: TLS hello on a plain port", {{FRAME_GARBAGE, STR("\x16\x03\x01")}}},
    {"CR without LF", {{FRAME_GARBAGE, STR("\rX")}}},
};
/* clang-format on */

enum { ROWS = sizeof rows / sizeof rows[0] };

static struct str join(const struct row *row, char *buf) {
    struct sbuf b = sbuf_on(buf, 2 * LIMIT);

    for (int i = 0; i < PARTS_MAX; i++)
        sbuf_put(&b, row->parts[i].bytes);
    ck_assert_msg(!b.full, "%s", row->name);
    return sbuf_str(&b);
}

START_TEST(whole) {
    const struct row *row = &rows[_i];
    char buf[2 * LIMIT];
    struct str s = join(row, buf);

    for (const struct part *p = row->parts; p < row->parts + PARTS_MAX && p->bytes.n > 0; p++) {
        size_t scanned = 0;
        struct frame f = frame_next(s, LIMIT, &scanned);
        ck_assert_msg(f.kind == p->kind, "%s: part %d: kind %d", row->name, (int)(p - row->parts), f.kind);
        if (f.kind == FRAME_TOO_BIG)
            return;
        ck_assert_msg(f.n == p->bytes.n, "%s: part %d: %zu bytes", row->name, (int)(p - row->parts), f.n);
        s = (struct str){s.p + f.n, s.n - f.n};
    }
    ck_assert_msg(s.n == 0, "%s", row->name);
}
END_TEST

START_TEST(byte_by_byte) {
    const struct row *row = &rows[_i];
    const struct part *p = row->parts;
    char buf[2 * LIMIT];
    struct str s = join(row, buf);
    size_t start = 0, scanned = 0;

    for (size_t end = 1; end <= s.n; end++) {
        /* a copy of the exact size: a look beyond it is seen by the sanitizer */
        char *copy = str_dup((struct str){s.p + start, end - start});
        struct frame f = frame_next((struct str){copy, end - start}, LIMIT, &scanned);
        free(copy);
        if (f.kind == FRAME_MORE)
            continue;
        ck_assert_msg(f.kind == p->kind, "%s: kind %d at %zu", row->name, f.kind, end);
        if (f.kind == FRAME_GARBAGE || f.kind == FRAME_TOO_BIG)
            return;
        ck_assert_msg(f.n == p->bytes.n, "%s: %zu bytes at %zu", row->name, f.n, end);
        p++;
        start += f.n;
        scanned = 0;
    }
    ck_assert_msg(start == s.n, "%s: %zu of %zu", row->name, start, s.n);
}
END_TEST

START_TEST(limit_is_inclusive) {
    struct str s = STR(BODY5);
    size_t scanned = 0;

    ck_assert_int_eq(frame_next(s, s.n, &scanned).kind, FRAME_SIP);
    scanned = 0;
    ck_assert_int_eq(frame_next(s, s.n - 1, &scanned).kind, FRAME_TOO_BIG);
}
END_TEST

START_TEST(endless_head_is_too_big) {
    char buf[LIMIT];
    size_t scanned = 0;

    memset(buf, 'A', sizeof buf);
    memcpy(buf, REQ, sizeof REQ - 1);
    ck_assert_int_eq(frame_next((struct str){buf, LIMIT - 1}, LIMIT, &scanned).kind, FRAME_MORE);
    ck_assert_int_eq(frame_next((struct str){buf, LIMIT}, LIMIT, &scanned).kind, FRAME_TOO_BIG);
}
END_TEST

struct datagram {
    const char *name;
    enum frame_kind kind;
    struct str bytes;
};

/* clang-format off */
static const struct datagram datagrams[] = {
    {"RFC 3261 18.3: no Content-Length needed", FRAME_SIP, STR(REQ "\r\n")},
    {"RFC 3261 18.3: bytes behind the body", FRAME_SIP, STR(BODY5 "more")},
    {"RFC 3261 7.5: CRLF before the start line", FRAME_SIP, STR("\r\n\r\n" PLAIN)},
    {"RFC 5626 3.5.1: ping", FRAME_PING, STR("\r\n\r\n")},
    {"a pong", FRAME_SKIP, STR("\r\n")},
    {"blanks of another keepalive", FRAME_SKIP, STR("\r\n\r\n\r\n")},
    {"empty datagram", FRAME_SKIP, STR("")},
    {"RFC 8489 5: STUN", FRAME_STUN, STR(STUN28)},
    {"RFC 8489 5: STUN cut short", FRAME_GARBAGE, STR("\x00\x01\x00\x08\x21\x12\xa4\x42" STUN_ID_ "\x80\x22")},
    {"RFC 8489 5: STUN with bytes behind it", FRAME_GARBAGE, STR(STUN20 "x")},
    {"STUN header cut short", FRAME_GARBAGE, STR("\x00\x01\x00\x00\x21\x12\xa4\x42")},
    {"one zero byte", FRAME_GARBAGE, STR("\0")},
    {"a keepalive of four zero bytes", FRAME_GARBAGE, STR("\0\0\0\0")},
    {"RTP", FRAME_GARBAGE, STR("\x80\x08\x12\x34 0123456789abcdef")},
    {"too short for a start line", FRAME_GARBAGE, STR("hello")},
};
/* clang-format on */

START_TEST(datagram) {
    const struct datagram *row = &datagrams[_i];

    ck_assert_msg(frame_datagram(row->bytes) == row->kind, "%s: %d", row->name, frame_datagram(row->bytes));
}
END_TEST

struct peek {
    const char *name;
    struct str message, call_id, branch;
};

/* clang-format off */
static const struct peek peeks[] = {
    {"long forms", STR("A b C\r\nVia: SIP/2.0/UDP h;branch=z9hG4bKx;rport\r\nCall-ID: 1@h\r\n\r\n"), STR("1@h"),
     STR("z9hG4bKx")},
    {"RFC 3261 7.3.3: compact forms", STR("A b C\r\nv:SIP/2.0/UDP h;branch=z9hG4bKx\r\ni:1@h\r\n\r\n"), STR("1@h"),
     STR("z9hG4bKx")},
    {"RFC 3261 7.3.1: folded", STR("A b C\r\nVia: SIP/2.0/UDP h\r\n ;branch=z1\r\nCall-ID:\r\n 1@h  \r\n\r\n"), STR("1@h"),
     STR("z1")},
    {"RFC 3261 7.3.1: parameter names in any case", STR("A b C\r\nVia: SIP/2.0/UDP h;Branch=z1\r\n\r\n"), STR(""),
     STR("z1")},
    {"the first of two Vias in a line", STR("A b C\r\nVia: SIP/2.0/UDP h;branch=z1, SIP/2.0/UDP i;branch=z2\r\n\r\n"),
     STR(""), STR("z1")},
    {"RFC 2543: the first Via has none", STR("A b C\r\nVia: SIP/2.0/UDP h, SIP/2.0/UDP i;branch=z2\r\n\r\n"), STR(""),
     STR("")},
    {"the first of two Via lines", STR("A b C\r\nVia: SIP/2.0/UDP h;branch=z1\r\nv: SIP/2.0/UDP i;branch=z2\r\n\r\n"),
     STR(""), STR("z1")},
    {"absent", STR("A b C\r\nTo: x\r\n\r\n"), STR(""), STR("")},
    {"in the body only", STR("A b C\r\nTo: x\r\n\r\nCall-ID: 1\r\nVia: h;branch=z\r\n"), STR(""), STR("")},
    {"no head at all", STR(""), STR(""), STR("")},
};
/* clang-format on */

START_TEST(peek) {
    const struct peek *row = &peeks[_i];
    struct str id = frame_call_id(row->message), branch = frame_branch(row->message);

    ck_assert_msg(str_eq(id, row->call_id), "%s: Call-ID %.*s", row->name, (int)id.n, id.p);
    ck_assert_msg(str_eq(branch, row->branch), "%s: branch %.*s", row->name, (int)branch.n, branch.p);
}
END_TEST

int main(void) {
    Suite *s = suite_create("frame");
    TCase *tc = tcase_create("frame");

    tcase_add_loop_test(tc, whole, 0, ROWS);
    tcase_add_loop_test(tc, byte_by_byte, 0, ROWS);
    tcase_add_test(tc, limit_is_inclusive);
    tcase_add_test(tc, endless_head_is_too_big);
    tcase_add_loop_test(tc, datagram, 0, sizeof datagrams / sizeof datagrams[0]);
    tcase_add_loop_test(tc, peek, 0, sizeof peeks / sizeof peeks[0]);
    suite_add_tcase(s, tc);
    return suite_run(s);
}
