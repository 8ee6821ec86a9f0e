/*
 * explain_rules: what the rules of a SIP profile did to one message, kept as JSON while they run.
 */
#ifndef B2BUA_CTL_EXPLAIN_RULES_H
#define B2BUA_CTL_EXPLAIN_RULES_H

#include "b2bua/core/settings.h"
#include "profiles/profile.h"

struct explain_rules {
    const struct settings_profile *profile; /* NULL: none has run */
    struct profile_trace trace;
    struct sbuf json;    /* the rules, an object each; owned */
    char *before, *text; /* the message before all rules, and behind the last one; owned */
    size_t before_n, text_n;
    int steps;
};

/* Rules begin on `text`: what was kept before is forgotten. Returns the trace that listens to them. */
const struct profile_trace *explain_rules_begin(struct explain_rules *r, const struct settings_profile *p,
                                                struct str text);
void explain_rules_fini(struct explain_rules *r);

/* {"profile": ..., "rules": [...]}, or null. Those that the engine has not come to are in it, too. */
void explain_rules_put(struct explain_rules *r, struct sbuf *out);

#endif
