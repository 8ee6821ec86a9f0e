#include "b2bua/core/peek.h"

#include <strings.h>

#include "b2bua/core/derive.h"
#include "b2bua/core/frame.h"

/* "sip:user;x:password@host", "tel:number;x" */
static struct str user_of(struct str uri) {
    size_t scheme = str_find(uri, ':'), at = str_find(uri, '@');
    bool is_tel = scheme == 3 && strncasecmp(uri.p, "tel", 3) == 0;

    if (scheme == uri.n || (at == uri.n && !is_tel) || at < scheme)
        return STR_NONE;
    struct str user = str_from(str_upto(uri, at), scheme + 1);
    user = str_upto(user, str_find(user, ';'));
    return str_upto(user, str_find(user, ':'));
}

static int request_line(struct peek *out, struct str message) {
    struct str line = str_upto(message, str_find(message, '\r'));
    struct str method = str_upto(line, str_find(line, ' '));
    struct str rest = str_from(line, method.n < line.n ? method.n + 1 : line.n);

    struct str uri = str_upto(rest, str_find(rest, ' '));

    out->user = user_of(uri);
    out->method = method_of(method);
    return str_eq(str_from(rest, uri.n), STR(" SIP/2.0")) ? 0 : -1;
}

/* "SIP/2.0/UDP host:port;branch=...": the host, up to the first parameter. */
static int sent_by(struct peek *out, struct str via) {
    if (via.n < 8 || strncasecmp(via.p, "SIP/2.0/", 8) != 0)
        return -1;
    via = str_upto(via, str_find(via, ','));
    via = str_upto(via, str_find(via, ';'));
    size_t gap = str_find(via, ' ');
    if (gap == via.n)
        return -1;
    out->sent_by = str_from(via, gap + 1);
    for (size_t i = 0; i < out->sent_by.n; i++)
        if (out->sent_by.p[i] <= ' ')
            return -1;
    return out->sent_by.n > 0 ? 0 : -1;
}

/* Behind the address, if that stands in < >. */
static bool has_tag(struct str to) {
    const char *close = to.n == 0 ? NULL : memrchr(to.p, '>', to.n);

    if (close != NULL)
        to = str_from(to, (size_t)(close - to.p) + 1);
    for (size_t i = 0; i + 4 < to.n; i++)
        if (to.p[i] == ';' && strncasecmp(to.p + i + 1, "tag", 3) == 0)
            return true;
    return false;
}

int peek_request(struct peek *out, struct str message) {
    struct peek p = {0};
    struct str to = derive_header(message, STR("To"), 't');

    if (request_line(&p, message) < 0 || sent_by(&p, str_trim(derive_header(message, STR("Via"), 'v'))) < 0)
        return -1;
    p.call_id = frame_call_id(message);
    p.branch = frame_branch(message);
    p.in_dialog = has_tag(to);
    if (p.call_id.n == 0 || p.branch.n == 0 || to.n == 0 || memchr(to.p, '\n', to.n) != NULL)
        return -1;
    *out = p;
    return 0;
}
