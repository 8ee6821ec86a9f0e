/*
 * callgen: caller and callee in one thread, for what is to be measured between them. Each call is
 * INVITE 100 180 200 ACK (hold) BYE 200 over UDP; INVITE, BYE and the 200 are resent as RFC 3261 says, and counted.
 *
 *     callgen -t HOST:PORT -c CALLERPORT -s CALLEEPORT -r RATE -n CALLS [-h HOLD_MS] [-w STAY_S]
 *             [-e SESSION_S]
 *
 * Calls go to sip:9NNNNNNN@target; that number is how the callee's INVITE is matched with the caller's: nothing else is
 * sure to come through. With -w calls are not hung up: once all are up it says so, stays for STAY_S seconds and goes.
 * With -e both ends want session timers of SESSION_S seconds and the element in between to refresh them; `refreshed` is
 * how many refreshes came, each end's counted, after all were up. Prints one line of key=value; latencies are the
 * microseconds that the element in between adds: the way of the INVITE there and of its 200 back.
 */
#include "tests/bench/callgen.h"

#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { TICK_US = 5000, LATE_US = 8000000 };

static uint64_t now_us(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static void to_caller(void *ctx, const struct message *m, const struct sockaddr_in *from) {
    caller_got(ctx, m, from, now_us());
}

static void to_callee(void *ctx, const struct message *m, const struct sockaddr_in *from) {
    callee_got(ctx, m, from, now_us());
}

static void start_due(struct gen *g, uint64_t began, uint64_t now) {
    while (g->started < g->calls && began + (uint64_t)g->started * 1000000 / g->rate <= now) {
        caller_invite_next(g, now);
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
        g->refreshed_up = g->refreshed;
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
            end_receive(&g->callee, to_callee, g);
        end_flush(&g->callee);
        if (p[1].revents)
            end_receive(&g->caller, to_caller, g);
        now = now_us();
        start_due(g, began, now);
        if (now >= next_tick) {
            tick(g, now);
            next_tick = now + TICK_US;
        }
        end_flush(&g->caller);
        end_flush(&g->callee);
    }
    return now - began;
}

static int compare(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static unsigned percentile(const struct gen *g, unsigned percent) {
    return g->up ? g->added_us[(uint64_t)g->up * percent / 100] : 0;
}

static void report(struct gen *g, uint64_t wall_us) {
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    uint64_t cpu = (uint64_t)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000000 +
                   (uint64_t)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
    qsort(g->added_us, g->up, sizeof *g->added_us, compare);
    printf("ok=%u failed=%u missing=%u again=%u copies=%u p50_us=%u p95_us=%u p99_us=%u refreshed=%u wall_ms=%llu "
           "cpu_us=%llu\n",
           g->ok, g->failed, g->calls - g->ok - g->failed, g->again_caller + g->again_callee, g->copies,
           percentile(g, 50), percentile(g, 95), percentile(g, 99), g->refreshed - g->refreshed_up,
           (unsigned long long)wall_us / 1000, (unsigned long long)cpu);
}

static int options(struct gen *g, int argc, char **argv) {
    for (int o; (o = getopt(argc, argv, "t:c:s:r:n:h:w:e:")) != -1;) {
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
        case 'e':
            g->run.session_s = value;
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
                        "[-w STAY_S] [-e SESSION_S]\n");
        return 2;
    }
    g.run.id = (unsigned)getpid();
    g.call = calloc(g.calls, sizeof *g.call);
    g.added_us = calloc(g.calls, sizeof *g.added_us);
    if (!g.call || !g.added_us)
        abort();
    g.caller.fd = end_open(g.run.caller_port);
    g.callee.fd = end_open(g.run.callee_port);
    report(&g, run(&g));
    return g.ok == g.calls || (g.stay_s && g.up == g.calls) ? 0 : 1;
}
