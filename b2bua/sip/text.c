/* Takes raw header text apart: addresses, URIs, parameters. Sofia has judged the grammar; this only finds the borders.
 */
#include "b2bua/sip/impl.h"

bool sip_line_of(const msg_header_t *h, struct sip_line *out) {
    if (h == NULL)
        return false;
    struct str all = {h->sh_data, h->sh_len};
    size_t colon;

    if (all.p == NULL || all.n == 0)
        return false;
    colon = str_find(all, ':');
    if (colon == all.n)
        return false;
    *out = (struct sip_line){all, str_trim(str_upto(all, colon)), str_trim(str_from(all, colon + 1))};
    return true;
}

/* Where a quoted string that starts at `at` ends (behind its closing quote). */
static size_t skip_quoted(struct str s, size_t at) {
    for (at++; at < s.n && s.p[at] != '"'; at++)
        if (s.p[at] == '\\')
            at++;
    return at < s.n ? at + 1 : s.n;
}

struct str sip_list_first(struct str value, struct str *rest) {
    bool angle = false;
    size_t at = str_find(value, ',') == value.n ? value.n : 0; /* mostly there is but one */

    while (at < value.n && (angle || value.p[at] != ',')) {
        if (value.p[at] == '"' && !angle) {
            at = skip_quoted(value, at);
            continue;
        }
        angle = value.p[at] == '<' || (angle && value.p[at] != '>');
        at++;
    }
    *rest = at < value.n ? str_trim(str_from(value, at + 1)) : STR_NONE;
    return str_trim(str_upto(value, at));
}

static size_t find_open(struct str s) {
    size_t at = 0;

    while (at < s.n && s.p[at] != '<')
        at = s.p[at] == '"' ? skip_quoted(s, at) : at + 1;
    return at;
}

void sip_addr_split(struct str value, struct sip_addr *out) {
    size_t open = find_open(value);

    *out = (struct sip_addr){0};
    if (open == value.n) { /* addr-spec: parameters belong to the header (RFC 3261 20.10) */
        size_t semi = str_find(value, ';');
        out->uri = str_trim(str_upto(value, semi));
        out->params = str_from(value, semi);
        return;
    }
    size_t close = open + str_find(str_from(value, open), '>');
    out->brackets = true;
    out->display = str_upto(value, open);
    out->uri = str_trim((struct str){value.p + open + 1, close - open - 1});
    struct str rest = close < value.n ? str_from(value, close + 1) : STR_NONE;
    size_t semi = str_find(rest, ';');
    out->params = rest.n > 0 ? str_from(rest, semi) : rest;
}

/* host [":" port]; in a Via blanks may stand around the colon */
static void split_host(struct str hostport, struct sip_uri *out) {
    size_t end = hostport.n > 0 && hostport.p[0] == '[' ? str_find(hostport, ']') : 0;
    size_t colon = end + str_find(str_from(hostport, end < hostport.n ? end : hostport.n), ':');

    if (end >= hostport.n && end > 0)
        colon = hostport.n;
    out->host = str_trim(str_upto(hostport, colon < hostport.n ? colon : hostport.n));
    out->port = colon < hostport.n ? str_trim(str_from(hostport, colon + 1)) : STR_NONE;
}

/* The '@' comes after the user, who may have ';' and '?' in his name (RFC 3261 25.1): look for it first. */
void sip_uri_split(struct str uri, struct sip_uri *out) {
    size_t colon = str_find(uri, ':');
    struct str rest = colon < uri.n ? str_from(uri, colon + 1) : STR("");

    *out = (struct sip_uri){.scheme = str_upto(uri, colon)};
    if (!str_ieq(out->scheme, STR("sip")) && !str_ieq(out->scheme, STR("sips"))) {
        size_t semi = str_find(rest, ';');
        out->user = out->userinfo = str_upto(rest, semi);
        out->params = str_from(rest, semi);
        return;
    }
    size_t at = str_find(rest, '@');
    if (at < rest.n) {
        out->userinfo = str_upto(rest, at);
        out->user = str_upto(out->userinfo, str_find(out->userinfo, ':'));
        rest = str_from(rest, at + 1);
    }
    size_t question = str_find(rest, '?');
    out->headers = str_from(rest, question);
    rest = str_upto(rest, question);
    size_t semi = str_find(rest, ';');
    out->params = str_from(rest, semi);
    out->has_host = true;
    split_host(str_upto(rest, semi), out);
}

bool sip_param_next(struct str *params, struct str *name, struct str *value) {
    struct str s = *params;
    size_t end = 1;

    if (s.n == 0 || s.p[0] != ';')
        return false;
    while (end < s.n && s.p[end] != ';')
        end = s.p[end] == '"' ? skip_quoted(s, end) : end + 1;
    *params = str_from(s, end);
    struct str one = {s.p + 1, end - 1};
    size_t equal = str_find(one, '=');
    *name = str_trim(str_upto(one, equal));
    *value = equal < one.n ? str_trim(str_from(one, equal + 1)) : STR_NONE;
    return true;
}
