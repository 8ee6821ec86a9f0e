/*
 * show: an answer as text for people.
 */
#ifndef B2BUA_CTL_SHOW_H
#define B2BUA_CTL_SHOW_H

#include <jansson.h>

#include "b2bua/core/str.h"
#include "b2bua/ctl/profile.h"

/* By what the answer has in it; one of a kind that is not known here is printed as indented JSON. */
void ctl_show(const json_t *answer, FILE *out);

/* An answer that was made here: as it is where JSON is wanted, else by `show`. It gets an end of line. */
void ctl_print(const struct ctl_how *how, struct sbuf *json, void (*show)(const json_t *answer, FILE *out));

#endif
