/*
 * http_tries: who has shown wrong tokens too often to be listened to for a while, whatever he shows next. Bounded:
 * where the table is full, the one whose time is over first gives way. All zero: nobody.
 */
#ifndef B2BUA_ADMIN_HTTP_TRIES_H
#define B2BUA_ADMIN_HTTP_TRIES_H

#include "b2bua/core/addr.h"

enum { HTTP_TRIES_MAX = 4, HTTP_TRIES_MS = 60000, HTTP_TRIES_ADDRESSES = 64 };

struct http_tries {
    struct http_tries_of {
        struct addr who; /* without port; of IPv6 the first 64 bits */
        int failures;
        uint64_t until_ms; /* from the first of them */
    } of[HTTP_TRIES_ADDRESSES];
};

/* One more. */
void http_tries_failed(struct http_tries *t, const struct addr *who, uint64_t now_ms);

/* Until he is listened to again, s; 0 = he is. */
unsigned http_tries_wait_s(const struct http_tries *t, const struct addr *who, uint64_t now_ms);

#endif
