#include "b2bua/core/regclient_read.h"

#include "b2bua/core/derive.h"

/* The first element of a list: up to a comma that stands neither in quotes nor in angle brackets. */
static struct str take_element(struct str *rest) {
    bool quoted = false, angle = false;
    size_t n = 0;

    for (; n < rest->n; n++) {
        char c = rest->p[n];
        if (quoted && c == '\\')
            n++;
        else if (c == '"')
            quoted = !quoted;
        else if (!quoted && (c == '<' || c == '>'))
            angle = c == '<';
        else if (!quoted && !angle && c == ',')
            break;
    }
    if (n > rest->n)
        n = rest->n;
    struct str element = str_trim(str_upto(*rest, n));
    *rest = str_from(*rest, n < rest->n ? n + 1 : n);
    return element;
}

/* The URI of an element, and the parameters behind it. */
static struct str uri_of(struct str element, struct str *params) {
    size_t open = str_find(element, '<');

    if (open == element.n) {
        size_t end = str_find(element, ';');
        *params = str_from(element, end);
        return str_trim(str_upto(element, end));
    }
    struct str inner = str_from(element, open + 1);
    size_t close = str_find(inner, '>');
    *params = str_from(inner, close < inner.n ? close + 1 : close);
    return str_upto(inner, close);
}

static bool expires_of(struct str params, uint32_t *out) {
    uint64_t value;

    while (params.n > 0) {
        size_t n = str_find(params, ';');
        struct str one = str_trim(str_upto(params, n));
        size_t equal = str_find(one, '=');
        params = str_from(params, n < params.n ? n + 1 : n);
        if (equal == one.n || !str_ieq(str_trim(str_upto(one, equal)), STR("expires")))
            continue;
        if (str_number(str_trim(str_from(one, equal + 1)), UINT32_MAX, &value) == 0) {
            *out = (uint32_t)value;
            return true;
        }
    }
    return false;
}

static bool number_of(struct str message, struct str name, uint32_t *out) {
    uint64_t value;

    if (str_number(derive_header(message, name, 0), UINT32_MAX, &value) < 0)
        return false;
    *out = (uint32_t)value;
    return true;
}

uint32_t reg_granted_s(struct str message, struct str contact, uint32_t asked_s) {
    struct str rest = message, value, params;
    uint32_t seconds = asked_s;

    while (derive_next(&rest, STR("Contact"), 'm', &value))
        while (value.n > 0)
            if (str_ieq(uri_of(take_element(&value), &params), contact) && expires_of(params, &seconds))
                return seconds;
    number_of(message, STR("Expires"), &seconds);
    return seconds;
}

/* RFC 3261 20.43: code, agent, text in quotes. */
struct str reg_warning(struct str message) {
    struct str value = derive_header(message, STR("Warning"), 0);
    struct str text = str_from(value, str_find(value, '"') < value.n ? str_find(value, '"') + 1 : value.n);

    return str_trim(str_upto(text, str_find(text, '"')));
}

uint32_t reg_min_expires_s(struct str message) {
    uint32_t seconds = 0;

    number_of(message, STR("Min-Expires"), &seconds);
    return seconds;
}

void reg_service_route(struct str message, struct sbuf *out) {
    struct str rest = message, value;

    while (derive_next(&rest, STR("Service-Route"), 0, &value)) {
        sbuf_puts(out, "Route: ");
        sbuf_put(out, value);
        sbuf_puts(out, "\r\n");
    }
}
