/*
 * Golden: the rules of tests/golden/profiles/NAME.rules make NAME.out of the message NAME.in, byte for byte; dropping
 * in files adds a test. What loading says is NAME.report (no file: nothing; a report alone is a test of loading). Lines
 * of messages end in LF in the files and in CRLF for the engine. NAME.facts, one a line, all optional:
 *
 *   raw                     the bytes are as they stand
 *   reinvite                the message is a later INVITE, or its response
 *   var 5 TEXT              u05 is set before
 *   peer FILE               the message of the other leg
 *   before RULES FILE       first, on the other leg, these rules and this message; its headers are kept
 *   is changed | unchanged | limit      what comes back (default: as .out says)
 *   broken N   cut N        rules skipped for such a reason (default 0)
 *   left 5 TEXT             u05 afterwards
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "profiles/profile.h"
#include "tests/golden.h"
#include "tests/suite.h"

#define FOLDER "tests/golden/profiles"

static struct golden_names names;

static void note(void *arg, const struct profile_note *n) {
    fprintf(arg, "%d:%d: %s: %s", n->line, n->column, n->severity == PROFILE_ERROR ? "error" : "warning", n->wrong);
    fprintf(arg, n->right[0] == '\0' ? "\n" : " (%s)\n", n->right);
}

/* The profile of NAME.rules, and what loading says. */
static struct profile *load(const char *name, const char *ending, char **said) {
    struct str text = golden_read(FOLDER, name, ending);
    size_t n = 0;
    FILE *out = open_memstream(said, &n);
    struct profile_report report = {note, out, 0};
    struct profile *p = profile_new(name);

    ck_assert_msg(text.p != NULL, "%s%s is missing", name, ending);
    profile_add_text(p, text, &report);
    fclose(out);
    free((char *)text.p);
    return p;
}

struct facts {
    bool raw, reinvite;
    char is[12];
    char peer[80], before_rules[80], before_in[80];
    int broken, cut;
    int left_count, left_var[8];
    char left[8][200];
    struct profile_vars *vars;
};

static void read_fact(struct facts *f, char *line) {
    char word[200] = "";
    int n = 0, at = 0;

    if (strcmp(line, "raw") == 0) {
        f->raw = true;
    } else if (strcmp(line, "reinvite") == 0) {
        f->reinvite = true;
    } else if (sscanf(line, "var %d %n", &n, &at) == 1 && at > 0) {
        profile_vars_set(f->vars, n, str_of(line + at));
    } else if (sscanf(line, "left %d %n", &n, &at) == 1 && at > 0 && f->left_count < 8) {
        f->left_var[f->left_count] = n;
        snprintf(f->left[f->left_count++], sizeof f->left[0], "%s", line + at);
    } else if (sscanf(line, "peer %79s", f->peer) == 1 || sscanf(line, "is %11s", f->is) == 1 ||
               sscanf(line, "broken %d", &f->broken) == 1 || sscanf(line, "cut %d", &f->cut) == 1 ||
               sscanf(line, "before %79s %79s", f->before_rules, f->before_in) == 2) {
        return;
    } else {
        ck_assert_msg(sscanf(line, "%199s", word) != 1, "no such fact: %s", line);
    }
}

static void read_facts(const char *name, struct facts *f) {
    struct str text = golden_read(FOLDER, name, ".facts");
    char *save = NULL;

    *f = (struct facts){.vars = profile_vars_new()};
    if (text.p == NULL)
        return;
    char *all = str_dup(text);
    for (char *line = strtok_r(all, "\n", &save); line != NULL; line = strtok_r(NULL, "\n", &save))
        read_fact(f, line);
    free(all);
    free((char *)text.p);
}

static struct str read_message(const char *name, const char *ending, bool raw) {
    return raw ? golden_read(FOLDER, name, ending) : golden_read_crlf(FOLDER, name, ending);
}

/* The other leg's message runs through its own rules, and is kept for ours. */
static void run_before(struct profile_ctx *ctx, const struct profile *p, struct facts *f) {
    char *said = NULL;
    struct str in = read_message(f->before_in, "", f->raw), out;
    struct profile *before = load(f->before_rules, "", &said);
    struct profile_message m = profile_message_of(in);

    profile_apply(ctx, before, &m, f->vars, in, &out, NULL);
    profile_keep(ctx, before, p, f->vars, 0, out);
    free((char *)in.p);
    profile_free(before);
    free(said);
}

static void print_step(void *arg, const struct profile_step *s) {
    fprintf(arg, "  rule %d: %s %s\n", s->rule + 1, profile_step_name(s->kind), s->why);
}

static const char *const results[] = {
    [PROFILE_UNCHANGED] = "unchanged", [PROFILE_CHANGED] = "changed", [PROFILE_LIMIT] = "limit"};

/* In what was changed, Content-Length counts what is there; `out` has one. */
static void check_length(const char *name, struct str out) {
    char *text = str_dup(out), *body = strstr(text, "\r\n\r\n"), *line = strcasestr(text, "\r\nContent-Length:");

    if (body != NULL && line != NULL && line < body)
        ck_assert_msg((size_t)strtol(line + 17, NULL, 10) == out.n - (size_t)(body + 4 - text), "%s: Content-Length",
                      name);
    free(text);
}

static void check_run(const char *name, struct profile_ctx *ctx, const struct profile *p, struct facts *f,
                      struct str in, struct str want) {
    struct str peer = f->peer[0] != '\0' ? read_message(f->peer, "", f->raw) : STR_NONE, out, traced;
    struct profile_message m = profile_message_of(in);
    char *steps = NULL;
    size_t n = 0;
    FILE *log = open_memstream(&steps, &n);
    struct profile_trace trace = {print_step, log};

    if (f->before_rules[0] != '\0')
        run_before(ctx, p, f);
    m.leg = 1;
    m.peer = peer;
    m.reinvite |= f->reinvite;
    profile_apply(ctx, p, &m, f->vars, in, &traced, &trace);
    char *with_trace = str_dup(traced);
    fclose(log);
    enum profile_result result = profile_apply(ctx, p, &m, f->vars, in, &out, NULL);
    struct profile_tally tally = profile_tally(ctx);

    ck_assert_msg(want.p != NULL, "%s.out is missing; it would be:\n%.*s\n%s", name, (int)out.n, out.p, steps);
    ck_assert_msg(str_eq(out, want), "%s:\n--- wanted\n%.*s--- got\n%.*s\n%s", name, (int)want.n, want.p, (int)out.n,
                  out.p, steps);
    ck_assert_msg(traced.n == out.n && memcmp(with_trace, out.p, out.n) == 0, "%s: the trace changes the result", name);
    if (f->is[0] == '\0')
        snprintf(f->is, sizeof f->is, "%s", str_eq(in, want) ? "unchanged" : "changed");
    ck_assert_msg(strcmp(f->is, results[result]) == 0, "%s is %s\n%s", name, results[result], steps);
    ck_assert_msg((out.p == in.p) == (result != PROFILE_CHANGED), "%s: copied for nothing", name);
    ck_assert_msg(tally.broken == f->broken && tally.cut == f->cut, "%s: %d broken, %d cut\n%s", name, tally.broken,
                  tally.cut, steps);
    if (result == PROFILE_CHANGED && !f->raw)
        check_length(name, out);
    for (int i = 0; i < f->left_count; i++)
        ck_assert_msg(str_eq(profile_vars_get(f->vars, f->left_var[i]), str_of(f->left[i])), "%s: u%02d", name,
                      f->left_var[i]);
    free(with_trace);
    free(steps);
    free((char *)peer.p);
}

START_TEST(golden) {
    const char *name = names.at[_i];
    char *said = NULL;
    struct facts f;
    struct profile *p = load(name, ".rules", &said);
    struct str report = golden_read(FOLDER, name, ".report");

    ck_assert_msg(str_eq(report, str_of(said)), "%s: loading says:\n%s--- wanted\n%.*s", name, said, (int)report.n,
                  report.p);
    read_facts(name, &f);
    struct str in = read_message(name, ".in", f.raw), want = read_message(name, ".out", f.raw);
    ck_assert_msg(in.p != NULL || report.p != NULL, "%s has neither .in nor .report", name);
    if (in.p != NULL) {
        struct profile_ctx *ctx = profile_ctx_new();
        check_run(name, ctx, p, &f, in, want);
        profile_ctx_free(ctx);
    }
    free((char *)in.p);
    free((char *)want.p);
    free((char *)report.p);
    free(said);
    profile_vars_free(f.vars);
    profile_free(p);
}
END_TEST

int main(void) {
    Suite *s = suite_create("profile_golden");
    TCase *t = tcase_create("golden");

    golden_find(&names, FOLDER, ".rules");
    tcase_add_loop_test(t, golden, 0, names.count);
    suite_add_tcase(s, t);

    int failed = suite_run(s);
    golden_fini(&names);
    return failed;
}
