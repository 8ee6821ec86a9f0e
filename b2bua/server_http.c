#include "b2bua/server_http.h"

#include "b2bua/log/log.h"

static bool keeps_out(void *ctx, const struct addr *from) {
    struct server_http *h = ctx;

    return guard_keeps_out(h->guard, from);
}

static void offended(void *ctx, enum api_offence what, const struct addr *from) {
    static const struct {
        enum bans_category category;
        enum guard_what what;
    } events[] = {[API_WRONG_TOKEN] = {BANS_HTTP_AUTH, GUARD_WRONG_CREDENTIALS},
                  [API_UNKNOWN_PATH] = {BANS_HTTP_INTRUSION, GUARD_UNKNOWN_PATH},
                  [API_FOREIGN_PAGE] = {BANS_HTTP_INTRUSION, GUARD_FOREIGN_PAGE}};
    struct server_http *h = ctx;

    guard_event(h->guard, events[what].category, events[what].what, from, net_now_ms());
}

int server_http_open(struct server_http *h, uv_loop_t *loop, struct commands *commands, struct guard *guard,
                     const struct settings_admin *admin) {
    const struct api_config config = {loop, commands, keeps_out, offended, h};
    char error[256];

    if (*admin->http == '\0')
        return 0;
    h->guard = guard;
    h->api = api_new(&config, admin, error, sizeof error);
    if (h->api != NULL) {
        log_info("http=%s token=%s", admin->http, *admin->token != '\0' ? "wanted" : "none");
        return 0;
    }
    if (admin->http_named) {
        log_error("twinleg error=\"%s\"", error);
        return -1;
    }
    log_warn("http=off error=\"%s\"", error);
    return 0;
}

void server_http_set(struct server_http *h, const struct settings_admin *admin) {
    if (h->api != NULL)
        api_set_token(h->api, admin->token);
}

void server_http_tick(struct server_http *h, uint64_t now_ms) {
    if (h->api != NULL)
        api_tick(h->api, now_ms);
}

void server_http_end(struct server_http *h) {
    api_end(h->api);
    h->api = NULL;
}
