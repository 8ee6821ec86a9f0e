#include "b2bua/worker/worker.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

#include "b2bua/core/frame.h"
#include "b2bua/core/refer.h"
#include "b2bua/core/stun.h"
#include "b2bua/log/log.h"
#include "b2bua/worker/change.h"
#include "b2bua/worker/load.h"
#include "b2bua/worker/question.h"
#include "b2bua/worker/queue.h"

struct worker {
    struct worker_shared *shared;
    unsigned index;
    pthread_t thread;
    bool running;
    uv_loop_t loop;
    uv_async_t wake;
    uv_timer_t timer;
    uv_prepare_t prepare;
    uv_check_t check;
    struct timerq timers;
    struct net *net;
    struct ladder *ladder;
    uint64_t tapped_at; /* of the ladder: given to the tap up to there */
    unsigned tapped;    /* tap_wanted of that time */
    struct engine *engine;
    struct worker_queue queue;
    uint64_t timer_at_ms; /* what the loop's timer is set for */
    struct worker_load load;
    bool stopping;
    uint64_t handed_over, handed_dropped;
    pthread_mutex_t counts_lock;
    struct worker_counts counts;
    uint64_t counts_at_ms;
};

/* --- handing over --- */

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

/* --- Replaces: the dialog that it names may be another worker's, which looks it up --- */

enum { MAPPED_MAX = 4096 };

static unsigned owner_of(const struct worker *w, struct str call_id) {
    return w->shared->count < 2 ? w->index : ua_owner(call_id, w->shared->count);
}

/* Who is to look at the message first, for its Replaces; `owner` when there is none, or when it is the same worker. */
static unsigned first_reader(const struct worker *w, struct str raw, unsigned owner) {
    char text[REFER_VALUE_MAX];
    struct sbuf room = sbuf_on(text, sizeof text);
    struct replaces r;
    struct str value = w->shared->count < 2 ? STR_NONE : refer_replaces(raw, &room);

    return value.n > 0 && replaces_parse(value, &r) == 0 ? owner_of(w, r.call_id) : owner;
}

static void map(struct worker *w, const struct flow *flow, struct str raw) {
    char *found = mem_alloc(MAPPED_MAX + 1 + raw.n);
    struct sbuf b = sbuf_on(found, MAPPED_MAX);

    if (!engine_map(w->engine, raw, &b))
        b.n = 0;
    size_t n = b.n;
    found[n++] = '\0';
    memcpy(found + n, raw.p, raw.n);
    hand_to(w, owner_of(w, frame_call_id(raw)), WORKER_ITEM_MAPPED, flow, (struct str){found, n + raw.n});
    free(found);
}

static void mapped(struct worker *w, struct worker_item *i, uint64_t now_ms) {
    struct str found = {i->bytes, str_find((struct str){i->bytes, i->n}, '\0')};

    engine_message_mapped(w->engine, &i->flow, i->bytes + found.n + 1, i->n - found.n - 1, found, now_ms);
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

static const struct net_ops net_ops = {message, undelivered, other_worker, stun, closed, trouble};

static int flow_send(void *ctx, struct flow *flow, const char *host, const char *bytes, size_t n) {
    struct worker *w = ctx;

    note_stun(w, LADDER_OUT, flow, (struct str){bytes, n});
    return net_send(w->net, flow, host, bytes, n);
}

/* --- the engine's surroundings --- */

static void random_bytes(void *bytes, size_t n) {
    char *at = bytes;

    while (n > 0) {
        ssize_t got = getrandom(at, n, 0);
        if (got > 0) {
            at += got;
            n -= (size_t)got;
        }
    }
}

static void record(void *ctx, const struct record *r) {
    struct worker *w = ctx;

    if (w->shared->recorder != NULL)
        recorder_write(w->shared->recorder, r);
}

static uint64_t wall_ms(void *ctx) {
    struct timespec t;

    (void)ctx;
    clock_gettime(CLOCK_REALTIME, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static uint64_t wall_us(void *ctx) {
    struct timespec t;

    (void)ctx;
    clock_gettime(CLOCK_REALTIME, &t);
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

/* --- the loop --- */

static struct worker_counts counts_now(const struct worker *w) {
    return (struct worker_counts){engine_counts(w->engine), net_counts(w->net), w->handed_over, w->handed_dropped,
                                  w->counts_at_ms};
}

static void publish(struct worker *w, uint64_t now_ms) {
    if (now_ms - w->counts_at_ms < 100 && !w->stopping)
        return;
    w->counts_at_ms = now_ms;
    struct worker_counts c = counts_now(w);
    pthread_mutex_lock(&w->counts_lock);
    w->counts = c;
    pthread_mutex_unlock(&w->counts_lock);
}

/* What is new in the ladder, for whoever wants it. A new one first learns of the calls that there are. */
static void give_to_tap(struct worker *w) {
    unsigned wanted = tap_wanted(w->shared->tap);
    struct sbuf copy = sbuf_growing(SIZE_MAX / 2);
    uint64_t first = 0;

    if (wanted != 0 && wanted != w->tapped)
        ladder_copy(w->ladder, &first, true, &copy);
    w->tapped = wanted;
    if (wanted == 0)
        w->tapped_at = ladder_end(w->ladder);
    else if (!ladder_copy(w->ladder, &w->tapped_at, false, &copy))
        tap_missed(w->shared->tap);
    if (copy.n > 0)
        tap_give(w->shared->tap, &copy);
}

static void on_timer(uv_timer_t *t) {
    struct worker *w = t->data;

    uint64_t now_ms = net_now_ms();

    worker_load_waited(&w->load, w->timer_at_ms, now_ms);
    w->timer_at_ms = TIMERQ_NEVER;
    engine_run(w->engine, now_ms);
}

static void look_at_load(struct worker *w, uint64_t now_ms) {
    struct overload_load load;

    if (now_ms - w->load.at_ms < OVERLOAD_TICK_MS)
        return;
    net_look(w->net);
    if (worker_load_tick(&w->load, &w->loop, net_counts(w->net).lost, now_ms, &load))
        engine_load(w->engine, &load);
}

/* The turn ends: what is queued for the wire leaves, and the loop sleeps until the next timer. */
static void turn_end(struct worker *w) {
    uint64_t now_ms = net_now_ms(), next;

    give_to_tap(w);
    net_flush(w->net);
    look_at_load(w, now_ms);
    publish(w, now_ms);
    next = timerq_next(&w->timers);
    if (next > now_ms + 200)
        next = now_ms + 200; /* counters are never older */
    if (next == w->timer_at_ms || (w->timer_at_ms <= next && w->timer_at_ms > now_ms))
        return;
    w->timer_at_ms = next;
    uv_update_time(&w->loop);
    uv_timer_start(&w->timer, on_timer, next > now_ms ? next - now_ms : 0, 0);
}

static void on_prepare(uv_prepare_t *p) {
    turn_end(p->data);
}

/* What the loop read last had to wait since it woke up. */
static void on_check(uv_check_t *c) {
    struct worker *w = c->data;

    worker_load_waited(&w->load, uv_now(&w->loop), net_now_ms());
    give_to_tap(w);
    net_flush(w->net);
}

static void obey(struct worker *w, enum worker_order order, uint64_t now_ms) {
    switch (order) {
    case WORKER_DRAIN:
        engine_drain(w->engine, now_ms);
        break;
    case WORKER_END_CALLS:
        engine_drain(w->engine, now_ms);
        engine_stop_probes(w->engine);
        engine_stop(w->engine, CALLS_STOP_DRAIN, now_ms);
        break;
    case WORKER_STOP:
        engine_close(w->engine, now_ms);
        w->stopping = true;
        publish(w, now_ms);
        net_close(w->net);
        uv_close((uv_handle_t *)&w->wake, NULL);
        uv_close((uv_handle_t *)&w->timer, NULL);
        uv_close((uv_handle_t *)&w->prepare, NULL);
        uv_close((uv_handle_t *)&w->check, NULL);
        break;
    }
}

/* A long answer is made in several turns, so that messages come between. */
static void answer(struct worker *w, struct worker_question *q, uint64_t now_ms) {
    struct worker_answer *a = &q->answers[w->index];

    if (w->stopping) {
        engine_report_drop(w->engine, &a->report);
    } else if (!engine_report(w->engine, &q->ask, &a->report, now_ms)) {
        worker_ask(w, q);
        return;
    } else {
        a->counts = counts_now(w);
    }
    worker_question_answered(q);
}

static void take_step(struct worker *w, struct worker_change *c) {
    if (!w->stopping)
        worker_change_take(c, w->index, w->net, w->engine);
    worker_change_taken(c);
}

static void do_item(struct worker *w, struct worker_item *i, uint64_t now_ms) {
    switch (i->kind) {
    case WORKER_ITEM_MESSAGE:
    case WORKER_ITEM_BROKEN:
        engine_message(w->engine, &i->flow, i->bytes, i->n, i->kind == WORKER_ITEM_BROKEN, now_ms);
        break;
    case WORKER_ITEM_SEND:
        if (net_send(w->net, &i->flow, NULL, i->bytes, i->n) < 0)
            undelivered(w, &i->flow, (struct str){i->bytes, i->n}, now_ms);
        break;
    case WORKER_ITEM_UNDELIVERED:
        engine_undelivered(w->engine, &i->flow, (struct str){i->bytes, i->n}, now_ms);
        break;
    case WORKER_ITEM_CLOSED:
        engine_gone(w->engine, &i->flow, now_ms);
        break;
    case WORKER_ITEM_REPLACES:
        map(w, &i->flow, (struct str){i->bytes, i->n});
        break;
    case WORKER_ITEM_MAPPED:
        mapped(w, i, now_ms);
        break;
    case WORKER_ITEM_ORDER:
        obey(w, (enum worker_order)i->order, now_ms);
        break;
    case WORKER_ITEM_ASK:
        answer(w, i->question, now_ms);
        break;
    case WORKER_ITEM_CHANGE:
        take_step(w, i->change);
        break;
    }
}

static void on_wake(uv_async_t *a) {
    struct worker *w = a->data;
    struct worker_item *next;

    for (struct worker_item *i = worker_queue_take(&w->queue); i != NULL; i = next) {
        next = i->next;
        uint64_t now_ms = net_now_ms();
        if (i->at_ms != 0)
            worker_load_waited(&w->load, i->at_ms, now_ms);
        if (!w->stopping || i->kind == WORKER_ITEM_ASK || i->kind == WORKER_ITEM_CHANGE)
            do_item(w, i, now_ms);
        free(i);
    }
}

static void *run(void *arg) {
    struct worker *w = arg;

    uv_run(&w->loop, UV_RUN_DEFAULT);
    return NULL;
}

/* --- making and ending --- */

static void init_loop(struct worker *w) {
    uv_loop_init(&w->loop);
    uv_loop_configure(&w->loop, UV_METRICS_IDLE_TIME);
    uv_async_init(&w->loop, &w->wake, on_wake);
    uv_timer_init(&w->loop, &w->timer);
    uv_prepare_init(&w->loop, &w->prepare);
    uv_check_init(&w->loop, &w->check);
    w->wake.data = w->timer.data = w->prepare.data = w->check.data = w;
    uv_prepare_start(&w->prepare, on_prepare);
    uv_check_start(&w->check, on_check);
    w->timer_at_ms = TIMERQ_NEVER;
    w->load.at_ms = net_now_ms();
}

struct worker *worker_new(struct worker_shared *shared, unsigned index, struct settings *settings, char *error,
                          size_t size) {
    struct worker *w = mem_zalloc(sizeof *w);

    w->shared = shared;
    w->index = index;
    pthread_mutex_init(&w->counts_lock, NULL);
    worker_queue_init(&w->queue);
    init_loop(w);
    timerq_init(&w->timers, net_now_ms());
    w->net = net_new(&w->loop, &w->timers, settings, shared->net, index, &net_ops, w);
    w->ladder = ladder_new(((size_t)settings->admin.ladder_mb << 20) / shared->count, wall_us, NULL);
    w->engine = engine_new(&(struct engine_config){.timers = &w->timers,
                                                   .pool = shared->pool,
                                                   .guard = shared->guard,
                                                   .flow = {flow_send, w},
                                                   .ladder = w->ladder,
                                                   .node = shared->node,
                                                   .worker = index,
                                                   .workers = shared->count,
                                                   .random = random_bytes,
                                                   .calls = {record, wall_ms, w},
                                                   .registrations = shared->registrations,
                                                   .nodes = shared->nodes,
                                                   .switches = &shared->switches,
                                                   .registrar = shared->registrar,
                                                   .fellows = shared->fellows});
    engine_set_settings(w->engine, settings);
    net_take(w->net, settings, shared->tls);
    if (net_listen(w->net, error, size) == 0)
        return w;
    worker_order(w, WORKER_STOP);
    worker_start(w);
    worker_join(w);
    worker_free(w);
    return NULL;
}

void worker_start(struct worker *w) {
    w->running = pthread_create(&w->thread, NULL, run, w) == 0;
}

void worker_order(struct worker *w, enum worker_order order) {
    worker_queue_put(&w->queue, WORKER_ITEM_ORDER, (int)order, NULL, STR_NONE);
    uv_async_send(&w->wake);
}

void worker_ask(struct worker *w, struct worker_question *q) {
    worker_queue_ask(&w->queue, q);
    uv_async_send(&w->wake);
}

void worker_tell(struct worker *w, struct worker_change *c) {
    worker_queue_change(&w->queue, c);
    uv_async_send(&w->wake);
}

struct worker_counts worker_counts(struct worker *w) {
    struct worker_counts c;

    pthread_mutex_lock(&w->counts_lock);
    c = w->counts;
    pthread_mutex_unlock(&w->counts_lock);
    return c;
}

void worker_join(struct worker *w) {
    if (w->running)
        pthread_join(w->thread, NULL);
    w->running = false;
}

void worker_free(struct worker *w) {
    if (w == NULL)
        return;
    engine_free(w->engine);
    ladder_free(w->ladder);
    net_free(w->net);
    uv_loop_close(&w->loop);
    worker_queue_fini(&w->queue);
    pthread_mutex_destroy(&w->counts_lock);
    free(w);
}
