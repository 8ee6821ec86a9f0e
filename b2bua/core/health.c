#include "b2bua/core/health.h"

enum { HEALTH_TIMEOUT_MAX_MS = 4000, HEALTH_FAST_MIN_MS = 1000, HEALTH_PAUSE_MS = 1000 };

/* What evidence says of a place. */
enum verdict {
    NOTHING,
    GOOD,     /* a probe */
    BAD,      /* a probe */
    WORKS,    /* a call got through */
    DOUBTFUL, /* a call did not: ask */
    FORGIVEN
};

static const uint8_t verdicts[HEALTH_EVIDENCES] = {
    [HEALTH_PROBE_ANSWERED] = GOOD,       [HEALTH_PROBE_503] = BAD,         [HEALTH_PROBE_505] = BAD,
    [HEALTH_PROBE_SILENT] = BAD,          [HEALTH_PROBE_UNREACHABLE] = BAD, [HEALTH_LAPSED] = FORGIVEN,
    [HEALTH_CALL_ANSWERED] = WORKS,       [HEALTH_CALL_503] = DOUBTFUL,     [HEALTH_CALL_SILENT] = DOUBTFUL,
    [HEALTH_CALL_UNREACHABLE] = DOUBTFUL,
};

enum count { KEEP, CLEAR, ADD };

/* What a verdict does in a state. `next` is entered when `count` has brought the run to `retries`, or at once. */
struct step {
    uint8_t verdict, state, count;
    uint8_t at_once, next; /* states; the one that it is in: nothing changes */
    bool ask;              /* probe now */
};

/* clang-format off */
static const struct step steps[] = {
    /* verdict   state              run    at once            with `retries`     ask */
    {GOOD,     HEALTH_UP,         CLEAR, HEALTH_UP,         HEALTH_UP,         false},
    {BAD,      HEALTH_UP,         ADD,   HEALTH_SUSPECT,    HEALTH_DOWN,       false},
    {DOUBTFUL, HEALTH_UP,         KEEP,  HEALTH_SUSPECT,    HEALTH_SUSPECT,    true},
    {GOOD,     HEALTH_SUSPECT,    CLEAR, HEALTH_UP,         HEALTH_UP,         false},
    {WORKS,    HEALTH_SUSPECT,    CLEAR, HEALTH_UP,         HEALTH_UP,         false},
    {FORGIVEN, HEALTH_SUSPECT,    CLEAR, HEALTH_UP,         HEALTH_UP,         false},
    {BAD,      HEALTH_SUSPECT,    ADD,   HEALTH_SUSPECT,    HEALTH_DOWN,       false},
    {DOUBTFUL, HEALTH_SUSPECT,    KEEP,  HEALTH_SUSPECT,    HEALTH_SUSPECT,    true},
    {GOOD,     HEALTH_DOWN,       ADD,   HEALTH_RECOVERING, HEALTH_UP,         false},
    {BAD,      HEALTH_DOWN,       CLEAR, HEALTH_DOWN,       HEALTH_DOWN,       false},
    {WORKS,    HEALTH_DOWN,       KEEP,  HEALTH_DOWN,       HEALTH_DOWN,       true},
    {FORGIVEN, HEALTH_DOWN,       CLEAR, HEALTH_UP,         HEALTH_UP,         false},
    {GOOD,     HEALTH_RECOVERING, ADD,   HEALTH_RECOVERING, HEALTH_UP,         false},
    {BAD,      HEALTH_RECOVERING, CLEAR, HEALTH_DOWN,       HEALTH_DOWN,       false},
    {DOUBTFUL, HEALTH_RECOVERING, CLEAR, HEALTH_RECOVERING, HEALTH_RECOVERING, true},
    {FORGIVEN, HEALTH_RECOVERING, CLEAR, HEALTH_UP,         HEALTH_UP,         false},
};
/* clang-format on */

static uint32_t least(uint32_t a, uint32_t b) {
    return a < b ? a : b;
}

struct health_policy health_policy(bool probes, int up_interval_s, int down_interval_s, int retries) {
    uint32_t up = (uint32_t)up_interval_s * 1000, down = (uint32_t)down_interval_s * 1000;
    uint32_t share = down / (uint32_t)retries;
    uint32_t fast = least(least(up, down), share > HEALTH_FAST_MIN_MS ? share : HEALTH_FAST_MIN_MS);

    return (struct health_policy){.probes = probes,
                                  .retries = (uint16_t)retries,
                                  .up_interval_ms = up,
                                  .down_interval_ms = down,
                                  .fast_interval_ms = fast,
                                  .timeout_ms = least(HEALTH_TIMEOUT_MAX_MS, fast / 3 * 2)};
}

uint64_t health_detection_ms(const struct health_policy *p) {
    return p->up_interval_ms + (uint64_t)(p->retries - 1) * p->fast_interval_ms + p->timeout_ms;
}

uint64_t health_recovery_ms(const struct health_policy *p) {
    return p->down_interval_ms + (uint64_t)(p->retries - 1) * p->fast_interval_ms + p->timeout_ms;
}

static uint32_t interval(const struct health *h, const struct health_policy *p) {
    switch ((enum health_state)h->state) {
    case HEALTH_UP:
        return p->up_interval_ms;
    case HEALTH_DOWN:
        return p->down_interval_ms;
    case HEALTH_SUSPECT:
    case HEALTH_RECOVERING:
        return p->probes ? p->fast_interval_ms : p->down_interval_ms;
    case HEALTH_STATES:
        break;
    }
    return p->up_interval_ms;
}

/* Up to a tenth early, so that places drift apart and the longest time holds. Counted from when the last probe left. */
static void schedule(struct health *h, const struct health_policy *p, uint64_t draw, uint64_t now_ms) {
    uint32_t whole = interval(h, p);
    uint64_t from_ms = p->probes && h->probed_ms != 0 ? h->probed_ms : now_ms;
    uint64_t at_ms = from_ms + whole - draw % (whole / 10 + 1);

    h->probe_ms = at_ms > now_ms ? at_ms : now_ms;
    if (!p->probes && h->state == HEALTH_UP)
        h->probe_ms = UINT64_MAX;
}

/* Not at each failed call of a busy trunk, and not while a probe is under way. */
static void ask_now(struct health *h, uint64_t now_ms) {
    uint64_t at_ms = h->probed_ms == 0 ? now_ms : h->probed_ms + HEALTH_PAUSE_MS;

    if (at_ms < now_ms)
        at_ms = now_ms;
    if (!h->under_way && at_ms < h->probe_ms)
        h->probe_ms = at_ms;
}

void health_init(struct health *h, const struct health_policy *p, uint64_t draw, uint64_t now_ms) {
    *h = (struct health){.since_ms = now_ms, .probe_ms = UINT64_MAX};
    if (p->probes)
        h->probe_ms = now_ms + draw % p->fast_interval_ms;
}

static const struct step *find(enum verdict v, int state) {
    for (unsigned i = 0; i < sizeof steps / sizeof steps[0]; i++)
        if (steps[i].verdict == v && steps[i].state == state)
            return &steps[i];
    return 0;
}

static void enter(struct health *h, enum health_state next, enum health_evidence e, uint64_t now_ms) {
    h->state = (uint8_t)next;
    h->evidence = (uint8_t)e;
    h->since_ms = now_ms;
    if (next == HEALTH_UP || next == HEALTH_DOWN)
        h->run = 0;
}

static bool is_outcome(enum verdict v) {
    return v == GOOD || v == BAD || v == FORGIVEN;
}

bool health_event(struct health *h, const struct health_policy *p, enum health_evidence e, uint64_t draw,
                  uint64_t now_ms) {
    enum verdict v = (enum verdict)verdicts[e];
    const struct step *s = find(v, h->state);
    int before = h->state;

    if (s == 0)
        return false;
    if (s->count != KEEP)
        h->run = s->count == CLEAR ? 0 : (uint16_t)(h->run + 1);
    int next = s->count == ADD && h->run >= p->retries ? s->next : s->at_once;
    if (next != before)
        enter(h, (enum health_state)next, e, now_ms);
    h->under_way &= !is_outcome(v);
    if (is_outcome(v) || (!p->probes && next != before))
        schedule(h, p, draw, now_ms);
    if (s->ask && p->probes)
        ask_now(h, now_ms);
    return next != before;
}

void health_policy_changed(struct health *h, const struct health_policy *p, uint64_t draw, uint64_t now_ms) {
    uint64_t before_ms = h->probe_ms;

    if (h->under_way)
        return; /* its outcome sets the time */
    schedule(h, p, draw, now_ms);
    if (before_ms < h->probe_ms)
        h->probe_ms = before_ms;
}

bool health_due(const struct health *h, uint64_t now_ms) {
    return h->probe_ms <= now_ms;
}

void health_probed(struct health *h, uint64_t now_ms) {
    h->under_way = true;
    h->probed_ms = now_ms;
    h->probe_ms = UINT64_MAX;
}

const char *health_state_name(int state) {
    static const char *const names[HEALTH_STATES] = {"up", "suspect", "down", "recovering"};
    return names[state];
}

const char *health_evidence_name(int evidence) {
    static const char *const names[HEALTH_EVIDENCES] = {
        [HEALTH_STARTED] = "started",
        [HEALTH_PROBE_ANSWERED] = "options-answered",
        [HEALTH_PROBE_503] = "options-503",
        [HEALTH_PROBE_505] = "options-505",
        [HEALTH_PROBE_SILENT] = "options-silent",
        [HEALTH_PROBE_UNREACHABLE] = "options-unreachable",
        [HEALTH_LAPSED] = "lapsed",
        [HEALTH_CALL_ANSWERED] = "call-answered",
        [HEALTH_CALL_503] = "call-503",
        [HEALTH_CALL_SILENT] = "call-silent",
        [HEALTH_CALL_UNREACHABLE] = "call-unreachable",
    };
    return names[evidence];
}
