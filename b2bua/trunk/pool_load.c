/* What the trunks carry, and where that ends. */
#include "b2bua/trunk/pool_impl.h"

const char *pool_limit_name(int limit) {
    static const char *const names[POOL_LIMITS] = {[POOL_CALLS] = "calls", [POOL_RATE] = "rate"};

    return names[limit];
}

/* One more, unless that would be more than `most`. */
static bool take(atomic_uint *count, uint32_t most) {
    uint32_t before = atomic_fetch_add_explicit(count, 1, memory_order_relaxed);

    if (most == 0 || before < most)
        return true;
    atomic_fetch_sub_explicit(count, 1, memory_order_relaxed);
    return false;
}

static bool take_rate(pthread_mutex_t *lock, struct bucket *b, uint32_t per_second, uint64_t now_ms) {
    if (per_second == 0)
        return true;
    pthread_mutex_lock(lock);
    bool taken = bucket_take(b, per_second, now_ms);
    pthread_mutex_unlock(lock);
    return taken;
}

static int refuse(atomic_ullong *refused, enum pool_limit limit) {
    atomic_fetch_add_explicit(&refused[limit], 1, memory_order_relaxed);
    return (int)limit;
}

static void count_place(struct pool *pool, int slot, uint32_t place, int step) {
    if (place == POOL_NO_PLACE)
        return;
    struct slot *s = pool_lock(pool, slot);
    struct place *p = slot_find_place(s, place);
    if (p != NULL)
        p->calls += (uint32_t)step;
    pool_unlock(s);
}

int pool_call_begin(struct pool *p, int slot, uint32_t place, const struct settings_limits *limits, bool outgoing,
                    uint64_t now_ms) {
    struct slot *s = p->slots[slot];

    if (!take(&s->calls, (uint32_t)limits->calls))
        return refuse(s->refused[outgoing], POOL_CALLS);
    if (!take_rate(&s->lock, &s->rate, (uint32_t)limits->calls_per_second, now_ms)) {
        atomic_fetch_sub_explicit(&s->calls, 1, memory_order_relaxed);
        return refuse(s->refused[outgoing], POOL_RATE);
    }
    count_place(p, slot, place, 1);
    return POOL_ADMITTED;
}

void pool_call_end(struct pool *p, int slot, uint32_t place) {
    atomic_fetch_sub_explicit(&p->slots[slot]->calls, 1, memory_order_relaxed);
    count_place(p, slot, place, -1);
}

/* --- all trunks together --- */

int pool_admit(struct pool *p, uint32_t most, uint32_t per_second, uint64_t now_ms) {
    if (pool_calls(p) >= most)
        return refuse(p->refused, POOL_CALLS);
    if (!take_rate(&p->rate_lock, &p->rate, per_second, now_ms))
        return refuse(p->refused, POOL_RATE);
    return POOL_ADMITTED;
}

void pool_enter(struct pool *p) {
    atomic_fetch_add_explicit(&p->calls, 1, memory_order_relaxed);
}

void pool_leave(struct pool *p) {
    atomic_fetch_sub_explicit(&p->calls, 1, memory_order_relaxed);
}

uint32_t pool_calls(const struct pool *p) {
    return atomic_load_explicit(&((struct pool *)p)->calls, memory_order_relaxed);
}

uint64_t pool_refused(const struct pool *p, enum pool_limit limit) {
    return atomic_load_explicit(&((struct pool *)p)->refused[limit], memory_order_relaxed);
}
