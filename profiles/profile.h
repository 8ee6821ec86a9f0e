/*
 * profile: rules that rewrite the bytes of a SIP message, in the language of `voice class sip-profiles`.
 *
 * A profile is a list of rules, compiled once and never changed afterwards: all threads share it. Running it takes the
 * bytes of one message and gives bytes back: no parser, no sockets, no clock. What no rule changes keeps its bytes.
 *
 * Order of use
 *   loading    profile_new, profile_add_text for the whole text or once for each rule, profile_free
 *   a worker   profile_ctx_new once, profile_apply for each message, profile_ctx_free
 *   a call     profile_vars_new when a leg of the call has a profile, profile_keep for messages whose headers the other
 *              leg may want, profile_vars_free
 *
 * Where to call it. Inbound: on the bytes received, before they are parsed, so that trunk and route see the result.
 * Outbound: the very last step before the wire, on every message of the leg, retries and ACK included; what a
 * retransmission repeats is the result. An outbound rule that changes the description is seen by the peer but not by
 * us: profile_tally.description tells the owner of the o= version that it has to rise.
 *
 * The language
 *   [rule N] request METHOD|ANY  sip-header NAME|ANY  add "Name: value" | modify "pattern" "text" | remove
 *                                                     | copy "pattern" uNN
 *   [rule N] response CODE|ANY [method METHOD] ...    the same
 *            ... sdp-header NAME|ANY ...              Audio-Attribute, Connection-Info, Session-Owner, ...
 *            ... sdp-header mline-index I a=NAME ...  I: 0 the session, 1.. the media
 *            ... peer-header sip NAME copy "pattern" uNN
 *            ... peer-header sdp mline-index I copy "pattern" uNN
 *   rule before N ...   no rule N   voice class sip-profiles N   voice class sip-copylist N / sip-header NAME
 *
 * - Keywords, methods and names in any case; compact names are the same as long ones. INVITE is the first INVITE of a
 *   dialog, REINVITE (RE-INVITE) a later one, ANY both; with `response ... method` as well.
 * - SIP-Req-URI and SIP-StatusLine are the whole start line. Allow-Header is Allow (so Accept-, Session- and
 * Supported-).
 * - A pattern sees the whole line with its name: "From: <sip:...". A folded line is seen unfolded, a name in compact
 * form or unusual case as the usual long one. `modify` replaces the first match in each line of that name; `copy`
 * stores \1 of the first line that matches and else leaves the variable alone; a variable that was never set is empty,
 * and what it holds is literal. Comma-joined values are one line. A line that becomes empty is removed.
 * - Text: \0 to \9 groups, \u01 to \u99 variables, \xHH a byte, \" a quote, any other \c is c. \x0D\x0A or \x0A begins
 * a new header line. A line that is added goes behind the last header, or where its letter belongs in the description.
 * - Patterns are POSIX extended expressions in the manner of the vendor's: [ ] * + ? { } | ( ) ^ $ and . which does not
 *   cross a line; case counts; of alternatives the first that works is taken; as much as possible is matched. Not
 *   in the language, and refused: (?...), *? and the like, \d \w \b, variables.
 * - Rules run from top to bottom, or by tag; each sees what those before it made.
 *
 * Refused when loaded: add and remove of To, From, Via, CSeq, Call-ID, Max-Forwards and of v= o= s= t= c= m=; every
 * rule on Content-Length, and on Content-Type but copy.
 *
 * Guards. A rule whose result would break the start line, Via, From, To, Call-ID, CSeq or Max-Forwards (unreadable, a
 * tag, branch, method or status class changed, a second one made), or the description's v= o= s= t= c= m=, is skipped
 * for that message; so is one whose pattern takes too long. A header above 8 KiB or a message above 64 KiB, before or
 * after: the message stays as it was. Content-Length is right in what was changed.
 */
#ifndef PROFILES_PROFILE_H
#define PROFILES_PROFILE_H

#include "b2bua/core/method.h"
#include "b2bua/core/str.h"

enum {
    PROFILE_HEADER_MAX = 8 * 1024,
    PROFILE_MESSAGE_MAX = 64 * 1024,
    PROFILE_RULES_MAX = 2000,
    PROFILE_VARS_MAX = 32 * 1024, /* bytes that the variables of one call may hold */
    PROFILE_KEEP_MAX = 16 * 1024, /* bytes kept of the messages of one leg */
};

struct profile;
struct profile_ctx;
struct profile_vars;

/* --- loading */

enum profile_severity { PROFILE_WARNING, PROFILE_ERROR };

struct profile_note {
    enum profile_severity severity;
    int line;          /* from profile_report.line on */
    int column;        /* from 1, in characters */
    const char *wrong; /* "no such method: INVIT" */
    const char *right; /* "INVITE, REINVITE, ACK, ... or ANY"; never NULL, perhaps empty */
};

struct profile_report {
    void (*note)(void *arg, const struct profile_note *n); /* NULL: nobody listens */
    void *arg;
    int line; /* of the text's first line in its file; 0 means 1 */
};

/* An empty profile. `name` is copied. */
struct profile *profile_new(const char *name);
void profile_free(struct profile *p);

/*
 * Adds the rules of `text`: one rule, or what `show running-config` prints. `report` may be NULL. Rules with errors are
 * left out. Returns the number of errors. Not to be called once the profile is in use.
 */
int profile_add_text(struct profile *p, struct str text, const struct profile_report *report);

const char *profile_name(const struct profile *p);
/* How many rules it has. */
int profile_count(const struct profile *p);

/* Rule `i` of the running order as it was written, and its line. */
struct str profile_rule(const struct profile *p, int i);
int profile_rule_line(const struct profile *p, int i);

/* The variable 1..99 that it copies into; 0: it copies nothing. */
int profile_rule_var(const struct profile *p, int i);

/* Does it read headers of the other leg (peer-header), or name some to be kept for it (a copylist)? If neither leg's
 * profile does, profile_keep need not be called. */
bool profile_keeps(const struct profile *p);

/* Do its rules need what a call remembers: variables, or what was kept? If not, profile_apply may do without `vars`. */
bool profile_has_vars(const struct profile *p);

/* May a rule change the description? */
bool profile_describes(const struct profile *p);

/* --- what one message is */

struct profile_message {
    bool response;
    enum method method; /* of a response: that of its CSeq */
    bool reinvite;      /* the INVITE, or the one answered, is not the first of its dialog */
    uint16_t status;    /* of a response */
    bool derived;    /* an ACK or CANCEL made from the bytes of the INVITE that was sent, or of its response: rules for
                        ANY on what it repeats (start line, Via, From, To, Call-ID, Route) have done their work */
    uint8_t leg;     /* 0 or 1: the leg that it travels on */
    struct str peer; /* the message of the other leg that this one follows from, for peer-header; empty: what
                        profile_keep kept of that leg */
};

/* The same read from the bytes, for tools. An INVITE with a tag in To is a REINVITE; of a response nobody can tell.
 * leg, derived and peer are left empty. */
struct profile_message profile_message_of(struct str in);

/* --- a call's variables */

/* u01 to u99, all unset, and nothing kept. */
struct profile_vars *profile_vars_new(void);
void profile_vars_free(struct profile_vars *v);

/* The value of variable 1..99; empty when unset. */
struct str profile_vars_get(const struct profile_vars *v, int var);

/* Control characters become blanks. Returns 0, or -1 when all variables together would be above PROFILE_VARS_MAX. */
int profile_vars_set(struct profile_vars *v, int var, struct str value);

/*
 * Keeps from `message`, which travels on `leg`, the headers that `p` or `also` name in a copylist or read by
 * peer-header, and the description if a rule reads it. They take the place of what was kept of that leg before. Call it
 * for messages that those of the other leg follow from, behind the inbound profile: with the inbound profile of this
 * leg (it has the copylist) and the outbound one of the other leg (it has the rules) as far as they are known; either
 * may be NULL.
 */
void profile_keep(struct profile_ctx *ctx, const struct profile *p, const struct profile *also, struct profile_vars *v,
                  int leg, struct str message);

/* --- running */

enum profile_result {
    PROFILE_UNCHANGED, /* *out is `in` */
    PROFILE_CHANGED,   /* *out is in the context until the next call */
    PROFILE_LIMIT,     /* a limit would be passed: *out is `in` */
};

/* What the last profile_apply of a context did; for counters and the log. */
struct profile_tally {
    int changed;      /* rules that changed something */
    int broken;       /* rules skipped: the result would break the message */
    int cut;          /* rules skipped: the pattern took too long */
    bool limit;       /* the result was PROFILE_LIMIT */
    bool description; /* an SDP line was changed */
    int last_rule;    /* the last rule that was broken, cut or passed a limit, for the log; -1 = none */
};

enum profile_step_kind {
    PROFILE_STEP_OTHER,    /* skipped: a rule for other messages */
    PROFILE_STEP_ABSENT,   /* skipped: the message has nothing of that name */
    PROFILE_STEP_NO_MATCH, /* skipped: the pattern matches none of the lines */
    PROFILE_STEP_MATCHED,  /* matched, and the text is as before */
    PROFILE_STEP_CHANGED,
    PROFILE_STEP_STORED, /* a variable was set */
    PROFILE_STEP_BROKEN, /* failed: see `why` */
    PROFILE_STEP_CUT,    /* failed: the pattern took too long */
    PROFILE_STEP_LIMIT,  /* failed, and the whole message stays as it was */
};

struct profile_step {
    int rule; /* index */
    enum profile_step_kind kind;
    const char *why;  /* "the tag of From would change"; never NULL */
    struct str after; /* the whole message behind this rule, until the next step */
};

struct profile_trace {
    void (*step)(void *arg, const struct profile_step *s); /* once for each rule, in order */
    void *arg;
};

/* "skipped", "matched", "changed", "stored", "failed". */
const char *profile_step_name(enum profile_step_kind kind);

struct profile_ctx *profile_ctx_new(void);
void profile_ctx_free(struct profile_ctx *ctx);

/*
 * Runs the rules of `p` that are for message `m` over its bytes `in`, which stay the caller's. Without `vars`
 * (keepalives, registrations) variables live for this message only. `trace` may be NULL. A message that no rule is for
 * costs a look at a table. Not for two threads at once with one context.
 */
enum profile_result profile_apply(struct profile_ctx *ctx, const struct profile *p, const struct profile_message *m,
                                  struct profile_vars *vars, struct str in, struct str *out,
                                  const struct profile_trace *trace);

/* What the last profile_apply did. */
struct profile_tally profile_tally(const struct profile_ctx *ctx);

#endif
