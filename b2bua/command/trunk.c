/* Which trunks there are to tell of: those of the configuration, and those that are gone from it but not from calls. */
#include <stdlib.h>

#include "b2bua/command/impl.h"

struct trunks {
    struct command_trunk *items;
    int count;
};

static bool has(const struct trunks *t, int slot) {
    for (int i = 0; i < t->count; i++)
        if (t->items[i].trunk->slot == slot)
            return true;
    return false;
}

static void add(struct trunks *t, const struct settings *s, const struct settings_trunk *trunk, bool removed) {
    t->items = mem_realloc(t->items, ((size_t)t->count + 1) * sizeof *t->items);
    t->items[t->count++] = (struct command_trunk){trunk, s, removed};
}

static void add_removed(struct trunks *t, const struct settings *s) {
    for (int i = 0; i < settings_call_trunks(s); i++)
        if (!has(t, s->trunks[i].slot))
            add(t, s, &s->trunks[i], true);
}

struct command_trunk *command_all_trunks(const struct commands *c, int *count) {
    const struct settings *now = c->config.settings, *older;
    struct trunks t = {0};

    for (int i = 0; i < settings_call_trunks(now); i++)
        add(&t, now, &now->trunks[i], false);
    for (int i = 0; (older = reload_older(c->config.reload, i)) != NULL; i++)
        add_removed(&t, older);
    *count = t.count;
    return t.items;
}
