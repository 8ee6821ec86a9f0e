/* Any bytes as a heartbeat, as they are and well signed: what is believed is written as it was read. */
#include <assert.h>
#include <stdlib.h>

#include "b2bua/core/heartbeat.h"

enum { TAIL = 5 + 2 * HASH_MAC_SIZE };

static void check(struct str text, const struct token_key *key) {
    char again[HEARTBEAT_TEXT_MAX];
    struct sbuf b = sbuf_on(again, sizeof again);
    struct heartbeat h, same;

    if (heartbeat_read(text, key, &h) != HEARTBEAT_GOOD)
        return;
    heartbeat_put(&b, key, &h);
    assert(!b.full && heartbeat_read(sbuf_str(&b), key, &same) == HEARTBEAT_GOOD);
    assert(same.number == h.number && same.at_ms == h.at_ms && strcmp(same.from, h.from) == 0);
}

static struct str sign(struct str text, const struct token_key *key, char *out) {
    static const char digits[] = "0123456789abcdef";
    struct sbuf b = sbuf_on(out, HEARTBEAT_TEXT_MAX);
    uint8_t mac[HASH_MAC_SIZE];

    sbuf_puts(&b, "twinleg heartbeat ");
    sbuf_put(&b, text);
    hash_mac(key->bytes, sbuf_str(&b), mac);
    b.n = 0;
    sbuf_put(&b, text);
    sbuf_puts(&b, ";mac=");
    for (int i = 0; i < HASH_MAC_SIZE; i++) {
        sbuf_putc(&b, digits[mac[i] >> 4]);
        sbuf_putc(&b, digits[mac[i] & 15]);
    }
    return sbuf_str(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct token_key key = token_key_of(STR("secret"));
    struct str in = {(const char *)data, size};
    char text[HEARTBEAT_TEXT_MAX];

    check(in, &key);
    if (size + TAIL < HEARTBEAT_TEXT_MAX)
        check(sign(in, &key, text), &key);
    return 0;
}
