#include "b2bua/core/course.h"

enum { MINUTE_MS = 60000 };

bool course_is_person(int status) {
    return status == 480 || status == 486 || status == 600 || status == 603;
}

static bool is_no_call(int status) {
    return status / 100 == 3 || status == 401 || status == 407;
}

static struct course_minute *minute_at(struct course *c, uint64_t now_ms) {
    struct course_minute *m = &c->minutes[now_ms / MINUTE_MS % COURSE_MINUTES];

    if (m->minute != now_ms / MINUTE_MS)
        *m = (struct course_minute){.minute = now_ms / MINUTE_MS};
    return m;
}

void course_add(struct course *c, int status, bool answered, uint64_t now_ms) {
    const bool counts[COURSE_KINDS] = {
        [COURSE_CALLS] = true, [COURSE_ANSWERED] = answered, [COURSE_EFFECTIVE] = answered || course_is_person(status)};
    struct course_minute *m = minute_at(c, now_ms);

    if (!answered && is_no_call(status))
        return;
    for (int i = 0; i < COURSE_KINDS; i++) {
        c->all[i] += counts[i];
        m->counts[i] += counts[i];
    }
}

void course_recent(const struct course *c, uint64_t now_ms, uint64_t sums[COURSE_KINDS]) {
    for (int i = 0; i < COURSE_MINUTES; i++) {
        const struct course_minute *m = &c->minutes[i];
        if (m->minute > now_ms / MINUTE_MS || m->minute + COURSE_MINUTES <= now_ms / MINUTE_MS)
            continue;
        for (int kind = 0; kind < COURSE_KINDS; kind++)
            sums[kind] += m->counts[kind];
    }
}
