/* Heartbeats: what goes in comes out, and nothing that was touched, made with another secret, or is incomplete does. */
#include <check.h>
#include <stdlib.h>

#include "b2bua/core/heartbeat.h"
#include "tests/suite.h"

static const struct heartbeat least = {.from = "a", .to = "b", .facts.version = "0"};
static const struct heartbeat most = {.kind = HEARTBEAT_ANSWER,
                                      .from = "a23456789012345678901234567890123456789012345678901234567890123",
                                      .to = "b23456789012345678901234567890123456789012345678901234567890123",
                                      .at_ms = UINT64_MAX,
                                      .number = UINT64_MAX,
                                      .facts = {HEARTBEAT_DRAINING, UINT32_MAX, UINT32_MAX, UINT32_MAX, true,
                                                UINT64_MAX, "1234567890123456789012345678901"}};
static const struct heartbeat usual = {.from = "sbc1",
                                       .to = "sbc2",
                                       .at_ms = 1700000000123,
                                       .number = 0x93f01c22a45be710,
                                       .facts = {HEARTBEAT_MAINTENANCE, 20, 3, 12, true, 0x0d8f5a1b2c3d4e5f, "0.1"}};

static const struct heartbeat *const beats[] = {&least, &most, &usual};

enum { BEATS = sizeof beats / sizeof *beats };

static struct str written(const struct heartbeat *h, const char *secret, char *text) {
    struct token_key key = token_key_of(str_of(secret));
    struct sbuf b = sbuf_on(text, HEARTBEAT_TEXT_MAX);

    heartbeat_put(&b, &key, h);
    ck_assert(!b.full);
    return sbuf_str(&b);
}

static enum heartbeat_verdict read_back(struct str text, const char *secret, struct heartbeat *out) {
    struct token_key key = token_key_of(str_of(secret));

    return heartbeat_read(text, &key, out);
}

static void same(const struct heartbeat *a, const struct heartbeat *b) {
    ck_assert_int_eq(a->kind, b->kind);
    ck_assert_str_eq(a->from, b->from);
    ck_assert_str_eq(a->to, b->to);
    ck_assert_uint_eq(a->at_ms, b->at_ms);
    ck_assert_uint_eq(a->number, b->number);
    ck_assert_int_eq(a->facts.state, b->facts.state);
    ck_assert_uint_eq(a->facts.registrations, b->facts.registrations);
    ck_assert_uint_eq(a->facts.calls, b->facts.calls);
    ck_assert_uint_eq(a->facts.busy_percent, b->facts.busy_percent);
    ck_assert(a->facts.stun == b->facts.stun);
    ck_assert_uint_eq(a->facts.config, b->facts.config);
    ck_assert_str_eq(a->facts.version, b->facts.version);
}

START_TEST(round_trip) {
    char text[HEARTBEAT_TEXT_MAX];
    struct heartbeat out;

    ck_assert_int_eq(read_back(written(beats[_i], "secret", text), "secret", &out), HEARTBEAT_GOOD);
    same(beats[_i], &out);
}
END_TEST

START_TEST(letter_by_letter) {
    char room[HEARTBEAT_TEXT_MAX];
    struct str t = written(&usual, "secret", room);
    static const char head[] = "1;kind=question;from=sbc1;to=sbc2;at=1700000000123;number=93f01c22a45be710;"
                               "state=maintenance;registrations=20;calls=3;busy=12;stun=on;config=0d8f5a1b2c3d4e5f;"
                               "version=0.1;mac=";

    ck_assert_uint_eq(t.n, sizeof head - 1 + 64);
    ck_assert(memcmp(t.p, head, sizeof head - 1) == 0);
}
END_TEST

START_TEST(another_secret) {
    char text[HEARTBEAT_TEXT_MAX];
    struct heartbeat out;

    ck_assert_int_eq(read_back(written(beats[_i], "secret", text), "Secret", &out), HEARTBEAT_WRONG_SECRET);
}
END_TEST

/* Each byte is changed, and taken away, in turn. */
START_TEST(touched) {
    char text[HEARTBEAT_TEXT_MAX], copy[HEARTBEAT_TEXT_MAX];
    struct str t = written(beats[_i], "secret", text);
    struct heartbeat out;

    for (size_t i = 0; i < t.n; i++) {
        memcpy(copy, t.p, t.n);
        copy[i] ^= 1;
        ck_assert_msg(read_back((struct str){copy, t.n}, "secret", &out) != HEARTBEAT_GOOD, "byte %zu changed", i);
        memmove(copy + i, t.p + i + 1, t.n - i - 1);
        ck_assert_msg(read_back((struct str){copy, t.n - 1}, "secret", &out) != HEARTBEAT_GOOD, "byte %zu gone", i);
        ck_assert_msg(read_back(str_upto(t, i), "secret", &out) != HEARTBEAT_GOOD, "cut at %zu", i);
    }
}
END_TEST

#define GOOD_HEAD "1;kind=question;from=a;to=b;at=5;number=0123456789abcdef;state=active;registrations=1;calls=0"
#define GOOD_TAIL ";busy=7;stun=off;config=fedcba9876543210;version=9"

/* Well signed, so that what it says is looked at. */
static const struct {
    const char *name, *text;
    enum heartbeat_verdict verdict;
} said[] = {
    {"all that there is to say", GOOD_HEAD GOOD_TAIL, HEARTBEAT_GOOD},
    {"a newer version says more", GOOD_HEAD ";mood=fine" GOOD_TAIL ";x", HEARTBEAT_GOOD},
    {"the order does not matter",
     "1;version=9;kind=question;from=a;to=b;at=5;number=0123456789abcdef;state=active;"
     "registrations=1;calls=0;busy=7;stun=off;config=fedcba9876543210",
     HEARTBEAT_GOOD},
    {"another format", "2" GOOD_HEAD GOOD_TAIL, HEARTBEAT_FORMAT},
    {"a field is missing", GOOD_HEAD, HEARTBEAT_FORMAT},
    {"a field comes twice", GOOD_HEAD GOOD_TAIL ";busy=7", HEARTBEAT_FORMAT},
    {"a field without a value", GOOD_HEAD ";busy;stun=off;config=fedcba9876543210;version=9", HEARTBEAT_FORMAT},
    {"an empty value", GOOD_HEAD ";busy=;stun=off;config=fedcba9876543210;version=9", HEARTBEAT_FORMAT},
    {"a number too large", GOOD_HEAD ";busy=4294967296;stun=off;config=fedcba9876543210;version=9", HEARTBEAT_FORMAT},
    {"no number", GOOD_HEAD ";busy=-1;stun=off;config=fedcba9876543210;version=9", HEARTBEAT_FORMAT},
    {"a word that is none", GOOD_HEAD ";busy=7;stun=maybe;config=fedcba9876543210;version=9", HEARTBEAT_FORMAT},
    {"a checksum too short", GOOD_HEAD ";busy=7;stun=off;config=fedcba987654321;version=9", HEARTBEAT_FORMAT},
    {"capital digits", GOOD_HEAD ";busy=7;stun=off;config=FEDCBA9876543210;version=9", HEARTBEAT_FORMAT},
    {"a version too long",
     GOOD_HEAD ";busy=7;stun=off;config=fedcba9876543210;version=12345678901234567890123456789012", HEARTBEAT_FORMAT},
    {"a version that would not stand in a log", GOOD_HEAD ";busy=7;stun=off;config=fedcba9876543210;version=a b",
     HEARTBEAT_FORMAT},
    {"nothing", "1;", HEARTBEAT_FORMAT},
};

/* What heartbeat_put would add. */
static struct str sign(const char *text, char *out) {
    static const char context[] = "twinleg heartbeat ", digits[] = "0123456789abcdef";
    struct token_key key = token_key_of(STR("secret"));
    struct sbuf b = sbuf_on(out, HEARTBEAT_TEXT_MAX);
    uint8_t mac[HASH_MAC_SIZE];

    sbuf_puts(&b, context);
    sbuf_puts(&b, text);
    hash_mac(key.bytes, sbuf_str(&b), mac);
    b.n = 0;
    sbuf_puts(&b, text);
    sbuf_puts(&b, ";mac=");
    for (int i = 0; i < HASH_MAC_SIZE; i++) {
        sbuf_putc(&b, digits[mac[i] >> 4]);
        sbuf_putc(&b, digits[mac[i] & 15]);
    }
    return sbuf_str(&b);
}

START_TEST(what_is_said) {
    char text[HEARTBEAT_TEXT_MAX];
    struct heartbeat out = {.at_ms = 77};

    ck_assert_msg(read_back(sign(said[_i].text, text), "secret", &out) == said[_i].verdict, "%s", said[_i].name);
    ck_assert_uint_eq(out.at_ms, said[_i].verdict == HEARTBEAT_GOOD ? 5 : 77);
}
END_TEST

static const struct {
    const char *text;
    enum heartbeat_verdict verdict;
} unsigned_ones[] = {
    {"", HEARTBEAT_FORMAT},
    {"1;", HEARTBEAT_FORMAT},
    {"1;refused=", HEARTBEAT_FORMAT},
    {"1;refused=good", HEARTBEAT_FORMAT},
    {"1;refused=wrong-secret", HEARTBEAT_WRONG_SECRET},
    {"1;refused=clock", HEARTBEAT_CLOCK},
    {"1;refused=replayed", HEARTBEAT_REPLAYED},
    {"1;refused=wrong-name", HEARTBEAT_WRONG_NAME},
    {"2;refused=clock", HEARTBEAT_FORMAT},
};

START_TEST(without_signature) {
    struct heartbeat out;

    ck_assert_msg(read_back(str_of(unsigned_ones[_i].text), "secret", &out) == unsigned_ones[_i].verdict, "%s",
                  unsigned_ones[_i].text);
}
END_TEST

START_TEST(refusals) {
    char text[64];
    struct sbuf b = sbuf_on(text, sizeof text);
    struct heartbeat out;

    heartbeat_put_refusal(&b, (enum heartbeat_verdict)_i);
    ck_assert_int_eq(read_back(sbuf_str(&b), "secret", &out), _i);
}
END_TEST

int main(void) {
    Suite *s = suite_create("heartbeat");
    TCase *t = tcase_create("heartbeat");

    tcase_add_loop_test(t, round_trip, 0, BEATS);
    tcase_add_test(t, letter_by_letter);
    tcase_add_loop_test(t, another_secret, 0, BEATS);
    tcase_add_loop_test(t, touched, 0, BEATS);
    tcase_add_loop_test(t, what_is_said, 0, sizeof said / sizeof *said);
    tcase_add_loop_test(t, without_signature, 0, sizeof unsigned_ones / sizeof *unsigned_ones);
    tcase_add_loop_test(t, refusals, HEARTBEAT_FORMAT, HEARTBEAT_VERDICTS);
    suite_add_tcase(s, t);
    return suite_run(s);
}
