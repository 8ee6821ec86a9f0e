#include "b2bua/core/windows.h"

#include <assert.h>
#include <stdlib.h>

#include "b2bua/core/str.h"

/* Entries are an array; those in use hang in a bucket's chain and in one list by their last event. Indexes, not
 * pointers; 0 stands for none, so entry 0 is the list's head. */
struct entry {
    uint64_t key;
    uint32_t chain;        /* next in the bucket, or next that is free */
    uint32_t newer, older; /* in the order of the last event */
    uint32_t first, count; /* of the ring of moments */
};

struct windows {
    struct entry *entries;
    uint64_t *moments; /* `events` of each entry */
    uint32_t *buckets;
    uint32_t mask, free, used, keys_max, events, period_ms;
};

struct windows *windows_new(uint32_t keys_max, uint32_t events, uint32_t period_ms) {
    struct windows *w = mem_zalloc(sizeof *w);

    assert(keys_max > 0 && keys_max < UINT32_MAX / 2 && events > 0 && events <= WINDOWS_EVENTS_MAX);
    *w = (struct windows){.keys_max = keys_max, .events = events, .period_ms = period_ms, .mask = 1, .free = 1};
    while (w->mask < keys_max)
        w->mask *= 2;
    w->buckets = mem_zalloc(w->mask * sizeof *w->buckets);
    w->mask--;
    w->entries = mem_zalloc((keys_max + 1) * sizeof *w->entries);
    w->moments = mem_alloc((size_t)(keys_max + 1) * events * sizeof *w->moments);
    for (uint32_t i = 1; i < keys_max; i++)
        w->entries[i].chain = i + 1;
    return w;
}

void windows_free(struct windows *w) {
    if (w == NULL)
        return;
    free(w->buckets);
    free(w->entries);
    free(w->moments);
    free(w);
}

static uint64_t *moment(const struct windows *w, uint32_t i, uint32_t n) {
    return &w->moments[(size_t)i * w->events + (w->entries[i].first + n) % w->events];
}

static uint32_t *bucket_of(const struct windows *w, uint64_t key) {
    return &w->buckets[(key ^ key >> 32) & w->mask];
}

static uint32_t find(const struct windows *w, uint64_t key) {
    uint32_t i = *bucket_of(w, key);

    while (i != 0 && w->entries[i].key != key)
        i = w->entries[i].chain;
    return i;
}

static void unlink_age(struct windows *w, uint32_t i) {
    struct entry *e = &w->entries[i];

    w->entries[e->newer].older = e->older;
    w->entries[e->older].newer = e->newer;
}

static void link_newest(struct windows *w, uint32_t i) {
    struct entry *head = &w->entries[0], *e = &w->entries[i];

    e->older = head->older;
    e->newer = 0;
    w->entries[head->older].newer = i;
    head->older = i;
}

static void drop(struct windows *w, uint32_t i) {
    uint32_t *at = bucket_of(w, w->entries[i].key);

    while (*at != i)
        at = &w->entries[*at].chain;
    *at = w->entries[i].chain;
    unlink_age(w, i);
    w->entries[i].chain = w->free;
    w->free = i;
    w->used--;
}

static uint32_t make(struct windows *w, uint64_t key) {
    if (w->free == 0)
        drop(w, w->entries[0].newer); /* the head's neighbour at the other end: the oldest */
    uint32_t i = w->free, *bucket = bucket_of(w, key);
    w->free = w->entries[i].chain;
    w->entries[i] = (struct entry){.key = key, .chain = *bucket};
    *bucket = i;
    link_newest(w, i);
    w->used++;
    return i;
}

/* How many moments have left the period. */
static uint32_t passed(const struct windows *w, uint32_t i, uint64_t now_ms) {
    uint32_t n = 0;

    while (n < w->entries[i].count && *moment(w, i, n) + w->period_ms <= now_ms)
        n++;
    return n;
}

uint32_t windows_add(struct windows *w, uint64_t key, uint64_t now_ms) {
    uint32_t i = find(w, key);

    if (i == 0) {
        i = make(w, key);
    } else {
        unlink_age(w, i);
        link_newest(w, i);
    }
    struct entry *e = &w->entries[i];
    uint32_t gone = passed(w, i, now_ms);
    if (gone == 0 && e->count == w->events)
        gone = 1; /* the ring holds the latest ones */
    e->first = (e->first + gone) % w->events;
    e->count -= gone;
    *moment(w, i, e->count) = now_ms;
    return ++e->count;
}

uint64_t windows_wait_ms(const struct windows *w, uint64_t key, uint64_t now_ms) {
    uint32_t i = find(w, key);

    if (i == 0 || w->entries[i].count < w->events)
        return 0;
    uint64_t end_ms = *moment(w, i, 0) + w->period_ms;
    return end_ms > now_ms ? end_ms - now_ms : 0;
}

void windows_forget(struct windows *w, uint64_t key) {
    uint32_t i = find(w, key);

    if (i != 0)
        drop(w, i);
}
