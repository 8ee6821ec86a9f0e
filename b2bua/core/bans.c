#include "b2bua/core/bans.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "b2bua/core/windows.h"

enum { BUCKETS = 2 * BANS_MAX, KEYS_MAX = 8192, TRIES = 16, NOBODY = -1 };

const struct bans_rule bans_standard[BANS_CATEGORIES] = {
    [BANS_SIP_AUTH] = {5, 300, 600},       [BANS_SIP_INTRUSION] = {10, 60, 600},  [BANS_HTTP_AUTH] = {5, 300, 600},
    [BANS_HTTP_INTRUSION] = {10, 60, 600}, [BANS_XMPP_INTRUSION] = {10, 60, 600},
};

/* Entries in use stand first; a bucket's chain goes through `next`. */
struct bans {
    uint64_t seed;
    struct bans_rule rules[BANS_CATEGORIES];
    struct windows *failures[BANS_CATEGORIES]; /* made when first wanted */
    struct bans_exemption *exemptions;
    int exemption_count;
    int count;
    int victim;                   /* where to look for one that gives way */
    atomic_ushort crowd[BUCKETS]; /* how many entries each bucket has: read by any thread */
    int first[BUCKETS];
    int next[BANS_MAX];
    struct bans_entry entries[BANS_MAX];
};

const char *bans_category_name(int category) {
    static const char *const names[] = {
        [BANS_SIP_AUTH] = "sip-auth",
        [BANS_SIP_INTRUSION] = "sip-intrusion",
        [BANS_HTTP_AUTH] = "http-auth",
        [BANS_HTTP_INTRUSION] = "http-intrusion",
        [BANS_XMPP_INTRUSION] = "xmpp-intrusion",
        [BANS_BY_HAND] = "manual",
    };

    return names[category];
}

struct bans *bans_new(uint64_t seed) {
    struct bans *b = mem_zalloc(sizeof *b);

    b->seed = seed;
    for (int i = 0; i < BUCKETS; i++)
        b->first[i] = NOBODY;
    return b;
}

static void forget_failures(struct bans *b, int category) {
    windows_free(b->failures[category]);
    b->failures[category] = NULL;
}

void bans_free(struct bans *b) {
    if (b == NULL)
        return;
    for (int i = 0; i < BANS_CATEGORIES; i++)
        forget_failures(b, i);
    free(b->exemptions);
    free(b);
}

void bans_rules(struct bans *b, const struct bans_rule *rules) {
    for (int i = 0; i < BANS_CATEGORIES; i++)
        if (rules[i].failures != b->rules[i].failures || rules[i].window_s != b->rules[i].window_s)
            forget_failures(b, i);
    memcpy(b->rules, rules, sizeof b->rules);
}

void bans_exempt(struct bans *b, const struct bans_exemption *list, int count) {
    free(b->exemptions);
    b->exemptions = mem_alloc(((size_t)count + 1) * sizeof *list);
    b->exemption_count = count;
    for (int i = 0; i < count; i++) {
        b->exemptions[i] = list[i];
        b->exemptions[i].range.base.port = 0;
    }
}

unsigned bans_exempt_from(const struct bans *b, const struct addr *a) {
    unsigned categories = 0;

    for (int i = 0; i < b->exemption_count; i++)
        if (addr_range_match(&b->exemptions[i].range, a) >= 0)
            categories |= b->exemptions[i].categories;
    return categories;
}

/* --- the table --- */

static uint64_t key_of(const struct bans *b, const struct addr *a) {
    uint64_t h = (addr_hash_ip(a) ^ b->seed) * 0x9e3779b97f4a7c15u;

    return h ^ h >> 29;
}

static size_t bucket_of(const struct bans *b, const struct addr *a) {
    return key_of(b, a) % BUCKETS;
}

bool bans_maybe(const struct bans *b, const struct addr *a) {
    return atomic_load_explicit(&b->crowd[bucket_of(b, a)], memory_order_relaxed) > 0;
}

struct bans_entry *bans_find(const struct bans *b, const struct addr *a) {
    int i = b->first[bucket_of(b, a)];

    while (i != NOBODY && !addr_same_ip(&b->entries[i].addr, a))
        i = b->next[i];
    return i == NOBODY ? NULL : (struct bans_entry *)&b->entries[i];
}

/* The place in its chain that holds index `i`. */
static int *link_to(struct bans *b, int i) {
    int *at = &b->first[bucket_of(b, &b->entries[i].addr)];

    while (*at != i)
        at = &b->next[*at];
    return at;
}

static void hang_in(struct bans *b, int i, const struct addr *a) {
    size_t bucket = bucket_of(b, a);

    b->next[i] = b->first[bucket];
    b->first[bucket] = i;
    atomic_fetch_add_explicit(&b->crowd[bucket], 1, memory_order_relaxed);
}

/* The last one moves to where this one was. */
static void drop(struct bans *b, int i) {
    int last = b->count - 1;
    int *at = link_to(b, i);

    atomic_fetch_sub_explicit(&b->crowd[bucket_of(b, &b->entries[i].addr)], 1, memory_order_relaxed);
    *at = b->next[i];
    if (i != last) {
        *link_to(b, last) = i;
        b->entries[i] = b->entries[last];
        b->next[i] = b->next[last];
    }
    b->count--;
}

/* Full: one that an operator has not made gives way. */
static bool make_room(struct bans *b) {
    for (int tries = 0; b->count == BANS_MAX && tries < TRIES; tries++) {
        int i = b->victim = (b->victim + 1) % BANS_MAX;
        if (b->entries[i].category != BANS_BY_HAND)
            drop(b, i);
    }
    return b->count < BANS_MAX;
}

struct bans_entry *bans_add(struct bans *b, const struct addr *a, int category, uint64_t until_ms, uint64_t now_ms) {
    struct bans_entry *e = bans_find(b, a);

    if (e == NULL) {
        if (!make_room(b))
            return NULL;
        hang_in(b, b->count, a);
        e = &b->entries[b->count++];
        *e = (struct bans_entry){.addr = *a, .since_ms = now_ms};
        e->addr.port = 0;
    }
    e->category = category;
    e->until_ms = until_ms;
    return e;
}

bool bans_remove(struct bans *b, const struct addr *a) {
    const struct bans_entry *e = bans_find(b, a);

    if (e == NULL)
        return false;
    drop(b, (int)(e - b->entries));
    return true;
}

/* --- what happens --- */

static struct windows *failures_of(struct bans *b, int category) {
    const struct bans_rule *r = &b->rules[category];

    if (b->failures[category] == NULL)
        b->failures[category] = windows_new(KEYS_MAX, (uint32_t)r->failures, (uint32_t)r->window_s * 1000);
    return b->failures[category];
}

struct bans_entry *bans_event(struct bans *b, enum bans_category category, const struct addr *a, uint64_t now_ms) {
    const struct bans_rule *r = &b->rules[category];

    if (r->failures == 0 || bans_find(b, a) != NULL || (bans_exempt_from(b, a) & 1u << category) != 0)
        return NULL;
    struct windows *w = failures_of(b, category);
    if (windows_add(w, key_of(b, a), now_ms) < (uint32_t)r->failures)
        return NULL;
    windows_forget(w, key_of(b, a)); /* when the ban is over it counts from nothing */
    return bans_add(b, a, category, now_ms + (uint64_t)r->ban_s * 1000, now_ms);
}

static void take_out(struct bans *b, int i, struct bans_entry *out) {
    *out = b->entries[i];
    drop(b, i);
}

bool bans_expire(struct bans *b, uint64_t now_ms, struct bans_entry *out) {
    for (int i = 0; i < b->count; i++) {
        if (b->entries[i].until_ms > now_ms)
            continue;
        take_out(b, i, out);
        return true;
    }
    return false;
}

bool bans_pardon(struct bans *b, struct bans_entry *out) {
    for (int i = 0; i < b->count; i++) {
        const struct bans_entry *e = &b->entries[i];
        unsigned exempt = bans_exempt_from(b, &e->addr);
        if (e->category == BANS_BY_HAND ? exempt != BANS_ALL : (exempt & 1u << e->category) == 0)
            continue;
        take_out(b, i, out);
        return true;
    }
    return false;
}

int bans_count(const struct bans *b) {
    return b->count;
}

const struct bans_entry *bans_at(const struct bans *b, int i) {
    return &b->entries[i];
}
