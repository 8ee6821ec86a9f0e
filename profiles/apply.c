#include <stdlib.h>

#include "b2bua/core/derive.h"
#include "profiles/guard.h"
#include "profiles/run.h"

struct profile_ctx *profile_ctx_new(void) {
    struct profile_ctx *ctx = mem_zalloc(sizeof *ctx);

    pattern_room_init(&ctx->room);
    lines_init(&ctx->message);
    lines_init(&ctx->peer);
    ctx->out[0] = mem_alloc(PROFILE_MESSAGE_MAX);
    ctx->out[1] = mem_alloc(PROFILE_MESSAGE_MAX);
    ctx->scratch = mem_alloc(RUN_SCRATCH);
    ctx->subject = mem_alloc(RUN_SUBJECT);
    ctx->edits = mem_alloc(LINES_SDP_MAX * sizeof *ctx->edits);
    ctx->own = profile_vars_new();
    ctx->tally.last_rule = -1;
    return ctx;
}

void profile_ctx_free(struct profile_ctx *ctx) {
    if (ctx == NULL)
        return;
    pattern_room_fini(&ctx->room);
    lines_fini(&ctx->message);
    lines_fini(&ctx->peer);
    free(ctx->out[0]);
    free(ctx->out[1]);
    free(ctx->scratch);
    free(ctx->subject);
    free(ctx->edits);
    profile_vars_free(ctx->own);
    free(ctx);
}

struct profile_tally profile_tally(const struct profile_ctx *ctx) {
    return ctx->tally;
}

static const char *const step_names[] = {
    [PROFILE_STEP_OTHER] = "skipped",   [PROFILE_STEP_ABSENT] = "skipped",  [PROFILE_STEP_NO_MATCH] = "skipped",
    [PROFILE_STEP_MATCHED] = "matched", [PROFILE_STEP_CHANGED] = "changed", [PROFILE_STEP_STORED] = "stored",
    [PROFILE_STEP_BROKEN] = "failed",   [PROFILE_STEP_CUT] = "failed",      [PROFILE_STEP_LIMIT] = "failed",
};

static const char *const step_reasons[] = {
    [PROFILE_STEP_OTHER] = "a rule for other messages",
    [PROFILE_STEP_ABSENT] = "nothing of that name in this message",
    [PROFILE_STEP_NO_MATCH] = "the pattern does not match",
    [PROFILE_STEP_MATCHED] = "the text is the same as before",
    [PROFILE_STEP_CHANGED] = "",
    [PROFILE_STEP_STORED] = "",
    [PROFILE_STEP_BROKEN] = "the result would break the message",
    [PROFILE_STEP_CUT] = "the pattern takes too long",
    [PROFILE_STEP_LIMIT] = "a limit would be passed",
};

const char *profile_step_name(enum profile_step_kind kind) {
    return step_names[kind];
}

/* --- one rule after the other */

static uint8_t method_of_rules(const struct profile_message *m) {
    return m->reinvite && m->method == METHOD_INVITE ? RULE_REINVITE : (uint8_t)m->method;
}

static bool is_for(const struct profile_message *m, const struct rule *r) {
    return rule_is_for(r, m->response, method_of_rules(m), m->status);
}

static enum profile_step_kind run_rule(struct run *u, const struct rule *r) {
    enum profile_step_kind kind = PROFILE_STEP_OTHER;
    struct profile_tally *tally = &u->ctx->tally;

    u->why = NULL;
    if (u->m->derived && rule_was_run(r)) {
        u->why = "the INVITE that this is made from has been through it";
        return PROFILE_STEP_OTHER;
    }
    switch (r->verb) {
    case RULE_ADD:
        kind = run_add(u, r);
        break;
    case RULE_MODIFY:
        kind = run_modify(u, r);
        break;
    case RULE_REMOVE:
        kind = run_remove(u, r);
        break;
    case RULE_COPY:
        kind = run_copy(u, r);
        break;
    }
    tally->changed += kind == PROFILE_STEP_CHANGED;
    tally->broken += kind == PROFILE_STEP_BROKEN;
    tally->cut += kind == PROFILE_STEP_CUT;
    tally->limit |= kind == PROFILE_STEP_LIMIT;
    return kind;
}

/* A result goes where the input is not. */
static struct sbuf result_room(struct profile_ctx *ctx, struct str in) {
    bool in_first = in.p >= ctx->out[0] && in.p < ctx->out[0] + PROFILE_MESSAGE_MAX;

    return sbuf_on(ctx->out[in_first ? 1 : 0], PROFILE_MESSAGE_MAX);
}

static void tell(struct run *u, const struct profile_trace *trace, int rule, enum profile_step_kind kind,
                 struct str in) {
    struct sbuf out = result_room(u->ctx, in);
    bool untouched = u->ctx->tally.changed == 0 || kind == PROFILE_STEP_LIMIT;
    bool has_reason = u->why != NULL && kind != PROFILE_STEP_STORED && kind != PROFILE_STEP_CHANGED;
    struct profile_step s = {.rule = rule, .kind = kind, .why = has_reason ? u->why : step_reasons[kind]};

    lines_write(u->message, &out);
    s.after = out.full || untouched ? in : sbuf_str(&out);
    trace->step(trace->arg, &s);
}

static void run_traced(struct run *u, const struct profile *p, struct str in, const struct profile_trace *trace) {
    for (int i = 0; i < p->count && !u->ctx->tally.limit; i++) {
        bool ours = is_for(u->m, p->rules[i]);
        u->why = NULL;
        enum profile_step_kind kind = ours ? run_rule(u, p->rules[i]) : PROFILE_STEP_OTHER;
        if (kind >= PROFILE_STEP_BROKEN)
            u->ctx->tally.last_rule = i;
        tell(u, trace, i, kind, in);
    }
}

static void run_all(struct run *u, const struct profile *p, const struct set_list *list) {
    for (int i = 0; i < list->count && !u->ctx->tally.limit; i++) {
        const struct rule *r = p->rules[list->at[i]];
        if (run_is_absent(u, r) || !is_for(u->m, r))
            continue;
        if (run_rule(u, r) >= PROFILE_STEP_BROKEN)
            u->ctx->tally.last_rule = list->at[i];
    }
}

static enum profile_result finish(struct run *u, struct str in, struct str *out) {
    struct profile_tally *tally = &u->ctx->tally;
    struct sbuf room = result_room(u->ctx, in);

    if (!tally->limit && tally->changed == 0)
        return PROFILE_UNCHANGED;
    if (!tally->limit) {
        lines_write(u->message, &room);
        tally->limit = room.full;
    }
    if (tally->limit) {
        tally->changed = 0;
        tally->description = false;
        return PROFILE_LIMIT;
    }
    *out = sbuf_str(&room);
    return PROFILE_CHANGED;
}

enum profile_result profile_apply(struct profile_ctx *ctx, const struct profile *p, const struct profile_message *m,
                                  struct profile_vars *vars, struct str in, struct str *out,
                                  const struct profile_trace *trace) {
    struct set_list list = set_find(p, m->response, method_of_rules(m), m->status);
    struct run u = {.ctx = ctx,
                    .m = m,
                    .vars = vars != NULL ? vars : ctx->own,
                    .message = &ctx->message,
                    .scratch = sbuf_on(ctx->scratch, RUN_SCRATCH)};

    *out = in;
    ctx->tally = (struct profile_tally){.last_rule = -1};
    if (list.count == 0 && trace == NULL)
        return PROFILE_UNCHANGED;
    if (vars == NULL)
        vars_unset(ctx->own);
    if (in.n > PROFILE_MESSAGE_MAX || lines_read(&ctx->message, in) < 0)
        ctx->tally.limit = true;
    else if (trace != NULL)
        run_traced(&u, p, in, trace);
    else
        run_all(&u, p, &list);
    return finish(&u, in, out);
}

static bool has_tag(struct str to) {
    size_t close = str_find(to, '>');
    struct str params = str_from(to, close < to.n ? close : str_find(to, ';'));

    for (; params.n > 5; params = str_from(params, 1))
        if (str_ieq(str_upto(params, 5), STR(";tag=")))
            return true;
    return false;
}

struct profile_message profile_message_of(struct str in) {
    struct profile_message m = {0};
    uint64_t status = 0;

    while (in.n > 0 && (in.p[0] == '\r' || in.p[0] == '\n'))
        in = str_from(in, 1);
    struct str line = str_upto(in, str_find(in, '\n'));
    struct str word = str_upto(line, str_find(line, ' '));
    m.response = str_ieq(word, STR("SIP/2.0"));
    if (m.response) {
        struct str rest = str_trim(str_from(line, word.n)), cseq = str_trim(derive_header(in, STR("CSeq"), 0));
        word = str_trim(str_from(cseq, str_find(cseq, ' ')));
        if (str_number(str_upto(rest, str_find(rest, ' ')), 699, &status) == 0)
            m.status = (uint16_t)status;
    }
    m.method = method_of(word);
    m.reinvite = !m.response && m.method == METHOD_INVITE && has_tag(derive_header(in, STR("To"), 't'));
    return m;
}
