/*
 * enrol: what a REGISTER asks for, and what its 200 grants (RFC 3261 10, RFC 3327, RFC 3608, RFC 5626). Pure: the
 * bytes in, facts out, all views into them; and the few lines that are written anew.
 *
 * Order of use: enrol_ask_read of the REGISTER; then, of its 200, enrol_answer_read, and enrol_answer_contacts for the
 * Contacts one by one.
 */
#ifndef B2BUA_CORE_ENROL_H
#define B2BUA_CORE_ENROL_H

#include "b2bua/core/contact.h"

enum { ENROL_CONTACTS_MAX = 16, ENROL_EXPIRES_UNSAID_S = 3600 };

struct enrol_contact {
    struct contact c;
    uint32_t asked_s; /* its own expires, else that of the message, else ENROL_EXPIRES_UNSAID_S */
};

struct enrol_ask {
    struct enrol_contact contacts[ENROL_CONTACTS_MAX];
    int count;         /* 0: a question, or the star */
    bool star;         /* "*": all that is registered goes */
    bool has_farewell; /* at least one Contact goes */
    unsigned caps;     /* CONTACT_AR, CONTACT_SK, said anywhere */
    bool outbound;     /* Supported: outbound, and a Contact with instance and reg-id */
    bool path;         /* Supported: path */
    bool has_credentials;
    struct str user, realm, nonce; /* of the first credentials */
    struct str user_agent;
};

/* Returns 0, or the status that it deserves: 400 (Contact or Expires that cannot be read; a star that is not alone, or
 * does not go) or 403 (more Contacts than ENROL_CONTACTS_MAX); *phrase says why. */
int enrol_ask_read(struct enrol_ask *a, struct str message, const char **phrase);

/* The least that a Contact asks for and that is no farewell; UINT32_MAX = none asks. */
uint32_t enrol_least_s(const struct enrol_ask *a);

/* Which Contact of the REGISTER is this one of its answer? By URI, else by instance and reg-id; -1 = none. */
int enrol_match(const struct enrol_ask *a, const struct contact *c);

struct enrol_answer {
    uint32_t expires_s; /* of the message; CONTACT_UNSAID = none */
    bool has_contacts;
    bool ar_sk;    /* Supported: X-cisco-supports-AR_SK */
    bool outbound; /* Require: outbound */
    bool has_path;
};
void enrol_answer_read(struct enrol_answer *a, struct str message);

/* All values of a header, in order: 1 while there is one more, 0 at the end. *rest is the message before the first. */
struct enrol_lines {
    struct str rest;
    bool begun;
};
bool enrol_line_next(struct enrol_lines *l, struct str message, struct str name, char compact, struct str *value);

/* Writes the lines of a list header without one tag ("Supported: a, b"); nothing when none is left. */
void enrol_put_without(struct sbuf *out, struct str message, struct str name, char compact, const char *tag);

/* Writes the complete Service-Route lines, or Path lines, as Route lines. */
void enrol_put_routes(struct sbuf *out, struct str message, struct str name);

#endif
