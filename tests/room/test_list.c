/* Calls as JSON: which are listed, and what is said of them. One engine without sockets, time as a number. */
#include <jansson.h>
#include <stdio.h>

#include "tests/room/bed_engine.h"
#include "tests/suite.h"

static struct bed_engine bed;

static void set_up(void) {
    bed_engine_open(&bed);
    for (int i = 0; i < 2; i++)
        bed.s->trunks[i].timer = (struct sst_policy){
            .on = SST_ON, .refresh = true, .session_expires_s = 1800, .min_se_s = 90, .wish = SST_WISH_AUTO};
}

static void tear_down(void) {
    bed_engine_close(&bed);
}

/* A call from the caller; `display` stands before its address. */
static void invite(const char *call_id, const char *display) {
    char text[1024];
    int n = snprintf(text, sizeof text,
                     "INVITE sip:49@" BED_US " SIP/2.0\r\nVia: SIP/2.0/UDP " BED_CALLER ":40000;branch=z9hG4bK%s\r\n"
                     "From: %s<sip:10@" BED_CALLER ">;tag=t%s\r\nTo: <sip:49@" BED_US ">\r\nCall-ID: %s\r\n"
                     "CSeq: 1 INVITE\r\nContact: <sip:10@" BED_CALLER ":40000>\r\nMax-Forwards: 70\r\n"
                     "Supported: timer\r\nSession-Expires: 600;refresher=uac\r\nContent-Length: 0\r\n\r\n",
                     call_id, display, call_id, call_id);

    bed_datagram(&bed, (struct str){text, (size_t)n});
}

/* The whole line of a header of what was sent last that begins like this. */
static const char *line_of(const char *message, const char *begin) {
    static char lines[4][600];
    static int next;
    char *line = lines[next++ % 4];
    const char *at = strstr(message, begin);

    ck_assert_ptr_nonnull(at);
    snprintf(line, sizeof lines[0], "%.*s", (int)strcspn(at + 2, "\r"), at + 2);
    return line;
}

/* The target answers the INVITE that left last. */
static void answer(int status, const char *extra) {
    char text[2048];
    const char *sent = NULL;

    for (int i = 0; i < bed.sent_count; i++)
        if (strncmp(bed.sent[i].text.p, "INVITE", 6) == 0)
            sent = bed.sent[i].text.p;
    ck_assert_ptr_nonnull(sent);
    int n = snprintf(text, sizeof text,
                     "SIP/2.0 %d Well\r\n%s\r\n%s\r\n%s;tag=far\r\n%s\r\nCSeq: 1 INVITE\r\n"
                     "Contact: <sip:49@" BED_TARGET ":5060>\r\n%sContent-Length: 0\r\n\r\n",
                     status, line_of(sent, "\r\nVia:"), line_of(sent, "\r\nFrom:"), line_of(sent, "\r\nTo:"),
                     line_of(sent, "\r\nCall-ID:"), extra);
    bed_datagram(&bed, (struct str){text, (size_t)n});
}

/* The answer as one array; it is `r`'s no more. */
static json_t *array_of(struct report *r) {
    struct sbuf whole = sbuf_growing(64 << 20);

    sbuf_putc(&whole, '[');
    sbuf_put(&whole, sbuf_str(&r->text));
    sbuf_putc(&whole, ']');
    json_t *json = json_loadb(whole.p, whole.n, JSON_REJECT_DUPLICATES, NULL);
    ck_assert_msg(json != NULL, "not JSON: %.*s", (int)whole.n, whole.p);
    sbuf_fini(&whole);
    report_fini(r);
    return json;
}

/* The values that a short list has; `found` of them are expected to be there. */
static json_t *list(struct list_ask ask, unsigned found) {
    struct report r = {.found = 0};

    ck_assert(engine_report(bed.engine, &(struct report_ask){.kind = REPORT_LIST, .list = ask}, &r, bed.now_ms));
    ck_assert_uint_eq(r.found, found);
    return array_of(&r);
}

static const char *text_at(const json_t *object, const char *key) {
    const char *text = json_string_value(json_object_get(object, key));

    ck_assert_msg(text != NULL, "no text \"%s\"", key);
    return text;
}

static json_int_t number_at(const json_t *object, const char *key) {
    const json_t *value = json_object_get(object, key);

    ck_assert_msg(json_is_integer(value), "no number \"%s\"", key);
    return json_integer_value(value);
}

/* --- which --- */

START_TEST(nobody_calls) {
    json_decref(list((struct list_ask){.what = LIST_CALLS}, 0));
}
END_TEST

/* How a call can be named. */
static const struct {
    const char *rule, *id; /* NULL: made from the call id of the first call */
    size_t digits;
    bool upper;
    unsigned found;
} names[] = {
    {"the whole call id", NULL, 16, false, 1},
    {"in capitals", NULL, 16, true, 1},
    {"one digit too many", NULL, 17, false, 0},
    {"its first digits", NULL, 14, false, 1},
    {"the caller's Call-ID", "one", 0, false, 1},
    {"part of a Call-ID is none", "on", 0, false, 0},
    {"a Call-ID keeps its case", "ONE", 0, false, 0},
    {"anything else", "no such call", 0, false, 0},
    {"any", "", 0, false, 3},
};

START_TEST(names_of_calls) {
    char id[32];

    invite("one", "");
    invite("two", "");
    invite("three", "");
    json_t *one = list((struct list_ask){.what = LIST_IDS, .id = STR("one")}, 1);
    const char *whole = json_string_value(json_array_get(one, 0));
    ck_assert_uint_eq(strlen(whole), 16);
    snprintf(id, sizeof id, "%.*s%s", (int)names[_i].digits, whole, names[_i].digits > 16 ? "0" : "");
    for (char *p = id; names[_i].upper && *p != '\0'; p++)
        *p = *p >= 'a' ? (char)(*p - 0x20) : *p;
    json_decref(list((struct list_ask){.what = LIST_IDS, .id = str_of(names[_i].id == NULL ? id : names[_i].id)},
                     names[_i].found));
    json_decref(one);
}
END_TEST

START_TEST(the_far_call_id_names_it_too) {
    char far[64];

    invite("one", "");
    snprintf(far, sizeof far, "%s", line_of(bed.sent[bed.sent_count - 1].text.p, "\r\nCall-ID:") + strlen("Call-ID: "));
    json_decref(list((struct list_ask){.what = LIST_IDS, .id = str_of(far)}, 1));
}
END_TEST

START_TEST(trunks_of_calls) {
    invite("one", "");
    json_decref(list((struct list_ask){.what = LIST_IDS, .trunk = STR("caller")}, 1));
    json_decref(list((struct list_ask){.what = LIST_IDS, .trunk = STR("target")}, 1));
    json_decref(list((struct list_ask){.what = LIST_IDS, .trunk = STR("other")}, 0));
    uint32_t legs = 0;
    struct report r = {.found = 0};
    engine_report(bed.engine, &(struct report_ask){.kind = REPORT_COUNTS}, &r, bed.now_ms);
    for (int i = 0; i < r.trunk_count; i++)
        legs += r.trunks[i].legs;
    ck_assert_int_eq(r.trunk_count, 2);
    ck_assert_uint_eq(legs, 2);
    report_fini(&r);
}
END_TEST

/* A row is a call, or a leg with its timer. */
static const struct {
    enum list_what what;
    unsigned room, rows, written, left;
} shares[] = {
    {LIST_CALLS, 2, 3, 2, 0},  {LIST_CALLS, 3, 3, 3, 0}, {LIST_CALLS, 9, 3, 3, 6}, {LIST_CALLS, 0, 3, 0, 0},
    {LIST_TIMERS, 3, 6, 3, 0}, {LIST_IDS, 1, 3, 1, 0},   {LIST_CALL, 1, 3, 1, 0},
};

START_TEST(all_are_counted_and_the_first_are_written) {
    atomic_uint room = shares[_i].room;
    struct report_ask ask = {.kind = REPORT_LIST, .list = {.what = shares[_i].what, .room = &room}};
    struct report r = {.found = 0};

    invite("one", "");
    invite("two", "");
    invite("three", "");
    ck_assert(engine_report(bed.engine, &ask, &r, bed.now_ms));
    ck_assert_uint_eq(r.found, 3);
    ck_assert_uint_eq(r.list.rows, shares[_i].rows);
    ck_assert_uint_eq(atomic_load(&room), shares[_i].left);
    json_t *json = array_of(&r);
    ck_assert_uint_eq(json_array_size(json), shares[_i].written);
    json_decref(json);
}
END_TEST

/* --- what --- */

START_TEST(a_call_that_rings) {
    invite("one", "");
    answer(180, "");
    bed.now_ms += 5000;
    json_t *json = list((struct list_ask){.what = LIST_CALLS}, 1), *call = json_array_get(json, 0);
    ck_assert_str_eq(text_at(call, "state"), "early");
    ck_assert_str_eq(text_at(call, "route"), "all");
    ck_assert_ptr_nonnull(strstr(text_at(call, "from"), "sip:10@"));
    ck_assert_ptr_nonnull(strstr(text_at(call, "to"), "sip:49@"));
    ck_assert(json_is_null(json_object_get(call, "answer")));
    ck_assert_int_eq(number_at(call, "duration_ms"), 0);
    ck_assert_uint_eq(json_array_size(json_object_get(call, "legs")), 2);
    json_decref(json);
}
END_TEST

START_TEST(a_call_that_is_up) {
    invite("one", "");
    answer(200, "");
    bed.now_ms += 5000;
    json_t *json = list((struct list_ask){.what = LIST_CALL}, 1), *call = json_array_get(json, 0);
    const json_t *legs = json_object_get(call, "legs"), *b = json_array_get(legs, 1);
    ck_assert_int_eq(number_at(call, "duration_ms"), 5000);
    ck_assert_str_eq(text_at(b, "trunk"), "target");
    ck_assert_str_eq(text_at(b, "transport"), "udp");
    ck_assert_str_eq(text_at(b, "peer"), BED_TARGET ":5060");
    ck_assert_str_eq(text_at(json_array_get(legs, 0), "sip_call_id"), "one");
    ck_assert_str_eq(text_at(b, "answer"), "1970-01-01T00:16:40.000Z");
    ck_assert(json_is_object(json_object_get(b, "timer")));
    json_decref(json);
}
END_TEST

/* What a peer says of itself may be anything; RFC 4475 3.1.1.2 has worse. */
START_TEST(hostile_names_are_json) {
    invite("one", "\"\\\"}],\x1b[31m\xc3\x28\xff\" ");
    json_t *json = list((struct list_ask){.what = LIST_CALLS}, 1);
    ck_assert_ptr_nonnull(strstr(text_at(json_array_get(json, 0), "from"), "}],"));
    json_decref(json);
}
END_TEST

/* RFC 4028: each leg has an interval and a refresher of its own. */
START_TEST(timers_leg_by_leg) {
    invite("one", "");
    answer(200, "Session-Expires: 1200;refresher=uac\r\nAllow: INVITE, UPDATE\r\n");
    bed.now_ms += 100000;
    json_t *json = list((struct list_ask){.what = LIST_TIMERS}, 1);
    const json_t *a = json_array_get(json, 0), *b = json_array_get(json, 1);
    ck_assert_int_eq(number_at(a, "interval_s"), 600);
    ck_assert_int_eq(number_at(a, "min_se_s"), 90);
    ck_assert_str_eq(text_at(a, "refresher"), "remote");
    ck_assert_str_eq(text_at(a, "method"), "-");
    ck_assert(json_is_null(json_object_get(a, "next_refresh_s")));
    ck_assert_int_eq(number_at(a, "expires_s"), 500);
    ck_assert_int_eq(number_at(a, "ends_s"), 468);
    ck_assert_int_eq(number_at(b, "interval_s"), 1200);
    ck_assert_str_eq(text_at(b, "refresher"), "local");
    ck_assert_str_eq(text_at(b, "why"), "named by peer");
    ck_assert_str_eq(text_at(b, "method"), "update");
    ck_assert_int_eq(number_at(b, "next_refresh_s"), 500);
    ck_assert_int_eq(number_at(b, "expires_s"), 1100);
    json_decref(json);
}
END_TEST

START_TEST(no_timer_before_the_answer) {
    invite("one", "");
    json_t *json = list((struct list_ask){.what = LIST_TIMERS}, 1);
    ck_assert_uint_eq(json_array_size(json), 2);
    ck_assert_int_eq(number_at(json_array_get(json, 0), "interval_s"), 0);
    ck_assert_str_eq(text_at(json_array_get(json, 0), "refresher"), "-");
    ck_assert(json_is_null(json_object_get(json_array_get(json, 0), "expires_s")));
    json_decref(json);
}
END_TEST

/* --- long lists, in slices --- */

enum { MANY = 1500 };

static void many(void) {
    char id[16];

    bed.gone = true;
    bed.s->security.max_calls = 100 * MANY;
    bed.s->security.max_transactions = 100 * MANY;
    for (int i = 0; i < MANY; i++) {
        snprintf(id, sizeof id, "n%d", i);
        invite(id, "");
    }
}

static const struct report_ask all_calls = {.kind = REPORT_LIST, .list = {.what = LIST_CALL}};

START_TEST(a_long_list_comes_in_slices) {
    struct report r = {.found = 0};
    int slices = 1;
    size_t last = 0;

    many();
    for (; !engine_report(bed.engine, &all_calls, &r, bed.now_ms); slices++) {
        ck_assert_uint_gt(r.text.n, last);
        last = r.text.n;
    }
    ck_assert_int_gt(slices, 2);
    ck_assert_uint_eq(r.found, MANY);
    json_t *json = array_of(&r);
    ck_assert_uint_eq(json_array_size(json), MANY);
    json_decref(json);
}
END_TEST

/* Calls end, all of them, between the first slice and the second; new ones come. */
START_TEST(calls_go_while_they_are_listed) {
    enum { LONGER_THAN_ALL_MS = 400000, STEP_MS = 100 };
    struct report r = {.found = 0}, other = {.found = 0};

    many();
    ck_assert(!engine_report(bed.engine, &all_calls, &r, bed.now_ms));
    ck_assert(!engine_report(bed.engine, &all_calls, &other, bed.now_ms));
    for (uint64_t until = bed.now_ms + LONGER_THAN_ALL_MS; bed.now_ms < until; bed.now_ms += STEP_MS)
        engine_run(bed.engine, bed.now_ms);
    ck_assert_uint_eq(engine_counts(bed.engine).calls.calls, 0);
    invite("new", "");
    engine_report_drop(bed.engine, &other);
    ck_assert(engine_report(bed.engine, &all_calls, &r, bed.now_ms));
    ck_assert_uint_gt(r.found, 0);
    ck_assert_uint_lt(r.found, MANY);
    json_decref(array_of(&r));
    report_fini(&other);
}
END_TEST

/* --- ending --- */

START_TEST(one_call_is_ended) {
    invite("one", "");
    invite("two", "");
    json_t *one = list((struct list_ask){.what = LIST_IDS, .id = STR("one")}, 1);
    uint64_t id = strtoull(json_string_value(json_array_get(one, 0)), NULL, 16);
    struct report r = {.found = 0};
    engine_report(bed.engine, &(struct report_ask){.kind = REPORT_END, .call = id + 1}, &r, bed.now_ms);
    ck_assert_uint_eq(r.found, 0);
    engine_report(bed.engine, &(struct report_ask){.kind = REPORT_END, .call = id}, &r, bed.now_ms);
    ck_assert_uint_eq(r.found, 1);
    ck_assert_ptr_nonnull(strstr(bed.sent[bed.sent_count - 1].text.p, "SIP/2.0 503"));
    json_t *calls = list((struct list_ask){.what = LIST_CALLS, .id = STR("two")}, 1);
    ck_assert_str_eq(text_at(json_array_get(calls, 0), "state"), "invited");
    json_decref(calls);
    json_decref(one);
}
END_TEST

int main(void) {
    Suite *s = suite_create("list");
    TCase *c = tcase_create("list");

    suite_add_tcase(s, c);
    tcase_add_checked_fixture(c, set_up, tear_down);
    tcase_set_timeout(c, 60);
    tcase_add_test(c, nobody_calls);
    tcase_add_loop_test(c, names_of_calls, 0, (int)(sizeof names / sizeof *names));
    tcase_add_test(c, the_far_call_id_names_it_too);
    tcase_add_test(c, trunks_of_calls);
    tcase_add_test(c, all_are_counted_and_the_first_are_written);
    tcase_add_test(c, a_call_that_rings);
    tcase_add_test(c, a_call_that_is_up);
    tcase_add_test(c, hostile_names_are_json);
    tcase_add_test(c, timers_leg_by_leg);
    tcase_add_test(c, no_timer_before_the_answer);
    tcase_add_test(c, a_long_list_comes_in_slices);
    tcase_add_test(c, calls_go_while_they_are_listed);
    tcase_add_test(c, one_call_is_ended);
    return suite_run(s);
}
