#include "b2bua/core/memo.h"

#include <stdlib.h>

#include "b2bua/core/str.h"

enum { WAYS = 4 };

struct note {
    uint64_t key, until_ms;
    uint32_t value;
};

struct memo {
    uint32_t mask;
    struct note notes[];
};

struct memo *memo_new(uint32_t count) {
    uint32_t sets = 1;

    while (sets * WAYS < count)
        sets *= 2;
    struct memo *m = mem_zalloc(sizeof *m + (size_t)sets * WAYS * sizeof *m->notes);
    m->mask = sets - 1;
    return m;
}

void memo_free(struct memo *m) {
    free(m);
}

static size_t set_of(const struct memo *m, uint64_t key) {
    return (size_t)((key ^ key >> 32) & m->mask) * WAYS;
}

void memo_put(struct memo *m, uint64_t key, uint32_t value, uint64_t until_ms) {
    struct note *set = &m->notes[set_of(m, key)], *oldest = set;

    for (int i = 0; i < WAYS; i++) {
        if (set[i].key == key) {
            oldest = &set[i];
            break;
        }
        if (set[i].until_ms < oldest->until_ms)
            oldest = &set[i];
    }
    *oldest = (struct note){key, until_ms, value};
}

bool memo_get(const struct memo *m, uint64_t key, uint32_t *value, uint64_t now_ms) {
    const struct note *set = &m->notes[set_of(m, key)];

    for (int i = 0; i < WAYS; i++)
        if (set[i].key == key && set[i].until_ms > now_ms) {
            *value = set[i].value;
            return true;
        }
    return false;
}
