/*
 * The version of what the peer is told (RFC 3264 8): outbound rules may change a description after its o= line was
 * made, and not each message in the same way. What leaves under the same version must be the same.
 */
#include "b2bua/core/derive.h"
#include "b2bua/core/head.h"
#include "b2bua/core/sdp.h"
#include "b2bua/ua/impl.h"

/* Where the number stands in "o=- ID VERSION IN ...", which is ours. Returns 0, or -1 when there is none. */
static int find_version(struct str sdp, uint64_t *id, uint64_t *version, struct str *digits) {
    static const struct str mark = {"\no=- ", 5};
    const char *at = sdp.n == 0 ? NULL : memmem(sdp.p, sdp.n, mark.p, mark.n);

    if (at == NULL)
        return -1;
    struct str rest = str_from(sdp, (size_t)(at - sdp.p) + mark.n);
    struct str first = str_upto(rest, str_find(rest, ' '));
    rest = str_from(rest, first.n < rest.n ? first.n + 1 : rest.n);
    *digits = str_upto(rest, str_find(rest, ' '));
    return str_number(first, UINT64_MAX, id) < 0 || str_number(*digits, UINT64_MAX, version) < 0 ? -1 : 0;
}

/* The text with another number at `digits`, and a Content-Length that is right again. */
static struct str with_version(struct ua *ua, struct str text, size_t body_n, struct str digits, uint64_t version) {
    struct sbuf out = sbuf_on(ua->described, sizeof ua->described);
    struct str length = str_trim(derive_header(text, STR("Content-Length"), 'l'));
    char number[24];
    struct sbuf b = sbuf_on(number, sizeof number);

    sbuf_number(&b, version);
    if (length.n == 0)
        return text;
    sbuf_put(&out, (struct str){text.p, (size_t)(length.p - text.p)});
    sbuf_number(&out, body_n - digits.n + b.n);
    sbuf_put(&out, (struct str){length.p + length.n, (size_t)(digits.p - length.p) - length.n});
    sbuf_put(&out, sbuf_str(&b));
    sbuf_put(&out, (struct str){digits.p + digits.n, (size_t)(text.p + text.n - digits.p) - digits.n});
    return out.full ? text : sbuf_str(&out);
}

struct str ua_described(struct ua *ua, struct ua_told *told, struct str text) {
    size_t head = head_length(text);
    struct str body = head == 0 ? STR_NONE : str_from(text, head), digits;
    struct str sdp = body.n == 0 ? STR_NONE : sdp_find(derive_header(text, STR("Content-Type"), 'c'), body);
    uint64_t id, version;

    if (find_version(sdp, &id, &version, &digits) < 0)
        return text;
    uint64_t digest = sdp_digest(sdp);
    if (told->id != id)
        *told = (struct ua_told){.id = id, .version = version, .digest = digest};
    else if (told->version == version && told->digest != digest)
        told->more++;
    told->version = version;
    told->digest = digest;
    return told->more == 0 ? text : with_version(ua, text, body.n, digits, version + told->more);
}
