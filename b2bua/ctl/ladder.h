/*
 * ladder: the messages of a call as a picture: the caller's side on the left, the called one's on the right, by
 * time, with what was decided between the arrows.
 */
#ifndef B2BUA_CTL_LADDER_H
#define B2BUA_CTL_LADDER_H

#include <jansson.h>
#include <stdio.h>

/* `answer` is what `call ladder` answers. */
void ctl_ladder_show(const json_t *answer, FILE *out);

#endif
