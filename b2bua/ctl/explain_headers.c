/* What became of the headers: what the policy says of each, and what the message that leaves shows. */
#include "b2bua/core/json.h"
#include "b2bua/ctl/explain_json.h"
#include "b2bua/sip/policy.h"

static const char *const meanings[] = {
    [POLICY_END] = "end to end",
    [POLICY_NEEDED] = "end to end",
    [POLICY_HOP] = "between neighbours",
    [POLICY_OURS] = "ours on each leg",
    [POLICY_BODY] = "goes with the body",
    [POLICY_IDENTITY] = "tells about people",
    [POLICY_WARNING] = "end to end, our host in it",
    [POLICY_REDIRECT] = "ours on each leg",
};

/* A header line without its end; folded lines are one. */
static bool next_line(struct str *rest, struct str *line) {
    size_t n = 0;

    do
        n += str_find(str_from(*rest, n), '\n') + 1;
    while (n < rest->n && (rest->p[n] == ' ' || rest->p[n] == '\t'));
    n = n < rest->n ? n : rest->n;
    *line = str_trim(str_upto(*rest, n));
    *rest = str_from(*rest, n);
    return line->n > 0;
}

/* The policy knows long names: a compact one is the same header. */
static struct str name_of(struct str line) {
    struct str name = str_trim(str_upto(line, str_find(line, ':')));

    return policy_of(name).name;
}

static struct str value_of(struct str line) {
    size_t colon = str_find(line, ':');

    return str_trim(str_from(line, colon < line.n ? colon + 1 : colon));
}

struct seen {
    bool name, value;
};

static struct seen look_for(struct str message, struct str name, struct str value) {
    struct seen seen = {false, false};
    struct str line, rest = message;

    next_line(&rest, &line); /* the start line */
    while (next_line(&rest, &line)) {
        if (!str_ieq(name_of(line), name))
            continue;
        seen.name = true;
        seen.value |= str_eq(value_of(line), value);
    }
    return seen;
}

static const char *fate_of(enum policy_class class, struct seen seen) {
    if (class == POLICY_OURS || class == POLICY_HOP || class == POLICY_REDIRECT)
        return seen.name ? "ours" : "dropped";
    return seen.value ? "crosses" : seen.name ? "changed" : "dropped";
}

/* Whose `headers` keep it back; the policy has dropped it for another reason where neither does. */
static const char *barred_by(const struct explain_view *v, struct str name, char *buf, size_t size) {
    const int trunks[] = {v->trunk, v->place.trunk};

    for (size_t i = 0; i < sizeof trunks / sizeof *trunks; i++) {
        const struct settings_trunk *t = trunks[i] < 0 ? NULL : &v->world->settings->trunks[trunks[i]];
        if (t == NULL || header_rules_pass(t->headers, name))
            continue;
        snprintf(buf, size, "`headers` of trunk %s", t->name);
        return buf;
    }
    return NULL;
}

static void put_header(struct explain_view *v, struct str line, struct str left) {
    struct policy p = policy_of(name_of(line));
    struct seen seen = look_for(left, p.name, value_of(line));
    const char *fate = fate_of(p.class, seen), *why = meanings[p.class];
    char buf[256];

    if (*fate == 'd' && p.class != POLICY_HOP && p.class != POLICY_OURS) {
        const char *by = barred_by(v, p.name, buf, sizeof buf);
        why = by != NULL ? by : p.kind != IDENTITY_NONE ? "`privacy` of the trunks, or what the caller wishes" : why;
    }
    json_item(v->json);
    sbuf_putc(v->json, '{');
    json_put_text(v->json, "name", p.name);
    json_put_text(v->json, "fate", str_of(fate));
    json_put_text(v->json, "why", str_of(why));
    sbuf_putc(v->json, '}');
}

/* What the header policy gave, before any rules. */
static struct str as_printed(const struct explain_view *v) {
    const struct explain_rules *r = &v->world->out;

    return r->profile == NULL ? explain_bytes(&v->world->request) : (struct str){r->before, r->before_n};
}

void explain_put_headers(struct explain_view *v) {
    struct str line, rest = v->text, left = as_printed(v);

    sbuf_putc(v->json, '[');
    next_line(&rest, &line); /* the start line */
    while (next_line(&rest, &line))
        put_header(v, line, left);
    sbuf_putc(v->json, ']');
}
