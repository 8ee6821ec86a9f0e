/* Messages between the net, the engine and other workers: each belongs to the worker that its Call-ID hashes to. */
#include <stdlib.h>

#include "b2bua/core/frame.h"
#include "b2bua/core/refer.h"
#include "b2bua/core/stun.h"
#include "b2bua/worker/impl.h"

static int hand_to(struct worker *w, unsigned to, enum worker_item_kind kind, const struct flow *flow,
                   struct str bytes) {
    struct worker *other = w->shared->workers[to];
    int woke = worker_queue_put(&other->queue, kind, 0, flow, bytes);

    if (woke < 0) {
        w->handed_dropped++;
        return -1;
    }
    w->handed_over++;
    if (woke > 0)
        uv_async_send(&other->wake);
    return 0;
}

static unsigned owner_of(const struct worker *w, struct str call_id) {
    return w->shared->count < 2 ? w->index : ua_owner(call_id, w->shared->count);
}

/* Who is to look at the message first: the dialog that its Replaces names may be another worker's, which looks it up.
 * `owner` when there is none, or when it is the same worker. */
static unsigned first_reader(const struct worker *w, struct str raw, unsigned owner) {
    char text[REFER_VALUE_MAX];
    struct sbuf room = sbuf_on(text, sizeof text);
    struct replaces r;
    struct str value = w->shared->count < 2 ? STR_NONE : refer_replaces(raw, &room);

    return value.n > 0 && replaces_parse(value, &r) == 0 ? owner_of(w, r.call_id) : owner;
}

/* Broken bytes have no Call-ID to go by: whoever has the connection answers. */
static void message(void *ctx, const struct flow *from, char *bytes, size_t n, int broken, uint64_t now_ms) {
    struct worker *w = ctx;
    struct str raw = {bytes, n};
    unsigned owner = broken != 0 ? w->index : owner_of(w, frame_call_id(raw));
    unsigned first = broken != 0 ? owner : first_reader(w, raw, owner);

    if (first != owner)
        hand_to(w, first, WORKER_ITEM_REPLACES, from, raw);
    else if (owner == w->index)
        engine_message(w->engine, from, bytes, n, broken, now_ms);
    else
        hand_to(w, owner, WORKER_ITEM_MESSAGE, from, raw);
}

static void undelivered(void *ctx, const struct flow *to, struct str bytes, uint64_t now_ms) {
    struct worker *w = ctx;
    unsigned owner = stun_kind(bytes) != STUN_NOT ? w->index : owner_of(w, frame_call_id(bytes));

    if (owner == w->index)
        engine_undelivered(w->engine, to, bytes, now_ms);
    else
        hand_to(w, owner, WORKER_ITEM_UNDELIVERED, to, bytes);
}

static int other_worker(void *ctx, const struct flow *to, struct str bytes) {
    struct worker *w = ctx;

    return to->worker < w->shared->count ? hand_to(w, to->worker, WORKER_ITEM_SEND, to, bytes) : -1;
}

/* Seen in traces alone: of what clients send the ring would hold nothing else. */
static void note_stun(struct worker *w, enum ladder_way way, const struct flow *flow, struct str bytes) {
    if (tap_wants_stun(w->shared->tap) && stun_kind(bytes) != STUN_NOT)
        ladder_message(w->ladder, way, flow, bytes);
}

/* The answer is the net's, and the same whoever makes it. */
static void note_answer(struct worker *w, const struct flow *to, struct str request) {
    uint8_t reply[STUN_REPLY_MAX];

    if (tap_wants_stun(w->shared->tap))
        note_stun(w, LADDER_OUT, to,
                  (struct str){(char *)reply, stun_answer(request, &to->peer, STUN_SOFTWARE, reply)});
}

static bool stun(void *ctx, const struct flow *from, struct str bytes, uint64_t now_ms) {
    struct worker *w = ctx;

    note_stun(w, LADDER_IN, from, bytes);
    bool answered = engine_stun(w->engine, from, bytes, now_ms);
    if (answered)
        note_answer(w, from, bytes);
    return answered;
}

static void trouble(void *ctx, const struct flow *to, const char *why, uint64_t now_ms) {
    struct worker *w = ctx;

    engine_trouble(w->engine, to, why, now_ms);
}

/* Who waits for an answer by it may be on any worker, and may want to send: in a turn of his own. */
static void closed(void *ctx, const struct flow *flow, uint64_t now_ms) {
    struct worker *w = ctx;

    engine_closed(w->engine, flow, now_ms);
    for (unsigned i = 0; i < w->shared->count && engine_awaits(w->engine); i++)
        hand_to(w, i, WORKER_ITEM_CLOSED, flow, STR_NONE);
}

const struct net_ops worker_net_ops = {message, undelivered, other_worker, stun, closed, trouble};

int worker_flow_send(void *ctx, struct flow *flow, const char *host, const char *bytes, size_t n) {
    struct worker *w = ctx;

    note_stun(w, LADDER_OUT, flow, (struct str){bytes, n});
    return net_send(w->net, flow, host, bytes, n);
}

/* --- what has been handed over, at its owner's --- */

static void take_message(struct worker *w, struct worker_item *i, uint64_t now_ms) {
    engine_message(w->engine, &i->flow, i->bytes, i->n, 0, now_ms);
}

static void take_send(struct worker *w, struct worker_item *i, uint64_t now_ms) {
    if (net_send(w->net, &i->flow, NULL, i->bytes, i->n) < 0)
        undelivered(w, &i->flow, (struct str){i->bytes, i->n}, now_ms);
}

static void take_undelivered(struct worker *w, struct worker_item *i, uint64_t now_ms) {
    engine_undelivered(w->engine, &i->flow, (struct str){i->bytes, i->n}, now_ms);
}

static void take_closed(struct worker *w, struct worker_item *i, uint64_t now_ms) {
    engine_gone(w->engine, &i->flow, now_ms);
}

static void take_mapped(struct worker *w, struct worker_item *i, uint64_t now_ms) {
    struct str found = {i->bytes, str_find((struct str){i->bytes, i->n}, '\0')};

    engine_message_mapped(w->engine, &i->flow, i->bytes + found.n + 1, i->n - found.n - 1, found, now_ms);
}

enum { MAPPED_MAX = 4096 }; /* what a look-up may find */

/* Looks up what its Replaces names, and passes it on with that to its owner. */
static void take_replaces(struct worker *w, struct worker_item *i, uint64_t now_ms) {
    char *found = mem_alloc(MAPPED_MAX + 1 + i->n);
    struct sbuf b = sbuf_on(found, MAPPED_MAX);
    struct str raw = {i->bytes, i->n};

    (void)now_ms;
    if (!engine_map(w->engine, raw, &b))
        b.n = 0;
    size_t n = b.n;
    found[n++] = '\0';
    memcpy(found + n, raw.p, raw.n);
    hand_to(w, owner_of(w, frame_call_id(raw)), WORKER_ITEM_MAPPED, &i->flow, (struct str){found, n + raw.n});
    free(found);
}

static void (*const takes[])(struct worker *w, struct worker_item *i, uint64_t now_ms) = {
    [WORKER_ITEM_MESSAGE] = take_message,         [WORKER_ITEM_SEND] = take_send,
    [WORKER_ITEM_UNDELIVERED] = take_undelivered, [WORKER_ITEM_REPLACES] = take_replaces,
    [WORKER_ITEM_MAPPED] = take_mapped,           [WORKER_ITEM_CLOSED] = take_closed,
};

void worker_traffic(struct worker *w, struct worker_item *i, uint64_t now_ms) {
    takes[i->kind](w, i, now_ms);
}
