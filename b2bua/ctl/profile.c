#include "b2bua/ctl/profile.h"

#include <stdlib.h>

#include "b2bua/ctl/profile_find.h"
#include "b2bua/ctl/profile_view.h"
#include "b2bua/ctl/table.h"

enum { ERROR_MAX = 1024 };

const char ctl_profile_usage[] = "profile test NAME FILE [--peer FILE] [--var NN=TEXT] [--reinvite] [--derived]";

struct test {
    const char *name, *file, *peer;
    bool reinvite, derived;
    struct profile_vars *vars;
};

/* --- the command line */

static const char *take_peer(struct test *t, const char *value) {
    t->peer = value;
    return NULL;
}

static const char *take_var(struct test *t, const char *value) {
    struct str text = str_of(value);
    size_t equals = str_find(text, '=');
    bool has_u = *value == 'u' || *value == 'U';
    struct str digits = str_from(str_upto(text, equals), has_u);
    uint64_t n;

    if (equals == text.n || str_number(digits, 99, &n) < 0 || n == 0)
        return "--var: u01=TEXT to u99=TEXT";
    if (profile_vars_set(t->vars, (int)n, str_from(text, equals + 1)) < 0)
        return "--var: more than a call may hold";
    return NULL;
}

static const char *take_reinvite(struct test *t, const char *value) {
    (void)value;
    t->reinvite = true;
    return NULL;
}

static const char *take_derived(struct test *t, const char *value) {
    (void)value;
    t->derived = true;
    return NULL;
}

static const struct {
    const char *name;
    bool has_value;
    const char *(*take)(struct test *t, const char *value);
} options[] = {
    {"--peer", true, take_peer},
    {"--var", true, take_var},
    {"--reinvite", false, take_reinvite},
    {"--derived", false, take_derived},
};

/* Takes an option from *words. Returns NULL, or what is wrong. */
static const char *read_option(struct test *t, char *const **words) {
    const char *name = *(*words)++;

    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        if (strcmp(options[i].name, name) != 0)
            continue;
        if (options[i].has_value && **words == NULL)
            return ctl_profile_usage;
        return options[i].take(t, options[i].has_value ? *(*words)++ : NULL);
    }
    return ctl_profile_usage;
}

/* Returns NULL, or what is wrong. */
static const char *read_words(struct test *t, char *const *words) {
    const char **const places[] = {&t->name, &t->file};
    const char *wrong = NULL;
    size_t count = 0;

    words++;
    if (*words == NULL || strcmp(*words++, "test") != 0)
        return ctl_profile_usage;
    while (*words != NULL && wrong == NULL) {
        if (strncmp(*words, "--", 2) == 0)
            wrong = read_option(t, &words);
        else if (count < 2)
            *places[count++] = *words++;
        else
            wrong = ctl_profile_usage;
    }
    return wrong != NULL ? wrong : count < 2 ? ctl_profile_usage : NULL;
}

/* --- the run */

struct running {
    struct ctl_profile_view view;
    const struct ctl_profile_form *form;
    char *before; /* the message before the step, owned */
    size_t before_n;
    int steps;
};

static void on_step(void *arg, const struct profile_step *s) {
    struct running *r = arg;

    r->form->step(&r->view, s, (struct str){r->before, r->before_n});
    r->steps++;
    free(r->before);
    r->before = str_dup(s->after);
    r->before_n = s->after.n;
}

/* What a trunk sends may be another thing than what it gets: rules for ANY have worked on the INVITE already. */
static void note_derived(struct ctl_message *message, const struct profile_message *m) {
    if (m->response || m->derived || (m->method != METHOD_ACK && m->method != METHOD_CANCEL))
        return;
    ctl_message_note(message, "taken as %s; where twinleg makes it from an INVITE that the rules have seen: --derived",
                     m->method == METHOD_CANCEL ? "a CANCEL that comes in" : "an ACK to a 2xx");
}

/* When a limit is passed, the engine stops: the rules that it has not come to are shown, too. */
static void show_rest(struct running *r, struct str after) {
    struct profile_step s = {0, PROFILE_STEP_OTHER, "a rule before it has passed a limit", after};

    if (r->steps == 0)
        s = (struct profile_step){0, PROFILE_STEP_LIMIT, "the message has more than 64 KiB or 1,000 headers", after};
    for (s.rule = r->steps; s.rule < profile_count(r->view.profile); s.rule++)
        on_step(r, &s);
}

static void run(const struct ctl_how *how, const struct test *t, const struct ctl_profile_found *found,
                struct ctl_message *message, const struct ctl_message *peer) {
    struct running r = {.form = how->as_json ? &ctl_profile_json : &ctl_profile_text,
                        .before = str_dup(message->text),
                        .before_n = message->text.n};
    struct profile_trace trace = {on_step, &r};
    struct profile_ctx *ctx = profile_ctx_new();
    struct str after;

    r.view = (struct ctl_profile_view){.out = how->out,
                                       .err = how->err,
                                       .profile = found->profile,
                                       .report = &found->report,
                                       .message = message,
                                       .kind = profile_message_of(message->text),
                                       .vars = t->vars};
    r.view.kind.peer = peer->text;
    r.view.kind.reinvite |= t->reinvite;
    r.view.kind.derived = t->derived;
    note_derived(message, &r.view.kind);
    r.form->begin(&r.view);
    profile_apply(ctx, found->profile, &r.view.kind, t->vars, message->text, &after, &trace);
    show_rest(&r, after);
    r.form->end(&r.view, after);
    free(r.before);
    profile_ctx_free(ctx);
}

static int run_test(const struct ctl_how *how, const struct test *t) {
    struct ctl_message message = {.note_count = 0}, peer = {.note_count = 0};
    struct ctl_profile_found found;
    char error[ERROR_MAX];
    int status = ctl_profile_find(&found, how, t->name) < 0;

    if (status == 0 && (ctl_message_read(&message, t->file, error, sizeof error) < 0 ||
                        (t->peer != NULL && ctl_message_read(&peer, t->peer, error, sizeof error) < 0)))
        status = ctl_wrong(how->err, error);
    if (status == 0)
        run(how, t, &found, &message, &peer);
    ctl_message_fini(&message);
    ctl_message_fini(&peer);
    ctl_profile_found_fini(&found);
    return status;
}

static int say_wrong(FILE *err, const char *wrong) {
    if (wrong != ctl_profile_usage)
        return ctl_wrong(err, wrong);
    fprintf(err, "usage: twinlegctl [-c FILE] [-j] %s\n", wrong);
    return 1;
}

int ctl_profile(const struct ctl_how *how, char *const *words) {
    struct test t = {.vars = profile_vars_new()};
    const char *wrong = read_words(&t, words);
    int status = wrong != NULL ? say_wrong(how->err, wrong) : run_test(how, &t);

    profile_vars_free(t.vars);
    return status;
}
