/*
 * explain_json: what became of a message, as one JSON object: a key for each step, in the order of the steps.
 */
#ifndef B2BUA_CTL_EXPLAIN_JSON_H
#define B2BUA_CTL_EXPLAIN_JSON_H

#include "b2bua/ctl/explain_world.h"
#include "b2bua/ctl/message.h"
#include "b2bua/trunk/walk.h"

enum explain_result { EXPLAIN_ROUTED, EXPLAIN_ANSWERED, EXPLAIN_REFUSED, EXPLAIN_DROPPED };

/* The step at which it ends, in the order of the steps. */
enum explain_stage {
    EXPLAIN_BAN,     /* what a banned address sends is not read */
    EXPLAIN_TRUNK,   /* nobody's: an unknown source */
    EXPLAIN_CHECK,   /* malformed, or a message that begins no call */
    EXPLAIN_LIMITS,  /* no new calls now */
    EXPLAIN_REQUEST, /* it demands what we do not do, or may go no further */
    EXPLAIN_TIMER,
    EXPLAIN_ROUTE,
    EXPLAIN_TARGETS, /* nobody there */
    EXPLAIN_LEAVES
};

/* All is borrowed. The engine has had the message. */
struct explain_view {
    struct explain_world *world;
    const struct explain_known *known;
    const struct ctl_message *message;
    const char *file, *configuration;
    struct flow from;
    /* found out on the way: */
    int trunk;          /* -1 = none */
    int status;         /* of the answer; 0 = none */
    struct str text;    /* the message behind the inbound rules */
    struct sip_msg msg; /* that, parsed, where `parsed` */
    bool parsed;
    struct sip_fault fault; /* status 0 = none */

    const json_t *ban;       /* of its source; NULL = none; borrowed */
    bool is_front;           /* between clients and nodes: the dial plan is not asked */
    struct ways *ways;       /* of such a call; may be NULL; owned */
    struct walk_place place; /* that leg B is with; trunk -1 = none */
    enum explain_result result;
    enum explain_stage stage;
    struct sbuf *json;
};

/* Fills the rest of `v` and writes the object. */
void explain_put(struct explain_view *v, struct sbuf *json);
void explain_view_fini(struct explain_view *v);

/* "address", null where it stands for a name that was not looked up, and "transport". */
void explain_put_address(struct explain_view *v, const struct addr *a, enum flow_proto proto);

/* explain_targets.c: [{...}] of the places that would be tried, in order, and of those that would not. */
void explain_put_targets(struct explain_view *v);
/* The place that leg B is with now. */
void explain_find_place(struct explain_view *v);

/* explain_headers.c: [{...}] of what became of each header. */
void explain_put_headers(struct explain_view *v);

static inline const struct settings_trunk *explain_trunk(const struct explain_view *v) {
    return v->trunk < 0 ? NULL : &v->world->settings->trunks[v->trunk];
}

#endif
