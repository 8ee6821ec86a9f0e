/*
 * explain: `explain FILE`: one message through everything that twinleg does with it, step by step, up to the
 * message that would leave. The engine of the daemon does the work; nothing is sent.
 */
#ifndef B2BUA_CTL_EXPLAIN_H
#define B2BUA_CTL_EXPLAIN_H

#include <jansson.h>

#include "b2bua/ctl/profile.h"

extern const char ctl_explain_usage[];

/* Exit status: routed, or answered here with 2xx; an error; refused or dropped. */
enum { EXPLAIN_EXIT_GOES = 0, EXPLAIN_EXIT_WRONG = 1, EXPLAIN_EXIT_REFUSED = 2 };

/* `words` from "explain" on, NULL at the end. Returns the exit status. */
int ctl_explain(const struct ctl_how *how, char *const *words);

/* The answer for people. */
void ctl_explain_show(const json_t *answer, FILE *out);

#endif
