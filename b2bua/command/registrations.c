/* Who is registered: straight from the table, which all workers share. */
#include "b2bua/command/impl.h"
#include "b2bua/core/json.h"
#include "b2bua/net/net.h"

struct listing {
    struct sbuf out;
    const struct settings *settings;
    uint64_t now_ms;
    unsigned count, most;
    bool cut;
};

static uint64_t seconds(uint64_t from_ms, uint64_t to_ms) {
    return to_ms > from_ms ? (to_ms - from_ms) / 1000 : 0;
}

static void put_capabilities(struct sbuf *out, const struct binding *b) {
    static const struct {
        unsigned cap;
        const char *name;
    } caps[] = {{CONTACT_AR, "AR"}, {CONTACT_SK, "SK"}};

    json_name(out, "caps");
    sbuf_putc(out, '[');
    for (size_t i = 0; i < sizeof caps / sizeof *caps; i++)
        if (b->f.caps & caps[i].cap) {
            json_item(out);
            json_text(out, str_of(caps[i].name));
        }
    if (b->f.outbound) {
        json_item(out);
        json_text(out, STR("outbound"));
    }
    sbuf_putc(out, ']');
}

static const char *node_name(const struct settings *s, const struct binding *b) {
    int node = nodes_index(s, b->f.node);

    return node >= 0 ? s->cluster.nodes[node].name : b->f.node == NODES_NONE ? "local" : "";
}

/* "" = of a listener that there is no more. */
static const char *listener_name(const struct settings *s, const struct binding *b) {
    for (int i = 0; i < s->listen_count; i++)
        if (token_listen_id(s->listens[i].name) == b->f.via.listen_id)
            return s->listens[i].name;
    return "";
}

static bool put_binding(void *arg, const struct binding *b) {
    struct listing *l = arg;
    struct sbuf *out = &l->out;
    char peer[ADDR_TEXT_MAX];

    if (l->count == l->most) {
        l->cut = true;
        return false;
    }
    l->count++;
    json_item(out);
    sbuf_putc(out, '{');
    json_put_hex(out, "id", b->f.id);
    json_put_text(out, "aor", b->aor);
    json_put_text(out, "contact", b->contact);
    json_put_text(out, "node", str_of(node_name(l->settings, b)));
    json_put_text(out, "listener", str_of(listener_name(l->settings, b)));
    json_put_text(out, "transport", str_of(flow_proto_name(b->f.via.flow.proto)));
    json_put_text(out, "peer", str_of(addr_format(&b->f.via.flow.peer, peer)));
    put_capabilities(out, b);
    json_put_text(out, "instance", b->instance);
    json_put_number(out, "reg_id", b->f.reg_id);
    json_put_number(out, "q", b->f.q);
    json_put_text(out, "path", b->path);
    json_put_text(out, "service_route", b->service_route);
    json_put_number(out, "expires_in_s", seconds(l->now_ms, b->f.told_ms));
    json_put_number(out, "granted_s", seconds(l->now_ms, b->f.granted_ms));
    json_put_number(out, "registered_s", seconds(b->f.since_ms, l->now_ms));
    json_put_number(out, "calls", b->f.calls);
    json_put_text(out, "user_agent", b->user_agent);
    sbuf_putc(out, '}');
    return true;
}

static int put_aor(struct listing *l, struct bindings *all, struct str aor) {
    uint64_t ids[BINDINGS_OF_AOR_MAX];
    int n = bindings_of_aor(all, aor, ids);
    struct binding b;

    for (int i = 0; i < n; i++)
        if (bindings_get(all, ids[i], &b))
            put_binding(l, &b);
    return n;
}

/* All, or those of one AoR; --limit of them at most. */
void command_registrations(struct command_run *r) {
    struct bindings *all = registrar_bindings(r->commands->config.shared->registrar);
    struct bindings_counts counts = bindings_counts(all);
    struct command_list list;
    struct listing l = {.settings = r->commands->config.settings, .now_ms = net_now_ms()};
    uint64_t total = counts.current;

    if (command_take_list(r, true, false, &list) < 0)
        return;
    l.out = sbuf_growing(COMMAND_ANSWER_MAX);
    l.most = list.limit;
    sbuf_putc(&l.out, '{');
    json_put_number(&l.out, "current", counts.current);
    json_put_number(&l.out, "peak", counts.peak);
    json_name(&l.out, "registrations");
    sbuf_putc(&l.out, '[');
    if (list.name.n > 0)
        total = (uint64_t)put_aor(&l, all, list.name);
    else
        bindings_walk(all, put_binding, &l);
    sbuf_putc(&l.out, ']');
    /* They come and go while they are listed. */
    command_put_total(&l.out, l.cut && total > l.count ? total : l.count + l.cut, l.count);
    sbuf_putc(&l.out, '}');
    run_finish(r, &l.out);
}
