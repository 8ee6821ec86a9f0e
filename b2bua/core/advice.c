#include "b2bua/core/advice.h"

enum { ALL = 100 };

void advice_init(struct advice *a) {
    *a = (struct advice){.target = -1};
}

static bool counts(const struct advice_node *n, uint64_t now_ms) {
    return n->takes && now_ms - n->heard_ms <= ADVICE_STALE_MS;
}

/* The one with the fewest registrations that may be a target; -1 = none. */
static int emptiest(const struct advice_node *nodes, int count, int self, uint64_t now_ms) {
    int found = -1;

    for (int i = 0; i < count; i++)
        if (i != self && counts(&nodes[i], now_ms) && nodes[i].busy_percent < ADVICE_BUSY_PERCENT &&
            (found < 0 || nodes[i].registrations < nodes[found].registrations))
            found = i;
    return found;
}

static bool is_apart(const struct advice *a, const struct advice_node *nodes, int count, int self, int other,
                     uint64_t now_ms) {
    uint64_t sum = 0, alive = 0, ours = nodes[self].registrations, theirs = nodes[other].registrations;
    uint64_t percent = a->target >= 0 ? ADVICE_ENDS_PERCENT : ADVICE_BEGINS_PERCENT;

    for (int i = 0; i < count; i++)
        if (counts(&nodes[i], now_ms)) {
            sum += nodes[i].registrations;
            alive++;
        }
    return ours * alive > sum && ours >= theirs + ADVICE_LEAST && theirs * alive * ALL < percent * sum;
}

int advice_judge(struct advice *a, const struct advice_node *nodes, int count, int self, uint64_t now_ms) {
    int other = counts(&nodes[self], now_ms) ? emptiest(nodes, count, self, now_ms) : -1;

    a->target = other >= 0 && is_apart(a, nodes, count, self, other, now_ms) ? other : -1;
    if (a->target < 0)
        a->credit = 0;
    return a->target;
}

bool advice_take(struct advice *a) {
    if (a->target < 0)
        return false;
    a->credit += ADVICE_SHARE_PERCENT;
    if (a->credit < ALL)
        return false;
    a->credit -= ALL;
    a->given++;
    return true;
}
