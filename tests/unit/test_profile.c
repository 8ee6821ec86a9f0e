/* What golden files cannot show well: limits, variables, what is kept for the other leg, counters, order of use. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "profiles/profile.h"
#include "tests/suite.h"

#define HEAD                                                                                                           \
    "INVITE sip:b@example.net SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\nFrom: <sip:a@h>;tag=1\r\n"              \
    "To: <sip:b@example.net>\r\nCall-ID: c\r\nCSeq: 1 INVITE\r\nMax-Forwards: 70\r\n"
#define INVITE_ HEAD "Content-Length: 0\r\n\r\n"

static struct profile_ctx *ctx;
static struct profile *p;
static struct str out;

static void setup(void) {
    ctx = profile_ctx_new();
    p = profile_new("test");
}

static void teardown(void) {
    profile_ctx_free(ctx);
    profile_free(p);
}

static void add(const char *rules) {
    ck_assert_int_eq(profile_add_text(p, str_of(rules), NULL), 0);
}

static enum profile_result apply(struct profile_vars *vars, struct str in) {
    struct profile_message m = profile_message_of(in);

    return profile_apply(ctx, p, &m, vars, in, &out, NULL);
}

/* An INVITE with a header "X-Long: aaa..." of `n` bytes in all. Freed by the caller. */
static struct str with_long_header(size_t n) {
    char *text = mem_alloc(sizeof HEAD + n + 64);
    struct sbuf b = sbuf_on(text, sizeof HEAD + n + 64);

    sbuf_puts(&b, HEAD "X-Long: ");
    for (size_t i = 8; i < n; i++)
        sbuf_putc(&b, 'a');
    sbuf_puts(&b, "\r\nX-Last: z\r\nContent-Length: 0\r\n\r\n");
    return sbuf_str(&b);
}

START_TEST(nothing_to_do_copies_nothing) {
    struct str in = STR(INVITE_);

    ck_assert_int_eq(apply(NULL, in), PROFILE_UNCHANGED); /* no rules */
    add("request BYE sip-header X remove\nresponse ANY sip-header X remove\nrequest INVITE sip-header X remove");
    ck_assert_int_eq(apply(NULL, in), PROFILE_UNCHANGED);
    ck_assert_ptr_eq(out.p, in.p);
    ck_assert_int_eq(profile_tally(ctx).changed, 0);
}
END_TEST

/* A result may be the input of the next profile. */
START_TEST(results_can_be_chained) {
    add("request ANY sip-header To modify \"b@\" \"bb@\"");
    ck_assert_int_eq(apply(NULL, STR(INVITE_)), PROFILE_CHANGED);
    for (int i = 0; i < 5; i++) {
        struct str before = out;
        ck_assert_int_eq(apply(NULL, out), PROFILE_CHANGED);
        ck_assert_uint_eq(out.n, before.n + 1);
    }
    ck_assert_ptr_nonnull(memmem(out.p, out.n, "To: <sip:bbbbbbb@example.net>\r\n", 31));
}
END_TEST

static const struct {
    const char *name, *rules;
    size_t header;
    enum profile_result result;
} limits[] = {
    {"8 KiB stays 8 KiB", "request ANY sip-header X-Long modify \": a\" \": b\"", PROFILE_HEADER_MAX, PROFILE_CHANGED},
    {"a header would be one byte above 8 KiB", "request ANY sip-header X-Long modify \": a\" \": bb\"",
     PROFILE_HEADER_MAX, PROFILE_LIMIT},
    {"a header above 8 KiB that a rule looks at", "request ANY sip-header X-Long modify \": a\" \": \"",
     PROFILE_HEADER_MAX + 1, PROFILE_LIMIT},
    {"a header above 8 KiB that no rule looks at", "request ANY sip-header To modify \"b@\" \"c@\"",
     PROFILE_HEADER_MAX + 1, PROFILE_CHANGED},
    {"a header above 8 KiB is taken out", "request ANY sip-header X-Long remove", PROFILE_HEADER_MAX + 1,
     PROFILE_CHANGED},
    {"an added header above 8 KiB",
     "request ANY sip-header X-Long copy \"X-Long: (a*)\" u01\nrequest ANY sip-header X-Two add \"X-Two: \\u01\\u01\"",
     5000, PROFILE_LIMIT},
    {"a message that would be above 64 KiB",
     "request ANY sip-header X-Long copy \"X-Long: (a*)\" u01\nrequest ANY sip-header X add \"X: \\u01\"\n"
     "request ANY sip-header X add \"Y: \\u01\"\nrequest ANY sip-header X add \"Z: \\u01\"\n"
     "request ANY sip-header X add \"X: \\u01\"\nrequest ANY sip-header X add \"X: \\u01\"\n"
     "request ANY sip-header X add \"X: \\u01\"\nrequest ANY sip-header X add \"X: \\u01\"\n"
     "request ANY sip-header X add \"X: \\u01\"",
     8000, PROFILE_LIMIT},
};

START_TEST(limit) {
    struct str in = with_long_header(limits[_i].header);

    add(limits[_i].rules);
    ck_assert_msg(apply(NULL, in) == limits[_i].result, "%s", limits[_i].name);
    ck_assert_msg(profile_tally(ctx).limit == (limits[_i].result == PROFILE_LIMIT), "%s", limits[_i].name);
    ck_assert_msg((out.p == in.p) == (limits[_i].result == PROFILE_LIMIT), "%s", limits[_i].name);
    free((char *)in.p);
}
END_TEST

START_TEST(message_above_64_kib) {
    struct str in = with_long_header(PROFILE_MESSAGE_MAX);

    ck_assert_int_eq(apply(NULL, in), PROFILE_UNCHANGED); /* no rule is for it */
    add("request ANY sip-header To modify \"b@\" \"c@\"");
    ck_assert_int_eq(apply(NULL, in), PROFILE_LIMIT);
    ck_assert_ptr_eq(out.p, in.p);
    free((char *)in.p);
}
END_TEST

/* RFC 3261 9.1, 17.1.1.3: what an ACK or CANCEL repeats of its INVITE has been through the rules for ANY already. */
START_TEST(derived_from_a_rewritten_invite) {
    struct str in = STR("CANCEL sip:b@x SIP/2.0\r\nFrom: <sip:a;otg=1>;tag=1\r\nTo: <sip:b>\r\n\r\n");
    struct profile_message m = profile_message_of(in);

    add("request ANY sip-header From modify \">\" \";otg=1>\"\nrequest CANCEL sip-header To modify \">\" \";x>\"\n"
        "request ANY sip-header X-A add \"X-A: 1\"");
    add("request ANY sip-header From copy \"<(.*)>\" u01\nrequest ANY sip-header X-B add \"X-B: \\u01\"");
    m.derived = true;
    ck_assert_int_eq(profile_apply(ctx, p, &m, NULL, in, &out, NULL), PROFILE_CHANGED);
    ck_assert(str_eq(out, STR("CANCEL sip:b@x SIP/2.0\r\nFrom: <sip:a;otg=1>;tag=1\r\nTo: <sip:b;x>\r\nX-A: 1\r\nX-B: "
                              "sip:a;otg=1\r\n\r\n")));
}
END_TEST

/* A few thousand header lines are no message that we rewrite. */
START_TEST(too_many_lines) {
    char *text = mem_alloc(60000);
    struct sbuf b = sbuf_on(text, 60000);

    sbuf_puts(&b, HEAD);
    for (int i = 0; i < 2000; i++)
        sbuf_puts(&b, "X: 1\r\n");
    sbuf_puts(&b, "\r\n");
    add("request ANY sip-header X modify \"1\" \"2\"");
    ck_assert_int_eq(apply(NULL, sbuf_str(&b)), PROFILE_LIMIT);
    free(text);
}
END_TEST

START_TEST(scratch_is_bounded) {
    struct str in = with_long_header(8000);

    for (int i = 0; i < 50; i++) {
        add("request ANY sip-header X-Long modify \"X-Long: a\" \"X-Long: b\"");
        add("request ANY sip-header X-Long modify \"X-Long: b\" \"X-Long: a\"");
    }
    ck_assert_int_eq(apply(NULL, in), PROFILE_LIMIT);
    free((char *)in.p);
}
END_TEST

/* --- variables */

START_TEST(variables_of_a_call) {
    struct profile_vars *v = profile_vars_new();

    ck_assert_uint_eq(profile_vars_get(v, 1).n, 0);
    ck_assert_int_eq(profile_vars_set(v, 1, STR("one")), 0);
    ck_assert_int_eq(profile_vars_set(v, 99, STR("a\r\nb\tc")), 0);
    ck_assert_int_eq(profile_vars_set(v, 1, STR("two")), 0);
    ck_assert(str_eq(profile_vars_get(v, 1), STR("two")));
    ck_assert(str_eq(profile_vars_get(v, 99), STR("a  b c")));
    profile_vars_free(v);
}
END_TEST

START_TEST(variables_are_bounded) {
    struct profile_vars *v = profile_vars_new();
    char *big = mem_zalloc(PROFILE_VARS_MAX);
    struct str half = {big, PROFILE_VARS_MAX / 2};

    memset(big, 'a', PROFILE_VARS_MAX);
    ck_assert_int_eq(profile_vars_set(v, 1, half), 0);
    ck_assert_int_eq(profile_vars_set(v, 2, half), 0);
    ck_assert_int_eq(profile_vars_set(v, 3, STR("a")), -1);
    ck_assert_int_eq(profile_vars_set(v, 2, STR("a")), 0); /* the old value counts no longer */
    ck_assert_int_eq(profile_vars_set(v, 3, STR("a")), 0);
    free(big);
    profile_vars_free(v);
}
END_TEST

/* Without a call, what one message stores is gone with the next. */
START_TEST(variables_without_a_call) {
    add("request INVITE sip-header X-A copy \"X-A: (.*)\" u01\nrequest ANY sip-header X-B add \"X-B: [\\u01]\"");
    apply(NULL, STR(HEAD "X-A: 7\r\n\r\n"));
    ck_assert_ptr_nonnull(memmem(out.p, out.n, "X-B: [7]", 8));
    apply(NULL, STR(HEAD "\r\n"));
    ck_assert_ptr_nonnull(memmem(out.p, out.n, "X-B: []", 7));
}
END_TEST

/* --- what is kept */

#define PEER_RULES                                                                                                     \
    "request ANY peer-header sip X-A copy \"X-A: (.*)\" u01\nrequest ANY peer-header sip X-B copy \"X-B: (.*)\" u02\n" \
    "request ANY sip-header X-C add \"X-C: [\\u01][\\u02]\""

static const char *kept_makes(struct profile_vars *v, int leg) {
    struct str in = STR(INVITE_);
    struct profile_message m = profile_message_of(in);

    m.leg = (uint8_t)leg;
    profile_apply(ctx, p, &m, v, in, &out, NULL);
    return memmem(out.p, out.n, "X-C: ", 5);
}

START_TEST(keeps_what_rules_read) {
    struct profile_vars *v = profile_vars_new();

    add(PEER_RULES);
    ck_assert(profile_keeps(p));
    ck_assert_int_eq(strncmp(kept_makes(v, 1), "X-C: [][]", 9), 0);
    profile_keep(ctx, NULL, p, v, 0, STR(HEAD "X-A: 1\r\nX-B: 2\r\n\r\n"));
    ck_assert_int_eq(strncmp(kept_makes(v, 0), "X-C: [][]", 9), 0); /* a leg is not its own peer */
    ck_assert_int_eq(strncmp(kept_makes(v, 1), "X-C: [1][2]", 11), 0);
    profile_keep(ctx, p, NULL, v, 0, STR(HEAD "X-A: 3\r\n\r\n"));
    ck_assert_int_eq(strncmp(kept_makes(v, 1), "X-C: [3][2]", 11), 0); /* u02 stays: nothing matched */
    profile_vars_free(v);
}
END_TEST

START_TEST(keeps_what_a_copylist_names) {
    struct profile_vars *v = profile_vars_new();
    struct profile *in = profile_new("in");

    add(PEER_RULES);
    ck_assert_int_eq(profile_add_text(in, STR("voice class sip-copylist 1\nsip-header x-a\n"), NULL), 0);
    ck_assert(profile_keeps(in));
    profile_keep(ctx, in, NULL, v, 0, STR(HEAD "X-A: 1\r\nX-B: 2\r\n\r\n"));
    ck_assert_int_eq(strncmp(kept_makes(v, 1), "X-C: [1][]", 10), 0);
    profile_vars_free(v);
    profile_free(in);
}
END_TEST

START_TEST(keeps_no_more_than_its_room) {
    struct profile_vars *v = profile_vars_new();
    struct str in = with_long_header(PROFILE_KEEP_MAX + 1);

    add("request ANY peer-header sip X-Long copy \"(a)\" u01\nrequest ANY peer-header sip X-Last copy \"(z)\" u02\n"
        "request ANY sip-header X-C add \"X-C: [\\u01][\\u02]\"");
    profile_keep(ctx, p, NULL, v, 0, in);
    ck_assert_int_eq(strncmp(kept_makes(v, 1), "X-C: [][z]", 10), 0);
    free((char *)in.p);
    profile_vars_free(v);
}
END_TEST

/* --- facts and counters */

static const struct {
    struct str message;
    struct profile_message is;
} facts[] = {
    {STR(INVITE_), {.method = METHOD_INVITE}},
    {STR("\r\nINVITE sip:a SIP/2.0\r\nt: <sip:b;tag=no>;TAG=1\r\n\r\n"), {.method = METHOD_INVITE, .reinvite = true}},
    {STR("INVITE sip:a SIP/2.0\r\nTo: <sip:b;tag=no>\r\n\r\n"), {.method = METHOD_INVITE}},
    {STR("INVITE sip:a SIP/2.0\r\nTo: sip:b;tag=1\r\n\r\n"), {.method = METHOD_INVITE, .reinvite = true}},
    {STR("ACK sip:a SIP/2.0\r\nTo: <sip:b>;tag=1\r\n\r\n"), {.method = METHOD_ACK}},
    {STR("NEW sip:a SIP/2.0\r\n\r\n"), {.method = METHOD_UNKNOWN}},
    {STR("SIP/2.0 183 Progress\r\nTo: <sip:b>;tag=1\r\nCSeq: 1  INVITE\r\n\r\n"),
     {.response = true, .status = 183, .method = METHOD_INVITE}},
    {STR("SIP/2.0 999 No\r\nCSeq: 1\r\n\r\n"), {.response = true}},
    {STR(""), {.response = false}},
};

START_TEST(facts_of_a_message) {
    struct profile_message m = profile_message_of(facts[_i].message);

    ck_assert_int_eq(m.response, facts[_i].is.response);
    ck_assert_int_eq(m.method, facts[_i].is.method);
    ck_assert_int_eq(m.reinvite, facts[_i].is.reinvite);
    ck_assert_int_eq(m.status, facts[_i].is.status);
}
END_TEST

START_TEST(counts_what_happened) {
    add("request ANY sip-header Max-Forwards modify \"70\" \"x\"\nrequest ANY sip-header To modify \"b@\" \"c@\"\n"
        "request ANY sip-header X add \"X: 1\"");
    apply(NULL, STR(INVITE_));
    ck_assert_int_eq(profile_tally(ctx).broken, 1);
    ck_assert_int_eq(profile_tally(ctx).changed, 2);
    ck_assert_int_eq(profile_tally(ctx).last_rule, 0);
    ck_assert(!profile_tally(ctx).description);
    apply(NULL, STR("BYE sip:a SIP/2.0\r\n\r\n"));
    ck_assert_int_eq(profile_tally(ctx).broken, 0);
    ck_assert_int_eq(profile_tally(ctx).last_rule, -1);
}
END_TEST

START_TEST(tells_that_the_description_changed) {
    add("request ANY sdp-header Audio-Attribute add \"a=x\"");
    apply(NULL, STR(HEAD "c: application/sdp\r\n\r\nv=0\r\nm=audio 1 X 8\r\n"));
    ck_assert(profile_tally(ctx).description);
    apply(NULL, STR(HEAD "c: application/sdp\r\n\r\nv=0\r\nm=video 1 X 8\r\n"));
    ck_assert(!profile_tally(ctx).description);
}
END_TEST

/* No rule is lost, none runs for another code. */
START_TEST(rules_for_very_many_codes) {
    char rule[80];

    for (int code = 300; code < 700; code++) {
        snprintf(rule, sizeof rule, "response %d sip-header X add \"X: %d\"", code, code);
        add(rule);
    }
    for (int code = 300; code < 700; code += 57) {
        char text[120], want[40];
        snprintf(text, sizeof text, "SIP/2.0 %d No\r\nCSeq: 1 BYE\r\n\r\n", code);
        snprintf(want, sizeof want, "\r\n\r\nX: %d\r\n\r\n", code);
        ck_assert_int_eq(apply(NULL, str_of(text)), PROFILE_CHANGED);
        ck_assert_int_eq(profile_tally(ctx).changed, 1);
        ck_assert_ptr_nonnull(memmem(out.p, out.n, want + 2, strlen(want) - 2));
    }
}
END_TEST

/* --- loading */

struct heard {
    int errors, warnings, line, column;
};

static void hear(void *arg, const struct profile_note *n) {
    struct heard *h = arg;

    h->errors += n->severity == PROFILE_ERROR;
    h->warnings += n->severity == PROFILE_WARNING;
    h->line = n->line;
    h->column = n->column;
}

/* Rules that come one by one out of a configuration file are told with its lines. */
START_TEST(lines_of_a_configuration) {
    struct heard h = {0};
    struct profile_report report = {hear, &h, 41};

    ck_assert_int_eq(profile_add_text(p, STR("request INVITE sip-header From remove"), &report), 1);
    ck_assert_int_eq(h.errors, 1);
    ck_assert_int_eq(h.line, 41);
    ck_assert_int_eq(h.column, 27);
    ck_assert_int_eq(profile_count(p), 0);
    report.line = 42;
    ck_assert_int_eq(profile_add_text(p, STR("\n request INVITE sip-header Date remove"), &report), 0);
    ck_assert_int_eq(profile_rule_line(p, 0), 43);
    ck_assert(str_eq(profile_rule(p, 0), STR("request INVITE sip-header Date remove")));
    ck_assert_str_eq(profile_name(p), "test");
}
END_TEST

/* A text that was written elsewhere: CRLF, byte order mark, no end of the last line. */
START_TEST(text_of_another_system) {
    struct heard h = {0};
    struct profile_report report = {hear, &h, 0};

    ck_assert_int_eq(profile_add_text(p,
                                      STR("\xef\xbb\xbfvoice class sip-profiles 1\r\n\r\n request ANY sip-header To "
                                          "modify \"a\"\r\n   \"b\"\r\n request ANY sip-header Date remove"),
                                      &report),
                     0);
    ck_assert_int_eq(h.warnings, 0);
    ck_assert_int_eq(profile_count(p), 2);
    ck_assert_int_eq(profile_rule_line(p, 0), 3);
    ck_assert_int_eq(profile_rule_line(p, 1), 5);
}
END_TEST

START_TEST(not_too_many_rules) {
    struct heard h = {0};
    struct profile_report report = {hear, &h, 0};
    struct sbuf b = sbuf_on(mem_alloc(100000), 100000);

    for (int i = 0; i <= PROFILE_RULES_MAX; i++) {
        sbuf_puts(&b, "request ANY sip-header X-");
        sbuf_number(&b, (uint64_t)i);
        sbuf_puts(&b, " remove\n");
    }
    ck_assert_int_eq(profile_add_text(p, sbuf_str(&b), &report), 1);
    ck_assert_int_eq(profile_count(p), PROFILE_RULES_MAX);
    ck_assert_int_eq(h.line, PROFILE_RULES_MAX + 1);
    free(b.p);
}
END_TEST

int main(void) {
    Suite *s = suite_create("profile");
    TCase *t = tcase_create("profile");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, nothing_to_do_copies_nothing);
    tcase_add_test(t, results_can_be_chained);
    tcase_add_loop_test(t, limit, 0, sizeof limits / sizeof limits[0]);
    tcase_add_test(t, message_above_64_kib);
    tcase_add_test(t, derived_from_a_rewritten_invite);
    tcase_add_test(t, too_many_lines);
    tcase_add_test(t, scratch_is_bounded);
    tcase_add_test(t, variables_of_a_call);
    tcase_add_test(t, variables_are_bounded);
    tcase_add_test(t, variables_without_a_call);
    tcase_add_test(t, keeps_what_rules_read);
    tcase_add_test(t, keeps_what_a_copylist_names);
    tcase_add_test(t, keeps_no_more_than_its_room);
    tcase_add_loop_test(t, facts_of_a_message, 0, sizeof facts / sizeof facts[0]);
    tcase_add_test(t, counts_what_happened);
    tcase_add_test(t, tells_that_the_description_changed);
    tcase_add_test(t, rules_for_very_many_codes);
    tcase_add_test(t, lines_of_a_configuration);
    tcase_add_test(t, text_of_another_system);
    tcase_add_test(t, not_too_many_rules);
    suite_add_tcase(s, t);
    return suite_run(s);
}
