/* Numbers in URIs: read in the one form that a dial plan looks at, and written anew where they change. */
#include <strings.h>

#include "b2bua/sip/impl.h"
#include "b2bua/sip/policy.h"

static int hex(char c) {
    char lower = (char)(c | 0x20);

    return c >= '0' && c <= '9' ? c - '0' : lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/* RFC 3966 5.1.1: visual separators mean nothing; only of what is a telephone number for sure. */
static bool is_telephone(const struct sip_uri *u) {
    struct str params = u->params, name, value;

    if (!u->has_host)
        return str_ieq(u->scheme, STR("tel"));
    while (sip_param_next(&params, &name, &value))
        if (str_ieq(name, STR("user")) && str_ieq(value, STR("phone")))
            return true;
    return false;
}

static bool is_plain(struct str user, bool telephone) {
    for (size_t i = 0; i < user.n; i++)
        if (user.p[i] == '%' || (telephone && strchr("-.()", user.p[i]) != NULL))
            return false;
    return true;
}

struct str sip_number(struct str uri, char *buf, size_t size) {
    struct sip_uri u;
    struct sbuf b = sbuf_on(buf, size);

    sip_uri_split(uri, &u);
    struct str user = str_upto(u.user, str_find(u.user, ';'));
    bool telephone = is_telephone(&u);
    if (is_plain(user, telephone))
        return user;
    for (size_t i = 0; i < user.n; i++) {
        bool escaped = user.p[i] == '%' && i + 2 < user.n && hex(user.p[i + 1]) >= 0 && hex(user.p[i + 2]) >= 0;
        char c = escaped ? (char)(hex(user.p[i + 1]) * 16 + hex(user.p[i + 2])) : user.p[i];
        i += escaped ? 2 : 0;
        if (escaped || !telephone || strchr("-.()", c) == NULL)
            sbuf_putc(&b, c);
    }
    return b.full ? user : sbuf_str(&b);
}

/* RFC 3261 25.1, user: what is not unreserved there is escaped. */
static void put_user(struct sbuf *out, struct str number) {
    static const char digits[] = "0123456789ABCDEF";

    for (size_t i = 0; i < number.n; i++) {
        char c = number.p[i];
        bool alnum = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        if (alnum || (c != '\0' && strchr("-_.!~*'()&=+$,/", c) != NULL)) {
            sbuf_putc(out, c);
            continue;
        }
        sbuf_putc(out, '%');
        sbuf_putc(out, digits[(unsigned char)c >> 4]);
        sbuf_putc(out, digits[(unsigned char)c & 15]);
    }
}

/* The URI from `at` on gets another user; what stands behind it follows. */
static void put_renumbered(struct sbuf *out, size_t at, const struct sip_uri *u, struct str number, struct str rest) {
    out->n = at;
    sbuf_put(out, u->scheme);
    sbuf_putc(out, ':');
    put_user(out, number);
    if (u->has_host && number.n > 0)
        sbuf_putc(out, '@');
    sbuf_put(out, rest);
}

void sip_renumber(struct sbuf *out, size_t start, const struct sip_numbers *n, unsigned where,
                  const struct sip_msg *from) {
    char text[4096], number[SIP_NUMBER_MAX];
    struct sbuf copy = sbuf_on(text, sizeof text), changed = sbuf_on(number, sizeof number);
    struct sip_addr a;
    struct sip_uri u;

    if (n->change == NULL || out->full)
        return;
    sbuf_put(&copy, (struct str){out->p + start, out->n - start});
    sip_addr_split(sbuf_str(&copy), &a);
    if (copy.full || a.uri.n == 0 || !n->change(n->ctx, where, from, a.uri, &changed) || changed.full)
        return;
    sip_uri_split(a.uri, &u);
    const char *behind = u.userinfo.p + u.userinfo.n;
    if (u.userinfo.n == 0)
        behind = a.uri.p + u.scheme.n + 1;
    else if (u.has_host)
        behind++; /* its @ */
    put_renumbered(out, start + (size_t)(a.uri.p - text), &u, sbuf_str(&changed),
                   (struct str){behind, (size_t)(text + copy.n - behind)});
}

bool sip_number_stays(struct str uri, const struct sip_numbers *n, unsigned where, const struct sip_msg *from) {
    char number[SIP_NUMBER_MAX];
    struct sbuf changed = sbuf_on(number, sizeof number);

    return n->change == NULL || !n->change(n->ctx, where, from, uri, &changed);
}

/* The table of names is asked only where one of them may be compact. */
static bool same_name(struct str a, struct str b, struct str long_b) {
    if (a.n > 1 && b.n > 1)
        return str_ieq(a, b);
    return str_ieq(policy_of(a).name, long_b);
}

bool sip_header_next(const struct sip_msg *m, struct str name, const void **cursor, struct str *value) {
    const msg_header_t *h = *cursor == NULL ? sip_first(sip_parsed(m)) : *cursor;
    struct str long_name = policy_of(name).name;
    struct sip_line line;

    while ((h = h->sh_succ) != NULL) {
        if (!sip_line_of(h, &line) || !same_name(line.name, name, long_name))
            continue;
        *cursor = h;
        *value = line.value;
        return true;
    }
    return false;
}

/* The URI of the n-th element of a value, counted from the end when negative: -1 is the last. */
static bool element(struct str value, int n, struct str *uri) {
    struct str rest = value;
    struct sip_addr a;
    int count = 0;

    while (rest.n > 0) {
        sip_list_first(rest, &rest);
        count++;
    }
    n += n < 0 ? count : 0;
    if (n < 0 || n >= count)
        return false;
    for (rest = value; n >= 0; n--)
        sip_addr_split(sip_list_first(rest, &rest), &a);
    *uri = a.uri;
    return true;
}

/* RFC 5806 4.3: the first Diversion is the last that was added. RFC 7044: the last entry is where the call goes now. */
struct str sip_redirecting(const struct sip_msg *m) {
    struct str value, last = STR_NONE, before = STR_NONE, uri;
    const void *cursor = NULL;

    if (sip_header_next(m, STR("Diversion"), &cursor, &value) && element(value, 0, &uri))
        return uri;
    for (cursor = NULL; sip_header_next(m, STR("History-Info"), &cursor, &value);) {
        if (element(value, -2, &uri))
            before = uri;
        else
            before = last;
        element(value, -1, &last);
    }
    return before;
}

bool sip_put_aor(struct sbuf *out, struct str uri) {
    struct sip_uri u;

    sip_uri_split(uri, &u);
    if (!u.has_host || u.host.n == 0 || (!str_ieq(u.scheme, STR("sip")) && !str_ieq(u.scheme, STR("sips"))))
        return false;
    for (size_t i = 0; i < u.user.n; i++) {
        bool escaped = u.user.p[i] == '%' && i + 2 < u.user.n && hex(u.user.p[i + 1]) >= 0 && hex(u.user.p[i + 2]) >= 0;
        int c = escaped ? hex(u.user.p[i + 1]) * 16 + hex(u.user.p[i + 2]) : u.user.p[i];
        escaped = escaped && c > ' ' && c < 0x7f && c != '@' && c != '%';
        sbuf_putc(out, escaped ? (char)c : u.user.p[i]);
        i += escaped ? 2 : 0;
    }
    sbuf_puts(out, u.user.n > 0 ? "@" : "");
    for (size_t i = 0; i < u.host.n; i++)
        sbuf_putc(out, u.host.p[i] >= 'A' && u.host.p[i] <= 'Z' ? (char)(u.host.p[i] | 0x20) : u.host.p[i]);
    return true;
}

struct str sip_to_uri(const struct sip_msg *m) {
    struct sip_addr a;

    sip_addr_split(str_trim(str_from(m->to_line, str_find(m->to_line, ':') + (m->to_line.n > 0))), &a);
    return a.uri;
}
