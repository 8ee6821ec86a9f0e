#include "b2bua/core/ladder_find.h"

#include <stdlib.h>

#include "b2bua/core/frame.h"
#include "b2bua/core/json.h"
#include "b2bua/core/redact.h"

/* A slice takes about a millisecond. */
enum { SLICE_ENTRIES = 1024, SLICE_BYTES = 256 << 10, SEEN_MAX = 4096 };

/* --- first: which call --- */

static bool is_meant(const struct ladder_names *n, struct str id) {
    char text[16];
    struct sbuf b = sbuf_on(text, sizeof text);

    sbuf_hex(&b, n->call);
    return str_eq(n->call_id, id) || (id.n <= b.n && str_ieq(str_upto(sbuf_str(&b), id.n), id));
}

static void meet(struct ladder_find *f, const struct ladder_entry *e, struct str id) {
    if (e->kind == LADDER_NAMES && is_meant(&e->names, id) && (f->call != e->names.call || f->found == 0)) {
        f->found = f->call == 0 ? 1 : 2; /* rather a call than messages without one */
        f->call = e->names.call;
    } else if (e->kind == LADDER_MESSAGE && f->found == 0 && str_eq(frame_call_id(e->text), id)) {
        f->found = 1;
    }
}

/* --- then: what its legs are called --- */

static int name_of(const struct ladder_find *f, struct str call_id) {
    uint64_t hash = str_hash(call_id);

    for (int i = 0; i < f->name_count; i++)
        if (f->names[i] == hash)
            return i;
    return -1;
}

static bool keep_name(struct ladder_find *f, struct str call_id, uint8_t leg) {
    if (name_of(f, call_id) >= 0 || f->name_count == LADDER_FIND_NAMES_MAX)
        return false;
    f->names[f->name_count] = str_hash(call_id);
    f->legs[f->name_count++] = leg;
    return true;
}

/* Leg b has a name for each attempt. */
static void put_leg(const struct ladder_find *f, int name, struct sbuf *out) {
    unsigned attempt = 0;

    for (int i = 0; i <= name; i++)
        attempt += f->legs[i];
    json_put_text(out, "leg", f->legs[name] == 0 ? STR("a") : STR("b"));
    if (f->legs[name] != 0)
        json_put_number(out, "attempt", attempt);
}

static void name(struct ladder_find *f, const struct ladder_entry *e, struct sbuf *out) {
    const struct ladder_names *n = &e->names;

    if (e->kind != LADDER_NAMES || f->call == 0 || n->call != f->call)
        return;
    f->whole = f->whole || (n->leg == 0 && !n->again);
    if (!keep_name(f, n->call_id, n->leg))
        return;
    json_item(out);
    sbuf_putc(out, '{');
    put_leg(f, f->name_count - 1, out);
    json_put_text(out, "trunk", n->trunk);
    json_put_text(out, "sip_call_id", n->call_id);
    json_put_text(out, "from", n->from);
    json_put_text(out, "to", n->to);
    sbuf_putc(out, '}');
}

/* --- and then: what became of it --- */

/* Was it there before? Remembered if there is room. */
static bool is_repeat(struct ladder_find *f, const struct ladder_entry *e) {
    uint64_t hash = str_hash(e->text) ^ (uint64_t)e->way;

    for (size_t i = 0; i < f->seen_count; i++)
        if (f->seen[i] == hash)
            return true;
    if (f->seen_count == SEEN_MAX)
        return false;
    if (f->seen_count == f->seen_room) {
        f->seen_room = f->seen_room == 0 ? 64 : f->seen_room * 2;
        f->seen = mem_realloc(f->seen, f->seen_room * sizeof *f->seen);
    }
    f->seen[f->seen_count++] = hash;
    return false;
}

static void put_message(struct ladder_find *f, const struct ladder_entry *e, struct sbuf *out) {
    char text[ADDR_TEXT_MAX], *copy = mem_alloc(e->text.n + 1);

    memcpy(copy, e->text.p, e->text.n);
    redact_message(copy, e->text.n);
    json_put_text(out, "direction", e->way == LADDER_IN ? STR("in") : STR("out"));
    json_put_text(out, "transport", str_of(flow_proto_name(e->proto)));
    json_put_text(out, "local", str_of(addr_format(&e->local, text)));
    json_put_text(out, "peer", str_of(addr_format(&e->peer, text)));
    json_name(out, "repeat");
    sbuf_puts(out, is_repeat(f, e) ? "true" : "false");
    json_put_text(out, "message", (struct str){copy, e->text.n});
    free(copy);
}

static void put_note(const struct ladder_entry *e, struct sbuf *out) {
    char text[LADDER_NOTE_MAX];
    struct sbuf b = sbuf_on(text, sizeof text);

    if (e->kind == LADDER_NAMES) {
        sbuf_puts(&b, "to trunk ");
        sbuf_put(&b, e->names.trunk);
    }
    json_put_text(out, "note", e->kind == LADDER_NAMES ? sbuf_str(&b) : e->text);
}

/* Of the names those of targets are told: each is an attempt. */
static bool is_step(const struct ladder_entry *e) {
    return e->kind != LADDER_NAMES || (e->names.leg == 1 && !e->names.again);
}

static void step(struct ladder_find *f, const struct ladder_entry *e, struct sbuf *out) {
    int i = name_of(f, e->kind == LADDER_MESSAGE ? frame_call_id(e->text) : e->names.call_id);

    if (i < 0 || !is_step(e))
        return;
    json_item(out);
    sbuf_putc(out, '{');
    json_put_time(out, "time", e->at_us / 1000);
    json_put_number(out, "at_us", e->at_us);
    put_leg(f, i, out);
    if (e->kind == LADDER_MESSAGE)
        put_message(f, e, out);
    else
        put_note(e, out);
    sbuf_putc(out, '}');
}

/* --- the passes --- */

enum { PASS_CALL, PASS_NAMES, PASS_STEPS, PASSES };

static void open_names(struct ladder_find *f, struct str id, struct sbuf *out) {
    sbuf_putc(out, '{');
    if (f->call != 0) {
        json_put_hex(out, "call_id", f->call);
    } else {
        json_name(out, "call_id");
        sbuf_puts(out, "null");
        keep_name(f, id, 0);
    }
    json_name(out, "legs");
    sbuf_putc(out, '[');
}

static void open_steps(struct ladder_find *f, struct sbuf *out) {
    sbuf_putc(out, ']');
    json_name(out, "whole");
    sbuf_puts(out, f->whole || f->call == 0 ? "true" : "false");
    json_name(out, "ladder");
    sbuf_putc(out, '[');
}

static void begin(const struct ladder *l, struct ladder_find *f, int pass) {
    f->begun = true;
    f->pass = pass;
    f->at = ladder_first(l);
    f->end = ladder_end(l);
}

/* Returns true when there is nothing more to do. */
static bool next_pass(const struct ladder *l, struct ladder_find *f, struct str id, struct sbuf *out) {
    begin(l, f, f->pass + 1);
    if (f->pass == PASS_NAMES && f->found != 1)
        return true;
    if (f->pass == PASS_NAMES)
        open_names(f, id, out);
    else if (f->pass == PASS_STEPS)
        open_steps(f, out);
    else
        sbuf_puts(out, "]}");
    return f->pass == PASSES;
}

bool ladder_find(const struct ladder *l, struct ladder_find *f, struct str id, struct sbuf *out) {
    struct ladder_entry e;
    size_t before = out->n;

    if (!f->begun)
        begin(l, f, PASS_CALL);
    for (int i = 0; i < SLICE_ENTRIES && out->n - before < SLICE_BYTES; i++) {
        if (f->at < f->end && ladder_read(l, &f->at, &e)) {
            if (f->pass == PASS_CALL)
                meet(f, &e, id);
            else if (f->pass == PASS_NAMES)
                name(f, &e, out);
            else
                step(f, &e, out);
        } else if (next_pass(l, f, id, out)) {
            return true;
        }
    }
    return false;
}

void ladder_find_fini(struct ladder_find *f) {
    free(f->seen);
    *f = (struct ladder_find){.begun = false};
}
