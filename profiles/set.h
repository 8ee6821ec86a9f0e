/*
 * set: the rules of a profile in running order, found by what a message is.
 */
#ifndef PROFILES_SET_H
#define PROFILES_SET_H

#include "profiles/profile.h"
#include "profiles/rule.h"

enum { SET_CODES = 700, SET_COPYLIST_MAX = 50 };

/* Indexes of rules, in order. */
struct set_list {
    uint16_t *at;
    int count;
};

struct profile {
    char *name;
    struct rule **rules;
    int count;
    char *copylist[SET_COPYLIST_MAX]; /* long names of headers */
    int copylist_count;
    bool peer;        /* a rule reads the other leg's message */
    bool vars;        /* a rule sets or reads a variable */
    bool describes;   /* a rule changes the description */
    bool in_copylist; /* the text is inside a copylist */
    uint64_t number;  /* N of `voice class sip-profiles N` */
    bool numbered;    /* it was seen */
    struct set_list requests[RULE_METHODS];
    uint16_t code_list[SET_CODES]; /* of each code the list below; 0: that of the codes without rules of their own */
    struct set_list *responses;
    int responses_count;
};

/* The rules that may be for such a message; the method of a response is not looked at. */
struct set_list set_find(const struct profile *p, bool response, uint8_t method, uint16_t status);

/* Puts a rule at its place: by tag, or last (takes it). A rule with the same tag is replaced and returned: free it. */
struct rule *set_put(struct profile *p, struct rule *r);

/* Makes room for a rule with `tag`: that rule and all later ones move up by one. */
void set_renumber(struct profile *p, int tag);

/* Takes the rule with `tag` out; NULL when there is none. */
struct rule *set_take(struct profile *p, int tag);

/* Makes the lists anew; to be called when the rules have changed. */
void set_index(struct profile *p);

#endif
