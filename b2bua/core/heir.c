#include "b2bua/core/heir.h"

#include <stdlib.h>

void heir_names_fini(struct heir_names *n) {
    names_fini(&n->trunks);
    names_fini(&n->profiles);
}

const char *heir_slots(struct settings *s, struct heir_names *names) {
    int least = 0;

    for (int i = 0; i < s->trunk_count; i++) {
        s->trunks[i].slot = names_number(&names->trunks, s->trunks[i].name);
        least = s->trunks[i].slot < least ? -1 : least;
    }
    for (int i = 0; i < s->profile_count; i++) {
        s->profiles[i].slot = names_number(&names->profiles, s->profiles[i].name);
        least = s->profiles[i].slot < least ? -1 : least;
    }
    return least < 0 ? "more names of trunks or profiles since the start than can be counted: wants a restart" : NULL;
}

/* --- listeners --- */

struct plan {
    int index[SETTINGS_LISTENS_MAX];   /* of the new snapshot's listeners, in their order */
    bool taken[SETTINGS_LISTEN_SLOTS]; /* by them */
    const struct settings_listen *draining[SETTINGS_LISTEN_SLOTS];
    const struct settings *of[SETTINGS_LISTEN_SLOTS]; /* whose that is */
    int count;                                        /* indexes in all */
};

static bool same_socket(const struct settings_listen *a, const struct settings_listen *b) {
    return a->proto == b->proto && addr_eq(&a->bind, &b->bind);
}

/* The index that a socket has where any call may know it; -1 = none. */
static int find_socket(const struct settings_listen *l, struct settings *const *alive, int count) {
    for (int i = 0; i < count; i++)
        for (int j = 0; j < alive[i]->listen_count; j++)
            if (alive[i]->listens[j].state != LISTEN_NONE && same_socket(&alive[i]->listens[j], l))
                return j;
    return -1;
}

static bool is_known(int index, struct settings *const *alive, int count) {
    for (int i = 0; i < count; i++)
        if (index < alive[i]->listen_count && alive[i]->listens[index].state != LISTEN_NONE)
            return true;
    return false;
}

static int free_index(const struct plan *p, struct settings *const *alive, int count) {
    for (int i = 0; i < SETTINGS_LISTEN_SLOTS; i++)
        if (!p->taken[i] && !is_known(i, alive, count))
            return i;
    return -1;
}

static int take(struct plan *p, int index) {
    if (index >= 0) {
        p->taken[index] = true;
        p->count = index + 1 > p->count ? index + 1 : p->count;
    }
    return index;
}

static int number(struct plan *p, const struct settings *s, struct settings *const *alive, int count) {
    for (int i = 0; i < s->listen_count; i++)
        p->index[i] = take(p, find_socket(&s->listens[i], alive, count));
    for (int i = 0; i < s->listen_count; i++)
        if (p->index[i] < 0 && (p->index[i] = take(p, free_index(p, alive, count))) < 0)
            return -1;
    return 0;
}

/* Those that a call may still use: open in a snapshot that is held, and not in the new one. */
static void find_draining(struct plan *p, struct settings *const *alive, int count) {
    for (int i = 0; i < count; i++)
        for (int j = 0; j < alive[i]->listen_count; j++) {
            const struct settings_listen *l = &alive[i]->listens[j];
            if (l->state != LISTEN_OPEN || p->taken[j] || p->draining[j] != NULL)
                continue;
            p->draining[j] = l;
            p->of[j] = alive[i];
            p->count = j + 1 > p->count ? j + 1 : p->count;
        }
}

/* The entry of `tls` that a draining listener goes on with: that of its name, or its own. */
static int keep_tls(struct settings *s, const struct settings *was, int index) {
    if (index < 0)
        return -1;
    const struct settings_tls *t = &was->tls[index];
    for (int i = 0; i < s->tls_count; i++)
        if (strcmp(s->tls[i].name, t->name) == 0)
            return i;
    s->tls = mem_realloc(s->tls, ((size_t)s->tls_count + 1) * sizeof *s->tls);
    s->tls[s->tls_count] = (struct settings_tls){.name = str_dup(str_of(t->name)),
                                                 .certificate = str_dup(str_of(t->certificate)),
                                                 .key = str_dup(str_of(t->key)),
                                                 .ca = str_dup(str_of(t->ca)),
                                                 .verify = t->verify,
                                                 .min_version = str_dup(str_of(t->min_version)),
                                                 .ciphers = str_dup(str_of(t->ciphers)),
                                                 .kept = true};
    return s->tls_count++;
}

static struct settings_listen copy_of(const struct settings_listen *l, int tls) {
    return (struct settings_listen){.state = LISTEN_DRAINING,
                                    .name = str_dup(str_of(l->name)),
                                    .proto = l->proto,
                                    .address = str_dup(str_of(l->address)),
                                    .port = l->port,
                                    .advertise = str_dup(str_of(l->advertise)),
                                    .tls_name = str_dup(str_of(l->tls_name)),
                                    .bind = l->bind,
                                    .sent_by = str_dup(str_of(l->sent_by)),
                                    .host = str_dup(str_of(l->host)),
                                    .tls = tls};
}

static struct settings_listen nothing(void) {
    return (struct settings_listen){.state = LISTEN_NONE,
                                    .name = str_dup(STR_NONE),
                                    .address = str_dup(STR_NONE),
                                    .advertise = str_dup(STR_NONE),
                                    .tls_name = str_dup(STR_NONE),
                                    .sent_by = str_dup(STR_NONE),
                                    .host = str_dup(STR_NONE),
                                    .tls = -1};
}

static void rename_in_trunks(struct settings *s, const int *index) {
    for (int i = 0; i < s->trunk_count; i++)
        for (int j = 0; j < s->trunks[i].listen_count; j++)
            s->trunks[i].listens[j] = index[s->trunks[i].listens[j]];
}

static void carry_out(const struct plan *p, struct settings *s) {
    struct settings_listen *listens = mem_zalloc((size_t)p->count * sizeof *listens);

    for (int i = 0; i < p->count; i++)
        if (p->draining[i] != NULL)
            listens[i] = copy_of(p->draining[i], keep_tls(s, p->of[i], p->draining[i]->tls));
        else if (!p->taken[i])
            listens[i] = nothing();
    for (int i = 0; i < s->listen_count; i++)
        listens[p->index[i]] = s->listens[i];
    rename_in_trunks(s, p->index);
    free(s->listens);
    s->listens = listens;
    s->listen_count = p->count;
}

const char *heir_listens(struct settings *s, struct settings *const *alive, int count) {
    struct plan p = {.count = 0};

    if (number(&p, s, alive, count) < 0)
        return "too many removed listeners are still in use by calls";
    find_draining(&p, alive, count);
    carry_out(&p, s);
    return NULL;
}
