#include "b2bua/admin/record.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "b2bua/core/json.h"
#include "b2bua/log/log.h"

enum {
    QUEUE_BYTES_MAX = 4 << 20, /* waiting lines; a disk that is slower for longer loses records, not calls */
    FIELD_BYTES_MAX = 1024,    /* of a peer's text; each may become six in JSON */
    LINE_BYTES_MAX = 6 * 6 * FIELD_BYTES_MAX + 2048,
    GATHER_MS = 50,  /* one write for all that ends in this time: a wake-up costs more than a record */
    RETRY_MS = 1000, /* after an error of the disk */
    LOST_SAID = 1000 /* one line of the log for so many that do not fit */
};

/* Lines wait in `waiting` and are written from `writing`; the two change places, so that nobody waits for the disk. */
struct recorder {
    pthread_mutex_t lock;
    pthread_cond_t wake;
    pthread_t thread;
    char *path;
    char *waiting, *writing;
    size_t waiting_n;
    bool reopen, stopping;
    int fd;
    atomic_uint_fast64_t lost, written;
    atomic_int error; /* the disk takes nothing: errno; 0 = it does */
};

static void put_text(struct sbuf *out, const char *name, struct str text) {
    if (text.n > FIELD_BYTES_MAX)
        text.n = FIELD_BYTES_MAX;
    json_put_text(out, name, text);
}

static void put_identity(struct sbuf *out, const struct record *r) {
    json_put_hex(out, "call_id", r->call_id);
    put_text(out, "leg", (struct str){&r->leg, 1});
    put_text(out, "trunk", r->trunk);
    put_text(out, "sip_call_id", r->sip_call_id);
    put_text(out, "from", r->from);
    put_text(out, "to", r->to);
}

static void put_course(struct sbuf *out, const struct record *r) {
    json_put_time(out, "start", r->start_ms);
    json_put_time(out, "ring", r->ring_ms);
    json_put_time(out, "answer", r->answer_ms);
    json_put_time(out, "end", r->end_ms);
    json_put_number(out, "duration_ms", r->answer_ms == 0 || r->end_ms < r->answer_ms ? 0 : r->end_ms - r->answer_ms);
    json_put_number(out, "status", (uint64_t)r->status);
    put_text(out, "ended_by", str_of(r->ended_by));
    put_text(out, "cause", str_of(r->cause));
}

void record_print(struct sbuf *out, const struct record *rec) {
    sbuf_putc(out, '{');
    put_identity(out, rec);
    put_course(out, rec);
    json_put_number(out, "refreshes_sent", rec->refreshes_sent);
    json_put_number(out, "refreshes_received", rec->refreshes_received);
    json_put_number(out, "midcalls_consumed", rec->midcalls_consumed);
    json_put_number(out, "midcalls_forwarded", rec->midcalls_forwarded);
    put_text(out, "route", rec->route);
    put_text(out, "target", rec->target);
    json_put_number(out, "attempts", rec->attempts);
    if (rec->referred_by != 0)
        json_put_hex(out, "referred_by", rec->referred_by);
    json_put_number(out, "waited_ms", rec->waited_ms);
    sbuf_put(out, STR("}\n"));
}

static int open_path(const char *path) {
    return open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
}

/* False: the old file goes on, which is better than losing records. */
static bool reopen(struct recorder *r) {
    int fd = open_path(r->path);

    if (fd < 0) {
        log_error("records file=\"%s\" reopen=no error=\"%s\"", r->path, strerror(errno));
        return false;
    }
    if (r->fd >= 0)
        close(r->fd);
    r->fd = fd;
    return true;
}

static size_t lines_in(const char *bytes, size_t n) {
    size_t lines = 0;

    for (const char *end = bytes + n; (bytes = memchr(bytes, '\n', (size_t)(end - bytes))) != NULL; bytes++)
        lines++;
    return lines;
}

/* Returns how many bytes were written; fewer than `n` after an error. */
static size_t write_all(int fd, const char *bytes, size_t n) {
    size_t done = 0;

    while (done < n) {
        ssize_t k = write(fd, bytes + done, n - done);
        if (k < 0 && errno == EINTR)
            continue;
        if (k <= 0)
            break;
        done += (size_t)k;
    }
    return done;
}

/* Waits so long, or until the recorder stops; `lock` is held. */
static void pause_ms(struct recorder *r, long ms) {
    struct timespec until;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += ms % 1000 * 1000000;
    until.tv_sec += ms / 1000 + until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    while (!r->stopping && !r->reopen && pthread_cond_timedwait(&r->wake, &r->lock, &until) != ETIMEDOUT) {
    }
}

/* The disk takes records no more (an errno), or does again (0). Said once each. */
static void set_error(struct recorder *r, int error) {
    if (atomic_exchange(&r->error, error) == error)
        return;
    if (error != 0)
        log_error("records file=\"%s\" state=failing error=\"%s\"", r->path, strerror(error));
    else
        log_info("records file=\"%s\" state=ok lost=%llu", r->path, (unsigned long long)atomic_load(&r->lost));
}

static size_t line_start(const char *bytes, size_t at) {
    while (at > 0 && bytes[at - 1] != '\n')
        at--;
    return at;
}

/* Takes the beginning of a line that has no end from the file again, if it can, and goes back in `done` accordingly: a
 * line stands whole in one file, whether that is the same one opened anew or another. */
static void untear(struct recorder *r, size_t *done) {
    size_t start = line_start(r->writing, *done);
    struct stat st;

    if (start == *done || fstat(r->fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size < (off_t)(*done - start))
        return;
    if (ftruncate(r->fd, st.st_size - (off_t)(*done - start)) == 0)
        *done = start;
}

/* After a failure: sleeps until it is time to try again. A file that was rotated meanwhile begins with a whole line.
 * False: the program ends. */
static bool await_retry(struct recorder *r, size_t *done) {
    pthread_mutex_lock(&r->lock);
    if (!r->stopping && !r->reopen)
        pause_ms(r, RETRY_MS);
    bool anew = r->reopen, stopping = r->stopping;
    r->reopen = false;
    pthread_mutex_unlock(&r->lock);
    if (anew || stopping)
        untear(r, done);
    if (anew && reopen(r))
        *done = line_start(r->writing, *done);
    return !stopping || anew;
}

/* Puts what the disk did not take; a failure at the end of the program loses it. */
static void write_batch(struct recorder *r, size_t n) {
    size_t done = 0;

    while ((done += write_all(r->fd, r->writing + done, n - done)) < n) {
        set_error(r, errno);
        if (await_retry(r, &done))
            continue;
        atomic_fetch_add(&r->written, lines_in(r->writing, done));
        atomic_fetch_add(&r->lost, lines_in(r->writing + done, n - done));
        log_error("records file=\"%s\" lost=%llu", r->path, (unsigned long long)atomic_load(&r->lost));
        return;
    }
    if (n > 0)
        set_error(r, 0);
    atomic_fetch_add(&r->written, lines_in(r->writing, n));
}

/* Waits for something to do; what ends shortly after the first goes along. False: stopped, and nothing is left. */
static bool await_work(struct recorder *r) {
    while (r->waiting_n == 0 && !r->stopping && !r->reopen)
        pthread_cond_wait(&r->wake, &r->lock);
    if (!r->reopen)
        pause_ms(r, GATHER_MS);
    return r->waiting_n > 0 || r->reopen;
}

static void *run(void *arg) {
    struct recorder *r = arg;

    pthread_mutex_lock(&r->lock);
    while (await_work(r)) {
        char *batch = r->waiting;
        size_t n = r->waiting_n;
        bool anew = r->reopen;
        r->waiting = r->writing;
        r->writing = batch;
        r->waiting_n = 0;
        r->reopen = false;
        pthread_mutex_unlock(&r->lock);
        if (anew)
            reopen(r);
        write_batch(r, n);
        pthread_mutex_lock(&r->lock);
    }
    pthread_mutex_unlock(&r->lock);
    return NULL;
}

static void init_wake(struct recorder *r) {
    pthread_condattr_t attr;

    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&r->wake, &attr);
    pthread_condattr_destroy(&attr);
}

static void free_parts(struct recorder *r) {
    if (r->fd >= 0)
        close(r->fd);
    pthread_cond_destroy(&r->wake);
    pthread_mutex_destroy(&r->lock);
    free(r->waiting);
    free(r->writing);
    free(r->path);
    free(r);
}

struct recorder *recorder_new(const char *path) {
    struct recorder *r = mem_zalloc(sizeof *r);
    int error;

    pthread_mutex_init(&r->lock, NULL);
    init_wake(r);
    r->path = str_dup(str_of(path));
    r->waiting = mem_alloc(QUEUE_BYTES_MAX);
    r->writing = mem_alloc(QUEUE_BYTES_MAX);
    r->fd = open_path(path);
    error = r->fd < 0 ? errno : pthread_create(&r->thread, NULL, run, r);
    if (error == 0)
        return r;
    free_parts(r);
    errno = error;
    return NULL;
}

int recorder_write(struct recorder *r, const struct record *rec) {
    char line[LINE_BYTES_MAX];
    struct sbuf b = sbuf_on(line, sizeof line);
    bool fits;

    record_print(&b, rec);
    pthread_mutex_lock(&r->lock);
    fits = !b.full && r->waiting_n + b.n <= QUEUE_BYTES_MAX;
    if (fits) {
        if (r->waiting_n == 0)
            pthread_cond_signal(&r->wake);
        memcpy(r->waiting + r->waiting_n, b.p, b.n);
        r->waiting_n += b.n;
    }
    pthread_mutex_unlock(&r->lock);
    if (!fits && atomic_fetch_add(&r->lost, 1) % LOST_SAID == 0)
        log_error("records file=\"%s\" queue=full lost=%llu", r->path, (unsigned long long)atomic_load(&r->lost));
    return fits ? 0 : -1;
}

void recorder_reopen(struct recorder *r) {
    pthread_mutex_lock(&r->lock);
    r->reopen = true;
    pthread_cond_signal(&r->wake);
    pthread_mutex_unlock(&r->lock);
}

uint64_t recorder_lost(const struct recorder *r) {
    return atomic_load(&r->lost);
}

uint64_t recorder_written(const struct recorder *r) {
    return atomic_load(&r->written);
}

int recorder_error(const struct recorder *r) {
    return atomic_load(&r->error);
}

void recorder_free(struct recorder *r) {
    if (r == NULL)
        return;
    pthread_mutex_lock(&r->lock);
    r->stopping = true;
    pthread_cond_signal(&r->wake);
    pthread_mutex_unlock(&r->lock);
    pthread_join(r->thread, NULL);
    free_parts(r);
}
