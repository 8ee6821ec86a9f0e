#include <ctype.h>

#include "b2bua/config/row.h"

enum { NAME_MAX_BYTES = 64 };

static bool host_char(char c) {
    return isalnum((unsigned char)c) || c == '.' || c == '-' || c == '_';
}

static bool host_name(struct str s) {
    for (size_t i = 0; i < s.n; i++)
        if (!host_char(s.p[i]))
            return false;
    return s.n > 0;
}

const char *config_check_name(const char *text) {
    if (*text == '\0')
        return "must not be empty";
    return strlen(text) > NAME_MAX_BYTES ? "is longer than 64 bytes" : NULL;
}

const char *config_check_host_token(const char *text) {
    const char *wrong = config_check_name(text);

    if (wrong != NULL)
        return wrong;
    return host_name(str_of(text)) ? NULL : "may hold letters, digits, \".\", \"-\" and \"_\" only";
}

const char *config_check_address(const char *text) {
    struct addr a;

    return addr_parse(&a, str_of(text)) == 0 && a.port == 0 ? NULL : "must be an IPv4 or IPv6 address";
}

const char *config_check_advertise(const char *text) {
    struct str s = str_of(text);
    size_t colon = str_find(s, ':');
    struct addr a;
    uint64_t port;

    if (s.n == 0 || addr_parse(&a, s) == 0)
        return NULL;
    if (!host_name((struct str){s.p, colon}))
        return "must be \"host\" or \"host:port\"";
    if (colon == s.n)
        return NULL;
    if (str_number((struct str){s.p + colon + 1, s.n - colon - 1}, 65535, &port) < 0 || port == 0)
        return "has a port outside 1..65535";
    return NULL;
}

const char *config_check_http(const char *text) {
    struct addr a;

    if (*text == '\0')
        return NULL;
    return addr_parse(&a, str_of(text)) == 0 && a.port != 0 ? NULL : "must be \"address:port\", or \"\" for none";
}

/* It stands behind "Bearer" on the wire (RFC 6750 section 2.1). */
const char *config_check_token(const char *text) {
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/=";
    size_t n = strlen(text);

    if (strspn(text, alphabet) != n)
        return "may hold letters, digits and -._~+/= alone";
    return n == 0 || n >= 16 ? NULL : "is too short: 16 characters at least";
}

/* It stands between quotes on the wire. */
const char *config_check_unquoted(const char *text) {
    return strpbrk(text, "\"\\") == NULL ? NULL : "may not hold quotes or backslashes";
}

void *config_grow(void *items, int count, size_t size) {
    /* Room is made at each power of two. */
    if ((count & (count - 1)) == 0)
        items = mem_realloc(items, size * (count == 0 ? 1 : 2 * (size_t)count));
    memset((char *)items + size * (size_t)count, 0, size);
    return items;
}
