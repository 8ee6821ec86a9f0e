/* What can be asked: methods, paths, and the commands behind them. */
#include <jansson.h>

#include "b2bua/admin/http_path.h"
#include "b2bua/command/api_impl.h"
#include "b2bua/core/words.h"

enum { VALUE_MAX = WORDS_BYTES_MAX };

/* --- the rest of a command line --- */

/* Returns NULL, or what is wrong. */
static const char *put_decoded(struct sbuf *line, struct str text) {
    char value[VALUE_MAX];
    struct sbuf b = sbuf_on(value, sizeof value);

    if (http_decode(text, &b) < 0)
        return "an escape (%XX) is broken, or stands for a control character";
    if (b.full)
        return "an argument is too long";
    words_put(line, sbuf_str(&b));
    return NULL;
}

/* "--NAME VALUE", where the query has it. */
static const char *put_option(struct sbuf *line, const struct http_request *r, const char *name) {
    const char *value = http_query(r, name);
    char option[32];

    if (value == NULL)
        return NULL;
    snprintf(option, sizeof option, "--%s", name);
    words_put(line, str_of(option));
    return put_decoded(line, str_of(value));
}

static const char *args_none(struct sbuf *line, const struct http_request *r, const struct http_ask *ask,
                             struct str segment) {
    (void)line;
    (void)r;
    (void)ask;
    (void)segment;
    return NULL;
}

static const char *args_list(struct sbuf *line, const struct http_request *r, const struct http_ask *ask,
                             struct str segment) {
    const char *wrong = put_option(line, r, "trunk");

    (void)ask;
    (void)segment;
    return wrong != NULL ? wrong : put_option(line, r, "limit");
}

static const char *args_registrations(struct sbuf *line, const struct http_request *r, const struct http_ask *ask,
                                      struct str segment) {
    const char *aor = http_query(r, "aor");

    (void)ask;
    (void)segment;
    const char *wrong = aor == NULL ? NULL : put_decoded(line, str_of(aor));
    return wrong != NULL ? wrong : put_option(line, r, "limit");
}

/* The body as an object; NULL when it is none. An empty one is an empty object. */
static json_t *body_of(const struct http_ask *ask) {
    struct str body = str_trim(ask->body);
    json_t *json = body.n == 0 ? json_object() : json_loadb(body.p, body.n, 0, NULL);

    if (json_is_object(json))
        return json;
    json_decref(json);
    return NULL;
}

static const char *args_reload(struct sbuf *line, const struct http_request *r, const struct http_ask *ask,
                               struct str segment) {
    json_t *body = body_of(ask), *plan = json_object_get(body, "plan");
    const char *wrong = NULL;

    (void)segment;
    if (body == NULL || (plan != NULL && !json_is_boolean(plan)))
        wrong = "the body must be empty, or {\"plan\": true}";
    else if (http_query(r, "plan") != NULL || json_is_true(plan))
        words_put(line, STR("--plan"));
    json_decref(body);
    return wrong;
}

/* 1 on, 0 off, -1 neither. */
static int switch_of(const json_t *value) {
    struct str word = str_of(json_string_value(value));

    if (json_is_boolean(value))
        return json_is_true(value);
    return str_ieq(word, STR("on")) ? 1 : str_ieq(word, STR("off")) ? 0 : -1;
}

/* {"maintenance": "on"}, or true; "retry_after_s" beside it. */
static const char *args_maintenance(struct sbuf *line, const struct http_request *r, const struct http_ask *ask,
                                    struct str segment) {
    json_t *body = body_of(ask), *seconds = json_object_get(body, "retry_after_s");
    int on = switch_of(json_object_get(body, "maintenance"));
    const char *wrong = NULL;
    char number[24];

    (void)r;
    (void)segment;
    if (on < 0 || (seconds != NULL && !json_is_integer(seconds))) {
        wrong =
            "the body must be {\"maintenance\": \"on\"} or \"off\"; with \"on\" there may be \"retry_after_s\": 120";
    } else {
        words_put(line, on ? STR("on") : STR("off"));
        if (seconds != NULL) {
            snprintf(number, sizeof number, "%lld", (long long)json_integer_value(seconds));
            words_put(line, STR("--retry-after"));
            words_put(line, str_of(number));
        }
    }
    json_decref(body);
    return wrong;
}

/* Commands that write files where the asker says are for who owns the operator's socket. */
static const char *args_command(struct sbuf *line, const struct http_request *r, const struct http_ask *ask,
                                struct str segment) {
    struct str text = str_trim(ask->body);
    struct words words;
    const char *wrong = words_split(&words, text);

    (void)r;
    (void)segment;
    if (wrong == NULL && words.count > 1 && str_eq(words.word[0], STR("trace")) && str_eq(words.word[1], STR("start")))
        wrong = "trace start is for the operator's socket alone: it writes a file";
    if (wrong == NULL && str_find(text, '\n') < text.n)
        wrong = "the body must be one command line";
    if (wrong == NULL)
        sbuf_put(line, text);
    return wrong;
}

/* --- the table --- */

static const struct api_row rows[] = {
    {"GET", "/", .open = true},
    {"GET", "/metrics", "metrics", args_none, .wrong = 500, .plain = true},
    {"GET", "/api/status", "status", args_none, .wrong = 500},
    {"GET", "/api/calls", "calls", args_list, .wrong = 400},
    {"GET", "/api/calls/*", "call show", NULL, .wrong = 409},
    {"DELETE", "/api/calls/*", "call end", NULL, .wrong = 409},
    {"GET", "/api/calls/*/ladder", "call ladder", NULL, .wrong = 409},
    {"GET", "/api/timers", "timers", args_list, .wrong = 400},
    {"GET", "/api/timers/*", "timers", NULL, .wrong = 409},
    {"GET", "/api/trunks", "trunks", args_none, .wrong = 500},
    {"GET", "/api/nodes", "nodes", args_none, .wrong = 500},
    {"GET", "/api/peers", "peers", args_none, .wrong = 500},
    {"GET", "/api/registrations", "registrations", args_registrations, .wrong = 400},
    {"POST", "/api/maintenance", "maintenance", args_maintenance, .wrong = 400},
    {"POST", "/api/reload", "reload", args_reload, .wrong = 422},
    {"POST", "/api/command", "", args_command, .wrong = 400},
};

enum { ROWS = sizeof rows / sizeof *rows };

/* HEAD is GET whose answer has no body. */
static bool is_method(const struct api_row *row, struct str method) {
    return str_eq(method, str_of(row->method)) || (str_eq(method, STR("HEAD")) && strcmp(row->method, "GET") == 0);
}

static void put_method(struct sbuf *allow, const char *method) {
    if (allow->n > 0)
        sbuf_puts(allow, ", ");
    sbuf_puts(allow, method);
    if (strcmp(method, "GET") == 0)
        sbuf_puts(allow, ", HEAD");
}

const struct api_row *api_row_find(const struct http_ask *ask, struct str *segment, struct sbuf *allow) {
    for (int i = 0; i < ROWS; i++) {
        if (!http_path_fits(rows[i].path, ask->path, segment))
            continue;
        if (is_method(&rows[i], ask->method))
            return &rows[i];
        put_method(allow, rows[i].method);
    }
    return NULL;
}

const char *api_row_line(const struct api_row *row, struct sbuf *line, const struct http_request *r,
                         const struct http_ask *ask, struct str segment) {
    const char *wrong;

    sbuf_puts(line, row->command);
    wrong = row->args != NULL ? row->args(line, r, ask, segment) : put_decoded(line, segment);
    return wrong != NULL ? wrong : line->full ? "the request is too long" : NULL;
}
