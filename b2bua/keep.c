#include "b2bua/keep.h"

#include <errno.h>
#include <pwd.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "b2bua/keep_row.h"
#include "b2bua/log/log.h"
#include "b2bua/net/net.h"
#include "b2bua/store/state.h"

enum { PATH_BYTES_MAX = 3500 };

struct keep {
    char *folder;
    char secret[STATE_SECRET_SIZE];
    bool wanted, secret_kept;
    _Atomic(struct store *) store; /* NULL: off */
    struct bindings *bindings;
    uint64_t loaded;
    struct binding read; /* the writer's, of one row */
    char peer[ADDR_TEXT_MAX];
};

static char *path_of(const struct keep *k, const char *name, char *path) {
    snprintf(path, PATH_BYTES_MAX, "%s/%s", k->folder, name);
    return path;
}

static struct keep_clock clock_now(void) {
    struct timespec wall;

    clock_gettime(CLOCK_REALTIME, &wall);
    return (struct keep_clock){net_now_ms(), (uint64_t)wall.tv_sec * 1000 + (uint64_t)wall.tv_nsec / 1000000};
}

/* --- the secret --- */

static void read_secret(struct keep *k) {
    char path[PATH_BYTES_MAX];

    switch (state_secret_read(path_of(k, "flow_secret", path), k->secret)) {
    case STATE_SECRET_READ:
        k->secret_kept = true;
        return;
    case STATE_SECRET_DAMAGED:
        log_error("state=%s error=\"is damaged: a new one takes its place, clients must register anew\"", path);
        break;
    case STATE_SECRET_NONE:
        break;
    }
    state_secret_draw(k->secret);
}

static void write_secret(struct keep *k) {
    char path[PATH_BYTES_MAX];

    if (k->secret_kept)
        return;
    k->secret_kept = state_secret_write(path_of(k, "flow_secret", path), k->secret) == 0;
    if (!k->secret_kept)
        log_warn("state=%s error=\"%s\" effect=\"flow tokens end with this process\"", path, strerror(errno));
}

struct keep *keep_new(const struct settings *settings) {
    struct keep *k = mem_zalloc(sizeof *k);

    k->folder = str_dup(str_of(settings->node.state_dir));
    read_secret(k);
    return k;
}

struct str keep_secret(const struct keep *k) {
    return str_of(k->secret);
}

void keep_folder(struct keep *k, const struct settings *settings) {
    const struct passwd *user = settings->node.user[0] == '\0' ? NULL : getpwnam(settings->node.user);

    if (!settings->registrar.on)
        return;
    if (state_folder(k->folder, user == NULL ? geteuid() : user->pw_uid, user == NULL ? getegid() : user->pw_gid) < 0)
        log_warn("state=%s error=\"%s\"", k->folder, strerror(errno));
}

/* --- the table tells --- */

static void touch(struct keep *k, uint64_t id) {
    struct store *store = atomic_load(&k->store);

    if (store != NULL)
        store_touch(store, id);
}

static void put(void *ctx, const struct binding *b) {
    touch(ctx, b->f.id);
}

static void gone(void *ctx, uint64_t id) {
    touch(ctx, id);
}

/* --- the store asks --- */

static bool read_one(void *ctx, uint64_t id, struct store_row *row) {
    struct keep *k = ctx;
    struct keep_clock now = clock_now();

    if (!bindings_get(k->bindings, id, &k->read))
        return false;
    keep_row_of(row, &k->read, &now, k->peer);
    return true;
}

static bool touch_one(void *arg, const struct binding *b) {
    store_touch(arg, b->f.id);
    return true;
}

static void touch_all(void *ctx, struct store *s) {
    bindings_walk(((struct keep *)ctx)->bindings, touch_one, s);
}

/* --- loading --- */

struct load {
    struct keep *k;
    struct keep_clock now;
    bool seen, renumber; /* numbers are made with the secret, which is not what it was */
    uint64_t taken;
};

static uint64_t number_of(const struct keep *k, const struct binding *b) {
    struct str rest = b->contact;
    struct contact c;

    if (contact_next(&rest, &c) <= 0)
        return 0;
    return bindings_id(k->bindings, b->aor, b->instance, b->f.reg_id, c.uri);
}

/* The first row tells for all. */
static bool renumber(struct load *l, struct binding *b) {
    if (!l->seen) {
        l->seen = true;
        l->renumber = number_of(l->k, b) != b->f.id;
    }
    if (!l->renumber)
        return true;
    b->f.id = number_of(l->k, b);
    return b->f.id != 0;
}

/* What is in the table has come since: it is newer. */
static bool take(void *arg, const struct store_row *row) {
    struct load *l = arg;
    struct binding b;

    if (keep_row_read(row, &l->now, &b) < 0 || !renumber(l, &b) || bindings_get(l->k->bindings, b.f.id, NULL))
        return false;
    if (bindings_put(l->k->bindings, &b, l->now.now_ms) != BINDINGS_NEW)
        return false;
    l->taken++;
    return b.f.id == row->id;
}

static void load(struct keep *k, struct store *store, const char *path) {
    struct load l = {.k = k, .now = clock_now()};
    struct store_loaded n = store_load(store, take, &l, l.now.wall_ms);

    k->loaded = l.taken;
    if (l.renumber || bindings_counts(k->bindings).current > l.taken)
        touch_all(k, store);
    log_info("store=%s state=ok loaded=%llu expired=%llu refused=%llu damaged=%llu took_ms=%llu", path,
             (unsigned long long)l.taken, (unsigned long long)n.expired, (unsigned long long)n.refused,
             (unsigned long long)n.damaged, (unsigned long long)(net_now_ms() - l.now.now_ms));
}

/* --- following the configuration --- */

static void open_store(struct keep *k) {
    const struct store_ops ops = {.read = read_one, .all = touch_all, .ctx = k};
    char path[PATH_BYTES_MAX], error[256];
    struct store *store = store_open(path_of(k, "registrations.db", path), &ops, error, sizeof error);

    if (store == NULL) {
        log_error("store=%s error=\"%s\" effect=\"registrations end with this process\"", path, error);
        return;
    }
    load(k, store, path);
    if (store_start(store) < 0)
        log_error("store=%s error=\"%s\"", path, strerror(errno));
    atomic_store(&k->store, store);
}

void keep_watch(struct keep *k, struct registrar_shared *front) {
    k->bindings = registrar_bindings(front);
    bindings_set_ops(k->bindings, &(struct bindings_ops){.put = put, .gone = gone, .ctx = k});
}

void keep_follow(struct keep *k, const struct settings *settings) {
    k->wanted = settings->registrar.on;
    if (!k->wanted || atomic_load(&k->store) != NULL)
        return;
    keep_folder(k, settings);
    write_secret(k);
    open_store(k);
}

void keep_free(struct keep *k) {
    if (k == NULL)
        return;
    store_close(atomic_load(&k->store));
    free(k->folder);
    free(k);
}

const char *keep_state_name(enum keep_state s) {
    static const char *const names[] = {[KEEP_OFF] = "off", [KEEP_OK] = "ok", [KEEP_FAILING] = "failing"};

    return names[s];
}

struct keep_counts keep_counts(const struct keep *k) {
    struct store *store = k == NULL ? NULL : atomic_load(&k->store);
    struct keep_counts c = {.wanted = k != NULL && k->wanted, .loaded = k == NULL ? 0 : k->loaded};

    if (store == NULL)
        return c;
    c.store = store_counts(store);
    c.state = c.store.off ? KEEP_OFF : c.store.failing ? KEEP_FAILING : KEEP_OK;
    return c;
}
