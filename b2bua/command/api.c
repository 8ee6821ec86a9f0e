#include "b2bua/command/api.h"

#include <jansson.h>
#include <stdlib.h>

#include "b2bua/command/api_impl.h"
#include "b2bua/core/json.h"
#include "b2bua/core/words.h"

enum { ANSWER_MAX = 4096 };

static const char as_json[] = "application/json", as_metrics[] = "text/plain; version=0.0.4; charset=utf-8";

static void refuse(struct http_request *r, int status, const char *why, const char *allow, unsigned retry_after_s) {
    struct sbuf out = sbuf_growing(ANSWER_MAX);

    sbuf_putc(&out, '{');
    json_put_text(&out, "error", str_of(why));
    sbuf_puts(&out, "}\n");
    http_answer(r, &(struct http_reply){.status = status,
                                        .type = as_json,
                                        .body = out.p,
                                        .n = out.n,
                                        .allow = allow,
                                        .retry_after_s = retry_after_s});
}

/* --- the answer of a command --- */

struct asked {
    struct http_request *request;
    const struct api_row *row;
};

static bool begins(const char *json, size_t n, struct str with) {
    return n >= with.n && memcmp(json, with.p, with.n) == 0;
}

static int status_of(const struct api_row *row, const char *json, size_t n) {
    if (!begins(json, n, STR("{\"error\":")))
        return 200;
    return begins(json, n, STR("{\"error\":\"no ")) ? 404 : row->wrong;
}

/* {"metrics": "text"} as its text. */
static void unwrap(struct http_reply *reply) {
    json_t *json = json_loadb(reply->body, reply->n, 0, NULL);
    struct str text = str_of(json_string_value(json_object_get(json, "metrics")));

    free(reply->body);
    reply->type = as_metrics;
    reply->body = str_dup(text);
    reply->n = text.n;
    json_decref(json);
}

static void on_answer(void *ctx, char *json, size_t n) {
    struct asked *asked = ctx;
    struct http_reply reply = {.status = status_of(asked->row, json, n), .type = as_json, .body = json, .n = n};

    if (asked->row->plain && reply.status == 200)
        unwrap(&reply);
    http_answer(asked->request, &reply);
    free(asked);
}

/* --- the question --- */

static bool keeps_out(void *ctx, const struct addr *from) {
    struct api *a = ctx;

    return a->config.keeps_out(a->config.ctx, from);
}

/* What is wrong with it needs no body to be seen. Browsers ask for an icon wherever they are. */
static void look(void *ctx, struct http_request *r, const struct http_ask *ask) {
    struct api *a = ctx;
    char allow[64];
    struct sbuf b = sbuf_on(allow, sizeof allow - 1);
    struct str segment;
    const struct api_row *row = api_row_find(ask, &segment, &b);
    const char *why = "";
    unsigned retry_after_s = 0;
    int refused = api_guard(a, ask, row != NULL && row->open, uv_now(a->config.loop), &why, &retry_after_s);

    allow[b.n] = '\0';
    if (refused != 0) {
        refuse(r, refused, why, "", retry_after_s);
    } else if (row == NULL && b.n > 0) {
        refuse(r, 405, "this path has other methods", allow, 0);
    } else if (row == NULL) {
        if (!str_eq(ask->path, STR("/favicon.ico")))
            a->config.offended(a->config.ctx, API_UNKNOWN_PATH, &ask->from);
        refuse(r, 404, "no such path", "", 0);
    }
}

static void ask(void *ctx, struct http_request *r, const struct http_ask *request) {
    struct api *a = ctx;
    char text[2 * WORDS_BYTES_MAX];
    struct sbuf none = sbuf_on(text, 0), line = sbuf_on(text, sizeof text);
    struct str segment;
    const struct api_row *row = api_row_find(request, &segment, &none);

    if (row->command == NULL) {
        api_page(r);
        return;
    }
    const char *wrong = api_row_line(row, &line, r, request, segment);
    if (wrong != NULL) {
        refuse(r, 400, wrong, "", 0);
        return;
    }
    struct asked *asked = mem_alloc(sizeof *asked);
    *asked = (struct asked){r, row};
    commands_run(a->config.commands, sbuf_str(&line), on_answer, asked);
}

/* --- begin and end --- */

struct api *api_new(const struct api_config *config, const struct settings_admin *admin, char *error, size_t size) {
    static const struct http_ops ops = {keeps_out, look, ask};
    struct api *a = mem_zalloc(sizeof *a);
    struct addr at = {0};

    a->config = *config;
    api_set_token(a, admin->token);
    addr_parse(&at, str_of(admin->http));
    a->http = http_new(config->loop, &at, &ops, a, error, size);
    if (a->http != NULL)
        return a;
    free(a);
    return NULL;
}

void api_tick(struct api *a, uint64_t now_ms) {
    http_tick(a->http, now_ms);
}

void api_end(struct api *a) {
    if (a == NULL)
        return;
    http_end(a->http);
    free(a);
}
