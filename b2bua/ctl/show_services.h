/*
 * show_services: the services of `status` as text for people: a line each, and below it what is wrong and which key
 * of the configuration mends it.
 */
#ifndef B2BUA_CTL_SHOW_SERVICES_H
#define B2BUA_CTL_SHOW_SERVICES_H

#include <jansson.h>
#include <stdio.h>

/* `status`: the whole answer; one without services says nothing. */
void ctl_show_services(const json_t *status, FILE *out);

#endif
