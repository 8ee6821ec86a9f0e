#include "b2bua/admin/http_tries.h"

/* Who has one address of IPv6 has the others of its network, too. */
static struct addr network_of(const struct addr *who) {
    struct addr a = *who;

    a.port = 0;
    if (a.family == 6)
        memset(a.ip + 8, 0, 8);
    return a;
}

static const struct http_tries_of *find(const struct http_tries *t, const struct addr *who, uint64_t now_ms) {
    struct addr network = network_of(who);

    for (int i = 0; i < HTTP_TRIES_ADDRESSES; i++)
        if (t->of[i].until_ms > now_ms && addr_same_ip(&t->of[i].who, &network))
            return &t->of[i];
    return NULL;
}

static struct http_tries_of *oldest(struct http_tries *t) {
    struct http_tries_of *found = &t->of[0];

    for (int i = 1; i < HTTP_TRIES_ADDRESSES; i++)
        if (t->of[i].until_ms < found->until_ms)
            found = &t->of[i];
    return found;
}

void http_tries_failed(struct http_tries *t, const struct addr *who, uint64_t now_ms) {
    struct http_tries_of *of = (struct http_tries_of *)find(t, who, now_ms);

    if (of == NULL) {
        of = oldest(t);
        *of = (struct http_tries_of){.who = network_of(who), .until_ms = now_ms + HTTP_TRIES_MS};
    }
    if (of->failures < HTTP_TRIES_MAX)
        of->failures++;
}

unsigned http_tries_wait_s(const struct http_tries *t, const struct addr *who, uint64_t now_ms) {
    const struct http_tries_of *of = find(t, who, now_ms);

    if (of == NULL || of->failures < HTTP_TRIES_MAX)
        return 0;
    return (unsigned)((of->until_ms - now_ms + 999) / 1000);
}
