#include "b2bua/core/contact.h"

static size_t skip_blanks(struct str s, size_t at) {
    while (at < s.n && strchr(" \t\r\n", s.p[at]) != NULL)
        at++;
    return at;
}

/* The end of a quoted string that begins at `at`, or s.n + 1 when it does not end. */
static size_t quoted_end(struct str s, size_t at) {
    for (at++; at < s.n; at++) {
        if (s.p[at] == '\\')
            at++;
        else if (s.p[at] == '"')
            return at + 1;
    }
    return s.n + 1;
}

/* The first `stop` at or after `at` that is in no quotes, or s.n; above that: quotes that do not end. */
static size_t find_plain(struct str s, size_t at, char stop) {
    while (at < s.n) {
        size_t end = at + str_find(str_from(s, at), stop);
        size_t quote = at + str_find((struct str){s.p + at, end - at}, '"');
        if (quote == end)
            return end;
        at = quoted_end(s, quote);
    }
    return at;
}

/* The next `;name=value`; false at the end. */
static bool next_param(struct str *rest, struct str *name, struct str *value) {
    if (rest->n == 0)
        return false;
    size_t end = find_plain(*rest, 1, ';');
    end = end > rest->n ? rest->n : end;
    struct str one = str_trim((struct str){rest->p + 1, end - 1});
    size_t equals = find_plain(one, 0, '=');
    equals = equals > one.n ? one.n : equals;
    *name = str_trim(str_upto(one, equals));
    *value = equals < one.n ? str_trim(str_from(one, equals + 1)) : STR_NONE;
    *rest = str_from(*rest, end);
    return true;
}

static struct str unquoted(struct str s) {
    return s.n >= 2 && s.p[0] == '"' && s.p[s.n - 1] == '"' ? (struct str){s.p + 1, s.n - 2} : s;
}

bool contact_param(struct str params, const char *name, struct str *value) {
    struct str found_name, found;

    while (next_param(&params, &found_name, &found)) {
        if (!str_ieq(found_name, str_of(name)))
            continue;
        if (value != NULL)
            *value = unquoted(found);
        return true;
    }
    return false;
}

unsigned contact_caps(struct str list) {
    unsigned caps = 0;

    while (list.n > 0) {
        size_t end = str_find(list, '_');
        struct str one = str_upto(list, end);
        caps |= str_ieq(one, STR("AR")) ? CONTACT_AR : str_ieq(one, STR("SK")) ? CONTACT_SK : 0;
        list = str_from(list, end < list.n ? end + 1 : end);
    }
    return caps;
}

static uint32_t number_of(struct str params, const char *name, uint32_t unsaid) {
    struct str value;
    uint64_t number;

    if (!contact_param(params, name, &value) || str_number(value, UINT32_MAX, &number) < 0)
        return unsaid;
    return (uint32_t)number;
}

/* "0.7" as thousandths (RFC 3261 25.1: up to three digits after the point). */
static uint32_t q_of(struct str params) {
    struct str value;
    uint32_t q = 0, unit = 1000;

    if (!contact_param(params, "q", &value) || value.n == 0)
        return 1000;
    for (size_t i = 0; i < value.n && unit > 0; i++) {
        if (i == 1 && value.p[i] == '.')
            continue;
        if (value.p[i] < '0' || value.p[i] > '9')
            return 1000;
        q += (uint32_t)(value.p[i] - '0') * unit;
        unit /= 10;
    }
    return q > 1000 ? 1000 : q;
}

static void read_params(struct contact *c) {
    struct str value;

    contact_param(c->params, "+sip.instance", &c->instance);
    c->reg_id = number_of(c->params, "reg-id", 0);
    if (c->reg_id == 0)
        c->reg_id = number_of(c->params, "x-cisco-reg-id", 0);
    c->expires_s = number_of(c->params, "expires", CONTACT_UNSAID);
    c->q = q_of(c->params);
    if (contact_param(c->params, "x-cisco-mra-ha", &value))
        c->caps = contact_caps(value);
}

/* Where the first "<", or what ends a URI without brackets, is in no quotes; as find_plain. */
static size_t find_open(struct str s) {
    size_t at = 0;

    while (at < s.n && s.p[at] != '<' && s.p[at] != ',' && s.p[at] != ';')
        at = s.p[at] == '"' ? quoted_end(s, at) : at + 1;
    return at;
}

/* Where the URI is: between angle brackets, else up to the first ";" (RFC 3261 20.10). Returns the end, 0 = nowhere. */
static size_t read_uri(struct str s, struct contact *c) {
    size_t open = find_open(s);

    if (open < s.n && s.p[open] == '<') {
        size_t close = str_find(str_from(s, open), '>') + open;
        if (close >= s.n)
            return 0;
        c->uri = (struct str){s.p + open + 1, close - open - 1};
        return c->uri.n > 0 ? close + 1 : 0;
    }
    if (open > s.n)
        return 0;
    c->uri = str_trim(str_upto(s, open));
    return c->uri.n > 0 ? open : 0;
}

int contact_next(struct str *rest, struct contact *out) {
    size_t at = skip_blanks(*rest, 0);
    struct str s = str_from(*rest, at);

    if (s.n == 0)
        return 0;
    *out = (struct contact){.expires_s = CONTACT_UNSAID, .q = 1000};
    size_t uri_end = read_uri(s, out);
    if (uri_end == 0)
        return -1;
    size_t begin = skip_blanks(s, uri_end), end = find_plain(s, begin, ',');
    if (end > s.n || (begin < end && s.p[begin] != ';'))
        return -1;
    out->all = str_trim(str_upto(s, end));
    out->params = str_trim((struct str){s.p + begin, end - begin});
    out->is_star = str_eq(out->all, STR("*"));
    read_params(out);
    *rest = str_from(s, end < s.n ? end + 1 : end);
    return 1;
}

static int edit_of(const struct contact_edit *edits, int count, struct str name) {
    for (int i = 0; i < count; i++)
        if (str_ieq(name, str_of(edits[i].name)))
            return i;
    return -1;
}

static void put_param(struct sbuf *out, const struct contact_edit *e) {
    sbuf_putc(out, ';');
    sbuf_puts(out, e->name);
    sbuf_putc(out, '=');
    sbuf_put(out, e->value);
}

void contact_put_params(struct sbuf *out, struct str params, const struct contact_edit *edits, int count) {
    struct str name, value, before = params;
    unsigned done = 0;

    while (next_param(&params, &name, &value)) {
        int i = edit_of(edits, count, name);
        if (i < 0)
            sbuf_put(out, str_upto(before, before.n - params.n));
        else if (!edits[i].without && !(done & 1U << i))
            put_param(out, &edits[i]);
        done |= i < 0 ? 0 : 1U << i;
        before = params;
    }
    for (int i = 0; i < count; i++)
        if (edits[i].add && !edits[i].without && !(done & 1U << i))
            put_param(out, &edits[i]);
}
