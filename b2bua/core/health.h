/*
 * health: is a place up? A pure state machine with hysteresis over evidence from probes (OPTIONS) and from calls.
 *
 *   up          gets calls
 *   suspect     something went wrong: it gets calls after those that are up, and is probed fast
 *   down        `retries` probes in a row have failed: no calls, probed every down_interval
 *   recovering  answers again: calls as when suspect; up after `retries` good answers in a row, which come fast
 *
 * Calls alone never put a place down; what they find is probed at once. A probe is answered by anything but 503 and
 * 505. Everything starts up. Without probes a suspect is up again after down_interval, or when a call gets through.
 *
 * Order of use: health_init; health_event for what happens; where health_due: health_probed when a probe leaves (and
 * its outcome as an event), or, without probes, HEALTH_LAPSED. Times in ms of one clock. Nothing is allocated.
 */
#ifndef B2BUA_CORE_HEALTH_H
#define B2BUA_CORE_HEALTH_H

#include <stdbool.h>
#include <stdint.h>

enum health_state { HEALTH_UP, HEALTH_SUSPECT, HEALTH_DOWN, HEALTH_RECOVERING, HEALTH_STATES };

/* What is known, and of what. */
enum health_evidence {
    HEALTH_STARTED, /* nothing has been heard yet; no event */
    /* probes */
    HEALTH_PROBE_ANSWERED, /* by anything but: */
    HEALTH_PROBE_503,
    HEALTH_PROBE_505,
    HEALTH_PROBE_SILENT,      /* no answer in timeout_ms */
    HEALTH_PROBE_UNREACHABLE, /* the transport failed: counts at once */
    HEALTH_LAPSED,            /* without probes: a suspect's time is over */
    /* requests of calls and registrations */
    HEALTH_CALL_ANSWERED, /* any response but 503 */
    HEALTH_CALL_503,
    HEALTH_CALL_SILENT, /* no response in the trunk's no_reply_ms */
    HEALTH_CALL_UNREACHABLE,
    HEALTH_EVIDENCES
};

/* Of a trunk's keepalive. */
struct health_policy {
    bool probes;
    uint16_t retries;          /* failures until it is down, good answers until it is up */
    uint32_t up_interval_ms;   /* between probes of what is up */
    uint32_t down_interval_ms; /* of what is down */
    uint32_t fast_interval_ms; /* of suspect and recovering: `retries` of them in one down_interval */
    uint32_t timeout_ms;       /* of a probe: shorter than any interval */
};

/* Derives what is not configured. Intervals in s, 1..86400; retries 1..100. */
struct health_policy health_policy(bool probes, int up_interval_s, int down_interval_s, int retries);

/* The longest time from the first silence to down, and from the first good answer to up. */
uint64_t health_detection_ms(const struct health_policy *p);
uint64_t health_recovery_ms(const struct health_policy *p);

struct health {
    uint8_t state;      /* enum health_state */
    uint8_t evidence;   /* what the state was entered by */
    bool under_way;     /* a probe is */
    uint16_t run;       /* failures in a row of a suspect, good answers of one that recovers */
    uint64_t since_ms;  /* in this state */
    uint64_t probe_ms;  /* the next probe, or the end of suspicion; UINT64_MAX = none */
    uint64_t probed_ms; /* the last one left, 0 = never */
};

/* `draw` is random: it spreads the first probes over one fast interval. */
void health_init(struct health *h, const struct health_policy *p, uint64_t draw, uint64_t now_ms);

/* Takes the evidence; `draw` is random, for the time of the next probe. Returns true when the state has changed. */
bool health_event(struct health *h, const struct health_policy *p, enum health_evidence e, uint64_t draw,
                  uint64_t now_ms);

/* The policy is another from now on: the next probe comes no later than it says. */
void health_policy_changed(struct health *h, const struct health_policy *p, uint64_t draw, uint64_t now_ms);

/* Is a probe due (or, without probes, the end of suspicion)? */
bool health_due(const struct health *h, uint64_t now_ms);

/* A probe has left: none is due until its outcome. */
void health_probed(struct health *h, uint64_t now_ms);

/* May it get calls? */
static inline bool health_usable(int state) {
    return state != HEALTH_DOWN;
}

const char *health_state_name(int state);

/* "options-answered", "call-silent": fits a log line or a label. */
const char *health_evidence_name(int evidence);

#endif
