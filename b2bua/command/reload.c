/* The configuration anew: what would change or has changed, and how many calls know what was before. */
#include <stdlib.h>

#include "b2bua/command/impl.h"
#include "b2bua/command/sum.h"
#include "b2bua/core/json.h"

static const char *const results[] = {[RELOAD_DONE] = "done", [RELOAD_SAME] = "same", [RELOAD_PLANNED] = "planned"};
static const char *const kinds[] = {
    [FACTS_ADDED] = "added", [FACTS_REMOVED] = "removed", [FACTS_CHANGED] = "changed", [FACTS_REORDERED] = "reordered"};

static void put_change(struct sbuf *out, const struct facts_change *c) {
    struct sbuf text = sbuf_growing(COMMAND_ANSWER_MAX);

    facts_put_change(&text, c);
    json_item(out);
    sbuf_putc(out, '{');
    json_put_text(out, "key", c->key);
    json_put_text(out, "change", str_of(kinds[c->kind]));
    if (c->kind == FACTS_CHANGED && !(c->marks & FACTS_HIDDEN)) {
        json_put_text(out, "from", c->from);
        json_put_text(out, "to", c->to);
    }
    json_name(out, "restart");
    sbuf_puts(out, c->marks & FACTS_RESTART ? "true" : "false");
    json_put_text(out, "text", sbuf_str(&text));
    sbuf_putc(out, '}');
    sbuf_fini(&text);
}

static void put_changes(struct sbuf *out, const struct reload_outcome *o) {
    json_name(out, "changes");
    sbuf_putc(out, '[');
    for (int i = 0; i < o->change_count; i++)
        put_change(out, &o->changes[i]);
    sbuf_putc(out, ']');
}

static void put_notes(struct sbuf *out, const char *name, const struct config_notes *notes, const char *more) {
    json_name(out, name);
    sbuf_putc(out, '[');
    for (int i = 0; i < notes->kept; i++) {
        json_item(out);
        json_text(out, str_of(notes->items[i].text));
    }
    if (*more != '\0') {
        json_item(out);
        json_text(out, str_of(more));
    }
    sbuf_putc(out, ']');
}

/* Is the key this trunk's, or inside it? */
static bool is_about(struct str key, const char *trunk) {
    struct str prefix = STR("trunks."), name = str_of(trunk);

    if (key.n < prefix.n + name.n || memcmp(key.p, prefix.p, prefix.n) != 0 ||
        memcmp(key.p + prefix.n, name.p, name.n) != 0)
        return false;
    return key.n == prefix.n + name.n || key.p[prefix.n + name.n] == '.';
}

static const struct facts_change *change_of(const struct reload_outcome *o, const char *trunk) {
    for (int i = 0; i < o->change_count; i++)
        if (is_about(o->changes[i].key, trunk))
            return &o->changes[i];
    return NULL;
}

/* Trunks that were changed or removed, with what was on them when it began. */
static void put_touched(struct sbuf *out, const struct command_run *r, const struct reload_outcome *o) {
    json_name(out, "trunks");
    sbuf_putc(out, '[');
    for (int i = 0; o->was != NULL && i < o->was->trunk_count; i++) {
        const struct settings_trunk *t = &o->was->trunks[i];
        const struct facts_change *c = change_of(o, t->name);
        if (c == NULL)
            continue;
        json_item(out);
        sbuf_putc(out, '{');
        json_put_text(out, "name", str_of(t->name));
        json_put_text(out, "change", str_of(c->kind == FACTS_REMOVED ? "removed" : "changed"));
        json_put_number(out, "calls", t->slot < r->slots ? r->legs[t->slot] : 0);
        sbuf_putc(out, '}');
    }
    sbuf_putc(out, ']');
}

static void refuse(struct command_run *r, const struct reload_outcome *o) {
    struct sbuf out = sbuf_growing(COMMAND_ANSWER_MAX);
    int count = o->report->errors.count + (*o->error != '\0');
    char text[64];

    snprintf(text, sizeof text, "%d problem%s: nothing was changed", count, count == 1 ? "" : "s");
    sbuf_putc(&out, '{');
    json_put_text(&out, "error", str_of(text));
    put_notes(&out, "problems", &o->report->errors, o->error);
    sbuf_putc(&out, '}');
    run_finish(r, &out);
}

static void reloaded(void *ctx, const struct reload_outcome *o) {
    struct command_run *r = ctx;
    const struct commands_config *config = &r->commands->config;
    struct sbuf out = sbuf_growing(COMMAND_ANSWER_MAX);

    if (o->result != RELOAD_PLANNED)
        config->reloaded(config->ctx, o);
    if (o->result == RELOAD_FAILED) {
        refuse(r, o);
        return;
    }
    sbuf_putc(&out, '{');
    json_put_text(&out, "reload", str_of(results[o->result]));
    put_changes(&out, o);
    put_notes(&out, "warnings", &o->report->warnings, "");
    json_put_number(&out, "calls", o->result == RELOAD_SAME ? 0 : r->call);
    put_touched(&out, r, o);
    json_put_number(&out, "took_ms", o->took_ms);
    sbuf_putc(&out, '}');
    run_finish(r, &out);
}

/* The calls that there are now will keep what is in force now. */
static void counted(struct command_run *r, struct worker_question *q) {
    for (unsigned i = 0; i < q->count; i++)
        r->slots = q->answers[i].report.trunk_count > r->slots ? q->answers[i].report.trunk_count : r->slots;
    r->legs = mem_zalloc((size_t)r->slots * sizeof *r->legs);
    for (int i = 0; i < r->slots; i++)
        r->legs[i] = (uint32_t)sum_trunk(q, i, (struct sum_place)SUM_OF_TRUNK(legs));
    r->call = sum_counts(q, (struct sum_place)SUM_OF(engine.calls.calls));
    reload_ask(r->commands->config.reload, r->arg_count > 0, reloaded, r);
}

void command_reload(struct command_run *r) {
    if (r->arg_count > 0 && !str_eq(r->args[0], STR("--plan")))
        run_error(r, "no argument \"%s\"; it is \"%s %s\"", r->args[0].p, r->command->name, r->command->usage);
    else
        run_ask(r, &(struct report_ask){.kind = REPORT_COUNTS}, counted);
}
