/*
 * Random orders of what peers may do, sensible or not. Nothing is expected of single steps; in the end everything has
 * to be over, recorded and free of the other side's names (judge.c). A seed gives the same order each time.
 */
#include <stdlib.h>

#include "tests/scenario/scenario.h"

struct choice {
    int weight;
    const char *step; /* the words in braces stand for a choice below */
};

static const struct choice steps[] = {
    {10, "{t}> {early} tag={f}{sdp}{rel}{who}"}, /* the targets answer the INVITE */
    {8, "{t}> 200 tag={f}{sdp}{se}{who}"},
    {4, "{t}> {bad}{who}"},
    {4, "{t}> 302 h=\"Contact: <sip:30{d}@h>, <sip:31{d}@h>\""}, /* ... or send it on */
    {8, "A> ACK{sdp}"},
    {2, "A> ACK cseq=1"},
    {5, "A> PRACK{sdp}{fork}"},
    {3, "A> CANCEL"},
    {2, "{p}> BYE{fork}"},
    {5, "{p}> INVITE{sdp}{se}{who}"},
    {5, "{p}> UPDATE{sdp}{fork}{se}{who}"},
    {3, "{p}> {other}{fork}"},
    {2, "{p}> REFER h=\"Refer-To: <sip:3003@127.0.0.2>\"{fork}"}, /* transfers */
    {2, "{p}> {final} NOTIFY"},
    {12, "{p}> {final} {any}{sdp}{se}{who}"}, /* answers to what we asked */
    {8, "{p}> {final} INVITE{sdp}{se}"},
    {3, "{p}> again"},
    {2, "{p}> again INVITE"},
    {2, "REFUSED {p}"},
    {1, "DOWN {t}"},
    {1, "STOP"},
    {2, "RELOAD {cfg}"},
    {12, "ELAPSE {ms}"},
};

static const struct {
    const char *name;
    const char *options[12];
} words_of[] = {
    {"t", {"B", "B", "B", "C"}},
    {"device", {"B", "B", "C", "C", "X"}}, /* of one user */
    {"p", {"A", "A", "B", "B", "C"}},
    {"f", {"f1", "f1", "f2", "f3"}},
    {"fork", {"", "", " fork=f1", " fork=f2"}},
    {"sdp", {"", " sdp", " sdp=2", " sdp=3,sendonly"}},
    {"se",
     {"", "", " h=\"Supported: timer\" h=\"Session-Expires: 90;refresher=uac\"",
      " h=\"Session-Expires: 100;refresher=uas\" h=\"Allow: UPDATE\"", " h=\"Min-SE: 3000\"",
      " h=\"Supported: timer\" h=\"Session-Expires: 2000\""}},
    {"rel", {"", " reliable"}},
    {"d", {"0", "1", "2", "3"}},
    {"who", /* addresses of both sides, wherever they may stand */
     {"", "", "", " h=\"P-Asserted-Identity: <sip:1@127.0.1.1:5060>, <sip:2@127.0.2.1>\"",
      " h=\"P-Preferred-Identity: <sip:1@127.0.0.1>\" h=\"Privacy: user;history\"",
      " h=\"Remote-Party-ID: \\\"X\\\" <sip:1@127.0.2.2;maddr=127.0.1.1>;privacy=full\" h=\"Privacy: none\"",
      " h=\"History-Info: <sip:1@127.0.0.2?Privacy=history>;index=1, <sip:2@in.example.net;maddr=127.0.1.1>;index=2\"",
      " h=\"Diversion: <sip:1@127.0.1.1>;privacy=full, sip:2@out.example.net\" h=\"Session-ID: "
      "ab30317f1a784dc48ff824d0d3715d86;remote=0\"",
      " h=\"b: <sip:1@127.0.2.1>\" h=\"Reply-To: <sip:1@127.0.1.1>\" h=\"P-Called-Party-ID: <sip:1@127.0.0.1>\"",
      " h=\"Privacy: id\" h=\"Reason: Q.850;cause=17\" h=\"y: a.b.c\""}},
    {"early", {"180", "183", "199"}},
    {"bad", {"100", "302", "401", "408", "481", "422 h=\"Min-SE: 2000\"", "487", "491", "500", "503", "600"}},
    {"final", {"200", "200", "200", "408", "481", "500", "422", "491"}},
    {"any", {"BYE", "UPDATE", "PRACK", "INFO", "CANCEL", "NOTIFY"}},
    {"other",
     {"INFO", "OPTIONS", "MESSAGE", "NOTIFY", "REFER", "SUBSCRIBE h=\"Event: refer\" h=\"Expires: 30\"", "FROB"}},
    {"cfg", {"base.cfg", "moved.cfg", "moved.cfg", "gone.cfg", "profile.cfg", "rel_require.cfg"}},
    {"ms", {"0", "1", "100", "499", "500", "4000", "10000", "32000", "45000", "180000"}},
};

/* Who is called is registered at us, with several devices. */
static const char *const devices[] = {
    "BIND B bob@l.example contact=sip:b1@127.0.2.1:5060 instance=i1",
    "BIND X bob@l.example contact=sip:b2@127.0.9.9:5060 instance=i2",
    "BIND C bob@l.example contact=sip:b3@127.0.2.2:5060 instance=i3",
    "BIND B bob@l.example contact=sip:b4@127.0.2.1:5060 instance=i3 reg=2",
    "BIND X bob@l.example contact=sip:b5@127.0.9.9:5060 instance=i4 q=500",
    "BIND C bob@l.example contact=sip:b6@127.0.2.2:5060 instance=i5 q=500",
};

/* Alice (B) talks to A while bob's devices ring for her, and connects the two: RFC 5589 7.5. */
static const char transfer[] =
    "B> REFER callid=$cid totag=$our fromtag=$his ruri=$ct cseq=101 "
    "h=\"Refer-To: <sip:3003@127.0.0.2?Replaces=$bcid%3Bto-tag%3D$bour%3Bfrom-tag%3D$bhis>\"";

static unsigned below(uint64_t *state, unsigned n) {
    *state = *state * 6364136223846793005ull + 1442695040888963407ull;
    return (unsigned)(*state >> 33) % n;
}

static const char *option(uint64_t *state, const char *name, size_t n) {
    for (size_t i = 0; i < sizeof words_of / sizeof words_of[0]; i++) {
        unsigned count = 0;
        if (strlen(words_of[i].name) != n || strncmp(words_of[i].name, name, n) != 0)
            continue;
        while (count < 12 && words_of[i].options[count] != NULL)
            count++;
        return words_of[i].options[below(state, count)];
    }
    abort();
}

static const char *fill(struct world *w, uint64_t *state, const char *step) {
    const char *out = "";

    for (const char *brace; (brace = strchr(step, '{')) != NULL;) {
        size_t n = strcspn(brace + 1, "}");
        const char *name = w->settings->registrar.on && strncmp(brace, "{t}", 3) == 0 ? "device" : brace + 1;
        size_t length = strcspn(name, "}");
        out = scrap_print(&w->scrap, "%s%.*s%s", out, (int)(brace - step), step, option(state, name, length));
        step = brace + n + 2;
    }
    return scrap_print(&w->scrap, "%s%s", out, step);
}

static const char *choose(struct world *w, uint64_t *state) {
    int total = 0, at;

    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++)
        total += steps[i].weight;
    at = (int)below(state, (unsigned)total);
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        at -= steps[i].weight;
        if (at < 0)
            return fill(w, state, steps[i].step);
    }
    abort();
}

/* One call of A, begun in one of a few ways. */
static void begin(struct world *w, uint64_t *state, void (*take)(struct world *, const char *line)) {
    static const char *const first[] = {"A> INVITE",
                                        "A> INVITE sdp",
                                        "A> INVITE sdp h=\"Supported: 100rel\"",
                                        "A> INVITE h=\"Supported: 100rel\"",
                                        "A> INVITE sdp big=1200{who}",
                                        "A> INVITE sdp{who}",
                                        "A> INVITE sdp h=\"Session-Expires: 90;refresher=uas\""};
    static const char *const answered[] = {"B> 180", "B> 200 sdp", "A> ACK"};

    const char *invite = fill(w, state, first[below(state, sizeof first / sizeof first[0])]);
    for (size_t i = 0; w->settings->registrar.on && i < sizeof devices / sizeof devices[0]; i++)
        take(w, devices[i]);
    if (w->settings->registrar.on)
        invite = scrap_print(&w->scrap, "%s ruri=sip:bob@127.0.0.1 to=bob", invite);
    take(w, invite);
    for (int i = below(state, 2) == 0 ? 3 : 0; i < 3; i++)
        take(w, answered[i]);
}

/* Then anything; what is up in the end is stopped. */
void random_play(struct world *w, uint64_t seed, void (*take)(struct world *, const char *line)) {
    uint64_t state = seed * 2654435761u + 1;
    bool is_ours = w->settings->registrar.on && w->settings->trunk_count == 2; /* nobody stands between */
    bool transfers = is_ours && below(&state, 3) == 0;

    if (transfers) {
        take(w, "DO ring_two.part");
        take(w, "TOGETHER"); /* a dialog that is to be replaced is named */
    }
    w->lenient = true;
    if (!transfers)
        begin(w, &state, take);
    unsigned steps_left = 3 + below(&state, 35), at = below(&state, 12);
    for (unsigned i = 0; i < steps_left; i++)
        take(w, transfers && i == at ? transfer : choose(w, &state));
    take(w, "STOP drain");
    take(w, "FORGET");
}
