/*
 * Rules up to a line "---", then a message; its second half, behind another "---", is what the other leg said. Whatever
 * they are: nothing is copied unless something changed, what comes back is within the limits, framed alike and has the
 * headers that it needs, a trace changes nothing, and a second run gives the same.
 */
#include <assert.h>
#include <stdlib.h>

#include "b2bua/core/derive.h"
#include "profiles/profile.h"
#include "tests/fuzz/part.h"

static void note(void *arg, const struct profile_note *n) {
    (void)arg;
    assert(n->line >= 1 && n->column >= 1 && n->wrong[0] != '\0' && n->right != NULL);
}

static void step(void *arg, const struct profile_step *s) {
    int *count = arg;

    assert(s->rule == (*count)++ && s->why != NULL && s->after.n <= PROFILE_MESSAGE_MAX * 2);
    assert(profile_step_name(s->kind) != NULL);
}

static size_t head_lines(struct str message, const char *name, char compact) {
    struct str rest = message;
    size_t lines = 0;

    for (;;) {
        struct str value = derive_header(rest, str_of(name), compact);
        if (value.p == NULL)
            return lines;
        lines++;
        const char *line = value.p;
        while (line > rest.p && line[-1] != '\n')
            line--;
        rest = str_from(rest, (size_t)(line - rest.p));
    }
}

static const struct {
    const char *name;
    char compact;
} needed[] = {{"Via", 'v'},        {"From", 'f'},           {"To", 't'},          {"Call-ID", 'i'}, {"CSeq", 0},
              {"Max-Forwards", 0}, {"Content-Length", 'l'}, {"Content-Type", 'c'}};

static void check_changed(struct str in, struct str out) {
    assert(out.n <= PROFILE_MESSAGE_MAX);
    for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++)
        assert(head_lines(in, needed[i].name, needed[i].compact) == head_lines(out, needed[i].name, needed[i].compact));
}

static void check(struct profile_ctx *ctx, const struct profile *p, struct profile_message *m, struct str in) {
    int steps = 0;
    struct profile_trace trace = {step, &steps};
    struct str out, again;

    enum profile_result first = profile_apply(ctx, p, m, NULL, in, &out, &trace);
    char *copy = str_dup(out);
    struct str before = {copy, out.n};
    enum profile_result second = profile_apply(ctx, p, m, NULL, in, &again, NULL);
    assert(first == second || (first == PROFILE_LIMIT && second == PROFILE_UNCHANGED));
    assert(str_eq(before, again));
    assert((again.p == in.p) == (second != PROFILE_CHANGED));
    assert(profile_tally(ctx).limit == (second == PROFILE_LIMIT));
    if (second == PROFILE_CHANGED)
        check_changed(in, again);
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct profile_ctx *ctx;
    struct str rest = {(const char *)data, size};
    struct str rules = fuzz_part(&rest), in = fuzz_part(&rest);
    struct profile_report report = {note, NULL, 0};
    struct profile *p = profile_new("fuzz");
    struct profile_vars *v = profile_vars_new();

    if (ctx == NULL)
        ctx = profile_ctx_new();
    profile_add_text(p, rules, &report);
    struct profile_message m = profile_message_of(in);
    m.peer = rest;
    check(ctx, p, &m, in);
    m.peer = STR_NONE;
    m.leg = 1;
    m.reinvite = true;
    profile_keep(ctx, p, p, v, 0, rest);
    check(ctx, p, &m, in);
    profile_vars_free(v);
    profile_free(p);
    return 0;
}
