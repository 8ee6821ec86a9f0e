/* A content type up to the first LF, then a body: what is found lies in the body, and a rewritten body differs in the
 * o= line alone. */
#include <assert.h>
#include <stdlib.h>

#include "b2bua/core/sdp.h"

static void check_rewrite(struct str type, struct str body, struct str sdp) {
    struct sdp_origin o = {.id = 1, .version = 2, .host = {.family = 4, .ip = {192, 0, 2, 1}}};
    char *again = malloc(2 * body.n + 256), *buf = malloc(body.n + 128);
    struct sbuf out = sbuf_on(buf, body.n + 128), out2 = sbuf_on(again, 2 * body.n + 256);

    sdp_rewrite(&out, body, sdp, &o);
    assert(!out.full);
    struct str found = sdp_find(type, sbuf_str(&out));
    assert((sdp.n == 0) == (found.n == 0));
    assert(sdp_digest(sdp) == sdp_digest(found));
    sdp_rewrite(&out2, sbuf_str(&out), found, &o); /* a second time changes nothing */
    assert(str_eq(sbuf_str(&out), sbuf_str(&out2)));
    free(again);
    free(buf);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct str in = {(const char *)data, size};
    size_t nl = str_find(in, '\n');

    if (nl == in.n)
        return 0;
    struct str type = {in.p, nl}, body = {in.p + nl + 1, in.n - nl - 1};
    struct str sdp = sdp_find(type, body);
    assert(sdp.n == 0 || (sdp.p >= body.p && sdp.p + sdp.n <= body.p + body.n));
    check_rewrite(type, body, sdp);
    return 0;
}
