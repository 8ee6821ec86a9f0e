/* What a start opens, and what can fail of it. */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include "b2bua/log/log.h"
#include "b2bua/server_impl.h"

enum { SERVER_WORKERS_MAX = 256 };

int server_open_records(struct server *s) {
    const char *path = reload_settings(s->reload)->admin.cdr;

    if (path[0] == '\0')
        return 0;
    s->shared.recorder = recorder_new(path);
    if (s->shared.recorder != NULL)
        return 0;
    log_error("cdr=%s error=\"%s\"", path, strerror(errno));
    return -1;
}

int server_open_tap(struct server *s) {
    const struct settings *settings = reload_settings(s->reload);
    char error[512];

    s->shared.tap = tap_new(settings->admin.hep, settings->node.name, error, sizeof error);
    if (s->shared.tap != NULL)
        return 0;
    log_error("twinleg error=\"%s\"", error);
    return -1;
}

int server_open_lookup(struct server *s) {
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

static bool is_stopping(void *ctx) {
    return ((struct server *)ctx)->state != SERVER_RUNNING;
}

static bool has_http(void *ctx) {
    return ((struct server *)ctx)->http.api != NULL;
}

static struct commands *make_commands(struct server *s) {
    return commands_new(&(struct commands_config){.loop = &s->loop,
                                                  .shared = &s->shared,
                                                  .settings = reload_settings(s->reload),
                                                  .reload = s->reload,
                                                  .reloaded = server_reload_over,
                                                  .lookup = s->lookup,
                                                  .keep = s->keep,
                                                  .state = server_state_name,
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

int server_open_admin(struct server *s) {
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
int server_open_workers(struct server *s) {
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

int server_drop_privileges(struct server *s, const struct settings *settings) {
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
