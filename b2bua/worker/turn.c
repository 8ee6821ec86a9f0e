/* One turn of the loop: what has come and what is due is done, what is to be sent leaves, others learn the counts. */
#include <stdlib.h>

#include "b2bua/worker/change.h"
#include "b2bua/worker/impl.h"
#include "b2bua/worker/question.h"

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

/* The loop ends when the net is closed, too. */
static void stop(struct worker *w, uint64_t now_ms) {
    w->stopping = true;
    publish(w, now_ms);
    net_close(w->net);
    uv_close((uv_handle_t *)&w->wake, NULL);
    uv_close((uv_handle_t *)&w->timer, NULL);
    uv_close((uv_handle_t *)&w->prepare, NULL);
    uv_close((uv_handle_t *)&w->check, NULL);
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
        stop(w, now_ms);
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
    case WORKER_ITEM_SEND:
    case WORKER_ITEM_UNDELIVERED:
    case WORKER_ITEM_CLOSED:
    case WORKER_ITEM_REPLACES:
    case WORKER_ITEM_MAPPED:
        worker_traffic(w, i, now_ms);
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

void worker_turn_init(struct worker *w) {
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
