/* core/offer: what is in force, what changes it, and what becomes of a mid-call request. */
#include <check.h>
#include <stdlib.h>

#include "b2bua/core/offer.h"
#include "tests/suite.h"

#define SDP(origin, port) "v=0\r\no=" origin "\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio " port " RTP/AVP 0\r\n"
#define O1                "x 1 1 IN IP4 192.0.2.1"
#define O2                "x 1 2 IN IP4 192.0.2.1"

static struct offer fresh(void) {
    struct offer o = {.origin = {.id = 5, .version = 77}};

    addr_parse(&o.origin.host, STR("198.51.100.1"));
    return o;
}

/* Sends it as the program does: printed with the origin that is due. */
static void say(struct offer *o, struct str sdp, bool is_answer) {
    char text[1024];
    struct sbuf b = sbuf_on(text, sizeof text);
    struct sdp_origin origin = offer_origin(o, sdp);

    sdp_rewrite(&b, sdp, sdp, &origin);
    offer_sent(o, sbuf_str(&b), is_answer);
}

/* --- the version --- */

/* 's' sends an offer that is answered, 'r' one that is refused. */
static const struct {
    const char *name, *steps;
    struct str sent[5];
    unsigned version; /* of the last one, above the first */
} versions[] = {
    {"RFC 3264 8: the first", "s", {STR(SDP(O1, "4000"))}, 0},
    {"RFC 3264 8: the same again", "ss", {STR(SDP(O1, "4000")), STR(SDP(O1, "4000"))}, 0},
    {"RFC 3264 8: a changed one is higher by one", "ss", {STR(SDP(O1, "4000")), STR(SDP(O2, "4002"))}, 1},
    {"RFC 3264 8: the peer raised its version for nothing", "ss", {STR(SDP(O1, "4000")), STR(SDP(O2, "4000"))}, 0},
    {"RFC 3264 8: the peer forgot to raise its version", "ss", {STR(SDP(O1, "4000")), STR(SDP(O1, "4002"))}, 1},
    {"RFC 3264 8: there and back again", "sss", {STR(SDP(O1, "1")), STR(SDP(O1, "2")), STR(SDP(O1, "1"))}, 2},
    {"RFC 6141 3: after a refused one, the one in force with its version",
     "srs",
     {STR(SDP(O1, "1")), STR(SDP(O1, "2")), STR(SDP(O1, "1"))},
     0},
    {"RFC 6141 3: after a refused one, another is higher than both",
     "srs",
     {STR(SDP(O1, "1")), STR(SDP(O1, "2")), STR(SDP(O1, "3"))},
     2},
    {"RFC 3261 14.1: the refused one once more", "srr", {STR(SDP(O1, "1")), STR(SDP(O1, "2")), STR(SDP(O1, "2"))}, 1},
    {"refused, in force, another",
     "srss",
     {STR(SDP(O1, "1")), STR(SDP(O1, "2")), STR(SDP(O1, "1")), STR(SDP(O1, "9"))},
     2},
};

START_TEST(version) {
    struct offer o = fresh();

    for (int i = 0; versions[_i].steps[i] != '\0'; i++) {
        say(&o, versions[_i].sent[i], false);
        if (versions[_i].steps[i] == 's')
            offer_heard(&o, STR(SDP(O1, "9")), true);
        else
            offer_dropped(&o);
    }
    ck_assert_msg(o.last_version == 77 + versions[_i].version, "%s: %d", versions[_i].name, (int)o.last_version);
    offer_fini(&o);
}
END_TEST

/* --- what is in force --- */

static const struct str ours = STR(SDP(O1, "1000")), theirs = STR(SDP(O1, "2000")), ours2 = STR(SDP(O1, "1002")),
                        theirs2 = STR(SDP(O2, "2002"));

static bool has(struct str text, const char *port) {
    return text.n > 0 && memmem(text.p, text.n, port, strlen(port)) != NULL;
}

START_TEST(we_offer) {
    struct offer o = fresh();

    say(&o, ours, false);
    ck_assert_int_eq(o.state, OFFER_OUT);
    ck_assert_uint_eq(o.ours.text.n, 0);
    ck_assert(!offer_is_same(&o, theirs));
    offer_heard(&o, theirs, true);
    ck_assert_int_eq(o.state, OFFER_NONE);
    ck_assert(has(o.ours.text, "audio 1000 ") && has(o.ours.text, "o=- 5 77 IN IP4 198.51.100.1"));
    ck_assert(offer_is_same(&o, theirs));
    /* the answer of a provisional, once more in the 2xx (RFC 3261 13.2.1) */
    offer_heard(&o, theirs, true);
    ck_assert(has(o.ours.text, "audio 1000 ") && offer_is_same(&o, theirs));
    offer_fini(&o);
}
END_TEST

START_TEST(they_offer) {
    struct offer o = fresh();

    offer_heard(&o, theirs, false);
    ck_assert_int_eq(o.state, OFFER_IN);
    ck_assert(!offer_is_same(&o, theirs)); /* not in force before it is answered */
    say(&o, ours, true);
    ck_assert_int_eq(o.state, OFFER_NONE);
    ck_assert(offer_is_same(&o, theirs) && has(o.ours.text, "audio 1000 "));
    say(&o, ours, true);
    ck_assert(offer_is_same(&o, theirs) && has(o.ours.text, "audio 1000 "));
    offer_fini(&o);
}
END_TEST

/* RFC 6141 3: a refused change leaves both as they were; then the peer's next one counts against what is in force. */
START_TEST(refused) {
    struct offer o = fresh();

    offer_heard(&o, theirs, false);
    say(&o, ours, true);
    if (_i == 0)
        say(&o, ours2, false);
    else
        offer_heard(&o, theirs2, false);
    offer_dropped(&o);
    ck_assert_int_eq(o.state, OFFER_NONE);
    ck_assert(has(o.ours.text, "audio 1000 ") && offer_is_same(&o, theirs) && !offer_is_same(&o, theirs2));
    offer_fini(&o);
}
END_TEST

START_TEST(copies) {
    struct offer o = fresh(), other;

    say(&o, ours, false);
    offer_copy(&other, &o);
    offer_heard(&o, theirs, true);
    offer_fini(&o);
    offer_heard(&other, theirs2, true);
    ck_assert(has(other.ours.text, "audio 1000 ") && offer_is_same(&other, theirs2));
    offer_fini(&other);
}
END_TEST

static const struct {
    const char *name;
    struct str before, after;
    bool same;
} pairs[] = {
    {"RFC 3264 8: another version alone", STR(SDP(O1, "1")), STR(SDP(O2, "1")), true},
    {"another port", STR(SDP(O1, "1")), STR(SDP(O1, "2")), false},
    {"another address", STR("v=0\r\no=" O1 "\r\nc=IN IP4 192.0.2.1\r\n"),
     STR("v=0\r\no=" O2 "\r\nc=IN IP4 0.0.0.0\r\n"), false},
    {"another direction", STR(SDP(O1, "1")), STR(SDP(O2, "1") "a=sendonly\r\n"), false},
    {"another stream", STR(SDP(O1, "1")), STR(SDP(O2, "1") "m=video 4 RTP/AVP 31\r\n"), false},
    {"another key", STR(SDP(O1, "1") "a=crypto:1 A inline:a\r\n"), STR(SDP(O1, "1") "a=crypto:1 A inline:b\r\n"),
     false},
    {"RFC 8839: an ICE restart", STR(SDP(O1, "1") "a=ice-ufrag:a\r\n"), STR(SDP(O1, "1") "a=ice-ufrag:b\r\n"), false},
};

START_TEST(same) {
    struct offer o = fresh();

    offer_heard(&o, pairs[_i].before, false);
    say(&o, ours, true);
    ck_assert_msg(offer_is_same(&o, pairs[_i].after) == pairs[_i].same, "%s", pairs[_i].name);
    offer_fini(&o);
}
END_TEST

/* --- mid-call --- */

#define CHANGE .has_sdp = true, .has_ours = true
#define SAME   .has_sdp = true, .is_same = true, .has_ours = true
#define ASKS   .has_ours = true

static const struct {
    const char *name;
    struct offer_facts facts;
    enum offer_fate fate;
} fates[] = {
    {"media-change: nothing changes", {SAME}, OFFER_CONSUME},
    {"media-change: something does", {CHANGE}, OFFER_FORWARD},
    {"media-change: an UPDATE that changes nothing", {SAME, .is_update = true}, OFFER_CONSUME},
    {"RFC 4028 7.4: an UPDATE without a description", {ASKS, .is_update = true}, OFFER_CONSUME},
    {"an INVITE that asks for an offer", {ASKS}, OFFER_CONSUME},
    {"RFC 6337 5.3: the same while on hold", {ASKS, .is_held = true}, OFFER_FORWARD},
    {"an UPDATE while on hold", {ASKS, .is_held = true, .is_update = true}, OFFER_CONSUME},
    {"a refresh while on hold", {SAME, .is_held = true}, OFFER_CONSUME},
    {"nothing to answer with", {.has_sdp = true, .is_same = true}, OFFER_FORWARD},
    {"nothing to offer", {0}, OFFER_FORWARD},
    {"RFC 3325: another identity, no description", {ASKS, .is_update = true, .is_identity_new = true}, OFFER_FORWARD},
    {"RFC 3325: another identity, the same media", {SAME, .is_identity_new = true}, OFFER_FORWARD},
    {"passthru on both", {SAME, .here = MIDCALL_PASSTHRU, .there = MIDCALL_PASSTHRU}, OFFER_FORWARD},
    {"passthru here alone", {SAME, .here = MIDCALL_PASSTHRU}, OFFER_CONSUME},
    {"passthru there alone", {SAME, .there = MIDCALL_PASSTHRU}, OFFER_CONSUME},
    {"passthru here alone, a change", {CHANGE, .here = MIDCALL_PASSTHRU}, OFFER_FORWARD},
    {"block: a change", {CHANGE, .here = MIDCALL_BLOCK}, OFFER_REFUSE},
    {"block there, passthru here", {CHANGE, .here = MIDCALL_PASSTHRU, .there = MIDCALL_BLOCK}, OFFER_REFUSE},
    {"block: nothing changes", {SAME, .there = MIDCALL_BLOCK}, OFFER_CONSUME},
    {"block: another identity",
     {ASKS, .is_update = true, .is_identity_new = true, .here = MIDCALL_BLOCK},
     OFFER_CONSUME},
};

START_TEST(fate) {
    ck_assert_msg(offer_fate(&fates[_i].facts) == fates[_i].fate, "%s", fates[_i].name);
}
END_TEST

/* --- an offer of our own --- */

START_TEST(made) {
    struct offer o = fresh();
    char text[1024];
    struct sbuf b = sbuf_on(text, sizeof text - 1);
    static const int codecs[] = {1, 5};

    offer_make(&b, &o.origin, codecs, 2);
    text[b.n] = '\0';
    ck_assert_str_eq(text, "v=0\r\no=- 5 77 IN IP4 198.51.100.1\r\ns=-\r\nc=IN IP4 198.51.100.1\r\nt=0 0\r\n"
                           "m=audio 9 RTP/AVP 8 101\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\n"
                           "a=fmtp:101 0-16\r\n");
    ck_assert(!sdp_is_held(sbuf_str(&b)));
}
END_TEST

static const struct {
    struct str sdp;
    bool held;
} holds[] = {
    {STR(SDP(O1, "1")), false},
    {STR(SDP(O1, "1") "a=sendrecv\r\n"), false},
    {STR(SDP(O1, "1") "a=sendonly\r\n"), true},
    {STR(SDP(O1, "1") "a=recvonly\n"), true},
    {STR(SDP(O1, "1") "a=inactive"), true},
    {STR("v=0\r\no=" O1 "\r\nc=IN IP4 0.0.0.0\r\n"), true},
    {STR(SDP(O1, "1") "a=sendonlyx\r\n"), false},
};

START_TEST(held) {
    ck_assert_msg(sdp_is_held(holds[_i].sdp) == holds[_i].held, "%d", _i);
}
END_TEST

#define LOOP(test, table) tcase_add_loop_test(tc, test, 0, sizeof(table) / sizeof *(table))

int main(void) {
    Suite *suite = suite_create("offer");
    TCase *tc = tcase_create("offer");

    LOOP(version, versions);
    tcase_add_test(tc, we_offer);
    tcase_add_test(tc, they_offer);
    tcase_add_loop_test(tc, refused, 0, 2);
    tcase_add_test(tc, copies);
    LOOP(same, pairs);
    LOOP(fate, fates);
    tcase_add_test(tc, made);
    LOOP(held, holds);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
