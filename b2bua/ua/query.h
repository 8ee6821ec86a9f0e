/*
 * query: a question of ours that is under way, in the list of those who ask: the transaction that it was sent in, where
 * it is a request, and the time after which no answer will come.
 *
 * Order of use: query_begin; its owner, who embeds it, sends and sets the timer; query_end. One thread.
 */
#ifndef B2BUA_UA_QUERY_H
#define B2BUA_UA_QUERY_H

#include "b2bua/ua/ua.h"

struct query {
    struct ua_user user;
    struct timer timer;
    struct tx *tx; /* NULL: not asked in a transaction, or not any more */
    struct query *next;
};

struct queries {
    struct ua *ua; /* borrowed, as are the timers */
    struct timerq *timers;
    struct query *first;
};

/* `ops->ended` is query_ended. `late` is called when the timer, which the owner sets, is over. */
void query_begin(struct queries *all, struct query *q, const struct ua_user_ops *ops,
                 void (*late)(struct timer *t, uint64_t now_ms));

/* The transaction is gone; `next` goes on in its place, or NULL. */
void query_ended(struct ua_user *u, struct tx *tx, struct tx *next);

/* What still comes to its transaction is nobody's. */
void query_abandon(struct queries *all, struct query *q);

/* It is over, and nothing here knows it any more: its owner may free it. */
void query_end(struct queries *all, struct query *q);

#endif
