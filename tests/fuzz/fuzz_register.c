/*
 * Any bytes as a REGISTER of a client and, behind a NUL, as the answer of a node: through the whole engine. "%V" in the
 * answer stands for the Via that we have sent, so that it finds its way. Afterwards nothing is under way.
 */
#include <assert.h>
#include <stdlib.h>

#include "b2bua/config/config.h"
#include "b2bua/core/heir.h"
#include "b2bua/log/log.h"
#include "b2bua/worker/engine.h"

enum { START_MS = 1000000, STEP_MS = 500, LATER_MS = 40000, BYTES_MAX = 65536 };

static struct settings *settings[2]; /* with Path, with our Contact */
static uint64_t now_ms;
static char via[512]; /* of the last request to a node */

static void random_bytes(void *bytes, size_t n) {
    static uint64_t state = 88172645463325252ull;

    for (unsigned char *at = bytes; n-- > 0; at++) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        *at = (unsigned char)state;
    }
}

/* Towards a node each request begins with its own words and has our Via first of all. */
static int take(void *ctx, struct flow *flow, const char *host, const char *bytes, size_t n) {
    struct str line = {memmem(bytes, n, "Via: ", 5), 0};

    (void)ctx;
    (void)host;
    (void)flow;
    if (memcmp(bytes, "SIP/2.0", 7) == 0 || line.p == NULL)
        return 0;
    line.n = (size_t)(bytes + n - line.p);
    line.n = str_find(line, '\r');
    if (line.n < sizeof via) {
        memcpy(via, line.p, line.n);
        via[line.n] = '\0';
    }
    return 0;
}

static void record(void *ctx, const struct record *r) {
    (void)ctx;
    (void)r;
}

static uint64_t wall_ms(void *ctx) {
    (void)ctx;
    return now_ms;
}

static struct settings *load(const char *file) {
    struct config_report report = {0};
    struct settings *s = config_load(file, &report);

    assert(s != NULL);
    config_report_fini(&report);
    struct heir_names names = {0};
    heir_slots(s, &names);
    heir_names_fini(&names);
    return s;
}

static void deliver(struct engine *e, uint16_t listen, const char *ip, struct str bytes) {
    struct flow from = {.proto = FLOW_UDP, .listen = listen};
    char *copy = mem_alloc(bytes.n + 1);

    addr_parse(&from.peer, str_of(ip));
    from.peer.port = 5060;
    memcpy(copy, bytes.p, bytes.n);
    engine_message(e, &from, copy, bytes.n, 0, now_ms);
    free(copy);
}

static struct str with_via(struct str answer, struct sbuf *out) {
    const char *mark = memmem(answer.p, answer.n, "%V", 2);
    size_t at = mark == NULL ? answer.n : (size_t)(mark - answer.p);

    sbuf_put(out, str_upto(answer, at));
    if (mark != NULL) {
        sbuf_puts(out, via);
        sbuf_put(out, str_from(answer, at + 2));
    }
    return sbuf_str(out);
}

static void play(struct settings *s, struct str ask, struct str answer) {
    struct timerq timers;
    struct switches switches = {0};
    struct pool *pool = pool_new(1);
    struct nodes *nodes = nodes_new(pool, 1);
    struct registrar_shared *shared = registrar_shared_new(
        &(struct registrar_shared_config){.nodes = nodes, .switches = &switches, .boot = 1, .secret = STR("fuzz")});
    char text[BYTES_MAX];
    struct sbuf b = sbuf_on(text, sizeof text);

    now_ms = START_MS;
    timerq_init(&timers, now_ms);
    pool_adopt(pool, s, now_ms);
    nodes_adopt(nodes, s, now_ms);
    registrar_shared_adopt(shared, s);
    struct engine *e = engine_new(&(struct engine_config){.timers = &timers,
                                                          .pool = pool,
                                                          .flow = {take, NULL},
                                                          .node = 1,
                                                          .workers = 1,
                                                          .random = random_bytes,
                                                          .calls = {record, wall_ms, NULL},
                                                          .nodes = nodes,
                                                          .switches = &switches,
                                                          .registrar = shared});
    engine_set_settings(e, s);
    engine_stop_probes(e);
    via[0] = '\0';
    deliver(e, 0, "127.0.1.1", ask);
    if (via[0] != '\0')
        deliver(e, 2, "127.0.2.1", with_via(answer, &b));
    for (uint64_t end_ms = now_ms + LATER_MS; now_ms < end_ms; now_ms += STEP_MS)
        engine_run(e, now_ms);
    assert(engine_counts(e).registrar.pending == 0);
    engine_free(e);
    registrar_shared_free(shared);
    nodes_free(nodes);
    pool_free(pool);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct str all = {(const char *)data, size};
    size_t end = str_find(all, '\0');

    if (settings[0] == NULL) {
        sip_init();
        log_level_set(LOG_LEVEL_ERROR);
        settings[0] = load("tests/scenario/front_one.cfg");
        settings[1] = load("tests/scenario/front_contact.cfg");
    }
    for (int i = 0; i < 2; i++)
        play(settings[i], str_upto(all, end), str_from(all, end < all.n ? end + 1 : end));
    return 0;
}
