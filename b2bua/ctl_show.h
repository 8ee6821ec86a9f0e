/*
 * ctl_show: an answer as text for people.
 */
#ifndef B2BUA_CTL_SHOW_H
#define B2BUA_CTL_SHOW_H

#include <jansson.h>
#include <stdio.h>

/* By what the answer has in it; one of a kind that is not known here is printed as indented JSON. */
void ctl_show(const json_t *answer, FILE *out);

#endif
