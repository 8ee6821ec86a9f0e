#include "b2bua/net/resolver.h"

#include <stdlib.h>

#include "b2bua/net/resolver_impl.h"

enum { RUN_LONGEST_MS = RESOLVER_CAP_S * 1000 };

/* --- running a watch --- */

struct run {
    struct resolver *r;
    uint64_t again_ms;
    bool stale;
    struct name *blocked;
};

static uint64_t least(uint64_t a, uint64_t b) {
    return a < b ? a : b;
}

static enum srv_look look(void *ctx, const char *text, enum dns_type type, const struct dns_set **out) {
    struct run *run = ctx;
    struct name *n = resolver_name(run->r, text, type);

    if (n == NULL) {
        run->again_ms = least(run->again_ms, uv_now(run->r->loop) + RESOLVER_RETRY_CAP_S * 1000ull);
        return SRV_LOOK_FAILED;
    }
    if (n->state != NAME_IDLE) {
        run->blocked = n;
        return SRV_LOOK_WAITING;
    }
    run->again_ms = least(run->again_ms, n->until_ms);
    run->stale |= n->failures > 0 && n->set != NULL;
    if (n->set == NULL)
        return n->end == NAME_REFUSED ? SRV_LOOK_REFUSED : SRV_LOOK_FAILED;
    *out = n->set;
    return n->none ? SRV_LOOK_NONE : SRV_LOOK_FOUND;
}

static bool same_places(const struct resolver_watch *w, const struct srv_answer *a) {
    if (w->count != a->count || (a->count > 0 && w->strategy != a->strategy))
        return false;
    for (int i = 0; i < a->count; i++) {
        const struct srv_place *x = &w->places[i], *y = &a->places[i];
        if (!addr_eq(&x->addr, &y->addr) || x->proto != y->proto || x->priority != y->priority ||
            x->weight != y->weight)
            return false;
    }
    return true;
}

/* The last thing that is done with a watch: it may be gone afterwards. */
static void tell(struct resolver_watch *w, const struct srv_answer *a, bool stale) {
    bool moved = !w->told || w->reason != a->reason || !same_places(w, a), was_stale = w->stale;

    if (!moved && was_stale == stale)
        return;
    w->told = true;
    w->stale = stale;
    w->reason = a->reason;
    w->strategy = a->strategy;
    w->count = a->count;
    free(w->places);
    w->places = mem_alloc((size_t)a->count * sizeof *w->places + 1);
    memcpy(w->places, a->places, (size_t)a->count * sizeof *w->places);
    w->changed(w->ctx, &(struct resolver_answer){
                           .srv = a, .reason = a->reason, .moved = moved, .stale = stale, .was_stale = was_stale});
}

static void wait_for(struct resolver_watch *w, struct name *n) {
    w->blocked = n;
    w->wait_next = n->waiting;
    w->wait_prev_next = &n->waiting;
    if (w->wait_next != NULL)
        w->wait_next->wait_prev_next = &w->wait_next;
    n->waiting = w;
}

static void stop_waiting(struct resolver_watch *w) {
    if (w->blocked == NULL)
        return;
    *w->wait_prev_next = w->wait_next;
    if (w->wait_next != NULL)
        w->wait_next->wait_prev_next = w->wait_prev_next;
    w->blocked = NULL;
}

static void run_watch(struct timer *t, uint64_t now_ms) {
    struct resolver_watch *w = (struct resolver_watch *)t;
    struct resolver *r = w->r;
    struct run run = {.r = r, .again_ms = now_ms + RUN_LONGEST_MS};
    struct srv_answer answer;

    r->runs++;
    enum srv_outcome outcome = srv_resolve(&w->ask, &(struct srv_zone){look, &run}, &answer);
    resolver_pump(r);
    if (outcome == SRV_WAITING && run.blocked->state != NAME_IDLE) {
        wait_for(w, run.blocked);
        return;
    }
    if (outcome == SRV_WAITING) { /* the query could not even leave */
        timerq_set(&r->timers, &w->timer, now_ms);
        return;
    }
    timerq_set(&r->timers, &w->timer, run.again_ms > now_ms ? run.again_ms : now_ms + 1);
    if (!run.stale && answer.count > 0)
        w->looked_ms = uv_now(w->r->loop);
    tell(w, &answer, run.stale);
}

/* --- time --- */

static void on_timer(uv_timer_t *timer);

static void arm(struct resolver *r) {
    uint64_t next_ms = timerq_next(&r->timers), now_ms = uv_now(r->loop);

    resolver_channel_arm(r);
    if (r->closing || next_ms == TIMERQ_NEVER)
        uv_timer_stop(r->watch_timer);
    else
        uv_timer_start(r->watch_timer, on_timer, next_ms > now_ms ? next_ms - now_ms : 0, 0);
}

static void on_timer(uv_timer_t *timer) {
    struct resolver *r = timer->data;

    timerq_run(&r->timers, uv_now(r->loop));
    arm(r);
}

void resolver_wake(struct resolver_watch *w) {
    struct resolver *r = w->r;

    stop_waiting(w);
    timerq_set(&r->timers, &w->timer, uv_now(r->loop));
    uv_timer_start(r->watch_timer, on_timer, 0, 0);
}

/* --- watches --- */

struct resolver_watch *resolver_watch(struct resolver *r, const struct srv_ask *ask,
                                      void (*changed)(void *ctx, const struct resolver_answer *a), void *ctx) {
    struct resolver_watch *w = mem_zalloc(sizeof *w);

    *w = (struct resolver_watch){.r = r, .ask = *ask, .changed = changed, .ctx = ctx};
    w->timer.fire = run_watch;
    w->host = str_dup(str_of(ask->host));
    for (char *c = w->host; *c != '\0'; c++)
        *c = *c >= 'A' && *c <= 'Z' ? (char)(*c - 'A' + 'a') : *c;
    w->ask.host = w->host;
    w->next = r->watches;
    w->prev_next = &r->watches;
    if (w->next != NULL)
        w->next->prev_next = &w->next;
    r->watches = w;
    r->counts.watches++;
    resolver_wake(w);
    return w;
}

uint64_t resolver_looked_ms(const struct resolver_watch *w) {
    return w->looked_ms;
}

void resolver_unwatch(struct resolver_watch *w) {
    if (w == NULL)
        return;
    stop_waiting(w);
    timerq_stop(&w->r->timers, &w->timer);
    *w->prev_next = w->next;
    if (w->next != NULL)
        w->next->prev_next = w->prev_next;
    w->r->counts.watches--;
    free(w->places);
    free(w->host);
    free(w);
}

struct resolver_counts resolver_counts(const struct resolver *r) {
    return r->counts;
}

/* --- beginning and end --- */

static uv_timer_t *new_timer(struct resolver *r) {
    uv_timer_t *timer = mem_zalloc(sizeof *timer);

    uv_timer_init(r->loop, timer);
    timer->data = r;
    return timer;
}

struct resolver *resolver_new(uv_loop_t *loop, const struct settings_dns *dns, char *error, size_t size) {
    struct resolver *r = mem_zalloc(sizeof *r);

    r->loop = loop;
    if (ares_library_init(ARES_LIB_INIT_ALL) != ARES_SUCCESS ||
        resolver_channel_new(r, dns, &r->channel, error, size) < 0) {
        free(r);
        return NULL;
    }
    r->queue_end = &r->queue_first;
    r->watch_timer = new_timer(r);
    r->ares_timer = new_timer(r);
    timerq_init(&r->timers, uv_now(loop));
    return r;
}

int resolver_configure(struct resolver *r, const struct settings_dns *dns, char *error, size_t size) {
    ares_channel old = r->channel, new;

    if (resolver_channel_new(r, dns, &new, error, size) < 0)
        return -1;
    r->channel = new;
    ares_destroy(old);
    resolver_pump(r);
    arm(r);
    return 0;
}

static void free_handle(uv_handle_t *handle) {
    free(handle);
}

void resolver_close(struct resolver *r) {
    if (r == NULL || r->closing)
        return;
    r->closing = true;
    ares_destroy(r->channel);
    uv_close((uv_handle_t *)r->watch_timer, free_handle);
    uv_close((uv_handle_t *)r->ares_timer, free_handle);
}

void resolver_free(struct resolver *r) {
    if (r == NULL)
        return;
    while (r->watches != NULL)
        resolver_unwatch(r->watches);
    resolver_names_free(r);
    ares_library_cleanup();
    free(r);
}
