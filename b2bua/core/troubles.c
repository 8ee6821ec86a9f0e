#include "b2bua/core/troubles.h"

#include <stdlib.h>

#include "b2bua/core/course.h"

/* Of a call that was answered; one that was not is over because something failed, or somebody gave up. */
static bool is_failure(enum ending_cause cause) {
    switch (cause) {
    case ENDING_REFRESH_MISSED:
    case ENDING_REFRESH_FAILED:
    case ENDING_NO_ACK:
    case ENDING_TIMEOUT:
    case ENDING_REJECTED:
    case ENDING_LIMIT:
        return true;
    case ENDING_BYE:
    case ENDING_CANCEL:
    case ENDING_ADMIN:
    case ENDING_DRAIN:
    case ENDING_TRANSFER:
    case ENDING_CAUSES:
        break;
    }
    return false;
}

bool troubles_is(const struct trouble *t, bool answered) {
    return is_failure(t->cause) && (answered || !course_is_person(t->status));
}

static bool is_alike(const struct trouble *a, const struct trouble *b) {
    return a->count > 0 && a->status == b->status && a->by == b->by && a->cause == b->cause &&
           a->outgoing == b->outgoing;
}

/* The row of its kind, a free one, or the one that was quiet for longest. */
static struct trouble *row_for(struct troubles *all, const struct trouble *t) {
    struct trouble *best = &all->rows[0];

    for (int i = 0; i < TROUBLES_MAX; i++) {
        struct trouble *row = &all->rows[i];
        if (is_alike(row, t))
            return row;
        if (best->count > 0 && (row->count == 0 || row->at_ms < best->at_ms))
            best = row;
    }
    return best;
}

void troubles_add(struct troubles *all, const struct trouble *t) {
    struct trouble *row = row_for(all, t);
    uint64_t before = is_alike(row, t) ? row->count : 0;

    if (before == 0 || t->at_ms >= row->at_ms)
        *row = *t;
    else
        row->count = t->count;
    row->count += before;
}

static int later(const void *a, const void *b) {
    const struct trouble *x = a, *y = b;

    if ((x->count == 0) != (y->count == 0))
        return x->count == 0 ? 1 : -1;
    return x->at_ms < y->at_ms ? 1 : x->at_ms > y->at_ms ? -1 : 0;
}

void troubles_sort(struct troubles *all) {
    qsort(all->rows, TROUBLES_MAX, sizeof *all->rows, later);
}
