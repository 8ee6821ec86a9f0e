#include "b2bua/server.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>
#include <unistd.h>

#include "b2bua/config/version.h"
#include "b2bua/log/log.h"
#include "b2bua/server_impl.h"

enum { SERVER_TICK_MS = 50, SERVER_BYE_MS = 4000, SERVER_BELIEF_MS = 400, SERVER_PATIENCE_MS = 20000 };

static void order_all(struct server *s, enum worker_order order) {
    for (unsigned i = 0; i < s->shared.count; i++)
        worker_order(s->shared.workers[i], order);
}

const char *server_state_name(void *ctx) {
    static const char *const names[] = {[SERVER_RUNNING] = "running",
                                        [SERVER_DRAINING] = "draining",
                                        [SERVER_ENDING] = "ending calls",
                                        [SERVER_STOPPED] = "stopped"};

    return names[((struct server *)ctx)->state];
}

static void set_state(struct server *s, enum server_state next, uint64_t after_ms) {
    s->state = next;
    s->since_ms = net_now_ms();
    s->deadline_ms = s->since_ms + after_ms;
    log_info("twinleg state=\"%s\"", server_state_name(s));
    switch (next) {
    case SERVER_RUNNING:
        break;
    case SERVER_DRAINING:
        notify_stopping(&s->notify, after_ms + SERVER_PATIENCE_MS);
        order_all(s, WORKER_DRAIN);
        break;
    case SERVER_ENDING:
        order_all(s, WORKER_END_CALLS);
        break;
    case SERVER_STOPPED:
        server_totals_log(&s->shared, "final");
        uv_stop(&s->loop);
        break;
    }
}

/* Counters of workers are up to 200 ms old: a state lasts longer than that before emptiness is believed. */
static void on_tick(uv_timer_t *timer) {
    struct server *s = timer->data;
    struct server_totals t = server_totals(&s->shared);
    uint64_t now_ms = net_now_ms();

    reload_tick(s->reload);
    if (s->named.version != pool_version(s->shared.pool))
        server_tell_guard(s, reload_settings(s->reload));
    guard_tick(s->shared.guard, now_ms);
    if (s->control != NULL)
        control_tick(s->control, uv_now(&s->loop));
    server_tell_manager(s, &t, now_ms);
    server_tell_drained(s, &t, now_ms);
    server_tell_fellows(s, &t, now_ms);
    server_http_tick(&s->http, uv_now(&s->loop));
    bool empty = t.calls == 0 && now_ms >= s->since_ms + SERVER_BELIEF_MS, late = now_ms >= s->deadline_ms;

    if (s->state == SERVER_DRAINING && (late || empty))
        set_state(s, SERVER_ENDING, SERVER_BYE_MS);
    else if (s->state == SERVER_ENDING && (late || (empty && t.open == 0)))
        set_state(s, SERVER_STOPPED, 0);
}

/* --- another configuration --- */

static const char *reload_forbidden(void *ctx) {
    return ((struct server *)ctx)->state == SERVER_RUNNING ? NULL : "twinleg is stopping";
}

static void settings_taken(void *ctx, struct settings *now) {
    struct server *s = ctx;

    if (s->shared.recorder != NULL)
        recorder_reopen(s->shared.recorder);
    if (s->commands != NULL)
        commands_set_settings(s->commands, now);
    server_http_set(&s->http, &now->admin);
    lookup_follow(s->lookup, now);
    server_tell_guard(s, now);
    keep_follow(s->keep, now);
}

/* Where nothing has changed in ours, the system's list of name servers may have, or a disk. */
void server_reload_over(void *ctx, const struct reload_outcome *o) {
    struct server *s = ctx;

    server_reload_log(s->reload, o);
    notify_ready(&s->notify);
    if (o->result != RELOAD_SAME)
        return;
    lookup_follow(s->lookup, reload_settings(s->reload));
    keep_follow(s->keep, reload_settings(s->reload));
}

static void on_signal(uv_signal_t *handle, int signum) {
    struct server *s = handle->data;

    if (signum == SIGUSR1) {
        server_totals_log(&s->shared, "status");
    } else if (signum == SIGHUP) {
        if (s->shared.recorder != NULL)
            recorder_reopen(s->shared.recorder);
        notify_reloading(&s->notify, net_now_ms());
        server_hang_up(&s->hangup);
    } else if (s->state == SERVER_RUNNING) {
        set_state(s, SERVER_DRAINING, (uint64_t)reload_settings(s->reload)->node.drain_seconds * 1000);
    } else {
        set_state(s, SERVER_STOPPED, 0);
    }
}

/* --- making and ending --- */

static void init_loop(struct server *s) {
    static const int numbers[] = {SIGTERM, SIGINT, SIGHUP, SIGUSR1};

    uv_loop_init(&s->loop);
    for (int i = 0; i < 4; i++) {
        uv_signal_init(&s->loop, &s->signals[i]);
        s->signals[i].data = s;
        uv_signal_start(&s->signals[i], on_signal, numbers[i]);
    }
    uv_timer_init(&s->loop, &s->tick);
    s->tick.data = s;
    uv_timer_start(&s->tick, on_tick, SERVER_TICK_MS, SERVER_TICK_MS);
}

static void close_handle(uv_handle_t *h, void *arg) {
    (void)arg;
    if (!uv_is_closing(h))
        uv_close(h, NULL);
}

static void fini_loop(struct server *s) {
    uv_walk(&s->loop, close_handle, NULL);
    uv_run(&s->loop, UV_RUN_DEFAULT);
    uv_loop_close(&s->loop);
}

static void free_workers(struct server *s) {
    order_all(s, WORKER_STOP);
    for (unsigned i = 0; i < s->shared.count; i++)
        worker_join(s->shared.workers[i]);
    for (unsigned i = 0; i < s->shared.count; i++)
        worker_free(s->shared.workers[i]);
}

static void make_registrar(struct server *s, const struct settings *settings) {
    s->keep = keep_new(settings);
    s->shared.registrar = registrar_shared_new(&(struct registrar_shared_config){.nodes = s->shared.nodes,
                                                                                 .fellows = s->shared.fellows,
                                                                                 .switches = &s->shared.switches,
                                                                                 .boot = s->shared.node,
                                                                                 .secret = keep_secret(s->keep)});
    keep_watch(s->keep, s->shared.registrar);
}

static uint64_t random_seed(void) {
    uint64_t seed = net_now_ms();

    if (getrandom(&seed, sizeof seed, 0) < 0)
        log_warn("twinleg random=none error=\"%s\"", strerror(errno));
    return seed;
}

/* What the workers shared. */
static void free_shared(struct server *s) {
    net_shared_free(s->shared.net);
    keep_free(s->keep);
    registrar_shared_free(s->shared.registrar);
    nodes_free(s->shared.nodes);
    fellows_free(s->shared.fellows);
    pool_free(s->shared.pool);
    registrations_free(s->shared.registrations);
    guard_free(s->shared.guard);
}

/* Who keeps the configuration, which it takes. */
static void init_reload(struct server *s, const struct server_config *config, struct settings *settings) {
    s->reload = reload_new(&(struct reload_config){.loop = &s->loop,
                                                   .shared = &s->shared,
                                                   .file = config->file,
                                                   .keep_log_level = config->keep_log_level,
                                                   .taken = settings_taken,
                                                   .forbidden = reload_forbidden,
                                                   .ctx = s},
                           settings);
    s->hangup = (struct server_hangup){.reload = s->reload, .over = server_reload_over, .ctx = s};
    server_tell_guard(s, reload_settings(s->reload));
}

/* What there is before the first worker. Fails where a certificate does. */
static int init_shared(struct server *s, const struct server_config *config, struct settings *settings) {
    char error[512];

    if (getrandom(&s->shared.node, sizeof s->shared.node, 0) < 0)
        s->shared.node = (uint32_t)getpid();
    s->shared.pool = pool_new(s->shared.node);
    s->shared.registrations = registrations_new();
    s->shared.nodes = nodes_new(s->shared.pool, s->shared.node);
    s->shared.fellows = fellows_new(s->shared.pool, TWINLEG_VERSION);
    make_registrar(s, settings);
    s->shared.guard = guard_new(random_seed());
    s->shared.net = net_shared_new(settings->security.max_connections, settings->security.max_connections_per_ip);
    net_shared_guard(s->shared.net, s->shared.guard);
    s->shared.tls = net_tls_new(settings, s->shared.net, NULL, error, sizeof error);
    if (s->shared.tls == NULL) {
        log_error("twinleg error=\"%s\"", error);
        free_shared(s);
        settings_unref(settings);
        return -1;
    }
    init_loop(s);
    init_reload(s, config, settings);
    return 0;
}

static void fini_shared(struct server *s) {
    recorder_free(s->shared.recorder);
    tap_free(s->shared.tap);
    reload_end(s->reload);
    commands_free(s->commands);
    control_end(s->control);
    server_http_end(&s->http);
    lookup_close(s->lookup);
    fini_loop(s);
    lookup_free(s->lookup);
    net_tls_unref(s->shared.tls);
    free_shared(s);
    source_fini(&s->named);
    free(s->shared.workers);
}

/* All that can fail but certificates. */
static bool open_all(struct server *s, const struct settings *settings) {
    return server_open_lookup(s) == 0 && server_open_admin(s) == 0 && server_open_records(s) == 0 &&
           server_open_tap(s) == 0 && server_open_workers(s) == 0 && server_drop_privileges(s, settings) == 0;
}

static void work(struct server *s, const struct settings *settings) {
    s->ready_ms = net_now_ms();
    notify_ready(&s->notify);
    log_info("twinleg ready node=%s workers=%u", settings->node.name, s->shared.count);
    uv_run(&s->loop, UV_RUN_DEFAULT);
}

int server_run(const struct server_config *config, struct settings *settings) {
    struct server s = {.state = SERVER_RUNNING};

    notify_init(&s.notify);
    if (init_shared(&s, config, settings) < 0) {
        notify_fini(&s.notify);
        return 2;
    }
    bool opened = open_all(&s, settings);
    if (opened) {
        keep_follow(s.keep, settings);
        server_tell_fellows(&s, &(struct server_totals){.calls = 0}, net_now_ms());
    }
    for (unsigned i = 0; i < s.shared.count; i++) /* those that have nothing to do, too: they close what is open */
        worker_start(s.shared.workers[i]);
    if (opened)
        work(&s, settings);
    free_workers(&s);
    fini_shared(&s);
    notify_fini(&s.notify);
    return opened ? 0 : 2;
}
