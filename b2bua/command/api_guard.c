/* Who may ask. */
#include "b2bua/command/api_impl.h"

void api_set_token(struct api *a, const char *token) {
    a->guarded = *token != '\0';
    hash_key(str_of(token), a->token);
}

/* Digests are compared: that takes as long for any token. */
static bool is_ours(const struct api *a, struct str token) {
    uint8_t digest[HASH_MAC_SIZE];

    hash_key(token, digest);
    return hash_same(digest, a->token, sizeof digest);
}

static int check_token(struct api *a, const struct http_ask *ask, uint64_t now_ms, const char **why) {
    struct str scheme = STR("Bearer ");

    if (ask->authorization.n < scheme.n || !str_ieq(str_upto(ask->authorization, scheme.n), scheme)) {
        *why = "admin.token is wanted: Authorization: Bearer TOKEN";
        return 401;
    }
    if (is_ours(a, str_trim(str_from(ask->authorization, scheme.n))))
        return 0;
    http_tries_failed(&a->tries, &ask->from, now_ms);
    a->config.offended(a->config.ctx, API_WRONG_TOKEN, &ask->from);
    *why = "that is not admin.token";
    return 401;
}

/* A name in Host that leads here may be anybody's (DNS rebinding). A client without a Host is no browser. */
static bool is_foreign(const struct http_ask *ask) {
    struct str host = str_upto(ask->host, str_find(ask->host, ':')), scheme = STR("http://");
    struct addr a;

    if (ask->host.n > 0 && addr_parse(&a, ask->host) < 0 && !str_ieq(host, STR("localhost")))
        return true;
    if (ask->origin.n == 0)
        return false;
    return ask->origin.n < scheme.n || !str_ieq(str_upto(ask->origin, scheme.n), scheme) ||
           !str_ieq(str_from(ask->origin, scheme.n), ask->host);
}

static int check_page(struct api *a, const struct http_ask *ask, const char **why) {
    if (!is_foreign(ask))
        return 0;
    a->config.offended(a->config.ctx, API_FOREIGN_PAGE, &ask->from);
    *why = "without admin.token, Host must be an address or localhost, and Origin the same";
    return 403;
}

int api_guard(struct api *a, const struct http_ask *ask, bool open, uint64_t now_ms, const char **why,
              unsigned *retry_after_s) {
    if (!a->guarded)
        return check_page(a, ask, why);
    if (open)
        return 0;
    *retry_after_s = http_tries_wait_s(&a->tries, &ask->from, now_ms);
    if (*retry_after_s == 0)
        return check_token(a, ask, now_ms, why);
    *why = "too many wrong tokens";
    return 429;
}
