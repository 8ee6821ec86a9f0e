/*
 * bed_engine: a whole engine without a socket. Bytes come in as they would by UDP or TCP, what leaves is kept, and time
 * is a number. The caller's trunk takes any IPv4 source; its calls go to one target.
 */
#ifndef TESTS_ROOM_BED_ENGINE_H
#define TESTS_ROOM_BED_ENGINE_H

#include <check.h>
#include <stdlib.h>

#include "b2bua/core/frame.h"
#include "b2bua/worker/engine.h"

enum { BED_SENT = 64, BED_START_MS = 1000000 };

#define BED_US     "198.51.100.1"
#define BED_CALLER "203.0.113.9"
#define BED_TARGET "198.51.100.2"

struct bed_sent {
    struct flow to;
    struct str text;
};

struct bed_engine {
    struct timerq timers;
    struct settings *s;
    struct engine *engine;
    struct pool *pool;
    uint64_t now_ms;
    struct bed_sent sent[BED_SENT];
    int sent_count;
    bool gone; /* what leaves now interests nobody */
};

static inline int bed_send(void *ctx, struct flow *flow, const char *host, const char *bytes, size_t n) {
    struct bed_engine *b = ctx;

    (void)host;
    if (b->gone)
        return 0;
    ck_assert_int_lt(b->sent_count, BED_SENT);
    b->sent[b->sent_count++] = (struct bed_sent){*flow, {str_dup((struct str){bytes, n}), n}};
    return 0;
}

static inline void bed_random(void *bytes, size_t n) {
    static unsigned char next;

    for (size_t i = 0; i < n; i++)
        ((unsigned char *)bytes)[i] = next++;
}

static inline void bed_record(void *ctx, const struct record *r) {
    (void)ctx;
    (void)r;
}

static inline uint64_t bed_wall_ms(void *ctx) {
    return ((struct bed_engine *)ctx)->now_ms;
}

static inline struct addr bed_ip(const char *text) {
    struct addr a;

    ck_assert_int_eq(addr_parse(&a, str_of(text)), 0);
    a.port = 5060;
    return a;
}

static inline void bed_add_listen(struct settings *s, enum flow_proto proto) {
    s->listens = mem_realloc(s->listens, (size_t)(s->listen_count + 1) * sizeof *s->listens);
    s->listens[s->listen_count++] = (struct settings_listen){.name = str_dup(STR("edge")),
                                                             .proto = (int)proto,
                                                             .address = str_dup(STR(BED_US)),
                                                             .port = 5060,
                                                             .bind = bed_ip(BED_US),
                                                             .sent_by = str_dup(STR(BED_US ":5060")),
                                                             .host = str_dup(STR(BED_US)),
                                                             .tls = -1};
}

static inline void bed_trunk(struct settings_trunk *t, const char *name, const char *source) {
    *t = (struct settings_trunk){.name = str_dup(str_of(name)),
                                 .listens = {0, 1},
                                 .listen_count = 2,
                                 .sources = mem_zalloc(sizeof *t->sources),
                                 .source_count = 1,
                                 .targets = mem_zalloc(sizeof *t->targets),
                                 .no_reply_ms = 4000,
                                 .hunt_total_ms = 16000,
                                 .keepalive = {KEEPALIVE_NONE, 60, 30, 5, 503},
                                 .no_answer_s = 180};
    ck_assert_int_eq(addr_range_parse(t->sources, str_of(source)), 0);
}

static inline struct settings *bed_engine_settings(void) {
    struct settings *s = settings_new();

    bed_add_listen(s, FLOW_UDP);
    bed_add_listen(s, FLOW_TCP);
    s->trunks = mem_zalloc(2 * sizeof *s->trunks);
    s->trunk_count = 2;
    bed_trunk(&s->trunks[0], "caller", "0.0.0.0/0");
    bed_trunk(&s->trunks[1], "target", BED_TARGET);
    s->trunks[1].slot = 1;
    *s->trunks[1].targets = (struct settings_target){.uri = str_dup(STR("sip:" BED_TARGET)),
                                                     .host = str_dup(STR(BED_TARGET)),
                                                     .weight = 1,
                                                     .addr = bed_ip(BED_TARGET)};
    s->trunks[1].target_count = 1;
    s->routes = mem_zalloc(sizeof *s->routes);
    s->route_count = 1;
    *s->routes =
        (struct settings_route){.name = str_dup(STR("all")), .to = {mem_zalloc(sizeof *s->routes->to.items), 1}};
    *s->routes->to.items = (struct settings_route_to){.trunk = 1, .weight = 1};
    s->security.max_message_bytes = 65535;
    s->security.max_calls = 1000;
    s->security.max_transactions = 10000;
    return s;
}

static inline void bed_engine_open(struct bed_engine *b) {
    sip_init();
    *b = (struct bed_engine){.s = bed_engine_settings(), .now_ms = BED_START_MS};
    timerq_init(&b->timers, b->now_ms);
    b->pool = pool_new(1);
    pool_adopt(b->pool, b->s, b->now_ms);
    b->engine = engine_new(&(struct engine_config){.timers = &b->timers,
                                                   .pool = b->pool,
                                                   .flow = {bed_send, b},
                                                   .node = 0x5eed,
                                                   .workers = 1,
                                                   .random = bed_random,
                                                   .calls = {bed_record, bed_wall_ms, b}});
    engine_set_settings(b->engine, b->s);
}

/* Runs out all timers, so that whatever began has its end: no call may outlive that. */
static inline void bed_engine_close(struct bed_engine *b) {
    enum { LONGER_THAN_ALL_MS = 400000, STEP_MS = 100 };

    b->gone = true;
    for (uint64_t end = b->now_ms + LONGER_THAN_ALL_MS; b->now_ms < end; b->now_ms += STEP_MS)
        engine_run(b->engine, b->now_ms);
    uint32_t left = engine_counts(b->engine).calls.calls;
    engine_free(b->engine);
    pool_free(b->pool);
    settings_unref(b->s);
    for (int i = 0; i < b->sent_count; i++)
        free((char *)b->sent[i].text.p);
    ck_assert_uint_eq(left, 0);
}

static inline void bed_message_in(struct bed_engine *b, enum flow_proto proto, struct str bytes, int broken) {
    struct flow from = {.proto = proto,
                        .listen = proto == FLOW_UDP ? 0 : 1,
                        .conn = proto == FLOW_UDP ? 0 : 1,
                        .peer = bed_ip(BED_CALLER)};
    char *copy = mem_alloc(bytes.n > 0 ? bytes.n : 1); /* a block of its own: a read past the end shows */

    from.peer.port = 40000;
    memcpy(copy, bytes.p, bytes.n);
    engine_message(b->engine, &from, copy, bytes.n, broken, b->now_ms);
    free(copy);
}

/* A datagram, as the UDP socket hands it on. */
static inline void bed_datagram(struct bed_engine *b, struct str bytes) {
    if (frame_datagram(bytes) != FRAME_SIP)
        return;
    while (bytes.n > 0 && (bytes.p[0] == '\r' || bytes.p[0] == '\n'))
        bytes = (struct str){bytes.p + 1, bytes.n - 1};
    bed_message_in(b, FLOW_UDP, bytes, 0);
}

/* Bytes of a connection, frame by frame, as the stream hands them on. Returns what ended it: FRAME_MORE when it waits,
 * FRAME_GARBAGE or FRAME_TOO_BIG when it would be closed, FRAME_SIP when nothing is left. */
static inline enum frame_kind bed_stream(struct bed_engine *b, struct str bytes) {
    while (bytes.n > 0) {
        size_t scanned = 0;
        struct frame f = frame_next(bytes, (size_t)b->s->security.max_message_bytes, &scanned);
        struct str one = {bytes.p, f.n};

        if (f.kind == FRAME_MORE)
            return f.kind;
        if (f.kind == FRAME_GARBAGE || f.kind == FRAME_TOO_BIG) {
            if (f.n > 0)
                bed_message_in(b, FLOW_TCP, one, f.kind == FRAME_GARBAGE ? 400 : 513);
            return f.kind;
        }
        if (f.kind == FRAME_SIP)
            bed_message_in(b, FLOW_TCP, one, 0);
        bytes = (struct str){bytes.p + f.n, bytes.n - f.n};
    }
    return FRAME_SIP;
}

#endif
