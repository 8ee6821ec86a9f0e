#include "b2bua/admin/tap.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "b2bua/admin/trace.h"
#include "b2bua/core/hep.h"
#include "b2bua/core/redact.h"
#include "b2bua/log/log.h"

/* What the thread is to do next. */
struct order {
    struct order *next;
    struct sbuf copy;    /* a worker's */
    struct trace *begin; /* a trace, taken */
    struct select_filter filter;
    bool end; /* of the trace */
};

struct tap {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t more, ended;
    struct order *first, **last;
    size_t queued; /* bytes */
    bool stopping;
    struct tap_state state;
    atomic_uint wanted; /* bit 0: anything; bit 1: STUN; above: whose */
    bool filtered;      /* of the trace */
    unsigned starts;
    /* the thread's own */
    struct trace *trace;
    struct select *select, *all; /* for the trace; for HEP: only who belongs together */
    int hep;                     /* socket; -1 = none */
    char *node;
    char datagram[HEP_MAX];
    char text[(64 << 10) + 1]; /* a redacted message */
};

/* --- one message --- */

static void send_hep(struct tap *t, const struct ladder_entry *e, struct str text, uint64_t call) {
    struct sbuf b = sbuf_on(t->datagram, sizeof t->datagram);
    char id[16];
    struct sbuf hex = sbuf_on(id, sizeof id);
    bool in = e->way == LADDER_IN;

    sbuf_hex(&hex, call);
    struct hep_message m = {.at_us = e->at_us,
                            .proto = e->proto,
                            .from = in ? e->peer : e->local,
                            .to = in ? e->local : e->peer,
                            .agent = (uint32_t)(str_hash(str_of(t->node)) & 0x7fffffff),
                            .node = str_of(t->node),
                            .correlation = sbuf_str(&hex),
                            .payload = text};
    bool sent = hep_put(&b, &m) == 0 && send(t->hep, b.p, b.n, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)b.n;
    pthread_mutex_lock(&t->lock);
    t->state.hep_sent += sent;
    t->state.hep_failed += !sent;
    pthread_mutex_unlock(&t->lock);
}

static void take_message(struct tap *t, const struct ladder_entry *e, uint64_t *traced) {
    uint64_t call, call_there;
    bool wanted = t->trace != NULL && select_wants(t->select, e->text, &call);
    size_t n = e->text.n < sizeof t->text ? e->text.n : sizeof t->text;

    if (!wanted && t->hep < 0)
        return;
    memcpy(t->text, e->text.p, n);
    redact_message(t->text, n);
    if (wanted)
        trace_put(t->trace, e, (struct str){t->text, n});
    *traced += wanted;
    if (t->hep < 0)
        return;
    select_wants(t->all, e->text, &call_there);
    send_hep(t, e, (struct str){t->text, n}, call_there);
}

static void take_stun(struct tap *t, const struct ladder_entry *e, uint64_t *traced) {
    uint64_t call;

    if (t->trace == NULL || !select_wants(t->select, e->text, &call))
        return;
    trace_put(t->trace, e, e->text);
    *traced += 1;
}

/* --- one order --- */

/* Names come first: a call gets them after its first message, in the same turn of its worker. */
static uint64_t take_copy(struct tap *t, struct str copy) {
    struct ladder_entry e;
    uint64_t traced = 0;

    for (size_t at = 0; ladder_copied(copy, &at, &e);) {
        if (e.kind != LADDER_NAMES)
            continue;
        select_learn(t->select, &e.names);
        select_learn(t->all, &e.names);
    }
    for (size_t at = 0; ladder_copied(copy, &at, &e);)
        if (e.kind == LADDER_MESSAGE)
            take_message(t, &e, &traced);
        else if (e.kind == LADDER_STUN)
            take_stun(t, &e, &traced);
    return traced;
}

static unsigned wanted_now(const struct tap *t) {
    bool stun = t->state.tracing && !t->filtered;

    return t->hep >= 0 || t->state.tracing ? 4 * t->starts + 2 * stun + 1 : 0;
}

static void end_trace(struct tap *t, const char *why) {
    struct trace *over = t->trace;

    t->trace = NULL;
    pthread_mutex_lock(&t->lock);
    t->state.tracing = false;
    t->state.bytes = over == NULL ? t->state.bytes : trace_bytes(over);
    snprintf(t->state.why, sizeof t->state.why, "%s", why);
    atomic_store(&t->wanted, wanted_now(t));
    log_info("trace file=\"%s\" state=off messages=%llu bytes=%llu why=\"%s\"", t->state.path,
             (unsigned long long)t->state.messages, (unsigned long long)t->state.bytes, why);
    pthread_cond_broadcast(&t->ended);
    pthread_mutex_unlock(&t->lock);
    trace_free(over);
}

static void note_progress(struct tap *t, uint64_t traced) {
    const char *why = t->trace == NULL ? NULL : trace_flush(t->trace);

    pthread_mutex_lock(&t->lock);
    t->state.messages += traced;
    if (t->trace != NULL)
        t->state.bytes = trace_bytes(t->trace);
    pthread_mutex_unlock(&t->lock);
    if (why != NULL)
        end_trace(t, why);
}

static void obey(struct tap *t, struct order *o) {
    if (o->begin != NULL) {
        t->trace = o->begin;
        select_set(t->select, &o->filter);
    }
    note_progress(t, o->copy.n > 0 ? take_copy(t, sbuf_str(&o->copy)) : 0);
    if (o->end && t->trace != NULL)
        end_trace(t, "");
    sbuf_fini(&o->copy);
    free(o);
}

static struct order *next_order(struct tap *t) {
    pthread_mutex_lock(&t->lock);
    while (t->first == NULL && !t->stopping)
        pthread_cond_wait(&t->more, &t->lock);
    struct order *o = t->first;
    if (o != NULL) {
        t->first = o->next;
        t->last = t->first == NULL ? &t->first : t->last;
        t->queued -= o->copy.n;
    }
    pthread_mutex_unlock(&t->lock);
    return o;
}

static void *run(void *arg) {
    struct tap *t = arg;

    for (struct order *o; (o = next_order(t)) != NULL;)
        obey(t, o);
    return NULL;
}

/* --- giving --- */

/* The lock is held. */
static void append(struct tap *t, struct order *o) {
    *t->last = o;
    t->last = &o->next;
    t->queued += o->copy.n;
    pthread_cond_signal(&t->more);
}

unsigned tap_wanted(const struct tap *t) {
    return t == NULL ? 0 : atomic_load_explicit(&t->wanted, memory_order_relaxed);
}

bool tap_wants_stun(const struct tap *t) {
    return tap_wanted(t) & 2;
}

void tap_missed(struct tap *t) {
    pthread_mutex_lock(&t->lock);
    t->state.dropped++;
    pthread_mutex_unlock(&t->lock);
}

void tap_give(struct tap *t, struct sbuf *copy) {
    struct order *o = mem_zalloc(sizeof *o);

    o->copy = *copy;
    pthread_mutex_lock(&t->lock);
    bool taken = t->queued + copy->n <= TAP_QUEUE_MAX;
    if (taken)
        append(t, o);
    else
        t->state.dropped++;
    pthread_mutex_unlock(&t->lock);
    if (taken)
        return;
    sbuf_fini(copy);
    free(o);
}

/* --- the operator --- */

static int claim(struct tap *t, const char *path, char *error, size_t size) {
    pthread_mutex_lock(&t->lock);
    bool busy = t->state.tracing;
    if (busy) {
        snprintf(error, size, "there is a trace to %s already: stop that first", t->state.path);
    } else {
        t->state.tracing = true;
        snprintf(t->state.path, sizeof t->state.path, "%s", path);
        t->state.why[0] = '\0';
        t->state.messages = t->state.bytes = 0;
    }
    pthread_mutex_unlock(&t->lock);
    return busy ? -1 : 0;
}

int tap_trace_start(struct tap *t, const char *path, const struct select_filter *f, uint64_t bytes_max, char *error,
                    size_t size) {
    if (claim(t, path, error, size) < 0)
        return -1;
    struct order *o = mem_zalloc(sizeof *o);
    o->begin = trace_new(path, bytes_max, error, size);
    o->filter = *f;
    pthread_mutex_lock(&t->lock);
    if (o->begin == NULL) {
        t->state.tracing = false;
        t->state.path[0] = '\0';
    } else {
        t->starts++;
        t->filtered = f->trunk[0] != '\0' || f->number[0] != '\0' || f->call_id[0] != '\0';
        append(t, o);
        atomic_store(&t->wanted, wanted_now(t));
        log_info("trace file=\"%s\" state=on", path);
    }
    bool began = t->state.tracing;
    pthread_mutex_unlock(&t->lock);
    if (!began)
        free(o);
    return began ? 0 : -1;
}

bool tap_trace_stop(struct tap *t) {
    struct timespec until;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += TAP_STOP_MS / 1000;
    pthread_mutex_lock(&t->lock);
    bool was = t->state.tracing;
    if (was) {
        struct order *o = mem_zalloc(sizeof *o);
        o->end = true;
        append(t, o);
    }
    while (t->state.tracing && pthread_cond_timedwait(&t->ended, &t->lock, &until) == 0)
        ;
    pthread_mutex_unlock(&t->lock);
    return was;
}

struct tap_state tap_state(struct tap *t) {
    pthread_mutex_lock(&t->lock);
    struct tap_state s = t->state;
    pthread_mutex_unlock(&t->lock);
    return s;
}

/* --- begin and end --- */

static int open_hep(const char *to, char *error, size_t size) {
    struct sockaddr_storage ss;
    struct addr addr;

    if (addr_parse(&addr, str_of(to)) < 0 || addr.port == 0) {
        snprintf(error, size, "admin.hep \"%s\" is no address:port", to);
        return -1;
    }
    socklen_t n = addr_to_sockaddr(&addr, &ss);
    int fd = socket(ss.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&ss, n) == 0)
        return fd;
    snprintf(error, size, "admin.hep \"%s\" cannot be reached", to);
    if (fd >= 0)
        close(fd);
    return -1;
}

struct tap *tap_new(const char *hep, const char *node, char *error, size_t size) {
    int fd = hep[0] == '\0' ? -1 : open_hep(hep, error, size);

    if (hep[0] != '\0' && fd < 0)
        return NULL;
    struct tap *t = mem_zalloc(sizeof *t);
    pthread_mutex_init(&t->lock, NULL);
    pthread_cond_init(&t->more, NULL);
    pthread_cond_init(&t->ended, NULL);
    t->last = &t->first;
    t->hep = fd;
    t->node = str_dup(str_of(node));
    t->select = select_new();
    t->all = select_new();
    atomic_store(&t->wanted, wanted_now(t));
    if (pthread_create(&t->thread, NULL, run, t) != 0)
        abort();
    return t;
}

void tap_free(struct tap *t) {
    if (t == NULL)
        return;
    pthread_mutex_lock(&t->lock);
    t->stopping = true;
    pthread_cond_signal(&t->more);
    pthread_mutex_unlock(&t->lock);
    pthread_join(t->thread, NULL);
    trace_free(t->trace);
    if (t->hep >= 0)
        close(t->hep);
    select_free(t->select);
    select_free(t->all);
    free(t->node);
    free(t);
}
