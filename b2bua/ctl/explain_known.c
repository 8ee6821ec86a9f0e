#include "b2bua/ctl/explain_known.h"

#include "b2bua/core/words.h"
#include "b2bua/ctl/ask.h"

enum { ERROR_MAX = 512, STEPS_MAX = 300, REASON_MAX = 256 };

/* Returns the answer, or NULL with what is wrong. */
static json_t *ask(const char *path, const char *line, char *error, size_t size) {
    struct sbuf answer = {.p = NULL};

    if (ctl_ask(path, str_of(line), &answer, error, size) < 0)
        return NULL;
    json_t *json = json_loadb(answer.p, answer.n, 0, NULL);
    sbuf_fini(&answer);
    if (json_object_get(json, "error") == NULL)
        return json;
    snprintf(error, size, "%s", json_string_value(json_object_get(json, "error")));
    json_decref(json);
    return NULL;
}

int explain_known_ask(struct explain_known *k, const struct ctl_how *how, char *error, size_t size) {
    char ignored[ERROR_MAX];

    *k = (struct explain_known){.status = NULL};
    if (how->config != NULL)
        return 0;
    k->status = ask(how->socket, "status\n", error, size);
    if (k->status == NULL)
        return how->socket == NULL ? 0 : -1;
    k->trunks = ask(how->socket, "trunks\n", ignored, sizeof ignored);
    k->nodes = ask(how->socket, "nodes\n", ignored, sizeof ignored);
    k->bans = ask(how->socket, "bans\n", ignored, sizeof ignored);
    k->registrations = json_array();
    k->plan = ask(how->socket, "reload --plan\n", ignored, sizeof ignored);
    return 0;
}

void explain_known_fini(struct explain_known *k) {
    json_decref(k->status);
    json_decref(k->trunks);
    json_decref(k->plan);
    json_decref(k->nodes);
    json_decref(k->bans);
    json_decref(k->registrations);
}

static bool has_id(const json_t *list, const char *id) {
    const json_t *one;
    size_t i;

    json_array_foreach(list, i, one) {
        if (strcmp(json_string_value(json_object_get(one, "id")), id) == 0)
            return true;
    }
    return false;
}

void explain_known_registrations(struct explain_known *k, const struct ctl_how *how, struct str aor, bool caller) {
    char text[2 * WORDS_BYTES_MAX], ignored[ERROR_MAX];
    struct sbuf line = sbuf_on(text, sizeof text - 1);
    json_t *one;
    size_t i;

    words_put(&line, STR("registrations"));
    words_put(&line, aor);
    sbuf_putc(&line, '\n');
    text[line.n] = '\0';
    json_t *answer = line.full ? NULL : ask(how->socket, text, ignored, sizeof ignored);
    json_array_foreach(json_object_get(answer, "registrations"), i, one) {
        if (has_id(k->registrations, json_string_value(json_object_get(one, "id"))))
            continue;
        json_object_set_new(one, "caller", json_boolean(caller));
        json_array_append(k->registrations, one);
    }
    json_decref(answer);
}

const char *explain_known_file(const struct explain_known *k) {
    return json_string_value(json_object_get(k->status, "configuration"));
}

static bool is(const json_t *object, const char *key, const char *text) {
    const char *value = json_string_value(json_object_get(object, key));

    return value != NULL && strcmp(value, text) == 0;
}

bool explain_known_draining(const struct explain_known *k) {
    const char *state = json_string_value(json_object_get(k->status, "state"));

    return state != NULL && strncmp(state, "running", strlen("running")) != 0;
}

uint32_t explain_known_maintained_s(const struct explain_known *k) {
    return (uint32_t)explain_known_number(json_object_get(k->status, "maintenance"), "retry_after_s");
}

uint64_t explain_known_number(const json_t *answer, const char *key) {
    json_int_t n = json_integer_value(json_object_get(answer, key));

    return n < 0 ? 0 : (uint64_t)n;
}

const json_t *explain_known_trunk(const struct explain_known *k, const char *name) {
    const json_t *one;
    size_t i;

    json_array_foreach(json_object_get(k->trunks, "trunks"), i, one) {
        if (is(one, "name", name))
            return one;
    }
    return NULL;
}

/* --- places --- */

static enum flow_proto proto_of(const json_t *place) {
    for (enum flow_proto p = FLOW_UDP; p < FLOW_PROTOS; p++)
        if (is(place, "transport", flow_proto_name(p)))
            return p;
    return FLOW_UDP;
}

static const json_t *target_of(const struct explain_known *k, const struct settings_trunk *t, const char *uri) {
    const json_t *one;
    size_t i;

    json_array_foreach(json_object_get(explain_known_trunk(k, t->name), "targets"), i, one) {
        if (is(one, "uri", uri))
            return one;
    }
    return NULL;
}

static void give_target(const struct explain_known *k, const struct settings_trunk *t, const char *uri,
                        struct pool *pool, uint64_t now_ms) {
    const json_t *target = target_of(k, t, uri), *one;
    struct pool_address list[POOL_PLACES_MAX];
    int count = 0;
    size_t i;

    json_array_foreach(json_object_get(target, "places"), i, one) {
        const char *address = json_string_value(json_object_get(one, "address"));
        if (count == POOL_PLACES_MAX || addr_parse(&list[count].addr, str_of(address)) < 0)
            continue;
        list[count].proto = proto_of(one);
        list[count].priority = (uint32_t)explain_known_number(one, "priority");
        list[count++].weight = (uint32_t)explain_known_number(one, "weight");
    }
    if (target != NULL)
        pool_publish(pool, t->slot, uri, list, count, json_string_value(json_object_get(target, "reason")), now_ms);
}

static const json_t *place_of(const struct explain_known *k, const struct settings_trunk *t,
                              const struct pool_place *p) {
    char text[ADDR_TEXT_MAX];
    const json_t *one;
    size_t i;

    addr_format(&p->addr, text);
    json_array_foreach(json_object_get(target_of(k, t, t->targets[p->target].uri), "places"), i, one) {
        if (is(one, "address", text) && proto_of(one) == p->proto)
            return one;
    }
    return NULL;
}

static int state_of(struct pool *pool, const struct settings_trunk *t, const struct pool_place *place) {
    struct pool_place now[POOL_PLACES_MAX];
    int count = pool_places(pool, t, now);

    for (int i = 0; i < count; i++)
        if (now[i].id == place->id)
            return (int)now[i].state;
    return HEALTH_UP;
}

/* What a place has to hear to be in a state, again and again; health decides, as in the daemon. */
static const struct {
    const char *state;
    enum health_state is;
    enum health_evidence first, then;
} ways[] = {
    {"suspect", HEALTH_SUSPECT, HEALTH_CALL_SILENT, HEALTH_CALL_SILENT},
    {"down", HEALTH_DOWN, HEALTH_PROBE_UNREACHABLE, HEALTH_PROBE_UNREACHABLE},
    {"recovering", HEALTH_RECOVERING, HEALTH_PROBE_UNREACHABLE, HEALTH_PROBE_ANSWERED},
};

static void bring_to(struct pool *pool, const struct settings_trunk *t, const struct pool_place *p, size_t way,
                     uint64_t now_ms) {
    bool was_down = false;

    for (int i = 0; i < STEPS_MAX && state_of(pool, t, p) != (int)ways[way].is; i++) {
        was_down |= state_of(pool, t, p) == HEALTH_DOWN;
        pool_heard(pool, t->slot, p->id, was_down ? ways[way].then : ways[way].first, now_ms);
    }
}

static void give_health(const struct explain_known *k, const struct settings_trunk *t, struct pool *pool,
                        uint64_t now_ms) {
    struct pool_place places[POOL_PLACES_MAX];
    int count = pool_places(pool, t, places);

    for (int i = 0; i < count; i++)
        for (size_t w = 0; w < sizeof ways / sizeof *ways; w++)
            if (is(place_of(k, t, &places[i]), "state", ways[w].state))
                bring_to(pool, t, &places[i], w, now_ms);
}

/* --- registrations --- */

static void give_registration(const struct explain_known *k, const struct settings_trunk *t, struct registrations *all,
                              uint64_t now_ms) {
    const json_t *said = json_object_get(explain_known_trunk(k, t->name), "registration");
    struct registration r = {.state = REG_FAILED, .until_ms = now_ms};
    const char *route = json_string_value(json_object_get(said, "route"));

    if (!json_is_object(said))
        return;
    if (is(said, "state", regclient_state_name(REG_REGISTERED)))
        r.state = REG_REGISTERED;
    registrations_put(all, t->name, &r, str_of(route));
}

/* --- load --- */

/* How fast calls have come lately is not told, and not held against this one. */
static void give_load(const struct explain_known *k, const struct settings_trunk *t, struct pool *pool,
                      uint64_t now_ms) {
    static const struct settings_limits none;

    for (uint64_t n = explain_known_number(explain_known_trunk(k, t->name), "calls"); n > 0; n--)
        pool_call_begin(pool, t->slot, POOL_NO_PLACE, &none, false, now_ms);
}

void explain_known_give(const struct explain_known *k, const struct settings *s, struct pool *pool,
                        struct registrations *all, uint64_t now_ms) {
    for (const struct settings_trunk *t = s->trunks; t < s->trunks + s->trunk_count; t++) {
        for (int i = 0; i < t->target_count; i++)
            if (t->targets[i].addr.family == 0)
                give_target(k, t, t->targets[i].uri, pool, now_ms);
        give_health(k, t, pool, now_ms);
        give_registration(k, t, all, now_ms);
        give_load(k, t, pool, now_ms);
    }
    for (uint64_t n = explain_known_number(k->status, "calls"); n > 0; n--)
        pool_enter(pool);
}
