/*
 * shadow: routes that never take a call, because another one takes each that they match. What can be said by comparing
 * texts is found; two patterns that mean the same and are written differently are not.
 */
#ifndef DIALPLAN_SHADOW_H
#define DIALPLAN_SHADOW_H

#include "b2bua/core/settings.h"

/* Tells of each such route, and one that hides it. Returns how many there are. */
int shadow_find(const struct settings *s,
                void (*tell)(void *arg, const struct settings_route *hidden, const struct settings_route *by),
                void *arg);

#endif
