/*
 * bans: which addresses are locked out, for how long, and who becomes so by failing too often. Pure: time comes from
 * outside, and whoever owns it says so to others (b2bua/guard).
 *
 * Order of use: bans_new, bans_rules, bans_exempt; then bans_event as things happen, bans_find for what comes in,
 * bans_expire now and then; bans_free. All tables are bounded: where one is full, an old entry gives way.
 */
#ifndef B2BUA_CORE_BANS_H
#define B2BUA_CORE_BANS_H

#include "b2bua/core/addr.h"

enum bans_category {
    BANS_SIP_AUTH,      /* wrong credentials */
    BANS_SIP_INTRUSION, /* unknown sources, malformed messages */
    BANS_HTTP_AUTH,
    BANS_HTTP_INTRUSION,
    BANS_XMPP_INTRUSION,
    BANS_CATEGORIES,
    BANS_BY_HAND = BANS_CATEGORIES /* an operator's */
};

#define BANS_ALL ((1u << BANS_CATEGORIES) - 1)

enum { BANS_FAILURES_MAX = 100, BANS_MAX = 4096 };

#define BANS_FOR_GOOD UINT64_MAX

/* "sip-auth" ...; "manual" for BANS_BY_HAND. */
const char *bans_category_name(int category);

/* So many failures within so long lock out for so long. */
struct bans_rule {
    int failures; /* 0 = never */
    int window_s, ban_s;
};

/* What holds where nothing is configured. */
extern const struct bans_rule bans_standard[BANS_CATEGORIES];

/* Sources that are never banned for some categories: bits 1 << enum bans_category. */
struct bans_exemption {
    struct addr_range range; /* its port does not matter */
    unsigned categories;
};

struct bans_entry {
    struct addr addr; /* without port */
    int category;     /* enum bans_category, or BANS_BY_HAND */
    uint64_t since_ms, until_ms;
    uint64_t dropped; /* what it sent meanwhile; the owner counts */
};

struct bans;

/* `seed`: a random number, so that nobody can choose addresses whose places collide. */
struct bans *bans_new(uint64_t seed);
void bans_free(struct bans *b); /* NULL is fine */

/* BANS_CATEGORIES of them (copied). A category whose rule changes begins to count anew. */
void bans_rules(struct bans *b, const struct bans_rule *rules);

/* Who is exempt from now on (copied). Bans that stand stay: see bans_pardon. */
void bans_exempt(struct bans *b, const struct bans_exemption *list, int count);

/* For which categories this address is exempt, as bits. */
unsigned bans_exempt_from(const struct bans *b, const struct addr *a);

/* A failure of an address. Returns the entry when that was one too many and it is banned now, else NULL: exempt, below
 * the rule, banned already. */
struct bans_entry *bans_event(struct bans *b, enum bans_category category, const struct addr *a, uint64_t now_ms);

/* Bans an address, or changes how long it is. NULL: the table is full of bans made by hand. */
struct bans_entry *bans_add(struct bans *b, const struct addr *a, int category, uint64_t until_ms, uint64_t now_ms);

/* Returns false when it was not banned. */
bool bans_remove(struct bans *b, const struct addr *a);

/* The ban of an address; NULL = none. Until the next change. */
struct bans_entry *bans_find(const struct bans *b, const struct addr *a);

/* False: it is not banned. True: ask bans_find. The one function for any thread at any time. */
bool bans_maybe(const struct bans *b, const struct addr *a);

/* Ends one ban whose time is over and copies it to `out`; false: there is none. */
bool bans_expire(struct bans *b, uint64_t now_ms, struct bans_entry *out);

/* The same for one that an exemption of its category ends (any exemption, where the ban is by hand, but `all` bits). */
bool bans_pardon(struct bans *b, struct bans_entry *out);

/* Entry i of bans_count; in no order. */
int bans_count(const struct bans *b);
const struct bans_entry *bans_at(const struct bans *b, int i);

#endif
