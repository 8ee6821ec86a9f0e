#include "b2bua/command/command.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "b2bua/command/impl.h"
#include "b2bua/core/json.h"
#include "b2bua/route_test.h"

static void command_help(struct command_run *r);

static const struct command table[] = {
    {"status", 0, 0, "", "node, version, uptime, what it carries", command_status},
    {"calls", 0, 4, "[--trunk T] [--limit N]", "one line a call", command_calls},
    {"call show", 1, 1, "ID", "both legs of a call", command_call_show},
    {"call ladder", 1, 1, "ID", "the messages of a call on both legs, with what was decided between them",
     command_call_ladder},
    {"call end", 1, 1, "ID", "BYE to both sides", command_call_end},
    {"timers", 0, 5, "[ID] [--trunk T] [--limit N]", "session timers, leg by leg", command_timers},
    {"trunks", 0, 0, "", "targets, where they are and how they do, calls", command_trunks},
    {"registrations", 0, 3, "[USER@DOMAIN] [--limit N]", "who is registered", command_registrations},
    {"route test", 1, WORDS_MAX, route_test_usage, "which route takes a call, and why", command_route_test},
    {"nodes", 0, 0, "", "call managers: state, why, load, how they are probed", command_nodes},
    {"node maintenance", 2, 2, "NAME on|off", "gives a call manager no registrations", command_node_maintenance},
    {"peers", 0, 0, "", "fellow nodes of ours: state, why, what they carry, what differs", command_peers},
    {"maintenance", 1, 3, "on|off [--retry-after S]", "nothing new is taken; calls go on", command_maintenance},
    {"metrics", 0, 0, "", "all counters, as Prometheus reads them", command_metrics},
    {"reload", 0, 1, "[--plan]", "the configuration anew; --plan: only says what that would do", command_reload},
    {"log level", 0, 2, "[[ROOM] LEVEL]", "error, warn, info or debug; without LEVEL: of each room", command_log_level},
    {"trace start", 1, WORDS_MAX, command_trace_usage, "messages into a pcap file", command_trace_start},
    {"trace stop", 0, 0, "", "ends that", command_trace_stop},
    {"trace show", 0, 0, "", "how it goes", command_trace_show},
    {"help", 0, 0, "", "this list", command_help},
    {"stun", 0, 1, "[on|off]", "are clients' keepalives answered", command_stun},
    {"bans", 0, 0, "", "addresses that nobody listens to", command_bans},
    {"ban add", 1, 2, "ADDRESS [SECONDS]", "drop what it sends; without SECONDS for good", command_ban_add},
    {"ban remove", 1, 1, "ADDRESS", "listen to it again", command_ban_remove},
};

enum { COMMANDS = sizeof table / sizeof *table };

/* --- how a run ends --- */

static void forget(struct command_run *r) {
    struct command_run **at = &r->commands->runs;

    while (*at != NULL && *at != r)
        at = &(*at)->next;
    if (*at == r)
        *at = r->next;
    free(r->legs);
    free(r);
}

void run_error(struct command_run *r, const char *format, ...) {
    struct sbuf out = sbuf_growing(COMMAND_ANSWER_MAX);
    char text[2 * WORDS_BYTES_MAX];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    sbuf_putc(&out, '{');
    json_put_text(&out, "error", str_of(text));
    sbuf_putc(&out, '}');
    run_finish(r, &out);
}

void run_finish(struct command_run *r, struct sbuf *json) {
    sbuf_putc(json, '\n');
    if (json->full) {
        sbuf_fini(json);
        json->full = false;
        sbuf_puts(json, "{\"error\":\"the answer is too long: ask for less\"}\n");
    }
    r->done(r->ctx, json->p, json->n);
    forget(r);
}

const char *run_nearest(const struct nearest *n, char *buf, size_t size) {
    buf[0] = '\0';
    if (n->best != NULL)
        snprintf(buf, size, "; the nearest is \"%s\"", n->best);
    return buf;
}

int run_trunk(struct command_run *r, struct str name) {
    const struct settings *s = r->commands->config.settings;
    struct nearest nearest = {.text = name.p};
    char hint[128];

    for (int i = 0; i < s->trunk_count; i++) {
        if (str_eq(str_of(s->trunks[i].name), name))
            return i;
        nearest_try(&nearest, s->trunks[i].name);
    }
    run_error(r, "no trunk \"%s\"%s", name.p, run_nearest(&nearest, hint, sizeof hint));
    return -1;
}

/* --- the workers' answers --- */

void run_ask(struct command_run *r, const struct report_ask *ask,
             void (*answered)(struct command_run *r, struct worker_question *q)) {
    struct commands *c = r->commands;

    if (!r->listed) {
        r->listed = true;
        r->next = c->runs;
        c->runs = r;
    }
    r->answered = answered;
    r->question = worker_question_new(c->config.shared, ask, c->answered);
}

/* What is called may end the run, or ask again. */
static void on_answered(uv_async_t *a) {
    struct commands *c = a->data;
    struct command_run *next;

    for (struct command_run *r = c->runs; r != NULL; r = next) {
        struct worker_question *q = r->question;
        next = r->next;
        if (q == NULL || atomic_load(&q->left) > 0)
            continue;
        r->question = NULL;
        r->answered(r, q);
        worker_question_free(q);
    }
}

/* --- finding the row --- */

static int words_in(const char *name) {
    return strchr(name, ' ') == NULL ? 1 : 2;
}

/* What was typed in the place of a name: as many words of the line as that has, with a blank between. */
static const char *typed(const struct words *w, const char *name, char *buf, size_t size) {
    struct sbuf b = sbuf_on(buf, size - 1);

    for (int i = 0; i < words_in(name) && i < w->count; i++) {
        if (i > 0)
            sbuf_putc(&b, ' ');
        sbuf_put(&b, w->word[i]);
    }
    buf[b.n] = '\0';
    return buf;
}

static bool is_family(const struct words *w, const char *name) {
    return w->count > 0 && words_in(name) == 2 && str_eq(w->word[0], (struct str){name, strcspn(name, " ")});
}

/* The row whose name begins the line, or NULL and the nearest row: one with the same first word, if there is any. */
static const struct command *find(const struct words *w, const struct command **nearest) {
    char text[WORDS_BYTES_MAX + 2];
    int best = 0;

    *nearest = NULL;
    for (int i = 0; i < COMMANDS; i++) {
        const char *name = table[i].name;
        int far = is_family(w, name) ? 0 : WORDS_BYTES_MAX;
        int edits = nearest_edits(str_of(typed(w, name, text, sizeof text)), str_of(name)) + far;
        if (strcmp(text, name) == 0)
            return &table[i];
        if (*nearest != NULL && edits >= best)
            continue;
        *nearest = &table[i];
        best = edits;
    }
    return NULL;
}

static void take_args(struct command_run *r) {
    int own = words_in(r->command->name);

    r->arg_count = r->words.count - own;
    for (int i = 0; i < r->arg_count; i++)
        r->args[i] = r->words.word[own + i];
}

/* "log" alone: all that begins so. */
static void usage_of_family(struct command_run *r) {
    char all[1024];
    struct sbuf b = sbuf_on(all, sizeof all - 1);

    for (int i = 0; i < COMMANDS; i++) {
        if (!is_family(&r->words, table[i].name))
            continue;
        sbuf_puts(&b, b.n > 0 ? " | " : "");
        sbuf_puts(&b, table[i].name);
        sbuf_puts(&b, *table[i].usage == '\0' ? "" : " ");
        sbuf_puts(&b, table[i].usage);
    }
    all[b.n] = '\0';
    run_error(r, "\"%s\" wants more words: %s", r->words.word[0].p, all);
}

static void usage(struct command_run *r, const struct command *c) {
    const char *gap = *c->usage == '\0' ? "" : " ";
    char text[WORDS_BYTES_MAX + 2];

    if (r->command == NULL && r->words.count == 1 && is_family(&r->words, c->name))
        usage_of_family(r);
    else if (r->command == NULL)
        run_error(r, "no command \"%s\"; the nearest is \"%s%s%s\"", typed(&r->words, c->name, text, sizeof text),
                  c->name, gap, c->usage);
    else
        run_error(r, "%s arguments; it is \"%s%s%s\"", r->arg_count < c->least ? "too few" : "too many", c->name, gap,
                  c->usage);
}

static void start(struct command_run *r) {
    const struct command *nearest;

    r->command = find(&r->words, &nearest);
    if (r->command == NULL) {
        usage(r, nearest);
        return;
    }
    take_args(r);
    if (r->arg_count < r->command->least || r->arg_count > r->command->most)
        usage(r, r->command);
    else
        r->command->start(r);
}

void commands_set_settings(struct commands *c, struct settings *s) {
    c->config.settings = s;
}

void commands_run(struct commands *c, struct str line, void (*done)(void *ctx, char *json, size_t n), void *ctx) {
    struct command_run *r = mem_zalloc(sizeof *r);

    r->commands = c;
    r->done = done;
    r->ctx = ctx;
    const char *wrong = words_split(&r->words, line);
    if (wrong != NULL)
        run_error(r, "%s", wrong);
    else
        start(r);
}

static void command_help(struct command_run *r) {
    struct sbuf out = sbuf_growing(COMMAND_ANSWER_MAX);

    sbuf_puts(&out, "{\"commands\":[");
    for (int i = 0; i < COMMANDS; i++) {
        json_item(&out);
        sbuf_putc(&out, '{');
        json_put_text(&out, "command", str_of(table[i].name));
        json_put_text(&out, "arguments", str_of(table[i].usage));
        json_put_text(&out, "help", str_of(table[i].help));
        sbuf_putc(&out, '}');
    }
    sbuf_puts(&out, "]}");
    run_finish(r, &out);
}

/* --- begin and end --- */

struct commands *commands_new(const struct commands_config *config) {
    struct commands *c = mem_zalloc(sizeof *c);

    c->config = *config;
    c->start_ms = net_now_ms();
    c->answered = mem_zalloc(sizeof *c->answered);
    uv_async_init(config->loop, c->answered, on_answered);
    c->answered->data = c;
    return c;
}

static void on_closed(uv_handle_t *h) {
    free(h);
}

void commands_free(struct commands *c) {
    if (c == NULL)
        return;
    while (c->runs != NULL) {
        worker_question_free(c->runs->question);
        run_error(c->runs, "twinleg is stopping");
    }
    uv_close((uv_handle_t *)c->answered, on_closed);
    free(c);
}
