#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "b2bua/log/log.h"
#include "b2bua/store/db.h"
#include "b2bua/store/queue.h"

enum {
    WAITING_MAX = 1 << 18, /* changes; of 100,000 clients that register each minute, all */
    GATHER_MS = 200,       /* what comes in that time is one transaction */
    BATCH_MAX = 4096,      /* rows of a transaction */
    RETRY_MS = 2000,       /* after an error of the disk */
    ASIDE_MAX = 3          /* damaged files of one run: a disk that goes on like that is left alone */
};

/* Changes wait in `waiting` and are written from `writing`; the two change places, so that nobody waits for the disk.
 */
struct store {
    pthread_mutex_t lock; /* of `waiting`, `stopping` */
    pthread_cond_t wake;
    pthread_t thread;
    bool started, stopping, last;
    struct queue waiting, writing;
    struct store_ops ops;
    struct db *db; /* NULL: off */
    char *path;
    atomic_bool failing, off;
    atomic_uint_fast64_t written, deleted, batches, failures, lost, aside;
};

/* --- the file --- */

/* Sets the file aside. Returns 0, or -1 when it stays where it is. */
static int set_aside(const char *path, const char *why) {
    char name[4096];

    if (db_set_aside(path, name, sizeof name) < 0) {
        log_error("store=%s error=\"%s\" aside=\"%s\"", path, why, strerror(errno));
        return -1;
    }
    log_error("store=%s error=\"%s\" aside=%s begins=empty", path, why, name);
    return 0;
}

/* Opens the file, or an empty one in place of a damaged one. */
static struct db *open_sound(const char *path, uint64_t *aside, char *error, size_t size) {
    struct db *db;

    if (db_open(&db, path, error, size) != DB_DAMAGED || set_aside(path, error) < 0)
        return db;
    (*aside)++;
    db_open(&db, path, error, size);
    return db;
}

static void init_wake(struct store *s) {
    pthread_condattr_t attr;

    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&s->wake, &attr);
    pthread_condattr_destroy(&attr);
}

struct store *store_open(const char *path, const struct store_ops *ops, char *error, size_t size) {
    uint64_t aside = 0;
    struct db *db = open_sound(path, &aside, error, size);
    struct store *s;

    if (db == NULL)
        return NULL;
    s = mem_zalloc(sizeof *s);
    s->db = db;
    s->ops = *ops;
    s->path = str_dup(str_of(path));
    s->aside = aside;
    pthread_mutex_init(&s->lock, NULL);
    init_wake(s);
    queue_init(&s->waiting, WAITING_MAX);
    queue_init(&s->writing, WAITING_MAX);
    return s;
}

/* In place of a file that turned out to be damaged. */
static void open_anew(struct store *s) {
    char error[256], why[256];

    snprintf(why, sizeof why, "%s", db_error(s->db));
    db_close(s->db);
    s->db = NULL;
    if (atomic_fetch_add(&s->aside, 1) < ASIDE_MAX && set_aside(s->path, why) == 0) {
        if (db_open(&s->db, s->path, error, sizeof error) == DB_OK)
            s->ops.all(s->ops.ctx, s);
        else
            log_error("store=%s error=\"%s\"", s->path, error);
    }
    s->off = s->db == NULL;
    if (s->off)
        log_error("store=%s state=off", s->path);
}

/* --- reading all of it --- */

struct load {
    struct store *s;
    bool (*take)(void *arg, const struct store_row *row);
    void *arg;
    uint64_t now_ms;
    struct store_loaded loaded;
};

static void load_row(void *arg, const struct store_row *row, bool good) {
    struct load *l = arg;

    if (good && row->numbers[STORE_TOLD_MS] <= l->now_ms) {
        l->loaded.expired++;
    } else if (good && l->take(l->arg, row)) {
        l->loaded.taken++;
    } else {
        l->loaded.damaged += !good;
        l->loaded.refused += good;
        store_touch(l->s, row->id);
    }
}

struct store_loaded store_load(struct store *s, bool (*take)(void *arg, const struct store_row *row), void *arg,
                               uint64_t now_ms) {
    struct load l = {.s = s, .take = take, .arg = arg, .now_ms = now_ms};
    enum db_result result = db_each(s->db, load_row, &l);

    if (result == DB_OK && l.loaded.expired > 0)
        result = db_delete_expired(s->db, now_ms);
    if (result == DB_DAMAGED)
        open_anew(s);
    else if (result != DB_OK)
        log_warn("store=%s error=\"%s\"", s->path, db_error(s->db));
    return l.loaded;
}

/* --- writing --- */

struct batch {
    uint64_t written, deleted;
};

/* The log says when it begins and when it ends, not each time. */
static void note_failure(struct store *s, const char *why) {
    s->failures++;
    if (!atomic_exchange(&s->failing, true))
        log_error("store=%s state=failing error=\"%s\"", s->path, why);
}

static void note_success(struct store *s) {
    if (atomic_exchange(&s->failing, false))
        log_info("store=%s state=ok", s->path);
}

static enum db_result write_one(struct store *s, uint64_t id, struct batch *b) {
    struct store_row row = {.id = id};

    if (s->ops.read(s->ops.ctx, id, &row)) {
        b->written++;
        return db_put(s->db, &row);
    }
    b->deleted++;
    return db_delete(s->db, id);
}

static enum db_result write_some(struct store *s, const uint64_t *ids, uint32_t n) {
    struct batch b = {0};
    enum db_result result = db_begin(s->db);

    for (uint32_t i = 0; i < n && result == DB_OK; i++)
        result = write_one(s, ids[i], &b);
    if (result == DB_OK)
        result = db_commit(s->db);
    if (result != DB_OK) {
        note_failure(s, db_error(s->db));
        db_rollback(s->db);
        return result;
    }
    s->written += b.written;
    s->deleted += b.deleted;
    s->batches++;
    note_success(s);
    return DB_OK;
}

/* Writes what it can; what is left waits again. */
static void write_batch(struct store *s) {
    enum db_result result = DB_OK;
    uint32_t done = 0, n;

    while (done < s->writing.count && result == DB_OK) {
        n = s->writing.count - done < BATCH_MAX ? s->writing.count - done : BATCH_MAX;
        result = write_some(s, s->writing.ids + done, n);
        done += result == DB_OK ? n : 0;
    }
    for (uint32_t i = done; i < s->writing.count; i++)
        store_touch(s, s->writing.ids[i]);
    queue_clear(&s->writing);
    if (result == DB_DAMAGED)
        open_anew(s);
}

/* Waits so long, or until the store closes; `lock` is held. */
static void pause_ms(struct store *s, long ms) {
    struct timespec until;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += ms % 1000 * 1000000;
    until.tv_sec += ms / 1000 + until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    while (!s->stopping && pthread_cond_timedwait(&s->wake, &s->lock, &until) != ETIMEDOUT) {
    }
}

/* False: it closes, and there is nothing left to do, or nothing that can be done. */
static bool await_work(struct store *s) {
    while (s->waiting.count == 0 && !s->stopping)
        pthread_cond_wait(&s->wake, &s->lock);
    if (s->last)
        return false;
    s->last = s->stopping; /* what the disk does not take now is lost */
    pause_ms(s, s->failing ? RETRY_MS : GATHER_MS);
    return s->waiting.count > 0 && !s->off;
}

static void *run(void *arg) {
    struct store *s = arg;

    pthread_mutex_lock(&s->lock);
    while (await_work(s)) {
        struct queue taken = s->waiting;
        s->waiting = s->writing;
        s->writing = taken;
        pthread_mutex_unlock(&s->lock);
        write_batch(s);
        pthread_mutex_lock(&s->lock);
    }
    pthread_mutex_unlock(&s->lock);
    return NULL;
}

int store_start(struct store *s) {
    int error = pthread_create(&s->thread, NULL, run, s);

    errno = error;
    s->started = error == 0;
    return s->started ? 0 : -1;
}

void store_touch(struct store *s, uint64_t id) {
    if (s->off)
        return;
    pthread_mutex_lock(&s->lock);
    if (s->waiting.count == 0)
        pthread_cond_signal(&s->wake);
    bool fits = queue_add(&s->waiting, id);
    pthread_mutex_unlock(&s->lock);
    if (!fits && atomic_fetch_add(&s->lost, 1) == 0)
        log_error("store=%s error=\"%u changes wait, further ones are lost\"", s->path, WAITING_MAX);
}

struct store_counts store_counts(struct store *s) {
    pthread_mutex_lock(&s->lock);
    uint32_t waiting = s->waiting.count;
    pthread_mutex_unlock(&s->lock);
    return (struct store_counts){.failing = s->failing,
                                 .off = s->off,
                                 .waiting = waiting,
                                 .written = s->written,
                                 .deleted = s->deleted,
                                 .batches = s->batches,
                                 .failures = s->failures,
                                 .lost = s->lost,
                                 .aside = s->aside};
}

static void stop(struct store *s) {
    pthread_mutex_lock(&s->lock);
    s->stopping = true;
    pthread_cond_signal(&s->wake);
    pthread_mutex_unlock(&s->lock);
    pthread_join(s->thread, NULL);
    if (s->waiting.count > 0)
        log_error("store=%s error=\"%u changes not written\"", s->path, s->waiting.count);
}

void store_close(struct store *s) {
    if (s == NULL)
        return;
    if (s->started)
        stop(s);
    db_close(s->db);
    pthread_cond_destroy(&s->wake);
    pthread_mutex_destroy(&s->lock);
    queue_fini(&s->waiting);
    queue_fini(&s->writing);
    free(s->path);
    free(s);
}
