#include "b2bua/reload.h"

#include <stdlib.h>

#include "b2bua/log/log.h"
#include "b2bua/reload_impl.h"

static void start_next(struct reload *r);

/* --- those who ask --- */

static void answer(struct reload *r, const struct reload_outcome *o) {
    struct reload_ask *a = r->asks;

    r->asks = a->next;
    if (r->asks == NULL)
        r->asks_end = &r->asks;
    a->done(a->ctx, o);
    free(a);
}

static void finish(struct reload *r, enum reload_result result, const struct settings *was,
                   const struct settings *now) {
    r->counts.done += result == RELOAD_DONE;
    r->counts.same += result == RELOAD_SAME;
    r->counts.failed += result == RELOAD_FAILED && !r->asks->plan;
    answer(r, &(struct reload_outcome){.result = result,
                                       .report = &r->report,
                                       .error = r->error,
                                       .changes = r->changes,
                                       .change_count = r->change_count,
                                       .was = was,
                                       .now = now,
                                       .took_ms = net_now_ms() - r->began_ms});
    reload_discard(r);
    r->state = RELOAD_IDLE;
    start_next(r);
}

/* --- old snapshots --- */

static void let_go(struct reload *r) {
    int kept = 0, before = r->older_count;

    for (int i = 0; i < before; i++)
        if (settings_is_shared(r->older[i]))
            r->older[kept++] = r->older[i];
        else
            settings_unref(r->older[i]);
    r->older_count = kept;
    r->looked &= kept == before;
}

static bool is_open_in(const struct settings *s, int listen) {
    return listen < s->listen_count && s->listens[listen].state == LISTEN_OPEN;
}

static bool is_needed(const struct reload *r, int listen) {
    for (int i = 0; i < r->older_count; i++)
        if (is_open_in(r->older[i], listen))
            return true;
    return is_open_in(r->settings, listen);
}

/* Returns whether there is a listener that nobody uses any more. */
static bool find_unused(struct reload *r) {
    bool any = false;

    for (int i = 0; i < SETTINGS_LISTEN_SLOTS; i++) {
        r->change.remove[i] = r->open[i] && !is_needed(r, i);
        any |= r->change.remove[i];
    }
    return any;
}

/* Returns whether the workers have something to close first: a number is not given away while it has a socket. */
static bool tidy(struct reload *r) {
    let_go(r);
    if (r->looked)
        return false;
    r->looked = true;
    if (!find_unused(r))
        return false;
    r->state = RELOAD_REMOVING;
    worker_change_start(&r->change, r->config.shared, WORKER_STEP_REMOVE);
    return true;
}

void reload_tick(struct reload *r) {
    if (r->state == RELOAD_IDLE && !r->ending)
        tidy(r);
}

static void removed(struct reload *r) {
    for (int i = 0; i < SETTINGS_LISTEN_SLOTS; i++)
        r->open[i] = r->open[i] && !r->change.remove[i];
    r->state = RELOAD_IDLE;
    start_next(r);
}

/* --- the new one --- */

static void put_into_force(struct reload *r) {
    struct settings *was = r->settings, *now = r->next;
    enum log_level level;

    for (int i = 0; i < now->listen_count; i++)
        r->open[i] |= now->listens[i].state == LISTEN_OPEN;
    net_tls_unref(r->tls);
    r->tls = r->change.tls;
    r->change.tls = NULL;
    r->settings = now;
    r->next = NULL;
    r->older[r->older_count++] = was;
    r->counts.since_ms = net_now_ms();
    net_shared_limit(r->config.shared->net, now->security.max_connections, now->security.max_connections_per_ip);
    if (strcmp(was->admin.log_level, now->admin.log_level) != 0 && !r->config.keep_log_level &&
        log_level_parse(now->admin.log_level, &level) == 0)
        log_level_set(level);
    r->config.taken(r->config.ctx, now);
    finish(r, RELOAD_DONE, was, now);
}

static void on_wake(uv_async_t *wake) {
    struct reload *r = wake->data;

    if (r->ending || atomic_load(&r->change.left) > 0)
        return;
    switch (r->state) {
    case RELOAD_TAKING:
        r->state = RELOAD_LISTENING;
        worker_change_start(&r->change, r->config.shared, WORKER_STEP_LISTEN);
        break;
    case RELOAD_LISTENING:
        put_into_force(r);
        break;
    case RELOAD_REMOVING:
        removed(r);
        break;
    case RELOAD_IDLE:
    case RELOAD_LOADING:
        break;
    }
}

static const char *forbidden(const struct reload *r) {
    return r->config.forbidden(r->config.ctx);
}

static void go_on(struct reload *r) {
    const char *why = forbidden(r);

    if (r->next == NULL) {
        finish(r, RELOAD_FAILED, NULL, NULL);
        return;
    }
    reload_compare(r);
    if (why != NULL)
        snprintf(r->error, sizeof r->error, "%s", why);
    if (why != NULL || reload_prepare(r) < 0) {
        finish(r, RELOAD_FAILED, NULL, NULL);
    } else if (r->asks->plan) {
        finish(r, RELOAD_PLANNED, r->settings, r->next);
    } else if (r->change_count == r->restart_count) {
        finish(r, RELOAD_SAME, NULL, NULL);
    } else {
        r->state = RELOAD_TAKING;
        pool_adopt(r->config.shared->pool, r->next, net_now_ms());
        nodes_adopt(r->config.shared->nodes, r->next, net_now_ms());
        fellows_adopt(r->config.shared->fellows, r->next, net_now_ms());
        registrar_shared_adopt(r->config.shared->registrar, r->next);
        worker_change_start(&r->change, r->config.shared, WORKER_STEP_TAKE);
    }
}

static void load(uv_work_t *work) {
    struct reload *r = work->data;

    r->next = config_load(r->config.file, &r->report);
}

static void fini(struct reload *r);

static void loaded(uv_work_t *work, int status) {
    struct reload *r = work->data;

    (void)status;
    if (r->ending)
        fini(r);
    else
        go_on(r);
}

static void start_next(struct reload *r) {
    if (r->asks == NULL || r->ending || r->state != RELOAD_IDLE || tidy(r))
        return;
    r->state = RELOAD_LOADING;
    r->began_ms = net_now_ms();
    r->work.data = r;
    uv_queue_work(r->config.loop, &r->work, load, loaded);
}

void reload_ask(struct reload *r, bool plan, void (*done)(void *ctx, const struct reload_outcome *o), void *ctx) {
    struct reload_ask *a = mem_zalloc(sizeof *a);

    *a = (struct reload_ask){.plan = plan, .done = done, .ctx = ctx};
    *r->asks_end = a;
    r->asks_end = &a->next;
    start_next(r);
}

/* --- looking --- */

struct settings *reload_settings(const struct reload *r) {
    return r->settings;
}

const struct settings *reload_older(const struct reload *r, int i) {
    return i < r->older_count ? r->older[i] : NULL;
}

struct net_tls *reload_tls(const struct reload *r) {
    return r->tls;
}

const char *reload_file(const struct reload *r) {
    return r->config.file;
}

struct reload_counts reload_counts(const struct reload *r) {
    struct reload_counts c = r->counts;

    c.snapshots = 1 + r->older_count;
    for (int i = 0; i < SETTINGS_LISTEN_SLOTS; i++)
        c.draining += r->open[i] && !is_open_in(r->settings, i);
    return c;
}

/* --- begin and end --- */

struct reload *reload_new(const struct reload_config *config, struct settings *s) {
    struct reload *r = mem_zalloc(sizeof *r);

    r->config = *config;
    r->settings = s;
    r->asks_end = &r->asks;
    r->started = facts_ref(s->facts);
    r->tls = net_tls_ref(config->shared->tls);
    r->counts.since_ms = net_now_ms();
    heir_slots(s, &r->names);
    pool_adopt(config->shared->pool, s, net_now_ms());
    nodes_adopt(config->shared->nodes, s, net_now_ms());
    fellows_adopt(config->shared->fellows, s, net_now_ms());
    registrar_shared_adopt(config->shared->registrar, s);
    for (int i = 0; i < s->listen_count; i++)
        r->open[i] = true;
    r->wake = mem_zalloc(sizeof *r->wake);
    uv_async_init(config->loop, r->wake, on_wake);
    r->wake->data = r;
    r->change.wake = r->wake;
    return r;
}

static void on_closed(uv_handle_t *h) {
    free(h);
}

static void fini(struct reload *r) {
    reload_discard(r);
    while (r->older_count > 0)
        settings_unref(r->older[--r->older_count]);
    settings_unref(r->settings);
    facts_free(r->started);
    heir_names_fini(&r->names);
    net_tls_unref(r->tls);
    free(r);
}

void reload_end(struct reload *r) {
    struct reload_outcome o = {.result = RELOAD_FAILED, .error = "twinleg is stopping"};
    static const struct config_report nothing;

    if (r == NULL)
        return;
    r->ending = true;
    o.report = &nothing;
    while (r->asks != NULL)
        answer(r, &o);
    uv_close((uv_handle_t *)r->wake, on_closed);
    if (r->state != RELOAD_LOADING)
        fini(r);
}
