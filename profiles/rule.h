/*
 * rule: one compiled rule, and how it is read from its words.
 */
#ifndef PROFILES_RULE_H
#define PROFILES_RULE_H

#include "b2bua/core/method.h"
#include "profiles/names.h"
#include "profiles/text.h"
#include "profiles/words.h"

/* Methods of rules: those of messages, and two words of the language. */
enum { RULE_REINVITE = METHODS, RULE_ANY, RULE_METHODS };

enum rule_where { RULE_SIP, RULE_SDP, RULE_PEER_SIP, RULE_PEER_SDP };
enum rule_verb { RULE_ADD, RULE_MODIFY, RULE_REMOVE, RULE_COPY };
enum rule_lines { RULE_START_LINE, RULE_HEADER, RULE_EVERY_HEADER, RULE_SDP_NAMED, RULE_SDP_INDEX };

/* Which lines of a message it is about. */
struct rule_target {
    enum rule_lines lines;
    char *name; /* long name of a header; of an SDP line by index what it begins with ("a=ixmap"), "" for any */
    uint32_t key;
    bool usual; /* patterns see `name` instead of an unusual spelling */
    struct names_sdp sdp;
    int section; /* of an SDP line by index */
};

struct rule {
    char *text;  /* as written */
    char *canon; /* the same for rules that are the same */
    int line;
    int tag; /* 0 = none */
    bool response;
    uint8_t method;  /* METHOD_..., RULE_REINVITE or RULE_ANY */
    uint16_t status; /* 0 = ANY */
    enum rule_where where;
    enum rule_verb verb;
    struct rule_target target;
    struct pattern pattern; /* of modify and copy */
    bool other_name;        /* the pattern wants the name of another header */
    struct text with;       /* of modify and add */
    int var;                /* of copy */
};

/* Where a reader tells what it finds. `at` points into the text. */
struct rule_notes {
    void (*error)(void *arg, const char *at, const char *wrong, const char *right);
    void (*warning)(void *arg, const char *at, const char *wrong, const char *right);
    void *arg;
};

/* Reads the words from `first` on: "request INVITE sip-header ...". `r` is zero before. Returns 0, or -1 after an error
 * was told; nothing is to be freed then. */
int rule_read(struct rule *r, const struct words *w, int first, const struct rule_notes *notes);
void rule_fini(struct rule *r);

/* Is the rule for such a message? */
bool rule_is_for(const struct rule *r, bool response, uint8_t method, uint16_t status);

/* Is it a rule for ANY request on something that an ACK or CANCEL repeats from its INVITE (RFC 3261 9.1, 17.1.1.3)? */
bool rule_was_run(const struct rule *r);

/* Why it can never match anything, or NULL. */
const char *rule_never(const struct rule *r);

/* "INVITE", "REINVITE", "ANY". */
const char *rule_method_name(uint8_t method);

#endif
