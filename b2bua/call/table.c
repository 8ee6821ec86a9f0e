/* The legs of one worker by Call-ID. A Call-ID may have several legs (a peer that calls itself through us); tags
 * decide. */
#include <stdlib.h>

#include "b2bua/call/impl.h"

enum { TABLE_FIRST = 1024 };

static uint32_t slot(uint32_t buckets, struct str call_id) {
    return (uint32_t)(str_hash(call_id) >> 20) & (buckets - 1);
}

static void grow(struct calls *c) {
    uint32_t count = c->bucket_count == 0 ? TABLE_FIRST : c->bucket_count * 2;
    struct leg **buckets = mem_zalloc(count * sizeof(struct leg *));

    for (uint32_t i = 0; i < c->bucket_count; i++) {
        while (c->buckets[i] != NULL) {
            struct leg *leg = c->buckets[i];
            uint32_t s = slot(count, leg->names->call_id);
            c->buckets[i] = leg->next_hash;
            leg->next_hash = buckets[s];
            buckets[s] = leg;
        }
    }
    free(c->buckets);
    c->buckets = buckets;
    c->bucket_count = count;
}

void table_add(struct calls *c, struct leg *leg) {
    if (c->counts.legs >= c->bucket_count)
        grow(c);
    uint32_t s = slot(c->bucket_count, leg->names->call_id);
    leg->next_hash = c->buckets[s];
    c->buckets[s] = leg;
    c->counts.legs++;
}

void table_remove(struct calls *c, struct leg *leg) {
    if (leg->names == NULL)
        return;
    struct leg **at = &c->buckets[slot(c->bucket_count, leg->names->call_id)];
    while (*at != NULL && *at != leg)
        at = &(*at)->next_hash;
    if (*at == leg) {
        *at = leg->next_hash;
        c->counts.legs--;
    }
}

struct leg *table_find(const struct calls *c, const struct sip_msg *m, struct dialog **dialog) {
    if (c->bucket_count == 0 || m->to_tag.n == 0)
        return NULL;
    for (struct leg *leg = c->buckets[slot(c->bucket_count, m->call_id)]; leg != NULL; leg = leg->next_hash) {
        if (!str_eq(leg->names->call_id, m->call_id))
            continue;
        *dialog = dialog_find(leg->dialogs, m->to_tag, m->from_tag.n == 0 ? STR("") : m->from_tag);
        if (*dialog != NULL)
            return leg;
    }
    return NULL;
}

struct leg *table_find_call(const struct calls *c, struct str call_id) {
    if (c->bucket_count == 0)
        return NULL;
    for (struct leg *leg = c->buckets[slot(c->bucket_count, call_id)]; leg != NULL; leg = leg->next_hash)
        if (str_eq(leg->names->call_id, call_id))
            return leg;
    return NULL;
}

void table_free(struct calls *c) {
    free(c->buckets);
}
