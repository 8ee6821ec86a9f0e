/* Fellow nodes of ours. */
#include "b2bua/command/page.h"
#include "b2bua/core/json.h"

/* --- twinlegctl peers --- */

static void put_says(struct sbuf *out, const struct heartbeat_facts *facts) {
    json_put_text(out, "says", str_of(heartbeat_state_name(facts->state)));
    json_put_text(out, "version", str_of(facts->version));
    json_put_number(out, "registrations", facts->registrations);
    json_put_number(out, "calls", facts->calls);
    json_put_number(out, "busy_percent", facts->busy_percent);
    json_put_text(out, "stun", facts->stun ? STR("on") : STR("off"));
    json_put_hex(out, "config", facts->config);
}

static void put_place(struct sbuf *out, const struct settings *s, struct pool *pool, const char *name) {
    struct pool_place places[POOL_PLACES_MAX];
    int trunk = settings_peers_trunk(&s->cluster);
    int count = trunk < 0 ? 0 : pool_places(pool, &s->trunks[trunk], places);
    char text[ADDR_TEXT_MAX] = "";

    for (int i = 0; trunk >= 0 && i < s->cluster.peer_count; i++) {
        const struct settings_peer *peer = &s->cluster.peers[i];
        if (strcmp(peer->name, name) != 0)
            continue;
        for (int j = count - 1; j >= 0; j--)
            if (places[j].target == peer->target)
                addr_format(&places[j].addr, text);
        json_put_text(out, "uri", str_of(peer->uri));
        json_put_text(out, "address", str_of(text));
    }
}

static void put_or_null(struct sbuf *out, const char *name, bool known, struct str text) {
    if (known) {
        json_put_text(out, name, text);
        return;
    }
    json_name(out, name);
    sbuf_puts(out, "null");
}

static void put_alarms(struct sbuf *out, const struct fellows_look *look) {
    json_name(out, "alarms");
    sbuf_putc(out, '[');
    if (look->stun_differs) {
        json_item(out);
        json_text(out, STR("stun_keepalive_mismatch"));
    }
    if (look->config_differs) {
        json_item(out);
        json_text(out, STR("peer_config_mismatch"));
    }
    sbuf_putc(out, ']');
}

static void put_peer(struct sbuf *out, const struct commands *c, const struct fellows_look *look, uint64_t now_ms) {
    const struct fellow *f = &look->fellow;
    bool heard = f->heard_ms != 0;

    json_item(out);
    sbuf_putc(out, '{');
    json_put_text(out, "name", str_of(look->name));
    json_put_text(out, "state", str_of(fellow_state_name(f->state)));
    json_put_text(out, "reason", str_of(fellow_reason(f)));
    json_put_number(out, "since_s", (now_ms - f->since_ms) / 1000);
    if (heard) {
        json_put_number(out, "heard_s", (now_ms - f->heard_ms) / 1000);
        put_says(out, &f->facts);
    }
    put_alarms(out, look);
    json_put_number(out, "asked", look->asked);
    json_put_number(out, "missed", look->missed);
    json_put_number(out, "heard", look->heard);
    json_put_number(out, "refused", look->refused);
    put_or_null(out, "refused_why", look->refused_why != NULL, str_of(look->refused_why));
    json_put_number(out, "answer_ms", look->answer_ms);
    put_place(out, c->config.settings, c->config.shared->pool, look->name);
    sbuf_putc(out, '}');
}

void command_peers(struct command_run *r) {
    struct sbuf out = sbuf_growing(COMMAND_ANSWER_MAX);
    struct fellows_look look[SETTINGS_PEERS_MAX];
    struct fellows_summary sum;
    int count = fellows_look(r->commands->config.shared->fellows, look, &sum);
    uint64_t now_ms = net_now_ms();

    sbuf_puts(&out, "{\"peers\":[");
    for (int i = 0; i < count; i++)
        put_peer(&out, r->commands, &look[i], now_ms);
    sbuf_puts(&out, "],\"self\":");
    if (count > 0) {
        sbuf_putc(&out, '{');
        json_put_text(&out, "name", str_of(sum.name));
        put_says(&out, &sum.own);
        sbuf_putc(&out, '}');
    } else {
        sbuf_puts(&out, "null");
    }
    sbuf_puts(&out, ",\"advice\":{");
    put_or_null(&out, "target", sum.target[0] != '\0', str_of(sum.target));
    json_put_number(&out, "given", sum.advised);
    sbuf_puts(&out, "}}");
    run_finish(r, &out);
}

/* --- metrics --- */

static uint64_t is_up(const struct fellows_look *l) {
    return l->fellow.state == FELLOW_UP;
}

static uint64_t stun_differs(const struct fellows_look *l) {
    return l->stun_differs;
}

static uint64_t config_differs(const struct fellows_look *l) {
    return l->config_differs;
}

static uint64_t registrations(const struct fellows_look *l) {
    return l->fellow.facts.registrations;
}

static uint64_t missed(const struct fellows_look *l) {
    return l->missed;
}

static uint64_t refused(const struct fellows_look *l) {
    return l->refused;
}

static const struct {
    const char *name, *help;
    enum metric_type type;
    uint64_t (*value)(const struct fellows_look *l);
} rows[] = {
    {"peer_up", "Does the fellow node answer heartbeats?", METRIC_GAUGE, is_up},
    {"peer_registrations", "Registrations that it has said to have last.", METRIC_GAUGE, registrations},
    {"stun_keepalive_mismatch", "Does it answer STUN where we do not, or the reverse?", METRIC_GAUGE, stun_differs},
    {"peer_config_mismatch", "Is its registrar or cluster set up otherwise than ours?", METRIC_GAUGE, config_differs},
    {"peer_missed_total", "Heartbeats of ours without a good answer.", METRIC_COUNTER, missed},
    {"peer_refused_total", "Heartbeats from its address that were not believed.", METRIC_COUNTER, refused},
};

void page_put_peers(struct page *p, struct fellows *fellows) {
    static const char *const none[] = {NULL};
    struct fellows_look look[SETTINGS_PEERS_MAX];
    struct fellows_summary sum;
    int count = fellows_look(fellows, look, &sum);

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        page_head(p, rows[i].name, rows[i].type, rows[i].help);
        for (int j = 0; j < count; j++)
            SAMPLE(p, rows[i].name, rows[i].value(&look[j]), "peer", look[j].name);
    }
    page_head(p, "load_advice_total", METRIC_COUNTER, "200s that advised a client to go to another node.");
    page_sample(p, "load_advice_total", none, sum.advised);
}
