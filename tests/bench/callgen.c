/*
 * callgen: caller and callee in one thread, for what is to be measured between them. Each call is
 * INVITE 100 180 200 ACK (hold) BYE 200 over UDP; INVITE, BYE and the 200 are resent as RFC 3261 says, and counted.
 *
 *     callgen -t HOST:PORT -c CALLERPORT -s CALLEEPORT -r RATE -n CALLS [-h HOLD_MS] [-w STAY_S]
 *
 * Calls go to sip:9NNNNNNN@target; that number is how the callee's INVITE is matched with the caller's: nothing else is
 * sure to come through. With -w calls are not hung up: once all are up it says so, stays for STAY_S seconds and goes.
 * Prints one line of key=value; latencies are the microseconds that the element in between adds: the way of the INVITE
 * there and of its 200 back.
 */
#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "tests/bench/text.h"

enum { BATCH = 32, T1_US = 500000, TRIES_MAX = 7, TICK_US = 5000, LATE_US = 8000000 };
enum state { CALL_IDLE, CALL_INVITED, CALL_UP, CALL_ENDING, CALL_DONE, CALL_FAILED };

struct call {
    enum state state;
    unsigned tries, answer_tries;
    uint64_t due_us;        /* caller: send again, or hang up */
    uint64_t answer_due_us; /* callee: send the 200 again; 0 = acknowledged, or not asked yet */
    uint64_t sent_us, arrived_us, answered_us;
    struct dialog dialog;
    char *answer; /* callee's 200, until it is acknowledged */
    size_t answer_size;
    struct sockaddr_in answer_to;
};

struct end {
    int fd;
    unsigned queued;
    struct mmsghdr head[BATCH];
    struct iovec io[BATCH];
    struct sockaddr_in to[BATCH];
    char text[BATCH][TEXT_MESSAGE_MAX];
};

struct gen {
    struct run run;
    struct sockaddr_in target;
    unsigned rate, calls, hold_us, stay_s;
    struct call *call;
    uint32_t *added_us;
    unsigned started, oldest, ok, failed, up;
    unsigned again_caller, again_callee, copies; /* resent by us; INVITEs that came twice */
    struct end caller, callee;
};

static uint64_t now_us(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static void flush(struct end *e) {
    for (unsigned done = 0; done < e->queued;) {
        int n = sendmmsg(e->fd, e->head + done, e->queued - done, 0);
        if (n > 0)
            done += (unsigned)n;
        else
            done++; /* refused by ICMP or full: the timers bring it again */
    }
    e->queued = 0;
}

/* Room for one message; queue() sends it with the next flush. */
static char *room(struct end *e) {
    if (e->queued == BATCH)
        flush(e);
    return e->text[e->queued];
}

static void queue(struct end *e, size_t size, const struct sockaddr_in *to) {
    unsigned n = e->queued++;
    e->to[n] = *to;
    e->io[n] = (struct iovec){e->text[n], size};
    e->head[n].msg_hdr =
        (struct msghdr){.msg_name = &e->to[n], .msg_namelen = sizeof e->to[n], .msg_iov = &e->io[n], .msg_iovlen = 1};
}

/* --- caller */

static void invite(struct gen *g, unsigned n) {
    queue(&g->caller, text_invite(room(&g->caller), &g->run, n), &g->target);
}

static void in_dialog(struct gen *g, unsigned n, const char *method, unsigned cseq) {
    char *out = room(&g->caller);
    queue(&g->caller, text_in_dialog(out, &g->run, n, &g->call[n].dialog, method, cseq), &g->target);
}

static void over(struct gen *g, unsigned n, enum state state) {
    struct call *c = &g->call[n];
    c->state = state;
    dialog_free(&c->dialog);
    if (state == CALL_DONE)
        g->ok++;
    else
        g->failed++;
}

static void answered(struct gen *g, unsigned n, const struct message *m, uint64_t now) {
    struct call *c = &g->call[n];
    if (c->state == CALL_INVITED) {
        dialog_learn(&c->dialog, m);
        g->added_us[g->up++] = (uint32_t)((c->arrived_us - c->sent_us) + (now - c->answered_us));
        c->state = CALL_UP;
        c->due_us = g->stay_s ? UINT64_MAX : now + g->hold_us;
    }
    if (c->state == CALL_UP)
        in_dialog(g, n, "ACK", 1);
}

static void caller_got(struct gen *g, const struct message *m, uint64_t now) {
    long n = m->call_id.size ? strtol(m->call_id.at + strcspn(m->call_id.at, "0123456789\r"), NULL, 10) : -1;
    if (n < 0 || n >= (long)g->started || m->status < 200)
        return;
    int to_bye = m->cseq.size > 3 && memcmp(m->cseq.at + m->cseq.size - 3, "BYE", 3) == 0;
    struct call *c = &g->call[n];
    if (to_bye && c->state == CALL_ENDING)
        over(g, (unsigned)n, m->status < 300 ? CALL_DONE : CALL_FAILED);
    else if (!to_bye && m->status < 300)
        answered(g, (unsigned)n, m, now);
    else if (!to_bye && c->state == CALL_INVITED)
        over(g, (unsigned)n, CALL_FAILED);
}

static void caller_due(struct gen *g, unsigned n, uint64_t now) {
    struct call *c = &g->call[n];
    if (c->state == CALL_UP) {
        c->state = CALL_ENDING;
        c->tries = 0;
    } else if (c->tries == TRIES_MAX) {
        over(g, n, CALL_FAILED);
        return;
    } else {
        g->again_caller++;
        c->tries++;
    }
    c->due_us = now + ((uint64_t)T1_US << c->tries);
    if (c->state == CALL_INVITED)
        invite(g, n);
    else
        in_dialog(g, n, "BYE", 2);
}

/* --- callee */

static void callee_invited(struct gen *g, unsigned n, const struct message *m, const struct sockaddr_in *from,
                           uint64_t now) {
    static const char *const STATUS[] = {"100 Trying", "180 Ringing", "200 OK"};
    struct call *c = &g->call[n];
    if (c->arrived_us) {
        g->copies++;
        return;
    }
    c->arrived_us = c->answered_us = now;
    for (int i = 0; i < 3; i++) {
        char *out = room(&g->callee);
        size_t size = text_response(out, &g->run, n, m, STATUS[i], i == 2);
        if (i == 2) {
            c->answer = malloc(size);
            if (!c->answer)
                abort();
            memcpy(c->answer, out, size);
            c->answer_size = size;
        }
        queue(&g->callee, size, from);
    }
    c->answer_to = *from;
    c->answer_due_us = now + T1_US;
}

static void callee_got(struct gen *g, const struct message *m, const struct sockaddr_in *from, uint64_t now) {
    long n = text_number_after(m->to, ";tag=s");
    if (n < 0)
        n = text_number_after(m->start, "sip:9");
    if (m->status || n < 0 || n >= (long)g->started)
        return;
    if (m->start.at[0] == 'I') {
        callee_invited(g, (unsigned)n, m, from, now);
    } else if (m->start.at[0] == 'A') {
        free(g->call[n].answer);
        g->call[n].answer = NULL;
        g->call[n].answer_due_us = 0;
    } else {
        char *out = room(&g->callee);
        queue(&g->callee, text_response(out, &g->run, (unsigned)n, m, "200 OK", 0), from);
    }
}

static void callee_due(struct gen *g, struct call *c, uint64_t now) {
    if (c->answer_tries++ == TRIES_MAX) {
        c->answer_due_us = 0;
        return;
    }
    g->again_callee++;
    memcpy(room(&g->callee), c->answer, c->answer_size);
    queue(&g->callee, c->answer_size, &c->answer_to);
    c->answer_due_us = now + ((uint64_t)T1_US << c->answer_tries);
}

/* --- both */

static void receive(struct gen *g, struct end *e) {
    static char text[BATCH][TEXT_MESSAGE_MAX];
    static struct sockaddr_in from[BATCH];
    static struct iovec io[BATCH];
    static struct mmsghdr head[BATCH];
    for (int i = 0; i < BATCH; i++) {
        io[i] = (struct iovec){text[i], TEXT_MESSAGE_MAX - 1};
        head[i].msg_hdr =
            (struct msghdr){.msg_name = &from[i], .msg_namelen = sizeof from[i], .msg_iov = &io[i], .msg_iovlen = 1};
    }
    int got = recvmmsg(e->fd, head, BATCH, MSG_DONTWAIT, NULL);
    for (int i = 0; i < got; i++) {
        struct message m;
        text[i][head[i].msg_len] = '\0';
        text_parse(text[i], head[i].msg_len, &m);
        if (!m.start.size)
            continue;
        if (e == &g->caller)
            caller_got(g, &m, now_us());
        else
            callee_got(g, &m, &from[i], now_us());
    }
}

static void start_due(struct gen *g, uint64_t began, uint64_t now) {
    while (g->started < g->calls && began + (uint64_t)g->started * 1000000 / g->rate <= now) {
        struct call *c = &g->call[g->started];
        *c = (struct call){.state = CALL_INVITED, .sent_us = now, .due_us = now + T1_US};
        invite(g, g->started++);
        flush(&g->caller);
    }
}

static void tick(struct gen *g, uint64_t now) {
    while (g->oldest < g->started && g->call[g->oldest].state >= CALL_DONE && !g->call[g->oldest].answer_due_us)
        g->oldest++;
    for (unsigned n = g->oldest; n < g->started; n++) {
        struct call *c = &g->call[n];
        if (c->state < CALL_DONE && c->due_us <= now)
            caller_due(g, n, now);
        if (c->answer_due_us && c->answer_due_us <= now)
            callee_due(g, c, now);
    }
}

static int is_over(struct gen *g, uint64_t *end_us, uint64_t now) {
    if (g->started < g->calls)
        return 0;
    if (!g->stay_s)
        return g->ok + g->failed == g->calls || now > *end_us;
    if (g->up + g->failed == g->calls && *end_us == UINT64_MAX) {
        printf("up=%u failed=%u\n", g->up, g->failed);
        fflush(stdout);
        *end_us = now + (uint64_t)g->stay_s * 1000000;
    }
    return now > *end_us;
}

static uint64_t run(struct gen *g) {
    uint64_t began = now_us(), next_tick = began, now = began;
    uint64_t end = g->stay_s ? UINT64_MAX : began + (uint64_t)g->calls * 1000000 / g->rate + g->hold_us + LATE_US;
    while (!is_over(g, &end, now)) {
        struct pollfd p[2] = {{g->callee.fd, POLLIN, 0}, {g->caller.fd, POLLIN, 0}};
        poll(p, 2, 1);
        if (p[0].revents)
            receive(g, &g->callee);
        flush(&g->callee);
        if (p[1].revents)
            receive(g, &g->caller);
        now = now_us();
        start_due(g, began, now);
        if (now >= next_tick) {
            tick(g, now);
            next_tick = now + TICK_US;
        }
        flush(&g->caller);
        flush(&g->callee);
    }
    return now - began;
}

static int compare(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static void report(struct gen *g, uint64_t wall_us) {
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    uint64_t cpu = (uint64_t)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000000 +
                   (uint64_t)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
    qsort(g->added_us, g->up, sizeof *g->added_us, compare);
    unsigned p50 = g->up ? g->added_us[g->up / 2] : 0, p99 = g->up ? g->added_us[(uint64_t)g->up * 99 / 100] : 0;
    printf("ok=%u failed=%u missing=%u again=%u copies=%u p50_us=%u p99_us=%u wall_ms=%llu cpu_us=%llu\n", g->ok,
           g->failed, g->calls - g->ok - g->failed, g->again_caller + g->again_callee, g->copies, p50, p99,
           (unsigned long long)wall_us / 1000, (unsigned long long)cpu);
}

static int bound(unsigned port) {
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_DGRAM, 0), size = 8 << 20;
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
    if (fd < 0 || bind(fd, (struct sockaddr *)&here, sizeof here) != 0) {
        perror("callgen: socket");
        exit(2);
    }
    return fd;
}

static int options(struct gen *g, int argc, char **argv) {
    for (int o; (o = getopt(argc, argv, "t:c:s:r:n:h:w:")) != -1;) {
        unsigned value = optarg ? (unsigned)strtoul(optarg, NULL, 10) : 0;
        switch (o) {
        case 't':
            g->run.target = optarg;
            break;
        case 'c':
            g->run.caller_port = value;
            break;
        case 's':
            g->run.callee_port = value;
            break;
        case 'r':
            g->rate = value;
            break;
        case 'n':
            g->calls = value;
            break;
        case 'h':
            g->hold_us = value * 1000;
            break;
        case 'w':
            g->stay_s = value;
            break;
        default:
            return -1;
        }
    }
    const char *port = g->run.target ? strchr(g->run.target, ':') : NULL;
    if (!port || !g->rate || !g->calls)
        return -1;
    char host[64] = "";
    memcpy(host, g->run.target, (size_t)(port - g->run.target) < 63 ? (size_t)(port - g->run.target) : 63);
    g->target = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)strtoul(port + 1, NULL, 10))};
    return inet_pton(AF_INET, host, &g->target.sin_addr) == 1 ? 0 : -1;
}

int main(int argc, char **argv) {
    static struct gen g;
    if (options(&g, argc, argv) != 0) {
        fprintf(stderr, "usage: callgen -t HOST:PORT -c CALLERPORT -s CALLEEPORT -r RATE -n CALLS [-h HOLD_MS] "
                        "[-w STAY_S]\n");
        return 2;
    }
    g.run.id = (unsigned)getpid();
    g.call = calloc(g.calls, sizeof *g.call);
    g.added_us = calloc(g.calls, sizeof *g.added_us);
    if (!g.call || !g.added_us)
        abort();
    g.caller.fd = bound(g.run.caller_port);
    g.callee.fd = bound(g.run.callee_port);
    report(&g, run(&g));
    return g.ok == g.calls || (g.stay_s && g.up == g.calls) ? 0 : 1;
}
