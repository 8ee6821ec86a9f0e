/*
 * token: a flow as text that a peer keeps for us and gives back: in the Path of a registration (RFC 3327, RFC
 * 5626 5.2). It carries the flow itself, so that nothing has to be remembered, and a signature, so that nobody else can
 * make one.
 *
 * A connection is named by its number and by the start of the process that it belongs to: after a restart the token of
 * a connection is good but its flow is gone. A UDP flow is an address and stays.
 */
#ifndef B2BUA_CORE_TOKEN_H
#define B2BUA_CORE_TOKEN_H

#include "b2bua/core/flow.h"
#include "b2bua/core/hash.h"

enum { TOKEN_TEXT_MAX = 64 }; /* the longest token, terminator included */

struct token_key {
    uint8_t bytes[HASH_MAC_SIZE];
};

/* A key from a configured secret of any length. */
struct token_key token_key_of(struct str secret);

struct token {
    uint32_t boot;      /* of the process that owns the connection; not part of a UDP token */
    uint16_t listen_id; /* of the listener: token_listen_id of its name, which outlives a reload */
    struct flow flow;   /* `listen` is not part of it; of a stream only proto, worker and conn are */
};

/* The number of a listener by its name: the same after a reload, and after a restart. */
uint16_t token_listen_id(const char *listener);

/* Writes the token (letters, digits, "-" and "_") and returns it. `text` holds TOKEN_TEXT_MAX bytes. */
struct str token_make(const struct token_key *key, const struct token *t, char *text);

/* Returns 0, or -1 when it is no token that this key has made. */
int token_read(const struct token_key *key, struct str text, struct token *out);

#endif
