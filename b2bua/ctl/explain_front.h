/*
 * explain_front: the registration front in `explain`: what the daemon knows of clients, call managers and bans is
 * given to the engine that explains, and the ways that a call takes between clients and nodes are told.
 */
#ifndef B2BUA_CTL_EXPLAIN_FRONT_H
#define B2BUA_CTL_EXPLAIN_FRONT_H

#include "b2bua/ctl/explain_json.h"

/* Asks the daemon for the registrations that matter to this message: of who calls, and of who is called. */
void explain_front_ask(struct explain_known *k, const struct ctl_how *how, const struct settings *s, struct str text);

/* Registrations and the states of nodes, as the daemon says. */
void explain_front_give(struct explain_world *w, const struct explain_known *k);

/* Where the client that speaks in this message is registered from. Returns 0, or -1: it is not. */
int explain_front_source(const struct explain_world *w, const struct explain_known *k, struct flow *out);

/* The ban of this address; NULL: there is none. Borrowed. */
const json_t *explain_front_ban(const struct explain_known *k, const struct addr *a);

/* Asks for the ways of this call; v->ways is then explain_view_fini's. False: the dial plan is asked. */
bool explain_front_ways(struct explain_view *v);

/* "front", "targets", "left_out" of a call with v->is_front. */
void explain_put_front(struct explain_view *v);

/* What this program cannot know of such a call; NULL: nothing. */
const char *explain_front_note(const struct explain_view *v);

#endif
