/* Heartbeats through two whole engines, byte by byte; and what else a fellow node may ask: OPTIONS. */
#include "b2bua/log/log.h"
#include "b2bua/worker/engine.h"
#include "tests/room/bed_fellows.h"
#include "tests/suite.h"

static struct engine *engines[NODES];
static struct timerq timers[NODES];
static struct registrar_shared *fronts[NODES];
static struct nodes *managers[NODES];
static struct switches switches[NODES];
static char wire[NODES][4096]; /* what each has sent last, to whom */
static struct flow wire_to[NODES];
static int wire_count[NODES];
static bool cut; /* nothing arrives */

static int carry(void *ctx, struct flow *flow, const char *host, const char *bytes, size_t n) {
    int i = (int)(intptr_t)ctx;

    (void)host;
    ck_assert_uint_lt(n, sizeof wire[i]);
    memcpy(wire[i], bytes, n);
    wire[i][n] = '\0';
    wire_to[i] = *flow;
    wire_count[i]++;
    return 0;
}

static void random_bytes(void *bytes, size_t n) {
    static uint64_t state = 88172645463325252u;

    for (unsigned char *at = bytes; n-- > 0; at++) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        *at = (unsigned char)state;
    }
}

static void on_record(void *ctx, const struct record *r) {
    (void)ctx;
    (void)r;
}

static uint64_t wall(void *ctx) {
    (void)ctx;
    return wall_ms;
}

static void open_engine(int i) {
    timerq_init(&timers[i], now_ms);
    managers[i] = nodes_new(nodes[i].pool, 1);
    nodes_adopt(managers[i], nodes[i].s, now_ms);
    fronts[i] = registrar_shared_new(&(struct registrar_shared_config){
        .nodes = managers[i], .fellows = nodes[i].fellows, .switches = &switches[i], .boot = 1, .secret = STR("room")});
    registrar_shared_adopt(fronts[i], nodes[i].s);
    engines[i] = engine_new(&(struct engine_config){.timers = &timers[i],
                                                    .pool = nodes[i].pool,
                                                    .flow = {carry, (void *)(intptr_t)i},
                                                    .node = 1 + (uint32_t)i,
                                                    .workers = 1,
                                                    .random = random_bytes,
                                                    .calls = {on_record, wall, NULL},
                                                    .nodes = managers[i],
                                                    .switches = &switches[i],
                                                    .registrar = fronts[i],
                                                    .fellows = nodes[i].fellows});
    engine_set_settings(engines[i], nodes[i].s);
}

static void setup_all(void) {
    setup();
    sip_init();
    cut = false;
    memset(wire_count, 0, sizeof wire_count);
    memset(switches, 0, sizeof switches);
    for (int i = 0; i < NODES; i++)
        open_engine(i);
}

static void teardown_all(void) {
    for (int i = 0; i < NODES; i++) {
        engine_free(engines[i]);
        registrar_shared_free(fronts[i]);
        nodes_free(managers[i]);
    }
    teardown();
}

/* Hands node i this text, as if it came from there. */
static void arrive(int i, struct addr from, const char *text) {
    struct flow flow = {.proto = FLOW_UDP, .listen = 1, .peer = from};
    char *copy = str_dup(str_of(text));

    engine_message(engines[i], &flow, copy, strlen(text), 0, now_ms);
    free(copy);
}

/* What node i has sent to the other one since, once. */
static void deliver(int i) {
    char text[sizeof wire[0]];
    struct addr there = address(1 - i);

    if (wire_count[i] == 0 || cut || !addr_eq(&wire_to[i].peer, &there))
        return;
    wire_count[i] = 0;
    memcpy(text, wire[i], sizeof text);
    arrive(1 - i, address(i), text);
}

static void run_s(int seconds) {
    for (uint64_t end_ms = now_ms + (uint64_t)seconds * 1000; now_ms < end_ms; now_ms += 100, wall_ms += 100)
        for (int i = 0; i < NODES; i++) {
            tell(i);
            engine_run(engines[i], now_ms);
            deliver(i);
            deliver(1 - i);
        }
}

START_TEST(engines_meet) {
    run_s(6);
    for (int i = 0; i < NODES; i++) {
        ck_assert_int_eq(look(i).fellow.state, FELLOW_UP);
        ck_assert_uint_eq(look(i).missed, 0);
        ck_assert_uint_ge(look(i).heard, 1);
    }
}
END_TEST

START_TEST(engines_part) {
    run_s(6);
    cut = true;
    run_s(14);
    ck_assert_int_eq(look(A).fellow.state, FELLOW_DOWN);
    ck_assert_str_eq(reason(A), "silent");
    cut = false;
    run_s(6);
    ck_assert_int_eq(look(A).fellow.state, FELLOW_UP);
}
END_TEST

/* In maintenance other OPTIONS get 503; a fellow is told. */
START_TEST(in_maintenance) {
    switches_maintain(&switches[B], true, 120, now_ms);
    nodes[B].own.state = HEARTBEAT_MAINTENANCE;
    run_s(6);
    ck_assert_int_eq(look(A).fellow.state, FELLOW_UP);
    ck_assert_int_eq(look(A).fellow.facts.state, HEARTBEAT_MAINTENANCE);
}
END_TEST

#define REQUEST(method, more)                                                                                          \
    method " sip:127.0.0.2:5062 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:5062;branch=z9hG4bK" method "\r\n"               \
           "Max-Forwards: 70\r\nFrom: <sip:127.0.0.1>;tag=a\r\nTo: <sip:127.0.0.2>\r\nCall-ID: " method "\r\n"         \
           "CSeq: 1 " method "\r\nContact: <sip:127.0.0.1:5062>\r\n" more "Content-Length: 0\r\n\r\n"

/* From a fellow's address, and from elsewhere. */
static const struct {
    const char *name, *from, *text, *answer; /* "": none */
} others[] = {
    {"OPTIONS without a heartbeat", "127.0.0.1:5062", REQUEST("OPTIONS", ""), "SIP/2.0 200 OK\r\n"},
    {"INVITE", "127.0.0.1:5062", REQUEST("INVITE", ""), "SIP/2.0 403 Forbidden\r\n"},
    {"MESSAGE", "127.0.0.1:5062", REQUEST("MESSAGE", ""), "SIP/2.0 403 Forbidden\r\n"},
    {"REGISTER", "127.0.0.1:5062", REQUEST("REGISTER", ""), "SIP/2.0 403 Forbidden\r\n"},
    {"a stranger's heartbeat is a stranger's OPTIONS", "127.0.0.5:5062",
     REQUEST("OPTIONS", HEARTBEAT_HEADER ": 1;refused=clock\r\n"), ""},
};

START_TEST(other_requests) {
    struct addr from;

    ck_assert_int_eq(addr_parse(&from, str_of(others[_i].from)), 0);
    engine_stop_probes(engines[B]);
    wire_count[B] = 0;
    wire[B][0] = '\0';
    arrive(B, from, others[_i].text);
    ck_assert_msg(strncmp(wire[B], others[_i].answer, strlen(others[_i].answer)) == 0, "%s: %s", others[_i].name,
                  wire[B]);
    ck_assert_int_eq(wire_count[B], others[_i].answer[0] != '\0');
    ck_assert_ptr_null(strstr(wire[B], HEARTBEAT_HEADER));
}
END_TEST

/* What is signed wrongly gets an answer that says why and nothing of us. */
START_TEST(forged) {
    engine_stop_probes(engines[B]);
    arrive(B, address(A),
           REQUEST("OPTIONS", HEARTBEAT_HEADER ": 1;from=sbc1;mac="
                                               "0000000000000000000000000000000000000000000000000000000000000000\r\n"));
    ck_assert_ptr_nonnull(strstr(wire[B], HEARTBEAT_HEADER ": 1;refused=wrong-secret\r\n"));
    ck_assert_uint_eq(look(B).refused, 1);
    ck_assert_uint_eq(look(B).fellow.heard_ms, 0);
}
END_TEST

int main(void) {
    Suite *s = suite_create("heart");
    TCase *t = tcase_create("heart");

    log_level_set(LOG_LEVEL_ERROR);
    tcase_add_checked_fixture(t, setup_all, teardown_all);
    tcase_add_test(t, engines_meet);
    tcase_add_test(t, engines_part);
    tcase_add_test(t, in_maintenance);
    tcase_add_loop_test(t, other_requests, 0, sizeof others / sizeof *others);
    tcase_add_test(t, forged);
    suite_add_tcase(s, t);
    return suite_run(s);
}
