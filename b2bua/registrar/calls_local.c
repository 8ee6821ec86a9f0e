/*
 * Which way a request goes to who is registered at us: to all devices of the highest q at the same time, then to those
 * of the next one (RFC 3261 16.6, 20.10); the latest first among equals.
 */
#include <stdlib.h>

#include "b2bua/registrar/impl.h"

/* A device's place in the order. */
struct rank {
    uint64_t id;
    uint32_t q;
    int age;
};

static int compare(const void *a, const void *b) {
    const struct rank *x = a, *y = b;

    if (x->q != y->q)
        return x->q > y->q ? -1 : 1;
    return x->age - y->age;
}

static int rank(struct bindings *all, const uint64_t *ids, int n, struct rank *out) {
    struct binding b;
    int count = 0;

    for (int i = 0; i < n; i++)
        if (bindings_get(all, ids[i], &b))
            out[count++] = (struct rank){ids[i], b.f.q, i};
    qsort(out, (size_t)count, sizeof *out, compare);
    return count;
}

/* How many other values of q come before. */
static int turn(const struct rank *ranks, int at) {
    int n = 0;

    for (int i = 1; i <= at; i++)
        n += ranks[i].q != ranks[i - 1].q;
    return n;
}

static bool is_listed(const struct front_ways *b, uint64_t id) {
    for (int i = 0; i < b->ways.count; i++)
        if (b->list[i].binding == id)
            return true;
    return false;
}

static bool is_user(const struct settings_local *l, struct str user) {
    struct str realm = str_of(l->domain);

    return users_find(l->table, user, realm, DIGEST_MD5) != NULL ||
           users_find(l->table, user, realm, DIGEST_SHA_256) != NULL;
}

/* RFC 3261 21.4.5, 21.4.18: nobody of that name, or not there at the moment. */
static void to_user(struct registrar *r, struct front_ways *b, const struct settings_local *l, struct str aor) {
    struct bindings *all = r->config.shared->bindings;
    uint64_t ids[BINDINGS_OF_AOR_MAX];
    struct rank ranks[BINDINGS_OF_AOR_MAX] = {{0}};
    struct binding client;
    int n = rank(all, ids, bindings_of_aor(all, aor, ids), ranks);

    b->ways.status = n > 0 || is_user(l, str_upto(aor, str_find(aor, '@'))) ? 480 : 404;
    for (int i = 0; i < n; i++)
        if (!is_listed(b, ranks[i].id) && bindings_get(all, ranks[i].id, &client)) {
            b->turn = turn(ranks, i);
            front_to_client(r, b, &client, 480);
        }
}

bool front_to_local(struct registrar *r, struct front_ways *b, struct str uri) {
    char text[FRONT_AOR_MAX];
    struct sbuf aor = sbuf_on(text, sizeof text);

    if (!sip_put_aor(&aor, uri) || aor.full)
        return false;
    const struct settings_local *l = front_local(r->settings, front_domain(sbuf_str(&aor)));
    if (l != NULL)
        to_user(r, b, l, sbuf_str(&aor));
    return l != NULL;
}

/* The first domain of ours that knows the number. */
void front_to_number(struct registrar *r, struct front_ways *b, struct str number) {
    b->ways.status = 404;
    for (int i = 0; i < r->settings->registrar.local_count && b->ways.status == 404; i++) {
        const struct settings_local *l = &r->settings->registrar.local[i];
        char text[FRONT_AOR_MAX];
        struct sbuf aor = sbuf_on(text, sizeof text);
        sbuf_put(&aor, number);
        sbuf_putc(&aor, '@');
        sbuf_puts(&aor, l->domain);
        if (!aor.full)
            to_user(r, b, l, sbuf_str(&aor));
    }
}
