#include "b2bua/core/ladder.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { LISTENS_MAX = 256, ALIGN = 8, TEXTS = 4 };

/* As it lies in the ring; its bytes follow, then the next. */
struct head {
    uint32_t size; /* of the whole entry, a multiple of ALIGN */
    uint8_t kind, way, proto, leg;
    uint64_t at_us;
    uint64_t call;
    struct addr local, peer;
    uint32_t n;            /* bytes that follow: */
    uint16_t parts[TEXTS]; /* of names and notes: the lengths of their texts */
    uint8_t again;
};

struct ladder {
    uint64_t (*wall_us)(void *ctx);
    void *ctx;
    struct addr locals[LISTENS_MAX];
    uint64_t first, end; /* positions */
    size_t cap;
    char *ring;
};

struct ladder *ladder_new(size_t bytes, uint64_t (*wall_us)(void *ctx), void *ctx) {
    struct ladder *l = mem_zalloc(sizeof *l);

    l->wall_us = wall_us;
    l->ctx = ctx;
    l->cap = (bytes < LADDER_LEAST_BYTES ? LADDER_LEAST_BYTES : bytes) & ~(size_t)(ALIGN - 1);
    l->ring = mem_alloc(l->cap);
    memset(l->ring, 0xff, l->cap); /* what it takes it takes now, not at three in the morning */
    return l;
}

void ladder_free(struct ladder *l) {
    if (l != NULL)
        free(l->ring);
    free(l);
}

void ladder_set_local(struct ladder *l, unsigned listen, const struct addr *local) {
    if (l != NULL && listen < LISTENS_MAX)
        l->locals[listen] = *local;
}

/* --- writing --- */

static struct head *head_at(const struct ladder *l, uint64_t at) {
    return (struct head *)(l->ring + at % l->cap);
}

/* Only `size` and `kind` are there in what is left at the end of the ring. */
static void fill_rest(struct ladder *l, size_t rest) {
    struct head *h = head_at(l, l->end);

    h->size = (uint32_t)rest;
    h->kind = LADDER_REST;
    l->end += rest;
}

static void forget(struct ladder *l, size_t need) {
    while (l->end + need - l->first > l->cap)
        l->first += head_at(l, l->first)->size;
}

/* Room for an entry of `n` bytes, in one piece. */
static struct head *add(struct ladder *l, enum ladder_kind kind, size_t n) {
    size_t size = (sizeof(struct head) + n + ALIGN - 1) & ~(size_t)(ALIGN - 1), rest = l->cap - l->end % l->cap;

    assert(size <= l->cap / 2);
    if (rest < size) {
        forget(l, rest);
        fill_rest(l, rest);
    }
    forget(l, size);
    struct head *h = head_at(l, l->end);
    *h = (struct head){.size = (uint32_t)size, .kind = (uint8_t)kind, .at_us = l->wall_us(l->ctx), .n = (uint32_t)n};
    l->end += size;
    return h;
}

void ladder_message(struct ladder *l, enum ladder_way way, const struct flow *flow, struct str bytes) {
    if (l == NULL)
        return;
    size_t n = bytes.n < l->cap / 4 ? bytes.n : l->cap / 4;
    bool stun = n > 0 && (uint8_t)bytes.p[0] < 4; /* RFC 7983 7 */
    struct head *h = add(l, stun ? LADDER_STUN : LADDER_MESSAGE, n);
    h->way = (uint8_t)way;
    h->proto = (uint8_t)flow->proto;
    if (flow->listen < LISTENS_MAX)
        h->local = l->locals[flow->listen];
    h->peer = flow->peer;
    if (n > 0)
        memcpy(h + 1, bytes.p, n);
}

static struct head *add_texts(struct ladder *l, enum ladder_kind kind, const struct str *texts) {
    uint16_t parts[TEXTS];
    size_t n = 0;

    for (int i = 0; i < TEXTS; i++) {
        parts[i] = (uint16_t)(texts[i].n < 8192 ? texts[i].n : 8192);
        n += parts[i];
    }
    struct head *h = add(l, kind, n);
    char *at = (char *)(h + 1);
    memcpy(h->parts, parts, sizeof parts);
    for (int i = 0; i < TEXTS; at += parts[i++])
        if (parts[i] > 0)
            memcpy(at, texts[i].p, parts[i]);
    return h;
}

void ladder_names(struct ladder *l, const struct ladder_names *names) {
    if (l == NULL)
        return;
    struct head *h =
        add_texts(l, LADDER_NAMES, (struct str[TEXTS]){names->call_id, names->trunk, names->from, names->to});
    h->call = names->call;
    h->leg = names->leg;
    h->again = names->again;
}

void ladder_note(struct ladder *l, struct str call_id, const char *format, ...) {
    char text[LADDER_NOTE_MAX];
    va_list args;

    if (l == NULL)
        return;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    add_texts(l, LADDER_NOTE, (struct str[TEXTS]){call_id, str_of(text)});
}

/* --- reading --- */

uint64_t ladder_first(const struct ladder *l) {
    return l->first;
}

uint64_t ladder_end(const struct ladder *l) {
    return l->end;
}

static void read_texts(const struct head *h, struct ladder_entry *out) {
    struct str texts[TEXTS];
    const char *at = (const char *)(h + 1);

    for (int i = 0; i < TEXTS; at += h->parts[i++])
        texts[i] = (struct str){at, h->parts[i]};
    out->names = (struct ladder_names){h->call, h->leg, h->again, texts[0], texts[1], texts[2], texts[3]};
    out->text = h->kind == LADDER_NOTE ? texts[1] : STR_NONE;
}

static bool is_message(const struct head *h) {
    return h->kind == LADDER_MESSAGE || h->kind == LADDER_STUN;
}

static void read_head(const struct head *h, struct ladder_entry *out) {
    *out = (struct ladder_entry){.kind = (enum ladder_kind)h->kind, .at_us = h->at_us};
    if (!is_message(h)) {
        read_texts(h, out);
        return;
    }
    out->way = (enum ladder_way)h->way;
    out->proto = (enum flow_proto)h->proto;
    out->local = h->local;
    out->peer = h->peer;
    out->text = (struct str){(const char *)(h + 1), h->n};
}

bool ladder_read(const struct ladder *l, uint64_t *at, struct ladder_entry *out) {
    if (*at < l->first)
        *at = l->first;
    while (*at < l->end) {
        const struct head *h = head_at(l, *at);
        *at += h->size;
        if (h->kind == LADDER_REST)
            continue;
        read_head(h, out);
        return true;
    }
    return false;
}

/* --- copies --- */

bool ladder_copy(const struct ladder *l, uint64_t *at, bool names_alone, struct sbuf *out) {
    bool whole = *at >= l->first;

    if (!whole)
        *at = l->first;
    while (*at < l->end) {
        const struct head *h = head_at(l, *at);
        if (h->kind == LADDER_NAMES || (!names_alone && is_message(h)))
            sbuf_put(out, (struct str){(const char *)h, h->size});
        *at += h->size;
    }
    return whole;
}

bool ladder_copied(struct str copy, size_t *at, struct ladder_entry *out) {
    if (*at >= copy.n)
        return false;
    const struct head *h = (const struct head *)(copy.p + *at);
    *at += h->size;
    read_head(h, out);
    return true;
}
