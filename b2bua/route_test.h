/*
 * route_test: what the dial plan makes of a number, and why, as JSON: asked of a configuration, or of the running
 * program. Nothing is sent, and no round robin goes on.
 */
#ifndef B2BUA_ROUTE_TEST_H
#define B2BUA_ROUTE_TEST_H

#include "dialplan/route.h"

enum { ROUTE_TEST_HEADERS = 4, ROUTE_TEST_NEAR = 5 };

/* What follows "route test". */
extern const char route_test_usage[];

/* Views into the words. */
struct route_test {
    struct str number, from, calling, redirecting;
    struct str request_uri, to_uri, from_uri;
    struct str headers[ROUTE_TEST_HEADERS]; /* "Name: value" */
    int header_count;
};

/* Takes the words behind "route test". Returns NULL, or what is wrong with them. */
const char *route_test_read(struct route_test *t, const struct str *words, int count);

/* Writes one JSON object. Returns 0, or -1 with what is wrong in `error`. */
int route_test_run(const struct settings *s, const struct route_test *t, struct sbuf *json, char *error, size_t size);

/* The same for the facts of a message. */
void route_test_facts(const struct settings *s, const struct route_facts *facts, struct sbuf *json);

#endif
