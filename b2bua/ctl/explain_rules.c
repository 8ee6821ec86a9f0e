#include "b2bua/ctl/explain_rules.h"

#include <stdlib.h>

#include "b2bua/core/json.h"

#define JSON_MAX ((size_t)1 << 28)

/* --- lines of the one that the other has not --- */

static int count_of(struct str text, struct str wanted) {
    int count = 0;

    while (text.n > 0)
        count += str_eq(str_take_line(&text), wanted);
    return count;
}

static void put_only(struct sbuf *out, const char *name, struct str text, struct str other) {
    struct str rest = text;

    json_name(out, name);
    sbuf_putc(out, '[');
    while (rest.n > 0) {
        struct str line = str_take_line(&rest), seen = str_upto(text, text.n - rest.n);
        if (count_of(seen, line) <= count_of(other, line))
            continue;
        json_item(out);
        json_text(out, line);
    }
    sbuf_putc(out, ']');
}

/* --- the steps --- */

static void put_step(struct explain_rules *r, const struct profile_step *s) {
    const struct profile *p = r->profile->rules;
    struct str before = {r->text, r->text_n};

    json_item(&r->json);
    sbuf_putc(&r->json, '{');
    json_put_text(&r->json, "rule", profile_rule(p, s->rule));
    json_put_number(&r->json, "line", (uint64_t)profile_rule_line(p, s->rule));
    json_put_text(&r->json, "result", str_of(profile_step_name(s->kind)));
    json_put_text(&r->json, "why", str_of(s->why));
    if (!str_eq(before, s->after)) {
        put_only(&r->json, "removed", before, s->after);
        put_only(&r->json, "added", s->after, before);
    }
    sbuf_putc(&r->json, '}');
    r->steps = s->rule + 1;
}

static void on_step(void *arg, const struct profile_step *s) {
    struct explain_rules *r = arg;

    put_step(r, s);
    char *text = str_dup(s->after);
    free(r->text);
    r->text = text;
    r->text_n = s->after.n;
}

void explain_rules_fini(struct explain_rules *r) {
    sbuf_fini(&r->json);
    free(r->before);
    free(r->text);
    *r = (struct explain_rules){.profile = NULL};
}

const struct profile_trace *explain_rules_begin(struct explain_rules *r, const struct settings_profile *p,
                                                struct str text) {
    explain_rules_fini(r);
    *r = (struct explain_rules){.profile = p,
                                .trace = {on_step, r},
                                .json = sbuf_growing(JSON_MAX),
                                .before = str_dup(text),
                                .text = str_dup(text),
                                .before_n = text.n,
                                .text_n = text.n};
    sbuf_putc(&r->json, '[');
    return &r->trace;
}

/* When a limit is passed the rules stop, and the message stays as it was. */
static void put_rest(struct explain_rules *r) {
    int begun = r->steps;

    for (int i = begun; i < profile_count(r->profile->rules); i++)
        put_step(r, &(struct profile_step){i,
                                           PROFILE_STEP_OTHER,
                                           begun == 0 ? "the message has more than a profile may read"
                                                      : "a rule before it has passed a limit",
                                           {r->text, r->text_n}});
}

void explain_rules_put(struct explain_rules *r, struct sbuf *out) {
    if (r->profile == NULL) {
        sbuf_puts(out, "null");
        return;
    }
    put_rest(r);
    sbuf_putc(out, '{');
    json_put_text(out, "profile", str_of(r->profile->name));
    json_name(out, "rules");
    sbuf_put(out, sbuf_str(&r->json));
    sbuf_puts(out, "]}");
}
