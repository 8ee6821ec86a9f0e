#include "b2bua/ua/query.h"

void query_begin(struct queries *all, struct query *q, const struct ua_user_ops *ops,
                 void (*late)(struct timer *t, uint64_t now_ms)) {
    *q = (struct query){.user.ops = ops, .timer.fire = late, .next = all->first};
    all->first = q;
}

void query_ended(struct ua_user *u, struct tx *tx, struct tx *next) {
    struct query *q = (struct query *)((char *)u - offsetof(struct query, user));

    (void)tx;
    q->tx = next;
}

void query_abandon(struct queries *all, struct query *q) {
    if (q->tx != NULL)
        ua_abandon(all->ua, q->tx);
    q->tx = NULL;
}

void query_end(struct queries *all, struct query *q) {
    struct query **at = &all->first;

    timerq_stop(all->timers, &q->timer);
    if (q->tx != NULL)
        q->tx->user = NULL;
    while (*at != q)
        at = &(*at)->next;
    *at = q->next;
}
