/*
 * show_reload: what a reload has changed, or would change, as lines.
 */
#ifndef B2BUA_CTL_SHOW_RELOAD_H
#define B2BUA_CTL_SHOW_RELOAD_H

#include <jansson.h>
#include <stdio.h>

void ctl_show_reload(const json_t *answer, FILE *out);

#endif
