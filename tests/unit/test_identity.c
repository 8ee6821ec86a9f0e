/* Who is told who the other party is: RFC 3323, RFC 3325, RFC 7044 10.1, and the forms of a trunk. */
#include "b2bua/core/identity.h"
#include "tests/suite.h"

enum {
    PAI = IDENTITY_BIT(IDENTITY_PAI),
    PPI = IDENTITY_BIT(IDENTITY_PPI),
    RPID = IDENTITY_BIT(IDENTITY_RPID),
    ALL = PAI | PPI | RPID,
    TRUSTED = IDENTITY_BIT(IDENTITY_TRUSTED),
    INFO = IDENTITY_BIT(IDENTITY_INFO),
    SIGNATURE = IDENTITY_BIT(IDENTITY_SIGNATURE),
    MOVED = IDENTITY_BIT(IDENTITY_DIVERSION) | IDENTITY_BIT(IDENTITY_HISTORY),
};

#define TRUST                                                                                                          \
    { .trust = true }
#define DOUBT                                                                                                          \
    { .trust = false }
#define AS(f)                                                                                                          \
    { .trust = true, .asserted_id = ASSERTED_##f }
#define NOHIST                                                                                                         \
    { .trust = true, .diversion = DIVERSION_STRIP }

static const struct {
    const char *rule;
    struct identity_policy from, to;
    unsigned privacy, has, drops;
} crossing[] = {
    {"RFC 3325 5: within the trust domain all cross", TRUST, TRUST, 0, ALL, 0},
    {"RFC 3325 5: so they do with Privacy: id", TRUST, TRUST, PRIVACY_ID, ALL, 0},
    {"RFC 3325 5: from who is not trusted, only its wish", DOUBT, TRUST, 0, ALL, PAI | RPID | TRUSTED},
    {"RFC 3325 5: to who is not trusted, none", TRUST, DOUBT, 0, ALL, ALL | TRUSTED},
    {"RFC 3325 9.3: id", TRUST, DOUBT, PRIVACY_ID, ALL, ALL | TRUSTED},
    {"RFC 3325 5: none: they must not be removed", TRUST, DOUBT, PRIVACY_NONE, ALL, TRUSTED},
    {"RFC 3323 4.2: none is said alone", TRUST, DOUBT, PRIVACY_NONE | PRIVACY_ID, ALL, ALL | TRUSTED},
    {"RFC 3325 5: none does not make a lie true", DOUBT, DOUBT, PRIVACY_NONE, ALL, PAI | RPID | TRUSTED},
    {"RFC 3323 5.1: header", TRUST, DOUBT, PRIVACY_HEADER, ALL, ALL | TRUSTED | INFO},
    {"RFC 3323 5.3: user", TRUST, DOUBT, PRIVACY_USER, ALL, ALL | TRUSTED | INFO | SIGNATURE},
    {"RFC 3323 5.2: session is about media", TRUST, DOUBT, PRIVACY_SESSION, ALL, ALL | TRUSTED},
    {"RFC 3323 5: nothing is hidden from who is trusted", TRUST, TRUST, PRIVACY_USER | PRIVACY_HEADER, ALL, 0},
    {"strip towards the trunk", TRUST, AS(STRIP), 0, ALL, ALL},
    {"strip from the trunk", AS(STRIP), TRUST, 0, ALL, ALL},
    {"strip, although none wants them kept", TRUST, AS(STRIP), PRIVACY_NONE, ALL, ALL},
    {"RFC 5806: diversion = strip, from", NOHIST, TRUST, 0, 0, MOVED},
    {"RFC 7044: diversion = strip, to", TRUST, NOHIST, 0, 0, MOVED},
    {"a form of the side that it came from is nobody's business", AS(RPID), TRUST, 0, PAI, 0},
};

START_TEST(crosses) {
    struct identity_plan p;
    struct identity_facts f = {
        .from = &crossing[_i].from, .to = &crossing[_i].to, .privacy = crossing[_i].privacy, .has = crossing[_i].has};

    identity_plan(&f, &p);
    ck_assert_msg(p.drops == crossing[_i].drops, "%s: %#x", crossing[_i].rule, p.drops);
    ck_assert_int_eq(p.source, IDENTITY_NONE);
}
END_TEST

static const struct {
    const char *rule;
    struct identity_policy from, to;
    unsigned privacy, has;
    bool rpid_private;
    enum identity_kind source, form;
    bool adds_id, withheld;
} forms[] = {
    {"PAI before PPI before RPID", TRUST, AS(PAI), 0, ALL, false, IDENTITY_PAI, IDENTITY_PAI, false, false},
    {"PPI before RPID", TRUST, AS(PAI), 0, PPI | RPID, false, IDENTITY_PPI, IDENTITY_PAI, false, false},
    {"RPID alone", TRUST, AS(PAI), 0, RPID, false, IDENTITY_RPID, IDENTITY_PAI, false, false},
    {"nothing is made of nothing", TRUST, AS(PAI), 0, 0, false, IDENTITY_NONE, IDENTITY_NONE, false, false},
    {"PAI as PPI", TRUST, AS(PPI), 0, PAI, false, IDENTITY_PAI, IDENTITY_PPI, false, false},
    {"PAI as RPID", TRUST, AS(RPID), 0, PAI, false, IDENTITY_PAI, IDENTITY_RPID, false, false},
    {"Privacy: id as privacy=full", TRUST, AS(RPID), PRIVACY_ID, PAI, false, IDENTITY_PAI, IDENTITY_RPID, false, true},
    {"Privacy: user as privacy=full", TRUST, AS(RPID), PRIVACY_USER, PAI, false, IDENTITY_PAI, IDENTITY_RPID, false,
     true},
    {"Privacy: header is about other things", TRUST, AS(RPID), PRIVACY_HEADER, PAI, false, IDENTITY_PAI, IDENTITY_RPID,
     false, false},
    {"privacy=full as Privacy: id", TRUST, AS(PAI), 0, RPID, true, IDENTITY_RPID, IDENTITY_PAI, true, false},
    {"privacy=full as Privacy: id, once", TRUST, AS(PAI), PRIVACY_ID, RPID, true, IDENTITY_RPID, IDENTITY_PAI, false,
     true},
    {"the privacy of an RPID that does not leave", TRUST, AS(PAI), 0, PAI | RPID, true, IDENTITY_PAI, IDENTITY_PAI,
     false, false},
    {"RPID stays RPID", TRUST, AS(RPID), 0, RPID, true, IDENTITY_RPID, IDENTITY_RPID, false, false},
    {"RFC 3325 5: of who is not trusted the wish is taken", DOUBT, AS(PAI), 0, ALL, false, IDENTITY_PPI, IDENTITY_PAI,
     false, false},
    {"RFC 3325 5: and nothing else", DOUBT, AS(PAI), 0, PAI | RPID, true, IDENTITY_NONE, IDENTITY_NONE, false, false},
    {"strip on the side it came from", AS(STRIP), AS(PAI), 0, ALL, false, IDENTITY_NONE, IDENTITY_NONE, false, false},
};

START_TEST(converted) {
    struct identity_plan p;
    struct identity_facts f = {.from = &forms[_i].from,
                               .to = &forms[_i].to,
                               .privacy = forms[_i].privacy,
                               .said = forms[_i].privacy,
                               .has = forms[_i].has,
                               .rpid_private = forms[_i].rpid_private};

    identity_plan(&f, &p);
    ck_assert_msg(p.source == forms[_i].source && p.form == forms[_i].form, "%s: %d as %d", forms[_i].rule, p.source,
                  p.form);
    ck_assert_msg(p.adds_id == forms[_i].adds_id, "%s: adds id", forms[_i].rule);
    ck_assert_msg(p.withheld == forms[_i].withheld, "%s: withheld", forms[_i].rule);
    unsigned others = ALL & ~(p.source == IDENTITY_NONE ? 0 : IDENTITY_BIT(p.source));
    ck_assert_msg((p.drops & ALL) == others, "%s: drops %#x", forms[_i].rule, p.drops);
}
END_TEST

/* A form outranks nothing that trust forbids. */
START_TEST(form_for_who_is_not_trusted) {
    struct identity_policy from = TRUST, to = {.asserted_id = ASSERTED_PAI};
    struct identity_plan p;

    identity_plan(&(struct identity_facts){.from = &from, .to = &to, .has = ALL}, &p);
    ck_assert_uint_eq(p.drops & ALL, ALL);
    ck_assert_int_eq(p.source, IDENTITY_NONE);
    identity_plan(&(struct identity_facts){.from = &from, .to = &to, .has = RPID, .privacy = PRIVACY_NONE}, &p);
    ck_assert_int_eq(p.form, IDENTITY_PAI);
}
END_TEST

static const struct {
    const char *rule;
    unsigned privacy;
    bool from, contact, history, impossible;
    unsigned fulfilled;
} wishes[] = {
    {"RFC 3325 9.3: id leaves From as it is", PRIVACY_ID, false, false, false, false, PRIVACY_ID},
    {"RFC 3323 5.1: header", PRIVACY_HEADER, false, true, true, false, PRIVACY_HEADER},
    {"RFC 3323 5.3: user", PRIVACY_USER, true, true, true, false, PRIVACY_USER},
    {"RFC 7044 10.1: history", PRIVACY_HISTORY, false, false, true, false, PRIVACY_HISTORY},
    {"RFC 3323 5.2: session is left to who can", PRIVACY_SESSION, false, false, false, false, 0},
    {"RFC 3323 4.2: session, or no call", PRIVACY_SESSION | PRIVACY_CRITICAL, false, false, false, true, 0},
    {"RFC 3323 4.2: an unknown wish, or no call", PRIVACY_OTHER | PRIVACY_CRITICAL, false, false, false, true, 0},
    {"RFC 3323 4.2: an unknown wish", PRIVACY_OTHER, false, false, false, false, 0},
    {"RFC 3323 4.2: critical, and fulfilled", PRIVACY_ID | PRIVACY_USER | PRIVACY_CRITICAL, true, true, true, false,
     PRIVACY_ID | PRIVACY_USER},
    {"RFC 3323 4.2: none", PRIVACY_NONE, false, false, false, false, 0},
};

START_TEST(wish_is_obeyed) {
    struct identity_policy from = TRUST, doubt = DOUBT, trust = TRUST;
    struct identity_facts f = {.from = &from, .to = &doubt, .privacy = wishes[_i].privacy};
    struct identity_plan p;

    identity_plan(&f, &p);
    ck_assert_msg(p.anonymous_from == wishes[_i].from && p.anonymous_contact == wishes[_i].contact &&
                      p.anonymous_history == wishes[_i].history,
                  "%s: %d %d %d", wishes[_i].rule, p.anonymous_from, p.anonymous_contact, p.anonymous_history);
    ck_assert_msg(p.impossible == wishes[_i].impossible, "%s: impossible", wishes[_i].rule);
    ck_assert_msg(p.fulfilled == wishes[_i].fulfilled, "%s: fulfilled %#x", wishes[_i].rule, p.fulfilled);
    f.to = &trust;
    identity_plan(&f, &p);
    ck_assert_msg(!p.anonymous_from && !p.anonymous_contact && !p.impossible && p.fulfilled == 0,
                  "%s: to who is trusted", wishes[_i].rule);
}
END_TEST

static const struct {
    const char *rule;
    struct str value;
    unsigned bits;
} privacy[] = {
    {"RFC 3323 4.2: one", STR_INIT("id"), PRIVACY_ID},
    {"RFC 3323 4.2: several", STR_INIT("header;user ; critical"), PRIVACY_HEADER | PRIVACY_USER | PRIVACY_CRITICAL},
    {"RFC 3323 4.2: in any case", STR_INIT("ID;None;SESSION"), PRIVACY_ID | PRIVACY_NONE | PRIVACY_SESSION},
    {"RFC 7044 10.1", STR_INIT("history"), PRIVACY_HISTORY},
    {"RFC 3323 4.2: a token of later", STR_INIT("id;later"), PRIVACY_ID | PRIVACY_OTHER},
    {"commas are seen", STR_INIT("id,user"), PRIVACY_ID | PRIVACY_USER},
    {"empty ones", STR_INIT(";; id;"), PRIVACY_ID},
    {"nothing", STR_INIT(""), 0},
};

START_TEST(privacy_is_read) {
    ck_assert_msg(identity_privacy(privacy[_i].value) == privacy[_i].bits, "%s: %#x", privacy[_i].rule,
                  identity_privacy(privacy[_i].value));
}
END_TEST

START_TEST(hiding_parameter) {
    ck_assert(identity_hides(STR("full")));
    ck_assert(identity_hides(STR("Full-network")));
    ck_assert(identity_hides(STR("name")));
    ck_assert(identity_hides(STR("uri-user")));
    ck_assert(!identity_hides(STR("off")));
    ck_assert(!identity_hides(STR("fullness")));
    ck_assert(!identity_hides(STR_NONE));
}
END_TEST

static const struct {
    const char *rule;
    struct str a, b;
    bool same;
} numbers[] = {
    {"RFC 8224 8.3: the same", STR_INIT("4930123"), STR_INIT("4930123"), true},
    {"RFC 8224 8.3: leading +", STR_INIT("+4930123"), STR_INIT("4930123"), true},
    {"RFC 8224 8.3: visual separators", STR_INIT("(49)30.12-3"), STR_INIT("+49-30123"), true},
    {"a digit more", STR_INIT("49301234"), STR_INIT("4930123"), false},
    {"a digit less", STR_INIT("493012"), STR_INIT("4930123"), false},
    {"another", STR_INIT("4930124"), STR_INIT("4930123"), false},
    {"translated", STR_INIT("030123"), STR_INIT("+4930123"), false},
    {"nobody", STR_INIT(""), STR_INIT(""), true},
    {"nobody is not anybody", STR_INIT(""), STR_INIT("1"), false},
};

START_TEST(number_is_the_same) {
    ck_assert_msg(identity_same_number(numbers[_i].a, numbers[_i].b) == numbers[_i].same, "%s", numbers[_i].rule);
    ck_assert_msg(identity_same_number(numbers[_i].b, numbers[_i].a) == numbers[_i].same, "%s", numbers[_i].rule);
}
END_TEST

#define COUNT(t) (sizeof(t) / sizeof *(t))

int main(void) {
    Suite *s = suite_create("identity");
    TCase *t = tcase_create("plan");

    tcase_add_loop_test(t, crosses, 0, COUNT(crossing));
    tcase_add_loop_test(t, converted, 0, COUNT(forms));
    tcase_add_test(t, form_for_who_is_not_trusted);
    tcase_add_loop_test(t, wish_is_obeyed, 0, COUNT(wishes));
    tcase_add_loop_test(t, privacy_is_read, 0, COUNT(privacy));
    tcase_add_test(t, hiding_parameter);
    tcase_add_loop_test(t, number_is_the_same, 0, COUNT(numbers));
    suite_add_tcase(s, t);
    return suite_run(s);
}
