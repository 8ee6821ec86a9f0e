/* The language: one step a line; README.md describes it. */
#include <stdio.h>
#include <stdlib.h>

#include "tests/scenario/scenario.h"

/* --- steps --- */

static void step_elapse(struct world *w, const struct words *words) {
    world_elapse(w, strtoull(words->at[0], NULL, 10));
}

static void step_nothing(struct world *w, const struct words *words) {
    for (int i = 0; i < PEERS; i++)
        if (words->count == 0 || strcmp(words->at[0], w->peers[i].name) == 0)
            expect_nothing(w, &w->peers[i]);
}

static void step_lenient(struct world *w, const struct words *words) {
    (void)words;
    w->lenient = true;
}

static void step_together(struct world *w, const struct words *words) {
    (void)words;
    w->together = true;
    w->clients_together = w->settings->registrar.on;
}

/* What was heard so far is of no interest. */
static void step_forget(struct world *w, const struct words *words) {
    (void)words;
    for (int i = 0; i < PEERS; i++) {
        w->peers[i].heard = NULL;
        w->peers[i].heard_end = &w->peers[i].heard;
    }
}

static void step_refused(struct world *w, const struct words *words) {
    struct peer *p = world_peer(w, words->at[0][0]);

    if (p == NULL || p->last_heard == NULL)
        cannot(w, "nothing was sent there");
    else
        engine_undelivered(w->engine, &p->last_heard->flow, (struct str){p->last_heard->bytes, p->last_heard->n},
                           w->now_ms);
}

static void step_down(struct world *w, const struct words *words) {
    struct peer *p = world_peer(w, words->at[0][0]);

    if (p != NULL)
        p->down = words->count < 2 || strcmp(words->at[1], "no") != 0;
}

static void step_calls(struct world *w, const struct words *words) {
    struct calls_counts c = engine_counts(w->engine).calls;

    if (c.calls != (uint32_t)text_number(words->at[0]))
        fail(w, "expected %s calls, got %u", words->at[0], c.calls);
}

/* Legs that the trunk is counted to carry. */
static void step_carried(struct world *w, const struct words *words) {
    struct pool_look look = {0};

    for (int i = 0; i < w->settings->trunk_count; i++)
        if (strcmp(w->settings->trunks[i].name, words->at[0]) == 0)
            pool_look(w->trunks, w->settings->trunks[i].slot, &look);
    if (look.calls != (uint32_t)text_number(words->at[1]))
        fail(w, "expected %s to carry %s, got %u", words->at[0], words->at[1], look.calls);
}

static void step_stop(struct world *w, const struct words *words) {
    bool drain = words->count > 0 && strcmp(words->at[0], "drain") == 0;

    engine_stop(w->engine, drain ? CALLS_STOP_DRAIN : CALLS_STOP_ADMIN, w->now_ms);
}

static void step_close(struct world *w, const struct words *words) {
    (void)words;
    engine_close(w->engine, w->now_ms);
}

static void step_drain(struct world *w, const struct words *words) {
    (void)words;
    engine_drain(w->engine, w->now_ms);
}

static uint32_t load_number(const struct words *words, const char *key) {
    const char *text = words_get(words, key);

    return (uint32_t)(text == NULL ? 0 : text_number(text));
}

/* So many tenths of a second with the same load. */
static void step_load(struct world *w, const struct words *words) {
    struct overload_load load = {.lag_ms = load_number(words, "lag"),
                                 .busy_percent = load_number(words, "busy"),
                                 .lost = load_number(words, "lost")};

    for (int i = text_number(words->at[0]); i > 0; i--)
        engine_load(w->engine, &load);
}

static void step_reload(struct world *w, const struct words *words) {
    world_reload(w, scrap_print(&w->scrap, SCENARIO_HOME "%s", words->at[0]));
}

static void compare_count(struct world *w, const struct words *words, const char *key, uint64_t got) {
    const char *want = words_get(words, key);

    if (want != NULL && strtoull(want, NULL, 10) != got)
        fail(w, "expected %s %s, got %llu", want, key, (unsigned long long)got);
}

/* Bindings now; peak, expired. */
static void step_registered(struct world *w, const struct words *words) {
    struct bindings_counts c = bindings_counts(registrar_bindings(w->registrar));

    if (c.current != (uint32_t)text_number(words->at[0]))
        fail(w, "expected %s bindings, got %u", words->at[0], c.current);
    compare_count(w, words, "peak", c.peak);
    compare_count(w, words, "expired", c.expired);
    compare_count(w, words, "credentials", c.credentials);
}

/* The next connection: the one before is closed. */
static void step_reconnect(struct world *w, const struct words *words) {
    struct peer *p = world_peer(w, words->at[0][0]);
    struct flow before;

    if (p == NULL || world_flow(w, p, FLOW_TCP, &before) < 0)
        return;
    p->conn++;
    engine_closed(w->engine, &before, w->now_ms);
    engine_gone(w->engine, &before, w->now_ms);
}

/* Calls in progress of the first binding of an AoR. */
static void step_busy(struct world *w, const struct words *words) {
    struct bindings *all = registrar_bindings(w->registrar);
    uint64_t ids[BINDINGS_OF_AOR_MAX];
    struct binding b;

    if (bindings_of_aor(all, str_of(words->at[0]), ids) == 0 || !bindings_get(all, ids[0], &b))
        fail(w, "%s is not registered", words->at[0]);
    else if (b.f.calls != (uint32_t)text_number(words->at[1]))
        fail(w, "expected %s calls of %s, got %u", words->at[1], words->at[0], b.f.calls);
}

static void step_do(struct world *w, const struct words *words) {
    const char *file = w->file;
    int line = w->line;

    steps_play(w, scrap_print(&w->scrap, SCENARIO_HOME "%s", words->at[0]));
    w->file = file;
    w->line = line;
}

static const struct {
    const char *word;
    int words_min;
    void (*run)(struct world *, const struct words *);
} steps[] = {
    {"ELAPSE", 1, step_elapse},       {"NOTHING", 0, step_nothing}, {"REFUSED", 1, step_refused},
    {"DOWN", 1, step_down},           {"CALLS", 1, step_calls},     {"RECORD", 1, expect_record},
    {"STOP", 0, step_stop},           {"DRAIN", 0, step_drain},     {"DO", 1, step_do},
    {"FORGET", 0, step_forget},       {"LENIENT", 0, step_lenient}, {"TOGETHER", 0, step_together},
    {"RELOAD", 1, step_reload},       {"PROBES", 0, step_probes},   {"PROBED", 2, step_probed},
    {"STUN", 1, step_stun},           {"STUNNED", 2, step_stunned}, {"NODE", 2, step_node},
    {"OPERATOR", 2, step_operator},   {"PLACE", 2, step_place},     {"REGISTERED", 1, step_registered},
    {"RECONNECT", 1, step_reconnect}, {"BUSY", 2, step_busy},       {"BIND", 2, step_bind},
    {"LOAD", 1, step_load},           {"CARRIED", 2, step_carried}, {"CLOSE", 0, step_close},
};

/* --- lines --- */

/* Blanks part words, double quotes keep them together (\" is one that stands for itself), # begins a comment. */
static void split(struct world *w, const char *line, struct words *out) {
    char *copy = scrap_copy(&w->scrap, line, strlen(line)), *to = copy;

    out->count = 0;
    for (const char *at = line; out->count < WORDS_MAX;) {
        bool quoted = false;
        at += strspn(at, " \t\n");
        if (*at == '\0' || *at == '#')
            break;
        out->at[out->count++] = to;
        for (; *at != '\0' && (quoted || strchr(" \t\n", *at) == NULL); at++) {
            if (*at == '\\' && at[1] == '"')
                *to++ = *++at;
            else if (*at == '"')
                quoted = !quoted;
            else
                *to++ = *at;
        }
        *to++ = '\0';
    }
}

static void raw(struct world *w, struct peer *p, FILE *f) {
    const char *text = "";
    char line[4096];

    while (fgets(line, sizeof line, f) != NULL && strcmp(line, ">>\n") != 0) {
        w->line++;
        text = scrap_print(&w->scrap, "%s%.*s\r\n", text, (int)strcspn(line, "\n"), line);
    }
    w->line++;
    say_raw(w, p, names_expand(w, text));
}

static void peer_step(struct world *w, const struct words *all, FILE *f) {
    struct peer *p = world_peer(w, all->at[0][0]);
    struct words rest = {.count = all->count - 1};

    if (p == NULL || rest.count == 0) {
        fail(w, "no such step: %s", all->at[0]);
        return;
    }
    for (int i = 0; i < rest.count; i++)
        rest.at[i] = all->at[0][1] == '>' ? names_expand(w, all->at[i + 1]) : all->at[i + 1];
    if (all->at[0][1] == '<')
        expect(w, p, &rest);
    else if (strcmp(rest.at[0], "raw") == 0)
        raw(w, p, f);
    else
        say(w, p, &rest);
}

void steps_take(struct world *w, const char *line, FILE *rest_of) {
    struct words all, rest;

    split(w, line, &all);
    if (all.count == 0 || strcmp(all.at[0], "CONFIG") == 0)
        return;
    if (strlen(all.at[0]) == 2 && strchr("<>", all.at[0][1]) != NULL) {
        peer_step(w, &all, rest_of);
        return;
    }
    rest.count = all.count - 1;
    memcpy(rest.at, all.at + 1, sizeof rest.at - sizeof rest.at[0]);
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++)
        if (strcmp(all.at[0], steps[i].word) == 0 && rest.count >= steps[i].words_min) {
            steps[i].run(w, &rest);
            return;
        }
    fail(w, "no such step: %s", all.at[0]);
}

void steps_play(struct world *w, const char *file) {
    FILE *f = fopen(file, "r");
    char line[4096];

    w->file = file;
    w->line = 0;
    if (f == NULL) {
        fail(w, "cannot be opened");
        return;
    }
    while (fgets(line, sizeof line, f) != NULL) {
        w->line++;
        steps_take(w, line, f);
    }
    fclose(f);
}
