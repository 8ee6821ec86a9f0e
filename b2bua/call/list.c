#include "b2bua/call/list.h"

#include "b2bua/call/impl.h"
#include "b2bua/core/json.h"

struct list {
    struct sbuf *out;
    uint64_t now_ms, wall_now_ms;
    atomic_uint *room;
    unsigned rows;
};

/* Counts a row; true: it may be written. */
static bool take_row(struct list *l) {
    unsigned left = l->room == NULL ? 1 : atomic_load(l->room);

    l->rows++;
    while (l->room != NULL && left > 0 && !atomic_compare_exchange_weak(l->room, &left, left - 1)) {
    }
    return left > 0;
}

static bool is_there(const struct leg *leg) {
    return leg->state != LEG_IDLE;
}

/* --- which --- */

static int digit(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool begins_with(uint64_t id, struct str digits) {
    for (size_t i = 0; i < digits.n; i++)
        if (i == 16 || digit(digits.p[i]) != (int)(id >> (60 - 4 * i) & 15))
            return false;
    return true;
}

static bool has_name(const struct leg *leg, struct str id) {
    return leg->names != NULL && str_eq(leg->names->call_id, id);
}

static bool is_named(const struct call *call, struct str id) {
    if (begins_with(call->id, id) || has_name(&call->legs[LEG_A], id) || has_name(&call->legs[LEG_B], id))
        return true;
    for (const struct rival *r = call->rivals; r != NULL; r = r->next)
        if (has_name(&r->leg, id))
            return true;
    return false;
}

static bool is_on(const struct call *call, struct str trunk) {
    for (int role = 0; role < LEG_ROLES; role++) {
        const struct leg *leg = &call->legs[role];
        if (is_there(leg) && str_eq(str_of(leg_trunk(leg)->name), trunk))
            return true;
    }
    return false;
}

static bool is_asked(const struct call *call, const struct list_ask *ask) {
    return (ask->id.n == 0 || is_named(call, ask->id)) && (ask->trunk.n == 0 || is_on(call, ask->trunk));
}

/* --- a leg's session timer --- */

static void put_seconds(struct list *l, const char *name, uint64_t at_ms) {
    if (at_ms != 0) {
        json_put_number(l->out, name, at_ms > l->now_ms ? (at_ms - l->now_ms) / 1000 : 0);
        return;
    }
    json_name(l->out, name);
    sbuf_puts(l->out, "null");
}

static void put_timer(struct list *l, const struct leg *leg) {
    const struct sst *s = &leg->sst;
    const struct sst_policy *p = leg_policy(leg);
    bool runs = s->interval_s != 0;

    json_put_number(l->out, "interval_s", s->interval_s);
    json_put_number(l->out, "min_se_s", !p->on ? 0 : s->min_se_s > p->min_se_s ? s->min_se_s : p->min_se_s);
    json_put_text(l->out, "refresher", str_of(sst_party_name(runs ? s->refresher : SST_NOBODY)));
    json_put_text(l->out, "why", str_of(sst_why_name(runs ? s->why : SST_WHY_NONE)));
    json_put_text(l->out, "method", str_of(runs ? sst_method_name(s, p) : "-"));
    put_seconds(l, "next_refresh_s", runs ? s->refresh_ms : 0);
    put_seconds(l, "expires_s", runs ? s->start_ms + (uint64_t)s->interval_s * 1000 : 0);
    put_seconds(l, "ends_s", runs ? s->end_ms : 0);
    json_put_text(l->out, "result", str_of(sst_result_name(s->result)));
}

static void put_leg(struct list *l, const struct leg *leg) {
    json_put_text(l->out, "leg", leg->role == LEG_A ? STR("a") : STR("b"));
    json_put_text(l->out, "trunk", str_of(leg_trunk(leg)->name));
    json_put_text(l->out, "state", str_of(callfsm_state_name(leg->state)));
}

static void put_timer_of(struct list *l, const struct leg *leg) {
    json_item(l->out);
    sbuf_putc(l->out, '{');
    json_put_hex(l->out, "call_id", leg->call->id);
    put_leg(l, leg);
    put_timer(l, leg);
    sbuf_putc(l->out, '}');
}

static void put_timers(struct list *l, const struct call *call) {
    for (int role = 0; role < LEG_ROLES; role++)
        if (is_there(&call->legs[role]) && call->legs[role].state != LEG_ENDED && take_row(l))
            put_timer_of(l, &call->legs[role]);
}

/* --- a call --- */

/* One word for both legs: the caller's, until either is on its way out. */
static const char *state_of(const struct call *call) {
    for (int role = 0; role < LEG_ROLES; role++)
        if (call->legs[role].state >= LEG_HANGING)
            return "ending";
    return callfsm_state_name(call->legs[LEG_A].state);
}

static void put_time(struct list *l, const char *name, uint64_t at_ms) {
    json_put_time(l->out, name, call_wall_ms(at_ms, l->now_ms, l->wall_now_ms));
}

/* From and To as the caller's side has them, or the called one's. */
static void put_parties(struct list *l, const struct leg *leg) {
    const struct leg_names *n = leg->names;
    bool called = leg->role == LEG_B;

    if (n == NULL)
        return;
    json_put_text(l->out, "from", called ? n->local : n->remote);
    json_put_text(l->out, "to", called ? n->remote : n->local);
}

static void put_peer(struct list *l, const struct leg *leg) {
    static const char *const transports[] = {[FLOW_UDP] = "udp", [FLOW_TCP] = "tcp", [FLOW_TLS] = "tls"};
    char peer[ADDR_TEXT_MAX];

    json_put_text(l->out, "peer", str_of(addr_format(&leg->flow.peer, peer)));
    json_put_text(l->out, "transport", str_of(transports[leg->flow.proto]));
}

static void put_call_id(struct list *l, const struct leg *leg) {
    if (leg->names != NULL)
        json_put_text(l->out, "sip_call_id", leg->names->call_id);
}

static void put_leg_course(struct list *l, const struct leg *leg) {
    put_call_id(l, leg);
    put_parties(l, leg);
    put_peer(l, leg);
    put_time(l, "start", leg->start_ms);
    put_time(l, "ring", leg->ring_ms);
    put_time(l, "answer", leg->answer_ms);
    json_put_number(l->out, "attempts", leg->role == LEG_B ? leg->call->attempts : 1);
    json_put_number(l->out, "midcalls_consumed", leg->consumed);
    json_put_number(l->out, "midcalls_forwarded", leg->midcalls);
    json_put_number(l->out, "refreshes_sent", leg->refreshes_out);
    json_put_number(l->out, "refreshes_received", leg->refreshes_in);
    json_name(l->out, "timer");
    sbuf_putc(l->out, '{');
    put_timer(l, leg);
    sbuf_putc(l->out, '}');
}

static void put_legs(struct list *l, const struct call *call, bool course) {
    json_name(l->out, "legs");
    sbuf_putc(l->out, '[');
    for (int role = 0; role < LEG_ROLES; role++) {
        const struct leg *leg = &call->legs[role];
        if (!is_there(leg))
            continue;
        json_item(l->out);
        sbuf_putc(l->out, '{');
        put_leg(l, leg);
        if (course)
            put_leg_course(l, leg);
        sbuf_putc(l->out, '}');
    }
    sbuf_putc(l->out, ']');
}

static void put_device(struct list *l, const struct leg *leg) {
    json_item(l->out);
    sbuf_putc(l->out, '{');
    json_put_number(l->out, "attempt", leg->attempt.number);
    json_put_text(l->out, "state", str_of(callfsm_state_name(leg->state)));
    put_peer(l, leg);
    put_call_id(l, leg);
    put_time(l, "ring", leg->ring_ms);
    sbuf_putc(l->out, '}');
}

/* While several are called; the one that leg b stands for comes first. */
static void put_devices(struct list *l, const struct call *call) {
    if (call->rivals == NULL)
        return;
    json_name(l->out, "devices");
    sbuf_putc(l->out, '[');
    put_device(l, &call->legs[LEG_B]);
    for (const struct rival *r = call->rivals; r != NULL; r = r->next)
        put_device(l, &r->leg);
    sbuf_putc(l->out, ']');
}

static void put_call(struct list *l, const struct call *call, bool course) {
    const struct leg *a = &call->legs[LEG_A];

    json_item(l->out);
    sbuf_putc(l->out, '{');
    json_put_hex(l->out, "call_id", call->id);
    json_put_text(l->out, "state", str_of(state_of(call)));
    json_put_text(l->out, "route", str_of(call->route == NULL ? NULL : call->route->name));
    put_parties(l, a);
    put_time(l, "start", a->start_ms);
    put_time(l, "answer", a->answer_ms);
    json_put_number(l->out, "duration_ms", a->answer_ms == 0 ? 0 : l->now_ms - a->answer_ms);
    put_legs(l, call, course);
    if (course)
        put_devices(l, call);
    sbuf_putc(l->out, '}');
}

static void put_id(struct sbuf *out, uint64_t id) {
    json_item(out);
    sbuf_putc(out, '"');
    sbuf_hex(out, id);
    sbuf_putc(out, '"');
}

static void put(struct list *l, const struct call *call, enum list_what what) {
    switch (what) {
    case LIST_CALLS:
    case LIST_CALL:
        if (take_row(l))
            put_call(l, call, what == LIST_CALL);
        break;
    case LIST_TIMERS:
        put_timers(l, call);
        break;
    case LIST_IDS:
        if (take_row(l))
            put_id(l->out, call->id);
        break;
    }
}

/* --- in slices: about a millisecond each --- */

enum { SLICE_BYTES = 256 << 10, SLICE_CALLS = 16384 };

void calls_list_drop(struct calls *c, struct list_walk *w) {
    for (struct list_walk **at = &c->lists; *at != NULL; at = &(*at)->next) {
        if (*at != w)
            continue;
        *at = w->next;
        return;
    }
}

static void begin(struct calls *c, struct list_walk *w) {
    w->begun = true;
    w->at = c->all;
    w->next = c->lists;
    c->lists = w;
}

void list_skip(struct calls *c, const struct call *call) {
    for (struct list_walk *w = c->lists; w != NULL; w = w->next)
        if (w->at == call)
            w->at = call->next;
}

bool calls_list(struct calls *c, const struct list_ask *ask, struct list_walk *w, struct sbuf *out, uint64_t now_ms) {
    struct list l = {
        .out = out, .now_ms = now_ms, .wall_now_ms = c->ops.wall_ms(c->ops.ctx), .room = ask->room, .rows = w->rows};
    size_t before = out->n;

    if (!w->begun)
        begin(c, w);
    for (int i = 0; w->at != NULL; i++, w->at = w->at->next) {
        if (i == SLICE_CALLS || out->n - before >= SLICE_BYTES)
            return false;
        if (!is_asked(w->at, ask))
            continue;
        put(&l, w->at, ask->what);
        w->rows = l.rows;
        w->found++;
    }
    calls_list_drop(c, w);
    return true;
}

void calls_remind(struct calls *c, struct str id) {
    int left = 16;

    for (const struct call *call = c->all; call != NULL && left > 0; call = call->next) {
        if (!is_named(call, id))
            continue;
        note_names(&call->legs[LEG_A], true);
        note_names(&call->legs[LEG_B], true);
        for (const struct rival *r = call->rivals; r != NULL; r = r->next)
            note_names(&r->leg, true);
        left--;
    }
}

void calls_count_legs(const struct calls *c, uint32_t *legs, int count) {
    for (const struct call *call = c->all; call != NULL; call = call->next)
        for (int role = 0; role < LEG_ROLES; role++) {
            const struct leg *leg = &call->legs[role];
            if (is_there(leg) && leg->state != LEG_ENDED && leg_trunk(leg)->slot < count)
                legs[leg_trunk(leg)->slot]++;
        }
}
