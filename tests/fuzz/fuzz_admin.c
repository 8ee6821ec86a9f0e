/*
 * What an operator's programs send: "METHOD PATH", then a body after the first line feed. Whatever it is: it is one row
 * of the API or none, what comes of it is one command line or says what is wrong, and a command line has one answer,
 * which is one JSON document.
 */
#include <assert.h>
#include <jansson.h>
#include <stdlib.h>

#include "b2bua/admin/http_path.h"
#include "b2bua/command/api_impl.h"
#include "b2bua/command/impl.h"
#include "b2bua/core/words.h"
#include "b2bua/log/log.h"

/* They look at parts of the program that are not here. */
static const char *const elsewhere[] = {"status",      "trunks",  "registrations", "nodes", "node", "peers",
                                        "maintenance", "metrics", "reload",        "trace", "stun"};

static const char *state(void *ctx) {
    (void)ctx;
    return "running";
}

static void done(void *ctx, char *json, size_t n) {
    json_t *answer = json_loadb(json, n, JSON_ALLOW_NUL, NULL);

    assert(json_is_object(answer) && json[n - 1] == '\n');
    json_decref(answer);
    free(json);
    (*(int *)ctx)++;
}

static bool is_elsewhere(struct str line) {
    struct words words;

    if (words_split(&words, line) != NULL || words.count == 0)
        return false;
    for (size_t i = 0; i < sizeof elsewhere / sizeof *elsewhere; i++)
        if (strcmp(words.word[0].p, elsewhere[i]) == 0)
            return true;
    return false;
}

/* Those that ask workers have their answer at the end: there are none. */
static void run_command(struct str line) {
    static struct worker_shared shared;
    static struct settings *settings;
    uv_loop_t loop;
    int answers = 0;

    if (settings == NULL) {
        settings = settings_new();
        shared.guard = guard_new(1);
        guard_configure(shared.guard, settings, NULL, 0);
    }
    uv_loop_init(&loop);
    struct commands *c =
        commands_new(&(struct commands_config){.loop = &loop, .shared = &shared, .settings = settings, .state = state});
    commands_run(c, line, done, &answers);
    commands_free(c);
    assert(answers == 1);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert(uv_loop_close(&loop) == 0);
}

/* The query of a GET is the library's to read. */
static bool has_query(const struct http_ask *ask) {
    return str_eq(ask->method, STR("GET")) || str_eq(ask->method, STR("HEAD")) || str_eq(ask->path, STR("/api/reload"));
}

static void check_request(const struct http_ask *ask) {
    char text[WORDS_BYTES_MAX + 64], methods[128];
    struct sbuf line = sbuf_on(text, sizeof text), allow = sbuf_on(methods, sizeof methods);
    struct str segment = STR_NONE;
    const struct api_row *row = api_row_find(ask, &segment, &allow);

    assert(!allow.full);
    if (row == NULL || (has_query(ask) && row->args != NULL))
        return;
    if (row->command == NULL || api_row_line(row, &line, NULL, ask, segment) != NULL)
        return;
    assert(!line.full && str_find(sbuf_str(&line), '\n') == line.n);
    if (!is_elsewhere(sbuf_str(&line)))
        run_command(sbuf_str(&line));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct str all = {(const char *)data, size};
    struct str head = str_upto(all, str_find(all, '\n'));
    size_t blank = str_find(head, ' ');
    struct http_ask ask = {.method = str_upto(head, blank)};

    log_level_set(LOG_LEVEL_ERROR);
    if (blank < head.n)
        ask.path = str_from(head, blank + 1);
    if (head.n < all.n)
        ask.body = str_from(all, head.n + 1);
    check_request(&ask);
    if (!is_elsewhere(all))
        run_command(all);
    return 0;
}
