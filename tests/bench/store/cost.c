/*
 * What it costs to keep registrations on disk: 100,000 bindings are entered and written, refreshed for some seconds at
 * the pace of one a minute each, and loaded by a new start. usage: cost [BINDINGS]. Prints; judges nothing.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "b2bua/log/log.h"
#include "tests/room/bed_keep.h"

enum { REFRESH_S = 60, REFRESHED_S = 30, SLICE_MS = 10 };

static struct bed_keep front;

static char folder[64];

static double seconds_of(clockid_t clock) {
    struct timespec t;

    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static uint64_t now_ms(void) {
    return (uint64_t)(seconds_of(CLOCK_MONOTONIC) * 1e3);
}

/* How long this thread was ready to run and had no core: on a busy machine that is most of what a clock shows. */
static double queued_s(void) {
    FILE *in = fopen("/proc/thread-self/schedstat", "r");
    unsigned long long ran, queued;
    double s = 0;

    if (in != NULL && fscanf(in, "%llu %llu", &ran, &queued) == 2)
        s = (double)queued / 1e9;
    if (in != NULL)
        fclose(in);
    return s;
}

/* Returns how long a start takes for it. */
static double start(void) {
    struct settings *s = bed_keep_settings(folder, BED_KEEP_FRONT);

    if (s == NULL)
        exit(1);
    bed_keep_start(&front, s);
    double began = seconds_of(CLOCK_MONOTONIC);
    keep_follow(front.keep, front.settings);
    return seconds_of(CLOCK_MONOTONIC) - began;
}

/* As a phone with outbound registers. */
static void enter(uint32_t i) {
    char aor[64], contact[256], instance[64], call_id[64];
    uint64_t now = now_ms();
    struct bindings *all = registrar_bindings(front.shared);
    struct binding b = {.f = {.via = {.boot = 1, .flow = {.proto = FLOW_TLS, .conn = i, .peer = {.family = 4}}},
                              .node = 7,
                              .reg_id = 1,
                              .since_ms = now,
                              .told_ms = now + 600000,
                              .granted_ms = now + 600000},
                        .service_route = STR("Route: <sip:cm1.example.com:5060;transport=tcp;lr>\r\n"),
                        .user_agent = STR("Phone/12.5.1 (x86_64)")};

    snprintf(aor, sizeof aor, "user%07u@example.com", i);
    snprintf(instance, sizeof instance, "<urn:uuid:00000000-0000-1000-8000-%012u>", i);
    snprintf(call_id, sizeof call_id, "%08x-0000-4000-8000-000000000000@phone", i);
    snprintf(contact, sizeof contact,
             "<sip:user%07u@192.0.2.1:5061;transport=tls>;+sip.instance=\"%s\";reg-id=1;expires=600", i, instance);
    b.aor = str_of(aor);
    b.contact = str_of(contact);
    b.instance = str_of(instance);
    b.call_id = str_of(call_id);
    b.f.id = bindings_id(all, b.aor, b.instance, 1, STR_NONE);
    bindings_put(all, &b, now);
}

static void pause_ms(long ms) {
    nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000}, NULL);
}

/* What waits is written in pieces as fast as the disk takes them. */
static void fill(uint32_t count) {
    double began = seconds_of(CLOCK_MONOTONIC), cpu = seconds_of(CLOCK_PROCESS_CPUTIME_ID);

    for (uint32_t i = 0; i < count; i++)
        enter(i);
    double entered = seconds_of(CLOCK_MONOTONIC) - began;
    while (keep_counts(front.keep).store.written < count && keep_counts(front.keep).state == KEEP_OK)
        pause_ms(SLICE_MS);
    double written = seconds_of(CLOCK_MONOTONIC) - began;
    printf("%u entered in %.2f s, on disk after %.2f s: %.0f a second, %.0f us of CPU each with entering\n", count,
           entered, written, count / written, 1e6 * (seconds_of(CLOCK_PROCESS_CPUTIME_ID) - cpu) / count);
}

/* Each binding once a minute: CPU of both who enters and who writes. */
static void refresh(uint32_t count) {
    uint32_t slice = count * SLICE_MS / (REFRESH_S * 1000), next = 1;
    uint64_t before = keep_counts(front.keep).store.written;
    double cpu = seconds_of(CLOCK_PROCESS_CPUTIME_ID), own = seconds_of(CLOCK_THREAD_CPUTIME_ID);
    double began = seconds_of(CLOCK_MONOTONIC);
    struct rusage was, is;

    getrusage(RUSAGE_SELF, &was);
    while (seconds_of(CLOCK_MONOTONIC) - began < REFRESHED_S) {
        for (uint32_t i = 0; i < slice; i++, next = (uint32_t)((uint64_t)next * 48271 % 2147483647))
            enter(next % count);
        pause_ms(SLICE_MS);
    }
    cpu = seconds_of(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    own = seconds_of(CLOCK_THREAD_CPUTIME_ID) - own;
    double took = seconds_of(CLOCK_MONOTONIC) - began;
    double rate = (double)(keep_counts(front.keep).store.written - before) / took;
    getrusage(RUSAGE_SELF, &is);
    printf("refreshed at %.0f a second: the writer takes %.1f %% of a core, %.0f us a refresh, %.1f MB/s\n", rate,
           100 * (cpu - own) / took, 1e6 * (cpu - own) / took / rate,
           (double)(is.ru_oublock - was.ru_oublock) * 512 / took / 1e6);
}

static void measure(uint32_t count) {
    struct stat file;
    char path[128];

    start();
    fill(count);
    refresh(count);
    bed_keep_stop(&front);
    snprintf(path, sizeof path, "%s/state/registrations.db", folder);
    if (stat(path, &file) == 0)
        printf("on disk: %.0f bytes a binding\n", (double)file.st_size / count);
    double cpu = seconds_of(CLOCK_PROCESS_CPUTIME_ID), queued = queued_s(), took = start();
    printf("start with %llu bindings: %.2f s, CPU %.2f s, waiting for a core %.2f s\n",
           (unsigned long long)keep_counts(front.keep).loaded, took, seconds_of(CLOCK_PROCESS_CPUTIME_ID) - cpu,
           queued_s() - queued);
    bed_keep_stop(&front);
}

int main(int argc, char **argv) {
    long count = argc > 1 ? strtol(argv[1], NULL, 10) : 100000;
    const char *tmp = getenv("TMPDIR");
    char command[128];

    snprintf(folder, sizeof folder, "%s/twinleg-bench-XXXXXX", tmp != NULL && strlen(tmp) < 30 ? tmp : "/tmp");
    if (count < 1 || count > 200000 || mkdtemp(folder) == NULL)
        return 1;
    log_level_set(LOG_LEVEL_WARN);
    measure((uint32_t)count);
    snprintf(command, sizeof command, "rm -r %s", folder);
    return system(command) == 0 ? 0 : 1;
}
