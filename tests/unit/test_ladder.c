/* The ring of messages: what it keeps, and how a call is found in it. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "b2bua/core/ladder_find.h"
#include "tests/suite.h"

static uint64_t clock_us;
static struct ladder *ladder;

static uint64_t now_us(void *ctx) {
    (void)ctx;
    return clock_us++;
}

static void set_up(void) {
    clock_us = 1700000000000000;
    ladder = ladder_new(LADDER_LEAST_BYTES, now_us, NULL);
}

static void tear_down(void) {
    ladder_free(ladder);
}

static struct flow flow_to(uint16_t port) {
    struct flow flow = {.proto = FLOW_TLS, .listen = 1};

    addr_parse(&flow.peer, STR("192.0.2.7"));
    flow.peer.port = port;
    return flow;
}

static void message(enum ladder_way way, const char *start, const char *call_id) {
    struct flow flow = flow_to(5061);
    char text[256];
    int n = snprintf(text, sizeof text, "%s\r\nCall-ID: %s\r\n\r\n", start, call_id);

    ladder_message(ladder, way, &flow, (struct str){text, (size_t)n});
}

static void names(uint64_t call, uint8_t leg, const char *call_id, bool again) {
    ladder_names(ladder, &(struct ladder_names){.call = call,
                                                .leg = leg,
                                                .again = again,
                                                .call_id = str_of(call_id),
                                                .trunk = leg == 0 ? STR("carrier") : STR("manager"),
                                                .from = STR("<sip:10@h>"),
                                                .to = STR("<sip:49@h>")});
}

/* --- the ring --- */

START_TEST(what_is_written_is_read) {
    struct flow flow = flow_to(5061);
    struct ladder_entry e;
    struct addr local;
    uint64_t at = 0;

    addr_parse(&local, STR("192.0.2.1:5060"));
    ladder_set_local(ladder, 1, &local);
    ladder_message(ladder, LADDER_OUT, &flow, STR("bytes"));
    names(7, 1, "far", true);
    ladder_note(ladder, STR("far"), "%d rules", 3);
    ck_assert(ladder_read(ladder, &at, &e));
    ck_assert(e.kind == LADDER_MESSAGE && e.way == LADDER_OUT && e.proto == FLOW_TLS && e.at_us == 1700000000000000);
    ck_assert(addr_eq(&e.peer, &flow.peer) && addr_eq(&e.local, &local) && str_eq(e.text, STR("bytes")));
    ck_assert(ladder_read(ladder, &at, &e));
    ck_assert(e.kind == LADDER_NAMES && e.names.call == 7 && e.names.leg == 1 && e.names.again);
    ck_assert(str_eq(e.names.call_id, STR("far")) && str_eq(e.names.trunk, STR("manager")));
    ck_assert(str_eq(e.names.from, STR("<sip:10@h>")) && str_eq(e.names.to, STR("<sip:49@h>")));
    ck_assert(ladder_read(ladder, &at, &e));
    ck_assert(e.kind == LADDER_NOTE && str_eq(e.names.call_id, STR("far")) && str_eq(e.text, STR("3 rules")));
    ck_assert(!ladder_read(ladder, &at, &e));
    ck_assert_uint_eq(at, ladder_end(ladder));
}
END_TEST

START_TEST(stun_is_of_no_call) {
    struct str request = {"\0\1\0\0\x21\x12\xa4\x42", 8};
    struct sbuf copy = sbuf_growing(1 << 16);
    struct flow flow = flow_to(5061);
    struct ladder_entry e;
    uint64_t at = 0, from = 0;
    size_t copied = 0;

    ladder_message(ladder, LADDER_IN, &flow, request);
    ck_assert(ladder_read(ladder, &at, &e));
    ck_assert(e.kind == LADDER_STUN && e.way == LADDER_IN && addr_eq(&e.peer, &flow.peer) && str_eq(e.text, request));
    ck_assert(ladder_copy(ladder, &from, false, &copy));
    ck_assert(ladder_copied(sbuf_str(&copy), &copied, &e) && e.kind == LADDER_STUN && str_eq(e.text, request));
    sbuf_fini(&copy);
}
END_TEST

START_TEST(without_a_ladder_nothing_happens) {
    struct flow flow = flow_to(1);

    ladder_message(NULL, LADDER_IN, &flow, STR("x"));
    ladder_names(NULL, &(struct ladder_names){.call = 1});
    ladder_note(NULL, STR("x"), "y");
    ladder_set_local(NULL, 0, &flow.peer);
    ladder_free(NULL);
}
END_TEST

/* Entries of many lengths, many times around: what can be read are the latest, whole and in order. */
START_TEST(the_newest_take_the_place_of_the_oldest) {
    enum { ROUNDS = 5000, LONGEST = 1500 };
    static char text[LONGEST + 8];
    struct flow flow = flow_to(1);
    struct ladder_entry e;
    uint64_t at = 0;
    unsigned next = 0, read = 0;

    for (unsigned i = 0; i < ROUNDS; i++) {
        size_t n = 4 + i * 7919 % LONGEST;
        memset(text, (int)(i & 0xff), n);
        memcpy(text, &i, 4);
        ladder_message(ladder, LADDER_IN, &flow, (struct str){text, n});
        ck_assert_uint_le(ladder_end(ladder) - ladder_first(ladder), LADDER_LEAST_BYTES);
    }
    for (; ladder_read(ladder, &at, &e); read++) {
        unsigned i;
        memcpy(&i, e.text.p, 4);
        ck_assert(read == 0 || i == next);
        ck_assert_uint_eq(e.text.n, 4 + i * 7919 % LONGEST);
        ck_assert(e.text.n == 4 || e.text.p[e.text.n - 1] == (char)i);
        next = i + 1;
    }
    ck_assert_uint_eq(next, ROUNDS);
    ck_assert_uint_gt(read, LADDER_LEAST_BYTES / LONGEST / 2);
}
END_TEST

START_TEST(what_is_too_long_is_cut) {
    static char text[LADDER_LEAST_BYTES];
    struct flow flow = flow_to(1);
    struct ladder_entry e;
    uint64_t at = 0;

    for (int i = 0; i < 10; i++)
        ladder_message(ladder, LADDER_IN, &flow, (struct str){text, sizeof text});
    ck_assert(ladder_read(ladder, &at, &e));
    ck_assert_uint_eq(e.text.n, LADDER_LEAST_BYTES / 4);
    ladder_note(ladder, (struct str){text, sizeof text}, "%0400d", 1);
    while (ladder_read(ladder, &at, &e))
        ;
    ck_assert_uint_eq(e.text.n, LADDER_NOTE_MAX - 1);
    ck_assert_uint_eq(e.names.call_id.n, 8192);
}
END_TEST

/* Who reads slowly is overtaken, and goes on with the oldest there is. */
START_TEST(a_reader_that_is_overtaken) {
    struct ladder_entry e;
    uint64_t at = 0;

    message(LADDER_IN, "OPTIONS first", "x");
    for (int i = 0; i < 5000; i++)
        message(LADDER_IN, "OPTIONS later", "x");
    ck_assert(ladder_read(ladder, &at, &e));
    ck_assert(memcmp(e.text.p, "OPTIONS later", 13) == 0);
}
END_TEST

/* --- finding --- */

/* What is found, to be freed; NULL: not one. */
static char *find(const char *id, unsigned found) {
    struct ladder_find f = {.begun = false};
    struct sbuf out = sbuf_growing(1 << 24);

    while (!ladder_find(ladder, &f, str_of(id), &out))
        ;
    ck_assert_msg(f.found == found, "%s: %u are found", id, f.found);
    ladder_find_fini(&f);
    sbuf_putc(&out, '\0');
    ck_assert(!out.full && (found == 1) == (out.p[0] != '\0'));
    return out.p;
}

/* Its texts stand there in this order, and nowhere else. */
static void in_order(const char *text, const char *const *parts) {
    for (; *parts != NULL; parts++) {
        text = strstr(text, *parts);
        ck_assert_msg(text != NULL, "%s is missing", *parts);
        text += strlen(*parts);
    }
}

static void a_call(uint64_t call, const char *near, const char *far) {
    message(LADDER_IN, "INVITE sip:49@h SIP/2.0", near);
    names(call, 0, near, false);
    ladder_note(ladder, str_of(near), "route in");
    names(call, 1, far, false);
    message(LADDER_OUT, "INVITE sip:50@h SIP/2.0", far);
    message(LADDER_OUT, "INVITE sip:50@h SIP/2.0", far);
    message(LADDER_IN, "SIP/2.0 180 Ringing", far);
}

static const struct {
    const char *rule, *id;
    unsigned found;
} ids[] = {
    {"the whole call id", "00000000000000ab", 1},
    {"in capitals", "00000000000000AB", 1},
    {"its first digits", "00000000000000a", 1},
    {"digits of several", "0000000000000", 2},
    {"the caller's Call-ID", "near", 1},
    {"the far one", "far", 1},
    {"half of one is none", "nea", 0},
    {"anything else", "nothing", 0},
};

START_TEST(ids_of_calls) {
    a_call(0xab, "near", "far");
    a_call(0xcd, "near2", "far2");
    free(find(ids[_i].id, ids[_i].found));
}
END_TEST

START_TEST(both_legs_with_notes) {
    a_call(0xcd, "near2", "far2");
    a_call(0xab, "near", "far");
    char *text = find("near", 1);
    in_order(
        text,
        (const char *const[]){
            "{\"call_id\":\"00000000000000ab\",\"legs\":[{\"leg\":\"a\",\"trunk\":\"carrier\",\"sip_call_id\":\"near\"",
            "{\"leg\":\"b\",\"attempt\":1,\"trunk\":\"manager\",\"sip_call_id\":\"far\"", "\"whole\":true",
            "\"ladder\":[{", "\"leg\":\"a\",\"direction\":\"in\",\"transport\":\"TLS\"", "\"peer\":\"192.0.2.7:5061\"",
            "\"repeat\":false,\"message\":\"INVITE sip:49", "\"leg\":\"a\",\"note\":\"route in\"",
            "\"leg\":\"b\",\"attempt\":1,\"note\":\"to trunk manager\"",
            "\"leg\":\"b\",\"attempt\":1,\"direction\":\"out\"", "\"repeat\":false,\"message\":\"INVITE sip:50",
            "\"repeat\":true,\"message\":\"INVITE sip:50", "\"repeat\":false,\"message\":\"SIP/2.0 180", "]}", NULL});
    ck_assert_ptr_null(strstr(text, "far2"));
    ck_assert_ptr_null(strstr(text, "near2"));
    free(text);
}
END_TEST

/* Each target or device that leg b was tried at has a number. */
START_TEST(attempts_of_leg_b) {
    a_call(0xab, "near", "far");
    names(0xab, 1, "further", false);
    message(LADDER_OUT, "INVITE sip:51@h SIP/2.0", "further");
    message(LADDER_IN, "SIP/2.0 486 Busy Here", "far");
    char *text = find("near", 1);
    in_order(text, (const char *const[]){"\"leg\":\"b\",\"attempt\":1,\"trunk\"", "\"sip_call_id\":\"far\"",
                                         "\"leg\":\"b\",\"attempt\":2,\"trunk\"", "\"sip_call_id\":\"further\"",
                                         "\"leg\":\"b\",\"attempt\":2,\"direction\":\"out\"", "INVITE sip:51",
                                         "\"leg\":\"b\",\"attempt\":1,\"direction\":\"in\"", "486", NULL});
    free(text);
}
END_TEST

/* The ring has lost its beginning; whoever has the call has said again who it is. */
START_TEST(half_a_call) {
    names(0xab, 0, "near", true);
    names(0xab, 1, "far", true);
    message(LADDER_IN, "BYE sip:h SIP/2.0", "far");
    char *text = find("00000000000000ab", 1);
    in_order(text, (const char *const[]){"\"whole\":false", "\"ladder\":[{", "BYE sip:h", "]}", NULL});
    ck_assert_ptr_null(strstr(text, "to trunk"));
    free(text);
}
END_TEST

START_TEST(messages_without_a_call) {
    message(LADDER_IN, "INVITE sip:49@h SIP/2.0", "refused");
    message(LADDER_OUT, "SIP/2.0 404 Not Found", "refused");
    char *text = find("refused", 1);
    in_order(text, (const char *const[]){"{\"call_id\":null,\"legs\":[]", "\"whole\":true", "\"leg\":\"a\"", "INVITE",
                                         "\"leg\":\"a\"", "404", NULL});
    free(text);
}
END_TEST

START_TEST(credentials_are_redacted) {
    message(LADDER_IN, "INVITE sip:49@h SIP/2.0\r\nAuthorization: Digest response=\"0123\"", "one");
    char *text = find("one", 1);
    ck_assert_ptr_nonnull(strstr(text, "response=\\\"xxxx\\\""));
    free(text);
}
END_TEST

/* A full ring is looked through in slices. */
START_TEST(a_full_ring) {
    struct ladder_find f = {.begun = false};
    struct sbuf out = sbuf_growing(1 << 24);
    int slices = 1;

    for (int i = 0; i < 5000; i++)
        message(LADDER_IN, "OPTIONS sip:h SIP/2.0", "other");
    a_call(0xab, "near", "far");
    for (; !ladder_find(ladder, &f, STR("far"), &out); slices++)
        message(LADDER_IN, "OPTIONS sip:h SIP/2.0", "other");
    ck_assert_int_gt(slices, 2);
    ck_assert_uint_eq(f.found, 1);
    ladder_find_fini(&f);
    sbuf_fini(&out);
}
END_TEST

int main(void) {
    Suite *s = suite_create("ladder");
    TCase *c = tcase_create("ladder");

    suite_add_tcase(s, c);
    tcase_add_checked_fixture(c, set_up, tear_down);
    tcase_add_test(c, what_is_written_is_read);
    tcase_add_test(c, stun_is_of_no_call);
    tcase_add_test(c, without_a_ladder_nothing_happens);
    tcase_add_test(c, the_newest_take_the_place_of_the_oldest);
    tcase_add_test(c, what_is_too_long_is_cut);
    tcase_add_test(c, a_reader_that_is_overtaken);
    tcase_add_loop_test(c, ids_of_calls, 0, sizeof ids / sizeof *ids);
    tcase_add_test(c, both_legs_with_notes);
    tcase_add_test(c, attempts_of_leg_b);
    tcase_add_test(c, half_a_call);
    tcase_add_test(c, messages_without_a_call);
    tcase_add_test(c, credentials_are_redacted);
    tcase_add_test(c, a_full_ring);
    return suite_run(s);
}
