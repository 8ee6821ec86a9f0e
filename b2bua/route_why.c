#include "b2bua/route_why.h"

#include "dialplan/rules.h"

struct why {
    const struct settings *s;
    const struct settings_route *route;
    const struct route_rules *rules;
    const struct route_verdict *v;
    bool holds;
    struct sbuf *out;
};

static void quoted(struct why *w, const char *name, const char *text) {
    sbuf_puts(w->out, name);
    sbuf_puts(w->out, " \"");
    sbuf_puts(w->out, text);
    sbuf_puts(w->out, w->holds ? "\"" : "\" does not match");
}

static void say_from(struct why *w) {
    sbuf_puts(w->out, w->holds ? "from" : "takes calls from");
    for (int i = 0; i < w->route->from_count; i++) {
        sbuf_puts(w->out, i == 0 ? " " : ", ");
        sbuf_puts(w->out, w->s->trunks[w->route->from[i]].name);
    }
    sbuf_puts(w->out, w->holds ? "" : " only");
}

static void say_called(struct why *w) {
    quoted(w, "called", w->rules->called.text);
    if (w->holds || w->rules->called.dial == NULL)
        return;
    sbuf_puts(w->out, ", fits the first ");
    sbuf_number(w->out, w->v->reach);
}

static void say_map(struct why *w, const char *name, const struct e164_map *map) {
    for (int i = 0; i < w->s->map_count; i++)
        if (w->s->maps[i].map == map) {
            sbuf_puts(w->out, name);
            sbuf_puts(w->out, w->holds ? " in " : " is not in ");
            sbuf_puts(w->out, w->s->maps[i].file);
            return;
        }
}

static void say_called_map(struct why *w) {
    say_map(w, "called", w->rules->called_map);
}

static void say_calling(struct why *w) {
    quoted(w, "calling", w->rules->calling.text);
}

static void say_calling_map(struct why *w) {
    say_map(w, "calling", w->rules->calling_map);
}

static void say_request_uri(struct why *w) {
    quoted(w, "request_uri", w->rules->uris[RULES_REQUEST_URI].text);
}

static void say_to_uri(struct why *w) {
    quoted(w, "to_uri", w->rules->uris[RULES_TO_URI].text);
}

static void say_from_uri(struct why *w) {
    quoted(w, "from_uri", w->rules->uris[RULES_FROM_URI].text);
}

static void say_header(struct why *w) {
    quoted(w, w->rules->header, w->rules->header_value.text);
}

static void (*const says[ROUTE_CONDITIONS])(struct why *) = {
    [ROUTE_FROM] = say_from,       [ROUTE_CALLED] = say_called,           [ROUTE_CALLED_MAP] = say_called_map,
    [ROUTE_CALLING] = say_calling, [ROUTE_CALLING_MAP] = say_calling_map, [ROUTE_REQUEST_URI] = say_request_uri,
    [ROUTE_TO_URI] = say_to_uri,   [ROUTE_FROM_URI] = say_from_uri,       [ROUTE_HEADER] = say_header,
};

static const struct route_rules none;

/* The conditions that a route has, as bits. */
static unsigned asked(const struct settings_route *r) {
    const struct route_rules *u = r->rules == NULL ? &none : r->rules;
    const bool has[ROUTE_CONDITIONS] = {
        [ROUTE_FROM] = r->from_count > 0,
        [ROUTE_CALLED] = u->called.text != NULL,
        [ROUTE_CALLED_MAP] = u->called_map != NULL,
        [ROUTE_CALLING] = u->calling.text != NULL,
        [ROUTE_CALLING_MAP] = u->calling_map != NULL,
        [ROUTE_REQUEST_URI] = u->uris[RULES_REQUEST_URI].text != NULL,
        [ROUTE_TO_URI] = u->uris[RULES_TO_URI].text != NULL,
        [ROUTE_FROM_URI] = u->uris[RULES_FROM_URI].text != NULL,
        [ROUTE_HEADER] = u->header != NULL,
    };
    unsigned bits = 0;

    for (int i = 0; i < ROUTE_CONDITIONS; i++)
        bits |= has[i] ? 1u << i : 0;
    return bits;
}

static void say_all(const struct settings *s, const struct route_verdict *v, unsigned which, bool holds,
                    struct sbuf *out) {
    const struct settings_route *r = v->route;
    struct why w = {s, r, r->rules == NULL ? &none : r->rules, v, holds, out};
    size_t start = out->n;

    for (int i = 0; i < ROUTE_CONDITIONS; i++) {
        if (!(which >> i & 1))
            continue;
        sbuf_puts(out, out->n > start ? "; " : "");
        says[i](&w);
    }
}

static void say_literals(struct sbuf *out, int literals) {
    sbuf_number(out, (uint64_t)literals);
    sbuf_puts(out, literals == 1 ? " character" : " characters");
}

struct str route_why_taken(const struct settings *s, const struct route_verdict *v, char *buf, size_t size) {
    struct sbuf b = sbuf_on(buf, size);
    unsigned which = asked(v->route);

    if (which == 0)
        sbuf_puts(&b, "it has no conditions");
    say_all(s, v, which, true, &b);
    sbuf_puts(&b, "; gives ");
    say_literals(&b, v->literals);
    sbuf_puts(&b, " literally");
    return sbuf_str(&b);
}

static void say_lost(const struct route_verdict *v, const struct route_verdict *taken, struct sbuf *out) {
    sbuf_puts(out, "matches, too");
    if (taken->route == NULL)
        return;
    if (v->literals != taken->literals) {
        sbuf_puts(out, ", but gives ");
        say_literals(out, v->literals);
        sbuf_puts(out, " literally, not ");
        sbuf_number(out, (uint64_t)taken->literals);
    } else if (v->route->priority != taken->route->priority) {
        sbuf_puts(out, ", but its priority is ");
        sbuf_number(out, (uint64_t)v->route->priority);
        sbuf_puts(out, ", not ");
        sbuf_number(out, (uint64_t)taken->route->priority);
    } else {
        sbuf_puts(out, ", but stands behind");
    }
}

struct str route_why_not(const struct settings *s, const struct route_verdict *v, const struct route_verdict *taken,
                         char *buf, size_t size) {
    struct sbuf b = sbuf_on(buf, size);

    if (v->failed == 0)
        say_lost(v, taken, &b);
    else
        say_all(s, v, v->failed, false, &b);
    return sbuf_str(&b);
}
