/*
 * show_trunks: the answer of `trunks` for people: a line for each place, then how calls go, then what went wrong.
 */
#ifndef B2BUA_CTL_SHOW_TRUNKS_H
#define B2BUA_CTL_SHOW_TRUNKS_H

#include <jansson.h>
#include <stdio.h>

void ctl_show_trunks(const json_t *answer, FILE *out);

#endif
