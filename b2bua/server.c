#include "b2bua/server.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <unistd.h>
#include <uv.h>

#include "b2bua/admin/control.h"
#include "b2bua/command/command.h"
#include "b2bua/config/version.h"
#include "b2bua/keep.h"
#include "b2bua/log/log.h"
#include "b2bua/lookup.h"
#include "b2bua/notify.h"
#include "b2bua/server_drained.h"
#include "b2bua/server_http.h"
#include "b2bua/server_reload.h"
#include "b2bua/trunk/source.h"
#include "b2bua/worker/worker.h"

enum {
    SERVER_WORKERS_MAX = 256,
    SERVER_TICK_MS = 50,
    SERVER_BYE_MS = 4000,
    SERVER_BELIEF_MS = 400,
    SERVER_PATIENCE_MS = 20000
};

enum server_state { SERVER_RUNNING, SERVER_DRAINING, SERVER_ENDING, SERVER_STOPPED };

struct server {
    struct reload *reload;
    struct server_hangup hangup;
    struct worker_shared shared;
    enum server_state state;
    uint64_t since_ms, deadline_ms; /* of draining or ending */
    uv_loop_t loop;
    uv_signal_t signals[4];
    uv_timer_t tick;
    struct control *control; /* NULL: no socket */
    struct server_http http;
    struct commands *commands; /* NULL: nobody can ask */
    struct lookup *lookup;
    struct source_table named; /* where targets that are names are */
    struct notify notify;
    struct server_drained drained;
    uint64_t ready_ms;
    struct keep *keep;
};

/* Sums over the workers. */
struct totals {
    uint64_t calls, legs, transactions, open, connections, received, sent, resent, absorbed, handed, dropped, started,
        answered;
    uint64_t busy_percent; /* the mean */
    uint64_t alive_ms;     /* the worker that has been silent for longest was at work then */
};

static struct totals totals(struct server *s) {
    struct totals t = {.alive_ms = UINT64_MAX};

    for (unsigned i = 0; i < s->shared.count; i++) {
        struct worker_counts c = worker_counts(s->shared.workers[i]);
        const struct ua_counts *ua = &c.engine.ua;
        t.calls += c.engine.calls.calls;
        t.legs += c.engine.calls.legs;
        t.transactions += ua->txn.active;
        t.open += ua->txn.open;
        t.resent += ua->txn.resent;
        t.absorbed += ua->txn.absorbed;
        t.connections += c.net.connections;
        t.received += c.net.received;
        t.sent += c.net.sent;
        t.handed += c.handed_over;
        t.dropped += ua->malformed + ua->unknown_source + ua->stray_response + c.net.garbage + c.handed_dropped;
        t.started += c.engine.calls.started;
        t.answered += c.engine.calls.answered;
        t.busy_percent += c.engine.load.busy_percent;
        t.alive_ms = c.at_ms < t.alive_ms ? c.at_ms : t.alive_ms;
    }
    t.busy_percent /= s->shared.count > 0 ? s->shared.count : 1;
    return t;
}

/* `transactions` are those that still wait for something; those that only linger for copies are counted apart. */
static void log_status(struct server *s, const char *what) {
    struct totals t = totals(s);

    log_info("%s calls=%llu legs=%llu transactions=%llu lingering=%llu connections=%llu started=%llu answered=%llu "
             "received=%llu sent=%llu retransmitted=%llu absorbed=%llu handed_over=%llu dropped=%llu",
             what, (unsigned long long)t.calls, (unsigned long long)t.legs, (unsigned long long)t.open,
             (unsigned long long)(t.transactions - t.open), (unsigned long long)t.connections,
             (unsigned long long)t.started, (unsigned long long)t.answered, (unsigned long long)t.received,
             (unsigned long long)t.sent, (unsigned long long)t.resent, (unsigned long long)t.absorbed,
             (unsigned long long)t.handed, (unsigned long long)t.dropped);
}

static void order_all(struct server *s, enum worker_order order) {
    for (unsigned i = 0; i < s->shared.count; i++)
        worker_order(s->shared.workers[i], order);
}

static const char *state_name(void *ctx) {
    static const char *const names[] = {[SERVER_RUNNING] = "running",
                                        [SERVER_DRAINING] = "draining",
                                        [SERVER_ENDING] = "ending calls",
                                        [SERVER_STOPPED] = "stopped"};

    return names[((struct server *)ctx)->state];
}

static bool is_stopping(void *ctx) {
    return ((struct server *)ctx)->state != SERVER_RUNNING;
}

static bool has_http(void *ctx) {
    return ((struct server *)ctx)->http.api != NULL;
}

static void set_state(struct server *s, enum server_state next, uint64_t after_ms) {
    s->state = next;
    s->since_ms = net_now_ms();
    s->deadline_ms = s->since_ms + after_ms;
    log_info("twinleg state=\"%s\"", state_name(s));
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
        log_status(s, "final");
        uv_stop(&s->loop);
        break;
    }
}

/* Trunks are never banned, wherever they are at the moment. */
static void tell_guard(struct server *s, const struct settings *settings) {
    source_forget(&s->named);
    source_fresh(&s->named, s->shared.pool, settings);
    struct addr *list = mem_alloc(((size_t)s->named.count + 1) * sizeof *list);
    for (int i = 0; i < s->named.count; i++)
        list[i] = s->named.items[i].addr;
    guard_configure(s->shared.guard, settings, list, s->named.count);
    free(list);
}

static enum heartbeat_state heartbeat_state(const struct server *s) {
    return s->state != SERVER_RUNNING                         ? HEARTBEAT_DRAINING
           : switches_maintained_ms(&s->shared.switches) != 0 ? HEARTBEAT_MAINTENANCE
                                                              : HEARTBEAT_ACTIVE;
}

/* How this node is, for its fellows. */
static void tell_fellows(struct server *s, const struct totals *t, uint64_t now_ms) {
    const struct settings *settings = reload_settings(s->reload);

    if (settings_peers_trunk(&settings->cluster) < 0)
        return;
    fellows_tell(
        s->shared.fellows,
        &(struct heartbeat_facts){.state = heartbeat_state(s),
                                  .registrations = bindings_counts(registrar_bindings(s->shared.registrar)).current,
                                  .calls = (uint32_t)t->calls,
                                  .busy_percent = (uint32_t)t->busy_percent,
                                  .stun = switches_stun(&s->shared.switches, settings)},
        now_ms);
}

/* A worker is given a while to begin. */
static void tell_manager(struct server *s, const struct totals *t, uint64_t now_ms) {
    char status[128];

    snprintf(status, sizeof status, "%s; calls: %llu", state_name(s), (unsigned long long)t->calls);
    notify_tick(&s->notify, t->alive_ms > s->ready_ms ? t->alive_ms : s->ready_ms, status, now_ms);
}

static void tell_drained(struct server *s, const struct totals *t, uint64_t now_ms) {
    const uint64_t left[SERVER_DRAINED_KINDS] = {[SERVER_DRAINED_CALLS] = t->calls,
                                                 [SERVER_DRAINED_REGISTRATIONS] =
                                                     bindings_counts(registrar_bindings(s->shared.registrar)).current};

    server_drained_look(&s->drained, switches_maintained_ms(&s->shared.switches), left, now_ms);
}

/* Counters of workers are up to 200 ms old: a state lasts longer than that before emptiness is believed. */
static void on_tick(uv_timer_t *timer) {
    struct server *s = timer->data;
    struct totals t = totals(s);
    uint64_t now_ms = net_now_ms();

    reload_tick(s->reload);
    if (s->named.version != pool_version(s->shared.pool))
        tell_guard(s, reload_settings(s->reload));
    guard_tick(s->shared.guard, now_ms);
    if (s->control != NULL)
        control_tick(s->control, uv_now(&s->loop));
    tell_manager(s, &t, now_ms);
    tell_drained(s, &t, now_ms);
    tell_fellows(s, &t, now_ms);
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
    tell_guard(s, now);
    keep_follow(s->keep, now);
}

/* Where nothing has changed in ours, the system's list of name servers may have, or a disk. */
static void reload_over(void *ctx, const struct reload_outcome *o) {
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
        log_status(s, "status");
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

/* --- starting --- */

static int open_records(struct server *s) {
    const char *path = reload_settings(s->reload)->admin.cdr;

    if (path[0] == '\0')
        return 0;
    s->shared.recorder = recorder_new(path);
    if (s->shared.recorder != NULL)
        return 0;
    log_error("cdr=%s error=\"%s\"", path, strerror(errno));
    return -1;
}

static int open_tap(struct server *s) {
    const struct settings *settings = reload_settings(s->reload);
    char error[512];

    s->shared.tap = tap_new(settings->admin.hep, settings->node.name, error, sizeof error);
    if (s->shared.tap != NULL)
        return 0;
    log_error("twinleg error=\"%s\"", error);
    return -1;
}

static int open_lookup(struct server *s) {
    char error[512];

    s->lookup = lookup_new(&s->loop, s->shared.pool, &reload_settings(s->reload)->dns, error, sizeof error);
    if (s->lookup == NULL) {
        log_error("twinleg error=\"%s\"", error);
        return -1;
    }
    lookup_follow(s->lookup, reload_settings(s->reload));
    return 0;
}

static void give_answer(void *ctx, char *json, size_t n) {
    control_answer(ctx, json, n);
}

static void take_line(void *ctx, struct control_client *client, struct str line) {
    struct server *s = ctx;

    commands_run(s->commands, line, give_answer, client);
}

static struct commands *make_commands(struct server *s) {
    return commands_new(&(struct commands_config){.loop = &s->loop,
                                                  .shared = &s->shared,
                                                  .settings = reload_settings(s->reload),
                                                  .reload = s->reload,
                                                  .reloaded = reload_over,
                                                  .lookup = s->lookup,
                                                  .keep = s->keep,
                                                  .state = state_name,
                                                  .stopping = is_stopping,
                                                  .has_http = has_http,
                                                  .ctx = s});
}

static int open_control(struct server *s, const char *path) {
    static const struct control_ops ops = {take_line};
    char error[512];

    if (path[0] == '\0')
        return 0;
    s->control = control_new(&s->loop, path, &ops, s, error, sizeof error);
    if (s->control != NULL)
        return 0;
    log_error("twinleg error=\"%s\"", error);
    return -1;
}

/* The operator's two doors. */
static int open_admin(struct server *s) {
    const struct settings_admin *admin = &reload_settings(s->reload)->admin;

    if (*admin->socket != '\0' || *admin->http != '\0')
        s->commands = make_commands(s);
    if (open_control(s, admin->socket) < 0)
        return -1;
    return server_http_open(&s->http, &s->loop, s->commands, s->shared.guard, admin);
}

static unsigned worker_count(const struct settings *settings) {
    long n = settings->node.workers > 0 ? settings->node.workers : sysconf(_SC_NPROCESSORS_ONLN);

    return n < 1 ? 1 : n > SERVER_WORKERS_MAX ? SERVER_WORKERS_MAX : (unsigned)n;
}

/* Each worker has to know how many there will be; in the end the count is that of those that there are. */
static int make_workers(struct server *s) {
    struct settings *settings = reload_settings(s->reload);
    char error[512];

    s->shared.count = worker_count(settings);
    s->shared.workers = mem_zalloc(s->shared.count * sizeof(struct worker *));
    for (unsigned i = 0; i < s->shared.count; i++) {
        s->shared.workers[i] = worker_new(&s->shared, i, settings, error, sizeof error);
        if (s->shared.workers[i] == NULL) {
            log_error("twinleg error=\"%s\"", error);
            s->shared.count = i;
            return -1;
        }
    }
    return 0;
}

static int drop_privileges(struct server *s, const struct settings *settings) {
    const char *name = settings->node.user;
    struct passwd *user;

    keep_folder(s->keep, settings);
    if (name[0] == '\0')
        return 0;
    user = getpwnam(name);
    if (user != NULL && setgroups(0, NULL) == 0 && setgid(user->pw_gid) == 0 && setuid(user->pw_uid) == 0)
        return 0;
    log_error("node.user=%s error=\"%s\"", name, user == NULL ? "no such user" : strerror(errno));
    return -1;
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

/* What there is before the first worker: certificates, and who keeps the configuration. */
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
    s->reload = reload_new(&(struct reload_config){.loop = &s->loop,
                                                   .shared = &s->shared,
                                                   .file = config->file,
                                                   .keep_log_level = config->keep_log_level,
                                                   .taken = settings_taken,
                                                   .forbidden = reload_forbidden,
                                                   .ctx = s},
                           settings);
    s->hangup = (struct server_hangup){.reload = s->reload, .over = reload_over, .ctx = s};
    tell_guard(s, reload_settings(s->reload));
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

int server_run(const struct server_config *config, struct settings *settings) {
    struct server s = {.state = SERVER_RUNNING};
    int status = 2;

    notify_init(&s.notify);
    if (init_shared(&s, config, settings) < 0) {
        notify_fini(&s.notify);
        return status;
    }
    if (open_lookup(&s) == 0 && open_admin(&s) == 0 && open_records(&s) == 0 && open_tap(&s) == 0 &&
        make_workers(&s) == 0 && drop_privileges(&s, settings) == 0) {
        status = 0;
        keep_follow(s.keep, settings);
        tell_fellows(&s, &(struct totals){.calls = 0}, net_now_ms());
        for (unsigned i = 0; i < s.shared.count; i++)
            worker_start(s.shared.workers[i]);
        s.ready_ms = net_now_ms();
        notify_ready(&s.notify);
        log_info("twinleg ready node=%s workers=%u", settings->node.name, s.shared.count);
        uv_run(&s.loop, UV_RUN_DEFAULT);
    } else {
        for (unsigned i = 0; i < s.shared.count; i++)
            worker_start(s.shared.workers[i]);
    }
    free_workers(&s);
    fini_shared(&s);
    notify_fini(&s.notify);
    return status;
}
