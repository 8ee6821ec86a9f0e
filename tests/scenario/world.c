/* The engine's surroundings without a socket or a clock: what leaves is kept, time is a number. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "b2bua/config/config.h"
#include "b2bua/core/draw.h"
#include "tests/scenario/scenario.h"

enum { START_MS = 1000000 };

bool world_verbose;
static uint64_t random_state;

static void random_bytes(void *bytes, size_t n) {
    draw_bytes(&random_state, bytes, n);
}

void fail(struct world *w, const char *format, ...) {
    va_list args;

    w->failures++;
    printf("%s:%d: ", w->file, w->line);
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    putchar('\n');
}

struct peer *world_peer(struct world *w, char letter) {
    for (int i = 0; i < PEERS; i++)
        if (w->peers[i].name[0] == letter)
            return &w->peers[i];
    return NULL;
}

static struct peer *peer_at(struct world *w, const struct addr *a) {
    struct addr ip;

    for (int i = 0; i < PEERS; i++)
        if (addr_parse(&ip, str_of(w->peers[i].ip)) == 0 && addr_same_ip(&ip, a))
            return &w->peers[i];
    return NULL;
}

static void show(struct world *w, const char *how, const struct peer *p, const char *bytes) {
    if (world_verbose)
        printf("%llu %s%s\n%s\n", (unsigned long long)w->now_ms, p->name, how, bytes);
}

static int flow_send(void *ctx, struct flow *flow, const char *host, const char *bytes, size_t n) {
    struct world *w = ctx;
    struct peer *p = peer_at(w, &flow->peer);
    char text[ADDR_TEXT_MAX];

    (void)host;
    if (p == NULL) {
        fail(w, "sent to %s, where nobody is: %.60s", addr_format(&flow->peer, text), bytes);
        return -1;
    }
    if (p->down)
        return -1;
    struct message *m = scrap_take(&w->scrap, sizeof *m);
    *m = (struct message){.bytes = scrap_copy(&w->scrap, bytes, n), .n = n, .peer = (int)(p - w->peers)};
    if (flow_is_stream(flow->proto) && flow->conn == 0)
        flow->conn = 1;
    m->flow = *flow;
    if (stun_take(w, p, m))
        return 0;
    show(w, "<", p, m->bytes);
    *w->sent_end = m;
    w->sent_end = &m->next;
    if (!w->over && !probes_take(w, p, m))
        peer_hears(w, p, m);
    return 0;
}

static long long after(const struct record *r, uint64_t at_ms) {
    return at_ms == 0 ? -1 : (long long)(at_ms - r->start_ms);
}

static void record(void *ctx, const struct record *r) {
    struct world *w = ctx;

    if (w->record_count == RECORDS_MAX) {
        fail(w, "more than %d records", RECORDS_MAX);
        return;
    }
    w->records[w->record_count++] = (struct heard_record){
        .call_id = r->call_id,
        .start_ms = r->start_ms,
        .leg = r->leg,
        .status = r->status,
        .attempts = r->attempts,
        .waited_ms = r->waited_ms,
        .midcalls = r->midcalls_forwarded,
        .consumed = r->midcalls_consumed,
        .refreshes_sent = r->refreshes_sent,
        .refreshes_received = r->refreshes_received,
        .ring = after(r, r->ring_ms),
        .answer = after(r, r->answer_ms),
        .end = after(r, r->end_ms),
        .cause = scrap_print(&w->scrap, "%s", r->cause),
        .ended_by = scrap_print(&w->scrap, "%s", r->ended_by),
        .trunk = scrap_copy(&w->scrap, r->trunk.p, r->trunk.n),
    };
}

/* It reads a little more or less than the other clock, as the real one does. */
static uint64_t wall_ms(void *ctx) {
    struct world *w = ctx;

    return 1700000000000ull + w->now_ms + (w->wall_reads++ & 1);
}

int world_open(struct world *w, const char *config) {
    struct config_report report = {0};

    w->sent_end = &w->sent;
    w->now_ms = START_MS;
    w->names[w->name_count].name = "kilobyte";
    w->names[w->name_count++].value = scrap_print(&w->scrap, "%01000d", 0);
    random_state = 88172645463325252ull;
    for (int i = 0; i < PEERS; i++)
        peer_init(&w->peers[i], i);
    w->settings = config_load(config, &report);
    if (w->settings == NULL)
        config_report_print(&report, stdout);
    config_report_fini(&report);
    if (w->settings == NULL)
        return -1;
    heir_slots(w->settings, &w->trunk_names);
    timerq_init(&w->timers, w->now_ms);
    w->trunks = pool_new(1);
    pool_adopt(w->trunks, w->settings, w->now_ms);
    w->registrations = registrations_new();
    w->nodes = nodes_new(w->trunks, 1);
    nodes_adopt(w->nodes, w->settings, w->now_ms);
    w->registrar = registrar_shared_new(&(struct registrar_shared_config){
        .nodes = w->nodes, .switches = &w->switches, .boot = 0x5eed, .secret = STR("of the scenarios")});
    registrar_shared_adopt(w->registrar, w->settings);
    w->engine = engine_new(&(struct engine_config){.timers = &w->timers,
                                                   .pool = w->trunks,
                                                   .flow = {flow_send, w},
                                                   .node = 0x5eed,
                                                   .workers = 1,
                                                   .random = random_bytes,
                                                   .calls = {record, wall_ms, w},
                                                   .registrations = w->registrations,
                                                   .nodes = w->nodes,
                                                   .switches = &w->switches,
                                                   .registrar = w->registrar});
    engine_set_settings(w->engine, w->settings);
    engine_stop_probes(w->engine);
    return 0;
}

void world_close(struct world *w) {
    engine_free(w->engine);
    world_forget(w);
    registrar_shared_free(w->registrar);
    nodes_free(w->nodes);
    pool_free(w->trunks);
    registrations_free(w->registrations);
    settings_unref(w->settings);
    scrap_free(&w->scrap);
}

int world_listen(const struct world *w, const char *ip, enum flow_proto proto) {
    for (int i = 0; i < w->settings->listen_count; i++) {
        const struct settings_listen *l = &w->settings->listens[i];
        if (l->state != LISTEN_NONE && l->proto == (int)proto && strcmp(l->address, ip) == 0)
            return i;
    }
    return -1;
}

int world_flow(struct world *w, const struct peer *p, enum flow_proto proto, struct flow *flow) {
    int listen = world_listen(w, p->our_ip, proto);

    *flow = (struct flow){.proto = proto, .conn = flow_is_stream(proto) ? 1 + p->conn : 0};
    if (listen < 0 || addr_parse(&flow->peer, str_of(p->ip)) < 0) {
        cannot(w, "no listener for %s by %s", p->name, flow_proto_name(proto));
        return -1;
    }
    flow->listen = (uint16_t)listen;
    flow->peer.port = 5060;
    return 0;
}

void world_deliver(struct world *w, struct peer *p, enum flow_proto proto, const char *bytes) {
    size_t n = strlen(bytes);
    struct flow flow;

    if (world_flow(w, p, proto, &flow) < 0)
        return;
    show(w, ">", p, bytes);
    char *copy = mem_alloc(n + 1); /* its own block: a read past the end shows */
    memcpy(copy, bytes, n + 1);
    engine_message(w->engine, &flow, copy, n, false, w->now_ms);
    free(copy);
}

void world_elapse(struct world *w, uint64_t ms) {
    uint64_t end = w->now_ms + ms;

    for (;;) {
        uint64_t next = timerq_next(&w->timers);
        if (next > end)
            break;
        w->now_ms = next > w->now_ms ? next : w->now_ms;
        engine_run(w->engine, w->now_ms);
        probes_answer(w);
        if (timerq_next(&w->timers) <= w->now_ms)
            w->now_ms++;
    }
    w->now_ms = end > w->now_ms ? end : w->now_ms;
    engine_run(w->engine, w->now_ms);
    probes_answer(w);
}
