/*
 * show_calls: what `calls`, `timers` and `call show` say. Each takes the answer (borrowed) and writes lines to `out`.
 */
#ifndef B2BUA_CTL_SHOW_CALLS_H
#define B2BUA_CTL_SHOW_CALLS_H

#include <jansson.h>
#include <stdio.h>

void ctl_show_calls(const json_t *answer, FILE *out);
void ctl_show_timers(const json_t *answer, FILE *out);
void ctl_show_call(const json_t *answer, FILE *out);

#endif
