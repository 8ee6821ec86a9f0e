/* Slots, their targets, and where these are. */
#include "b2bua/trunk/pool.h"

#include <stdlib.h>

#include "b2bua/log/log.h"
#include "b2bua/trunk/pool_impl.h"

struct pool *pool_new(uint64_t seed) {
    struct pool *p = mem_zalloc(sizeof *p);

    p->seed = seed;
    pthread_mutex_init(&p->rate_lock, NULL);
    return p;
}

static void forget_targets(struct slot *s) {
    for (int i = 0; i < s->target_count; i++) {
        free(s->targets[i].uri);
        free(s->targets[i].reason);
    }
    free(s->targets);
    s->targets = NULL;
    s->target_count = 0;
}

void pool_free(struct pool *p) {
    for (int i = 0; p != NULL && i < POOL_SLOTS_MAX; i++) {
        struct slot *s = p->slots[i];
        if (s == NULL)
            continue;
        forget_targets(s);
        free(s->places);
        free(s->name);
        pthread_mutex_destroy(&s->lock);
        free(s);
    }
    if (p != NULL)
        pthread_mutex_destroy(&p->rate_lock);
    free(p);
}

unsigned pool_version(const struct pool *p) {
    return atomic_load_explicit(&((struct pool *)p)->version, memory_order_acquire);
}

/* splitmix64 */
uint64_t slot_random(struct slot *s) {
    uint64_t x = s->seed += 0x9e3779b97f4a7c15u;

    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

/* --- slots --- */

static struct slot *slot_for(struct pool *p, const struct settings_trunk *t) {
    struct slot *s = p->slots[t->slot];

    if (s != NULL)
        return s;
    s = mem_zalloc(sizeof *s);
    s->name = str_dup(str_of(t->name));
    s->seed = p->seed ^ str_hash(str_of(t->name));
    s->next_id = POOL_NO_PLACE + 1;
    atomic_init(&s->deadline_ms, UINT64_MAX);
    pthread_mutex_init(&s->lock, NULL);
    return p->slots[t->slot] = s;
}

/* --- places --- */

static struct slot_target *find_target(struct slot *s, const char *uri) {
    for (int i = 0; i < s->target_count; i++)
        if (strcmp(s->targets[i].uri, uri) == 0)
            return &s->targets[i];
    return NULL;
}

static bool is_at(const struct place *p, const char *uri, const struct pool_address *a) {
    return strcmp(p->uri, uri) == 0 && p->at.proto == a->proto && addr_eq(&p->at.addr, &a->addr);
}

/* The place as it was before, or a new one, which starts up. */
static struct place place_for(struct slot *s, const struct slot_target *t, const struct pool_address *a,
                              uint64_t now_ms) {
    struct place new = {.uri = t->uri, .at = *a};

    for (int i = 0; i < s->place_count; i++)
        if (is_at(&s->places[i], t->uri, a)) {
            new = s->places[i];
            new.uri = t->uri;
            new.at = *a;
            return new;
        }
    new.id = s->next_id++;
    health_init(&new.health, &s->policy, slot_random(s), now_ms);
    return new;
}

static bool same_addresses(const struct slot *s, const char *uri, const struct pool_address *list, int count) {
    int i = 0;

    for (int j = 0; j < s->place_count; j++) {
        const struct place *p = &s->places[j];
        if (strcmp(p->uri, uri) != 0)
            continue;
        if (i == count || !is_at(p, uri, &list[i]) || p->at.priority != list[i].priority ||
            p->at.weight != list[i].weight)
            return false;
        i++;
    }
    return i == count;
}

/* Places of other targets stay, those of `t` are the list. */
static void replace_places(struct slot *s, const struct slot_target *t, const struct pool_address *list, int count,
                           uint64_t now_ms) {
    struct place *old = s->places;
    int old_count = s->place_count, n = 0;
    struct place *new = mem_zalloc((size_t)(old_count + count + 1) * sizeof *new);

    for (int i = 0; i < old_count; i++)
        if (strcmp(old[i].uri, t->uri) != 0)
            new[n++] = old[i];
    for (int i = 0; i < count && n < POOL_PLACES_MAX; i++)
        new[n++] = place_for(s, t, &list[i], now_ms);
    s->places = new;
    s->place_count = n;
    free(old);
}

static void set_reason(struct slot_target *t, const char *reason) {
    free(t->reason);
    t->reason = reason == NULL ? NULL : str_dup(str_of(reason));
}

static void publish(struct pool *p, struct slot *s, struct slot_target *t, const struct pool_address *list, int count,
                    uint64_t now_ms) {
    if (same_addresses(s, t->uri, list, count))
        return;
    replace_places(s, t, list, count, now_ms);
    slot_settle(s);
    atomic_fetch_add_explicit(&p->version, 1, memory_order_release);
}

void pool_publish(struct pool *p, int slot, const char *uri, const struct pool_address *list, int count,
                  const char *reason, uint64_t now_ms) {
    struct slot *s = pool_lock(p, slot);
    struct slot_target *t = find_target(s, uri);

    if (t != NULL) {
        set_reason(t, reason);
        publish(p, s, t, list, count, now_ms);
        slot_settle(s);
    }
    pool_unlock(s);
}

/* --- snapshots --- */

static void publish_literal(struct pool *p, struct slot *s, const struct settings_target *t, uint64_t now_ms) {
    struct pool_address a = {.addr = t->addr, .proto = (enum flow_proto)t->proto};

    if (t->addr.family != 0)
        publish(p, s, find_target(s, t->uri), &a, 1, now_ms);
}

/* Places point into the targets that are replaced: those that stay get the new uri, the others go. */
static void keep_places(struct slot *s) {
    int n = 0;

    for (int i = 0; i < s->place_count; i++) {
        struct slot_target *t = find_target(s, s->places[i].uri);
        if (t == NULL)
            continue;
        s->places[n] = s->places[i];
        s->places[n++].uri = t->uri;
    }
    s->place_count = n;
}

static void take_targets(struct slot *s, const struct settings_trunk *t) {
    struct slot old = {.targets = s->targets, .target_count = s->target_count};

    s->targets = mem_zalloc(((size_t)t->target_count + 1) * sizeof *s->targets);
    s->target_count = 0;
    for (int i = 0; i < t->target_count; i++) {
        if (find_target(s, t->targets[i].uri) != NULL)
            continue; /* written twice: one place all the same */
        struct slot_target *before = find_target(&old, t->targets[i].uri);
        struct slot_target *new = &s->targets[s->target_count++];
        new->uri = str_dup(str_of(t->targets[i].uri));
        if (before != NULL)
            set_reason(new, before->reason);
    }
    keep_places(s);
    forget_targets(&old);
}

static bool same_policy(const struct health_policy *a, const struct health_policy *b) {
    return a->probes == b->probes && a->retries == b->retries && a->up_interval_ms == b->up_interval_ms &&
           a->down_interval_ms == b->down_interval_ms;
}

static void take_policy(struct slot *s, const struct health_policy *policy, uint64_t now_ms) {
    bool same = same_policy(&s->policy, policy);

    s->policy = *policy;
    for (int i = 0; i < s->place_count && !same; i++)
        health_policy_changed(&s->places[i].health, policy, slot_random(s), now_ms);
}

static void take_trunk(struct pool *p, struct slot *s, const struct settings_trunk *t, uint64_t now_ms) {
    const struct settings_keepalive *k = &t->keepalive;
    struct health_policy policy =
        health_policy(k->method == KEEPALIVE_OPTIONS, k->up_interval_s, k->down_interval_s, k->retries);

    take_targets(s, t);
    take_policy(s, &policy, now_ms);
    for (int i = 0; i < t->target_count; i++)
        publish_literal(p, s, &t->targets[i], now_ms);
    slot_settle(s);
}

void pool_adopt(struct pool *p, const struct settings *settings, uint64_t now_ms) {
    for (int i = 0; i < settings->trunk_count; i++) {
        const struct settings_trunk *t = &settings->trunks[i];
        struct slot *s = slot_for(p, t);
        pthread_mutex_lock(&s->lock);
        take_trunk(p, s, t, now_ms);
        pthread_mutex_unlock(&s->lock);
    }
}

/* --- copying out --- */

int slot_target_of(const struct settings_trunk *t, const char *uri) {
    for (int i = 0; i < t->target_count; i++)
        if (strcmp(t->targets[i].uri, uri) == 0)
            return i;
    return -1;
}

void slot_copy_place(const struct place *from, int target, struct pool_place *out) {
    *out = (struct pool_place){.id = from->id,
                               .target = target,
                               .addr = from->at.addr,
                               .proto = from->at.proto,
                               .priority = from->at.priority,
                               .weight = from->at.weight,
                               .state = (enum health_state)from->health.state};
}

int pool_places(struct pool *p, const struct settings_trunk *t, struct pool_place *out) {
    struct slot *s = pool_lock(p, t->slot);
    int n = 0;

    for (int i = 0; i < s->place_count; i++) {
        int target = slot_target_of(t, s->places[i].uri);
        if (target >= 0)
            slot_copy_place(&s->places[i], target, &out[n++]);
    }
    pool_unlock(s);
    return n;
}
