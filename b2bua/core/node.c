#include "b2bua/core/node.h"

#include <assert.h>

enum {
    SUSPECT_PAUSE_MS = 1000,
    TIMEOUTS_WITHIN_MS = 10000,
    HOLD_DOWN_MOST_MS = 120000,
    SHARE_ALL = 1000,
    SHARE_FIRST = 100,
    RELAPSE_FORGOTTEN_MS = 600000, /* up for so long: the next fall is the first again */
};

/* What evidence comes to. */
enum step {
    STAY,
    CLEAR,  /* a miss is forgotten */
    COUNT,  /* one more miss; down when there are enough */
    FALL,   /* down at once */
    RISE,   /* one more answer; recovering when there are enough */
    STRIKE, /* the first time-out is noted, a second soon after counts */
    CLOSE,  /* for the time it said */
    ENTER,  /* maintenance */
    RETURN, /* recovering */
};

/* clang-format off */
static const enum step steps[NODE_STATES][NODE_EVIDENCES] = {
    /*                     answered missed timeout refused closed warned entered left */
    [NODE_UP]          = { CLEAR,   COUNT, STRIKE, FALL,   CLOSE, ENTER, ENTER,  STAY },
    [NODE_SUSPECT]     = { CLEAR,   COUNT, STRIKE, FALL,   CLOSE, ENTER, ENTER,  STAY },
    [NODE_DOWN]        = { RISE,    COUNT, STAY,   COUNT,  CLOSE, ENTER, ENTER,  STAY },
    [NODE_RECOVERING]  = { STAY,    FALL,  STRIKE, FALL,   CLOSE, ENTER, ENTER,  STAY },
    [NODE_MAINTENANCE] = { RISE,    COUNT, STAY,   FALL,   CLOSE, ENTER, ENTER,  RETURN },
};
/* clang-format on */

void node_init(struct node *n, uint64_t now_ms) {
    *n = (struct node){.state = NODE_UP, .since_ms = now_ms};
}

static bool become(struct node *n, enum node_state next, uint64_t now_ms) {
    if (next == n->state)
        return false;
    n->state = next;
    n->since_ms = now_ms;
    n->answers = 0;
    n->timed_out_ms = 0;
    return true;
}

static bool fall(struct node *n, uint64_t now_ms) {
    bool steady = n->state == NODE_UP && now_ms - n->since_ms >= RELAPSE_FORGOTTEN_MS;

    n->relapses = n->lost_ms == 0 || steady ? 0 : n->relapses + 1;
    n->lost_ms = now_ms;
    return become(n, NODE_DOWN, now_ms);
}

static bool count_miss(struct node *n, const struct node_policy *p, uint64_t now_ms) {
    n->answers = 0;
    if (n->misses < UINT32_MAX)
        n->misses++;
    if (n->state == NODE_DOWN || (n->state == NODE_MAINTENANCE && n->misses < p->down_after))
        return false;
    return n->misses >= p->down_after ? fall(n, now_ms) : become(n, NODE_SUSPECT, now_ms);
}

static bool strike(struct node *n, const struct node_policy *p, uint64_t now_ms) {
    bool second = n->timed_out_ms != 0 && now_ms - n->timed_out_ms <= TIMEOUTS_WITHIN_MS;

    n->timed_out_ms = now_ms;
    if (!second)
        return false;
    return n->state == NODE_RECOVERING ? fall(n, now_ms) : count_miss(n, p, now_ms);
}

/* Each relapse doubles the time that a node has to wait, up to two minutes. */
static uint64_t hold_down_ms(const struct node *n, const struct node_policy *p) {
    uint64_t ms = p->hold_down_ms;

    for (uint32_t i = 0; i < n->relapses && ms < HOLD_DOWN_MOST_MS; i++)
        ms *= 2;
    return ms < HOLD_DOWN_MOST_MS || ms == p->hold_down_ms ? ms : HOLD_DOWN_MOST_MS;
}

static bool rise(struct node *n, const struct node_policy *p, uint64_t now_ms) {
    n->misses = 0;
    n->answers++;
    if (n->by_operator || n->answers < p->up_after)
        return false;
    if (n->state == NODE_DOWN && now_ms - n->lost_ms < hold_down_ms(n, p))
        return false;
    return become(n, NODE_RECOVERING, now_ms);
}

static bool clear(struct node *n, uint64_t now_ms) {
    n->misses = 0;
    return become(n, NODE_UP, now_ms);
}

bool node_event(struct node *n, const struct node_policy *p, enum node_evidence e, uint32_t seconds, uint64_t now_ms) {
    assert(e < NODE_EVIDENCES);
    bool ticked = node_tick(n, p, now_ms), changed = false;
    switch (steps[n->state][e]) {
    case STAY:
        break;
    case CLEAR:
        changed = clear(n, now_ms);
        break;
    case COUNT:
        changed = count_miss(n, p, now_ms);
        break;
    case FALL:
        changed = fall(n, now_ms);
        break;
    case RISE:
        changed = rise(n, p, now_ms);
        break;
    case STRIKE:
        changed = strike(n, p, now_ms);
        break;
    case CLOSE:
        n->closed_ms = now_ms + (seconds < NODE_CLOSED_MAX_S ? seconds : NODE_CLOSED_MAX_S) * 1000ULL;
        break;
    case ENTER:
        n->by_operator = n->by_operator || e == NODE_ENTERED;
        n->answers = 0;
        changed = become(n, NODE_MAINTENANCE, now_ms);
        break;
    case RETURN:
        n->by_operator = false;
        n->misses = 0;
        changed = become(n, NODE_RECOVERING, now_ms);
        break;
    }
    return changed || ticked;
}

bool node_tick(struct node *n, const struct node_policy *p, uint64_t now_ms) {
    if (n->state != NODE_RECOVERING || now_ms - n->since_ms < p->ramp_ms)
        return false;
    return become(n, NODE_UP, now_ms);
}

uint32_t node_pause_ms(const struct node *n, const struct node_policy *p) {
    bool hurry = n->state == NODE_SUSPECT || n->state == NODE_DOWN;

    return hurry && p->interval_ms > SUSPECT_PAUSE_MS ? SUSPECT_PAUSE_MS : p->interval_ms;
}

uint32_t node_share(const struct node *n, const struct node_policy *p, uint64_t now_ms) {
    if (now_ms < n->closed_ms)
        return 0;
    if (n->state == NODE_UP)
        return SHARE_ALL;
    if (n->state != NODE_RECOVERING)
        return 0;
    uint64_t passed_ms = now_ms - n->since_ms;
    if (passed_ms >= p->ramp_ms)
        return SHARE_ALL;
    return SHARE_FIRST + (uint32_t)((SHARE_ALL - SHARE_FIRST) * passed_ms / p->ramp_ms);
}

const char *node_state_name(enum node_state s) {
    static const char *const names[NODE_STATES] = {"up", "suspect", "down", "recovering", "maintenance"};

    return names[s];
}

const char *node_evidence_name(enum node_evidence e) {
    static const char *const names[NODE_EVIDENCES] = {
        [NODE_ANSWERED] = "answered", [NODE_MISSED] = "no answer to a probe",
        [NODE_TIMEOUT] = "no answer", [NODE_REFUSED] = "connection refused",
        [NODE_CLOSED] = "503",        [NODE_WARNED] = "503 in maintenance",
        [NODE_ENTERED] = "operator",  [NODE_LEFT] = "operator"};

    return names[e];
}
