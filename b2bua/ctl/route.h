/*
 * route: `route test NUMBER`: which route takes a call, and why, from a configuration alone.
 */
#ifndef B2BUA_CTL_ROUTE_H
#define B2BUA_CTL_ROUTE_H

#include <jansson.h>

#include "b2bua/ctl/profile.h"

/* `words` from "route" on, NULL at the end. Returns the exit status. */
int ctl_route(const struct ctl_how *how, char *const *words);

/* The answer for people. */
void ctl_route_show(const json_t *answer, FILE *out);

#endif
