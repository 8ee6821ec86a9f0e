/* Any bytes as a STUN message: what is answered is well-formed, fits, and mirrors the transaction. */
#include <assert.h>
#include <stdlib.h>

#include "tests/mapped.h"

static void check_answer(struct str in, const struct addr *from) {
    uint8_t out[STUN_REPLY_MAX];
    size_t n = stun_answer(in, from, "twinleg", out);
    struct str answer = {(const char *)out, n};
    struct addr seen;

    if (n == 0)
        return;
    assert(stun_kind(in) == STUN_REQUEST && n <= sizeof out && memcmp(out + 8, in.p + 8, STUN_ID) == 0);
    if (stun_kind(answer) == STUN_SUCCESS)
        assert(mapped_address(answer, out + 8, &seen) == 0 && addr_eq(&seen, from));
    else
        assert(stun_kind(answer) == STUN_ERROR);
    assert(stun_answer(answer, from, "twinleg", out) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct addr from = {.family = 4, .port = 40000, .ip = {192, 0, 2, 1}};
    struct str in = {(const char *)data, size};

    check_answer(in, &from);
    from.family = 6;
    check_answer(in, &from);
    return 0;
}
