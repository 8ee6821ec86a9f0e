/* How often the credentials of a user may be brought from one address. Counted before they are looked at: that is the
 * point of it. */
#include "b2bua/registrar/impl.h"

static uint64_t who(const struct front_ask *a) {
    return str_hash(a->enrol.user) * 31 + addr_hash_ip(&a->flow.peer);
}

uint32_t front_limit(struct registrar_shared *s, const struct front_ask *a, uint64_t now_ms) {
    uint64_t key = who(a), wait_ms = 0;

    if (!a->enrol.has_credentials)
        return 0;
    pthread_mutex_lock(&s->lock);
    if (s->authorizations != NULL) {
        wait_ms = windows_wait_ms(s->authorizations, key, now_ms);
        if (wait_ms == 0)
            windows_add(s->authorizations, key, now_ms);
    }
    pthread_mutex_unlock(&s->lock);
    return (uint32_t)((wait_ms + 999) / 1000);
}
