#include "b2bua/core/refer.h"

#include "b2bua/core/derive.h"

/* --- Refer-To --- */

static size_t behind_quoted(struct str s, size_t at) {
    for (at++; at < s.n && s.p[at] != '"'; at++)
        if (s.p[at] == '\\')
            at++;
    return at < s.n ? at + 1 : s.n;
}

/* What stands between < and >; without them all up to the header's own parameters (RFC 3261 20: a URI with a '?' or a
 * ';' has to have them). */
static struct str address(struct str value) {
    size_t at = 0;

    while (at < value.n && value.p[at] != '<')
        at = value.p[at] == '"' ? behind_quoted(value, at) : at + 1;
    if (at == value.n)
        return str_trim(str_upto(value, str_find(value, ';')));
    struct str inner = str_from(value, at + 1);
    size_t close = str_find(inner, '>');
    return close < inner.n ? str_trim(str_upto(inner, close)) : STR_NONE;
}

/* A user may have a '?' in it, and a sloppy peer writes '@' into URI headers: the first '@' ends the user. */
static size_t headers_at(struct str uri) {
    size_t at = str_find(uri, '@');

    at = at < uri.n ? at : 0;
    return at + str_find(str_from(uri, at), '?');
}

static struct str next(struct str *rest, char separator) {
    size_t end = str_find(*rest, separator);
    struct str one = str_upto(*rest, end);

    *rest = end < rest->n ? str_from(*rest, end + 1) : STR_NONE;
    return one;
}

static struct str named(struct str list, char separator, struct str name) {
    while (list.n > 0) {
        struct str one = next(&list, separator);
        size_t equal = str_find(one, '=');
        if (equal < one.n && str_ieq(str_trim(str_upto(one, equal)), name))
            return str_trim(str_from(one, equal + 1));
    }
    return STR_NONE;
}

/* Blanks, line ends of a folded header, and whatever else does not stand in a URI. */
static bool has_blank(struct str uri) {
    for (size_t i = 0; i < uri.n; i++)
        if ((unsigned char)uri.p[i] <= ' ')
            return true;
    return false;
}

static bool can_be_called(struct str uri) {
    struct str scheme = str_upto(uri, str_find(uri, ':'));

    return str_ieq(scheme, STR("sip")) || str_ieq(scheme, STR("sips")) || str_ieq(scheme, STR("tel"));
}

int refer_parse(struct str value, struct refer_to *out) {
    struct str uri = address(value);
    size_t question = headers_at(uri);
    struct str headers = question < uri.n ? str_from(uri, question + 1) : STR_NONE;
    size_t colon = str_find(uri, ':');

    *out = (struct refer_to){.uri = str_upto(uri, question)};
    if (colon == uri.n || colon + 1 >= out->uri.n || has_blank(uri))
        return 400;
    if (!can_be_called(out->uri))
        return 416;
    size_t at = str_find(out->uri, '@');
    struct str place = at < out->uri.n ? str_from(out->uri, at) : out->uri;
    out->method = named(str_from(place, str_find(place, ';')), ';', STR("method"));
    if (out->method.n > 0 && !str_ieq(out->method, STR("INVITE")))
        return 603;
    out->replaces = named(headers, '&', STR("Replaces"));
    out->require = named(headers, '&', STR("Require"));
    return 0;
}

/* --- escapes --- */

static int digit(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int refer_unescape(struct sbuf *out, struct str s) {
    for (size_t i = 0; i < s.n; i++) {
        int c = (unsigned char)s.p[i];
        if (c == '%') {
            if (i + 2 >= s.n || digit(s.p[i + 1]) < 0 || digit(s.p[i + 2]) < 0)
                return -1;
            c = digit(s.p[i + 1]) * 16 + digit(s.p[i + 2]);
            i += 2;
        }
        if (c < ' ' || c == 0x7f)
            return -1;
        sbuf_putc(out, (char)c);
    }
    return out->full ? -1 : 0;
}

void refer_escape(struct sbuf *out, struct str s) {
    static const char hex[] = "0123456789ABCDEF";

    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        bool plain = ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || (c >= '0' && c <= '9') ||
                     (c != 0 && strchr("-_.!~*'()", c) != NULL);
        if (plain) {
            sbuf_putc(out, (char)c);
            continue;
        }
        sbuf_putc(out, '%');
        sbuf_putc(out, hex[c >> 4]);
        sbuf_putc(out, hex[c & 15]);
    }
}

struct str refer_replaces(struct str message, struct sbuf *room) {
    static const struct str refer = {"REFER ", 6};
    struct refer_to to;

    if (message.n < refer.n || memcmp(message.p, refer.p, refer.n) != 0)
        return replaces_of(message);
    if (refer_parse(derive_header(message, STR("Refer-To"), 'r'), &to) != 0 || to.replaces.n == 0 ||
        refer_unescape(room, to.replaces) < 0)
        return STR_NONE;
    return sbuf_str(room);
}

/* --- the subscription --- */

bool refer_event(struct str value, uint32_t *id) {
    struct str rest = value, package = str_trim(next(&rest, ';'));
    uint64_t number = 0;

    *id = 0;
    if (!str_ieq(package, STR("refer")))
        return false;
    if (str_number(named(rest, ';', STR("id")), UINT32_MAX, &number) == 0)
        *id = (uint32_t)number;
    return true;
}

bool refer_wants_no_subscription(struct str message) {
    struct str value = derive_header(message, STR("Refer-Sub"), 0);

    return str_ieq(str_trim(str_upto(value, str_find(value, ';'))), STR("false"));
}

void refer_put_state(struct sbuf *out, uint32_t id, uint32_t expires_s, const char *why) {
    sbuf_puts(out, "Event: refer");
    if (id != 0) {
        sbuf_puts(out, ";id=");
        sbuf_number(out, id);
    }
    sbuf_puts(out, "\r\nSubscription-State: ");
    if (expires_s > 0) {
        sbuf_puts(out, "active;expires=");
        sbuf_number(out, expires_s);
    } else {
        sbuf_puts(out, "terminated;reason=");
        sbuf_puts(out, why);
    }
    sbuf_puts(out, "\r\nContent-Type: message/sipfrag;version=2.0\r\n");
}

struct str refer_fragment(struct str body) {
    size_t nl = str_find(body, '\n');

    return str_upto(body, nl < body.n ? nl + 1 : nl);
}
