/*
 * heartbeat: what one node of ours says of itself to another: the value of the header X-Twinleg-Peer in an OPTIONS and
 * in its answer. Pure: facts in, text out, and back. It is signed with the secret that all nodes of a cluster share;
 * a question says when it was asked and is good for half a minute, an answer repeats the number of its question.
 *
 *     1;kind=question;from=sbc1;to=sbc2;at=1700000000123;number=93f01c22a45be710;state=active;registrations=20;calls=3;
 *     busy=12;stun=on;config=0d8f5a1b2c3d4e5f;version=0.1;mac=..
 *
 * Who is asked and does not believe it says only why, unsigned: "1;refused=wrong-secret".
 */
#ifndef B2BUA_CORE_HEARTBEAT_H
#define B2BUA_CORE_HEARTBEAT_H

#include "b2bua/core/token.h"

#define HEARTBEAT_HEADER "X-Twinleg-Peer"

enum { HEARTBEAT_NAME_SIZE = 64, HEARTBEAT_VERSION_SIZE = 32, HEARTBEAT_TEXT_MAX = 640 };

enum heartbeat_state { HEARTBEAT_ACTIVE, HEARTBEAT_MAINTENANCE, HEARTBEAT_DRAINING, HEARTBEAT_STATES };

/* What a node says of itself. */
struct heartbeat_facts {
    enum heartbeat_state state;
    uint32_t registrations, calls;
    uint32_t busy_percent; /* its workers, on average */
    bool stun;             /* it answers STUN of clients */
    uint64_t config;       /* checksum of what has to be the same on all nodes */
    char version[HEARTBEAT_VERSION_SIZE];
};

enum heartbeat_kind { HEARTBEAT_QUESTION, HEARTBEAT_ANSWER, HEARTBEAT_KINDS };

struct heartbeat {
    enum heartbeat_kind kind;
    char from[HEARTBEAT_NAME_SIZE], to[HEARTBEAT_NAME_SIZE]; /* node.name of both */
    uint64_t at_ms;                                          /* since 1970, by the sender's clock */
    uint64_t number;                                         /* random, of the question */
    struct heartbeat_facts facts;
};

/* Writes the value, signed. */
void heartbeat_put(struct sbuf *out, const struct token_key *key, const struct heartbeat *h);

/* What became of reading one, in words of a refusal as well. */
enum heartbeat_verdict {
    HEARTBEAT_GOOD,
    HEARTBEAT_FORMAT,       /* cannot be read: another version's, or nobody's */
    HEARTBEAT_WRONG_SECRET, /* signed with another one */
    HEARTBEAT_CLOCK,        /* asked too long ago, or in the future: the clocks differ */
    HEARTBEAT_REPLAYED,     /* not newer than the last one */
    HEARTBEAT_WRONG_NAME,   /* from or to somebody else */
    HEARTBEAT_UNSIGNED,     /* there is no such header */
    HEARTBEAT_VERDICTS
};

/* Reads a value: HEARTBEAT_GOOD, FORMAT or WRONG_SECRET; a refusal's own reason. *out is written only when good. */
enum heartbeat_verdict heartbeat_read(struct str value, const struct token_key *key, struct heartbeat *out);

/* Writes what is said to one whose value was not good: the value of heartbeat_read with the reason. */
void heartbeat_put_refusal(struct sbuf *out, enum heartbeat_verdict why);

const char *heartbeat_verdict_name(enum heartbeat_verdict v); /* "wrong-secret" ... */
const char *heartbeat_state_name(enum heartbeat_state s);     /* "active", "maintenance", "draining" */

#endif
