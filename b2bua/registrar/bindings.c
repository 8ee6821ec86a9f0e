#include "b2bua/registrar/bindings_impl.h"

#include <stdlib.h>

/* --- numbers --- */

static uint32_t number_of(const struct bindings *b, struct str text) {
    return (uint32_t)hash_number(b->numbers, text);
}

uint64_t bindings_id(const struct bindings *b, struct str aor, struct str instance, uint32_t reg_id,
                     struct str contact_uri) {
    char text[2 * BINDING_TEXT_MAX + 32];
    struct sbuf key = sbuf_on(text, sizeof text);
    bool is_flow = instance.n > 0 && reg_id > 0;

    sbuf_put(&key, aor);
    sbuf_putc(&key, '\0');
    sbuf_put(&key, is_flow ? instance : contact_uri);
    sbuf_putc(&key, '\0');
    if (is_flow)
        sbuf_number(&key, reg_id);
    uint32_t low = number_of(b, sbuf_str(&key));
    return (uint64_t)number_of(b, aor) << 32 | (low != 0 ? low : 1);
}

/* --- shards --- */

static struct bindings_shard *shard_of(struct bindings *b, uint64_t id) {
    return &b->shards[(id >> 32) % BINDINGS_SHARDS];
}

static struct bindings_entry **bucket_of(const struct bindings_shard *s, uint64_t id) {
    return &s->buckets[(id >> 32) / BINDINGS_SHARDS & s->mask];
}

static void grow(struct bindings_shard *s) {
    struct bindings_entry **old = s->buckets, *next;
    uint32_t count = old == NULL ? 0 : s->mask + 1;

    if (s->count < count)
        return;
    s->mask = count == 0 ? 15 : 2 * count - 1;
    s->buckets = mem_zalloc(((size_t)s->mask + 1) * sizeof(struct bindings_entry *));
    for (uint32_t i = 0; i < count; i++)
        for (struct bindings_entry *e = old[i]; e != NULL; e = next) {
            next = e->next;
            struct bindings_entry **at = bucket_of(s, e->f.id);
            e->next = *at;
            *at = e;
        }
    free(old);
}

static struct bindings_entry *find(const struct bindings_shard *s, uint64_t id) {
    struct bindings_entry *e = s->buckets == NULL ? NULL : *bucket_of(s, id);

    while (e != NULL && e->f.id != id)
        e = e->next;
    return e;
}

static bool is_of(const struct bindings_entry *e, uint64_t id, struct str aor) {
    return e->f.id >> 32 == id >> 32 && str_eq((struct str){e->text, e->lengths[0]}, aor);
}

/* --- an entry --- */

static struct str *views_of(struct binding *b, int i) {
    struct str *views[BINDINGS_TEXTS] = {&b->aor,           &b->contact, &b->instance,  &b->call_id,
                                         &b->service_route, &b->path,    &b->user_agent};

    return views[i];
}

static struct str text_of(const struct binding *b, int i) {
    const struct str texts[BINDINGS_TEXTS] = {b->aor,           b->contact, b->instance,  b->call_id,
                                              b->service_route, b->path,    b->user_agent};

    return texts[i];
}

static size_t text_size(const struct binding *b) {
    size_t n = 0;

    for (int i = 0; i < BINDINGS_TEXTS; i++)
        n += text_of(b, i).n;
    return n;
}

static void entry_ends(struct timer *t, uint64_t now);

static struct bindings_entry *entry_new(struct bindings_shard *s, const struct binding *from) {
    struct bindings_entry *e = mem_alloc(sizeof *e + text_size(from));
    char *to = e->text;

    *e = (struct bindings_entry){.shard = s, .f = from->f, .end.fire = entry_ends};
    for (int i = 0; i < BINDINGS_TEXTS; i++) {
        struct str text = text_of(from, i);
        if (text.n > 0)
            memcpy(to, text.p, text.n);
        e->lengths[i] = (uint16_t)text.n;
        to += text.n;
    }
    return e;
}

static void copy(const struct bindings_entry *e, struct binding *out) {
    size_t at = 0;

    out->f = e->f;
    for (int i = 0; i < BINDINGS_TEXTS; i++) {
        *views_of(out, i) = (struct str){out->text + at, e->lengths[i]};
        at += e->lengths[i];
    }
    memcpy(out->text, e->text, at);
}

static void link_in(struct bindings *b, struct bindings_shard *s, struct bindings_entry *e) {
    grow(s);
    e->next = *bucket_of(s, e->f.id);
    *bucket_of(s, e->f.id) = e;
    s->count++;
    timerq_set(&s->ends, &e->end, (e->f.told_ms + 999) / 1000);
    bindings_flow_add(b, e);
}

static void link_out(struct bindings *b, struct bindings_shard *s, struct bindings_entry *e) {
    struct bindings_entry **at = bucket_of(s, e->f.id);

    while (*at != e)
        at = &(*at)->next;
    *at = e->next;
    s->count--;
    timerq_stop(&s->ends, &e->end);
    bindings_flow_remove(b, e);
}

/* --- putting and removing --- */

static void keep(struct binding_facts *f, const struct binding_facts *before, uint64_t now_ms) {
    f->since_ms = before->since_ms;
    f->moved_ms = f->node == before->node ? before->moved_ms : now_ms;
    f->calls = before->calls;
    f->pending = before->pending && f->node == before->node;
    if (f->stun_ms == 0)
        f->stun_ms = before->stun_ms;
}

static bool aor_is_full(const struct bindings_shard *s, const struct binding *from) {
    int n = 0;

    for (const struct bindings_entry *e = s->buckets == NULL ? NULL : *bucket_of(s, from->f.id); e != NULL; e = e->next)
        n += is_of(e, from->f.id, from->aor);
    return n >= BINDINGS_OF_AOR_MAX;
}

static enum bindings_put put(struct bindings *b, struct bindings_shard *s, const struct binding *from,
                             uint64_t now_ms) {
    struct bindings_entry *old = find(s, from->f.id), *e;

    if (old == NULL && aor_is_full(s, from)) {
        bindings_total_refused(b);
        return BINDINGS_FULL;
    }
    if (old == NULL && !bindings_total_add(b, &from->f))
        return BINDINGS_FULL;
    e = entry_new(s, from);
    if (old != NULL) {
        keep(&e->f, &old->f, now_ms);
        bindings_total_change(b, &old->f, &e->f);
        link_out(b, s, old);
        free(old);
    }
    link_in(b, s, e);
    return old != NULL ? BINDINGS_RENEWED : BINDINGS_NEW;
}

enum bindings_put bindings_put(struct bindings *b, const struct binding *from, uint64_t now_ms) {
    struct bindings_shard *s = shard_of(b, from->f.id);

    if (text_size(from) > BINDING_TEXT_MAX)
        return BINDINGS_TOO_LONG;
    pthread_mutex_lock(&s->lock);
    enum bindings_put done = put(b, s, from, now_ms);
    pthread_mutex_unlock(&s->lock);
    if (done != BINDINGS_FULL && b->ops.put != NULL)
        b->ops.put(b->ops.ctx, from);
    return done;
}

bool bindings_get(struct bindings *b, uint64_t id, struct binding *out) {
    struct bindings_shard *s = shard_of(b, id);

    pthread_mutex_lock(&s->lock);
    const struct bindings_entry *e = find(s, id);
    if (e != NULL && out != NULL)
        copy(e, out);
    pthread_mutex_unlock(&s->lock);
    return e != NULL;
}

bool bindings_remove(struct bindings *b, uint64_t id) {
    struct bindings_shard *s = shard_of(b, id);

    pthread_mutex_lock(&s->lock);
    struct bindings_entry *e = find(s, id);
    if (e != NULL) {
        link_out(b, s, e);
        bindings_total_remove(b, &e->f);
    }
    pthread_mutex_unlock(&s->lock);
    free(e);
    if (e != NULL && b->ops.gone != NULL)
        b->ops.gone(b->ops.ctx, id);
    return e != NULL;
}

bool bindings_change(struct bindings *b, uint64_t id, void (*change)(struct binding_facts *f, void *arg), void *arg) {
    struct bindings_shard *s = shard_of(b, id);

    pthread_mutex_lock(&s->lock);
    struct bindings_entry *e = find(s, id);
    if (e != NULL) {
        struct binding_facts before = e->f;
        change(&e->f, arg);
        bindings_total_change(b, &before, &e->f);
    }
    pthread_mutex_unlock(&s->lock);
    return e != NULL;
}

static void count_call(struct binding_facts *f, void *begins) {
    if (*(const bool *)begins)
        f->calls++;
    else if (f->calls > 0) /* it may have gone and come again meanwhile */
        f->calls--;
}

void bindings_call(struct bindings *b, uint64_t id, bool begins) {
    bindings_change(b, id, count_call, &begins);
}

int bindings_of_aor(struct bindings *b, struct str aor, uint64_t *ids) {
    uint64_t id = (uint64_t)number_of(b, aor) << 32;
    struct bindings_shard *s = shard_of(b, id);
    int n = 0;

    pthread_mutex_lock(&s->lock);
    for (const struct bindings_entry *e = s->buckets == NULL ? NULL : *bucket_of(s, id);
         e != NULL && n < BINDINGS_OF_AOR_MAX; e = e->next)
        if (is_of(e, id, aor))
            ids[n++] = e->f.id;
    pthread_mutex_unlock(&s->lock);
    return n;
}

/* --- what ends by itself --- */

static void entry_ends(struct timer *t, uint64_t now) {
    struct bindings_entry *e = (struct bindings_entry *)((char *)t - offsetof(struct bindings_entry, end));
    struct bindings_shard *s = e->shard;

    (void)now;
    link_out(s->all, s, e);
    bindings_total_remove(s->all, &e->f);
    e->next = s->ended;
    s->ended = e;
}

static void tick(struct bindings *b, struct bindings_shard *s, uint64_t now_ms) {
    struct bindings_entry *next;
    uint32_t n = 0;

    pthread_mutex_lock(&s->lock);
    if (s->count > 0 || s->ends.now_ms < now_ms / 1000)
        timerq_run(&s->ends, now_ms / 1000);
    struct bindings_entry *ended = s->ended;
    s->ended = NULL;
    pthread_mutex_unlock(&s->lock);
    for (struct bindings_entry *e = ended; e != NULL; e = next, n++) {
        next = e->next;
        if (b->ops.gone != NULL)
            b->ops.gone(b->ops.ctx, e->f.id);
        free(e);
    }
    if (n > 0)
        bindings_total_expired(b, n);
}

void bindings_tick(struct bindings *b, unsigned worker, unsigned workers, uint64_t now_ms) {
    for (unsigned i = worker; i < BINDINGS_SHARDS; i += workers)
        tick(b, &b->shards[i], now_ms);
}
