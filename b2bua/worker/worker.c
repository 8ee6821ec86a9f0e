#include "b2bua/worker/worker.h"

#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

#include "b2bua/worker/impl.h"

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

/* --- making and ending --- */

static void *run(void *arg) {
    struct worker *w = arg;

    uv_run(&w->loop, UV_RUN_DEFAULT);
    return NULL;
}

struct worker *worker_new(struct worker_shared *shared, unsigned index, struct settings *settings, char *error,
                          size_t size) {
    struct worker *w = mem_zalloc(sizeof *w);

    w->shared = shared;
    w->index = index;
    pthread_mutex_init(&w->counts_lock, NULL);
    worker_queue_init(&w->queue);
    worker_turn_init(w);
    timerq_init(&w->timers, net_now_ms());
    w->net = net_new(&w->loop, &w->timers, settings, shared->net, index, &worker_net_ops, w);
    w->ladder = ladder_new(((size_t)settings->admin.ladder_mb << 20) / shared->count, wall_us, NULL);
    w->engine = engine_new(&(struct engine_config){.timers = &w->timers,
                                                   .pool = shared->pool,
                                                   .guard = shared->guard,
                                                   .flow = {worker_flow_send, w},
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
