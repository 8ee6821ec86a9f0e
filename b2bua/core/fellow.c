#include "b2bua/core/fellow.h"

void fellow_init(struct fellow *f, uint64_t now_ms) {
    *f = (struct fellow){.state = FELLOW_UNKNOWN, .since_ms = now_ms};
}

/* A datagram may be lost, a node may be starting anew; what proves nothing is no accident. */
static enum fellow_state state_after(const struct fellow *f, enum fellow_event e) {
    switch (e) {
    case FELLOW_ANSWERED:
        return FELLOW_UP;
    case FELLOW_SILENT:
    case FELLOW_UNREACHABLE:
        return f->misses < FELLOW_MISSES ? f->state : FELLOW_DOWN;
    case FELLOW_NO_ADDRESS:
    case FELLOW_NOT_BELIEVED:
    case FELLOW_EVENTS:
        break;
    }
    return FELLOW_DOWN;
}

bool fellow_event(struct fellow *f, enum fellow_event e, enum heartbeat_verdict verdict, uint64_t now_ms) {
    enum fellow_state before = f->state;

    f->misses = e == FELLOW_SILENT || e == FELLOW_UNREACHABLE ? f->misses + 1 : 0;
    enum fellow_state now = state_after(f, e);
    bool other_reason = now == FELLOW_DOWN && (f->event != e || f->verdict != verdict);
    if (now != before)
        f->since_ms = now_ms;
    f->state = now;
    if (now != before || other_reason) {
        f->event = e;
        f->verdict = verdict;
    }
    return now != before || other_reason;
}

void fellow_said(struct fellow *f, const struct heartbeat_facts *facts, uint64_t now_ms) {
    f->facts = *facts;
    f->heard_ms = now_ms;
}

enum heartbeat_verdict fellow_question(struct fellow *f, uint64_t at_ms, uint64_t wall_ms) {
    uint64_t apart_ms = at_ms > wall_ms ? at_ms - wall_ms : wall_ms - at_ms;

    if (apart_ms > FELLOW_CLOCK_MS)
        return HEARTBEAT_CLOCK;
    if (at_ms <= f->asked_at_ms)
        return HEARTBEAT_REPLAYED;
    f->asked_at_ms = at_ms;
    return HEARTBEAT_GOOD;
}

const char *fellow_state_name(enum fellow_state s) {
    static const char *const names[FELLOW_STATES] = {
        [FELLOW_UNKNOWN] = "unknown", [FELLOW_UP] = "up", [FELLOW_DOWN] = "down"};

    return names[s];
}

const char *fellow_reason(const struct fellow *f) {
    static const char *const names[FELLOW_EVENTS] = {[FELLOW_ANSWERED] = "answered",
                                                     [FELLOW_SILENT] = "silent",
                                                     [FELLOW_UNREACHABLE] = "unreachable",
                                                     [FELLOW_NO_ADDRESS] = "no-address",
                                                     [FELLOW_NOT_BELIEVED] = ""};

    if (f->state == FELLOW_UNKNOWN)
        return "started";
    return f->event == FELLOW_NOT_BELIEVED ? heartbeat_verdict_name(f->verdict) : names[f->event];
}
