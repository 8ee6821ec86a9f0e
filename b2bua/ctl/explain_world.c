#include "b2bua/ctl/explain_world.h"

#include <stdlib.h>

#include "b2bua/core/draw.h"
#include "b2bua/core/heir.h"
#include "b2bua/ctl/explain_front.h"
#include "b2bua/log/log.h"

enum { SEED = 0x7177, NODE = 0x5eed, STATUS_AT = 8 };

/* --- what surrounds the engine --- */

static uint64_t random_state; /* the engine asks for randomness without a context */

static void random_bytes(void *bytes, size_t n) {
    draw_bytes(&random_state, bytes, n);
}

static void keep(struct explain_sent *s, const struct flow *flow, struct str bytes) {
    free(s->bytes);
    *s = (struct explain_sent){*flow, str_dup(bytes), bytes.n};
}

static bool is_final(struct str message) {
    return message.n > STATUS_AT && message.p[STATUS_AT] >= '2';
}

static bool is_response(struct str message) {
    return message.n > STATUS_AT && str_eq(str_upto(message, STATUS_AT), STR("SIP/2.0 "));
}

static int on_send(void *ctx, struct flow *flow, const char *host, const char *bytes, size_t n) {
    struct explain_world *w = ctx;
    struct str message = {bytes, n};

    (void)host;
    if (flow_is_stream(flow->proto) && flow->conn == 0)
        flow->conn = 1;
    if (!w->playing)
        return 0;
    if (!is_response(message))
        keep(&w->request, flow, message);
    else if (is_final(message))
        keep(&w->answer, flow, message);
    return 0;
}

static void on_record(void *ctx, const struct record *r) {
    (void)ctx;
    (void)r;
}

static uint64_t on_wall_ms(void *ctx) {
    (void)ctx;
    return EXPLAIN_NOW_MS;
}

/* Rules on what is answered to leg A are not told: the answer is shown as it would leave. */
static const struct profile_trace *on_rules(void *ctx, const struct settings_profile *p, bool leaving,
                                            const struct profile_message *m, struct str text) {
    struct explain_world *w = ctx;

    if (!w->playing || m->response)
        return NULL;
    return explain_rules_begin(leaving ? &w->out : &w->in, p, text);
}

/* --- targets that are names --- */

static const struct addr stand_ins[] = {{.family = 4, .ip = {192, 0, 2}},
                                        {.family = 6, .ip = {0x20, 0x01, 0x0d, 0xb8}}};

enum { STAND_INS = sizeof stand_ins / sizeof *stand_ins, PREFIX_BYTES = 3 };

bool explain_is_stand_in(const struct addr *a) {
    for (int i = 0; i < STAND_INS; i++)
        if (a->family == stand_ins[i].family && memcmp(a->ip, stand_ins[i].ip, PREFIX_BYTES) == 0)
            return true;
    return false;
}

/* By the transport that the uri wishes, else by the first that the trunk listens on. */
static void stand_in(struct explain_world *w, const struct settings_trunk *t, const struct settings_target *target,
                     unsigned number) {
    for (int proto = 0; proto < FLOW_PROTOS; proto++)
        for (int i = 0; i < STAND_INS; i++) {
            struct pool_address at = {.addr = stand_ins[i], .proto = (enum flow_proto)proto};
            if ((target->ask.wish >= 0 && target->ask.wish != proto) || (target->ask.sips && proto != FLOW_TLS) ||
                trunk_listen(w->settings, (int)(t - w->settings->trunks), at.proto, at.addr.family) < 0)
                continue;
            at.addr.ip[at.addr.family == 4 ? 3 : 15] = (uint8_t)number;
            at.addr.port = target->ask.port != 0 ? target->ask.port : proto == FLOW_TLS ? 5061 : 5060;
            pool_publish(w->pool, t->slot, target->uri, &at, 1, NULL, EXPLAIN_NOW_MS);
            return;
        }
}

static void stand_in_for_names(struct explain_world *w) {
    const struct settings *s = w->settings;
    unsigned number = 0;

    for (const struct settings_trunk *t = s->trunks; t < s->trunks + s->trunk_count; t++)
        for (int i = 0; i < t->target_count; i++)
            if (t->targets[i].addr.family == 0)
                stand_in(w, t, &t->targets[i], ++number);
}

/* What nobody knows is taken to be well, as health is. */
static void register_all(struct explain_world *w) {
    struct registration r = {.state = REG_REGISTERED};

    for (const struct settings_trunk *t = w->settings->trunks; t < w->settings->trunks + w->settings->trunk_count; t++)
        if (t->reg.aor != NULL && t->reg.aor[0] != '\0')
            registrations_put(w->registrations, t->name, &r, STR_NONE);
}

static void give(struct explain_world *w, const struct explain_known *known) {
    if (explain_is_known(known)) {
        explain_known_give(known, w->settings, w->pool, w->registrations, EXPLAIN_NOW_MS);
        explain_front_give(w, known);
    } else {
        stand_in_for_names(w);
        register_all(w);
    }
    if (explain_known_maintained_s(known) > 0)
        switches_maintain(&w->switches, true, explain_known_maintained_s(known), EXPLAIN_NOW_MS);
    if (explain_known_draining(known))
        engine_drain(w->engine, EXPLAIN_NOW_MS);
}

/* --- begin and end --- */

static void make_shared(struct explain_world *w, struct settings *s) {
    w->pool = pool_new(SEED);
    pool_adopt(w->pool, s, EXPLAIN_NOW_MS);
    w->registrations = registrations_new();
    w->nodes = nodes_new(w->pool, SEED);
    nodes_adopt(w->nodes, s, EXPLAIN_NOW_MS);
    w->registrar = registrar_shared_new(&(struct registrar_shared_config){
        .nodes = w->nodes, .switches = &w->switches, .boot = NODE, .secret = STR("nobody will see it")});
    registrar_shared_adopt(w->registrar, s);
}

static void make_engine(struct explain_world *w) {
    w->engine = engine_new(&(struct engine_config){.timers = &w->timers,
                                                   .pool = w->pool,
                                                   .flow = {on_send, w},
                                                   .node = NODE,
                                                   .workers = 1,
                                                   .random = random_bytes,
                                                   .calls = {on_record, on_wall_ms, w},
                                                   .registrations = w->registrations,
                                                   .nodes = w->nodes,
                                                   .switches = &w->switches,
                                                   .registrar = w->registrar,
                                                   .watch = &w->watch});
}

const char *explain_world_open(struct explain_world *w, struct settings *s, const struct explain_known *known) {
    struct heir_names names = {0};
    const char *wrong = heir_slots(s, &names);

    *w = (struct explain_world){.settings = s};
    heir_names_fini(&names);
    if (wrong != NULL)
        return wrong;
    log_level_set(LOG_LEVEL_ERROR);
    random_state = SEED;
    w->watch = (struct ua_watch){on_rules, w};
    timerq_init(&w->timers, EXPLAIN_NOW_MS);
    make_shared(w, s);
    make_engine(w);
    engine_set_settings(w->engine, s);
    engine_stop_probes(w->engine);
    give(w, known);
    source_fresh(&w->sources, w->pool, s);
    return NULL;
}

void explain_world_play(struct explain_world *w, const struct flow *from, struct str message) {
    char *bytes = str_dup(message);

    w->playing = true;
    engine_message(w->engine, from, bytes, message.n, 0, EXPLAIN_NOW_MS);
    w->playing = false;
    free(bytes);
}

void explain_world_close(struct explain_world *w) {
    engine_free(w->engine);
    registrar_shared_free(w->registrar);
    nodes_free(w->nodes);
    registrations_free(w->registrations);
    pool_free(w->pool);
    source_fini(&w->sources);
    explain_rules_fini(&w->in);
    explain_rules_fini(&w->out);
    free(w->request.bytes);
    free(w->answer.bytes);
}
