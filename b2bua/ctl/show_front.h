/*
 * show_front: what `nodes`, `peers`, `registrations`, `stun` and `maintenance` say. Each takes the answer (borrowed)
 * and writes lines to `out`.
 */
#ifndef B2BUA_CTL_SHOW_FRONT_H
#define B2BUA_CTL_SHOW_FRONT_H

#include <jansson.h>
#include <stdio.h>

void ctl_show_nodes(const json_t *answer, FILE *out);
void ctl_show_peers(const json_t *answer, FILE *out);
void ctl_show_registrations(const json_t *answer, FILE *out);
void ctl_show_stun(const json_t *answer, FILE *out);
void ctl_show_maintenance(const json_t *answer, FILE *out);

#endif
