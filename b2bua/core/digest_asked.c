#include "b2bua/core/digest_asked.h"

#include "b2bua/core/derive.h"

static const struct {
    struct str name;
    bool proxy;
} headers[] = {{{"WWW-Authenticate", 16}, false}, {{"Proxy-Authenticate", 18}, true}};

static void add(struct digest_asked *asked, const struct digest_challenge *c, bool proxy) {
    for (int i = 0; i < asked->count; i++) {
        if (asked->of[i].proxy != proxy || !str_eq(asked->of[i].challenge.realm, c->realm))
            continue;
        if (digest_is_better(c, &asked->of[i].challenge))
            asked->of[i].challenge = *c;
        return;
    }
    if (asked->count < DIGEST_ASKED_MAX) {
        asked->of[asked->count].challenge = *c;
        asked->of[asked->count++].proxy = proxy;
    }
}

void digest_asked_read(struct digest_asked *out, struct str message) {
    struct digest_challenge c;
    int left = DIGEST_CHALLENGES_MAX;

    out->count = 0;
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
        struct str rest = message, value;
        while (derive_next(&rest, headers[i].name, 0, &value))
            while (left-- > 0 && digest_challenge_next(&value, &c))
                if (c.algorithm != DIGEST_NONE)
                    add(out, &c, headers[i].proxy);
    }
}
