/*
 * run: one message on its way through a profile.
 */
#ifndef PROFILES_RUN_H
#define PROFILES_RUN_H

#include "profiles/lines.h"
#include "profiles/set.h"
#include "profiles/vars.h"

/* A line that is to become other lines. */
struct run_edit {
    int line;
    struct str text; /* in the scratch; lines end in CRLF; empty: the line goes */
};

/* What a thread needs, made once. */
struct profile_ctx {
    struct pattern_room room;
    struct parts message, peer;
    char *out[2]; /* results: two, as the result of one profile may be the input of the next */
    char *scratch;
    char *subject;
    struct run_edit *edits;
    struct profile_vars *own; /* for messages without a call */
    struct profile_tally tally;
};

enum { RUN_SCRATCH = 256 * 1024, RUN_SUBJECT = PROFILE_HEADER_MAX + 256 };

struct run {
    struct profile_ctx *ctx;
    const struct profile_message *m;
    struct profile_vars *vars;
    struct parts *message;
    struct sbuf scratch;
    const char *why; /* a rule was skipped, or failed */
    bool peer_read;
};

/* The lines that a rule looks at or changes: those of the message or of the peer's; NULL when there are too many, and
 * empty when there is no such part. */
struct lines *run_lines(struct run *u, const struct rule *r);

/* Is the rule about a header that the message has not, so that nothing can come of it? false: it may have it. */
bool run_is_absent(const struct run *u, const struct rule *r);

/* Index of the next line from `from` on that the rule is about; -1 when there is none. */
int run_next(const struct run *u, const struct lines *lines, const struct rule *r, int from);

/* A line as patterns see it: unfolded, with the usual name. */
struct run_subject {
    struct str text;
    struct str raw_name; /* what stands in the message for the name, up to the colon */
    size_t shown_name;   /* bytes of `text` that stand for it */
};

/* Returns 0, or -1 when the line is too long. */
int run_subject(struct run *u, const struct line *line, const struct rule *r, struct run_subject *out);

/* The verbs. Each sets u->why when it returns BROKEN. */
enum profile_step_kind run_modify(struct run *u, const struct rule *r);
enum profile_step_kind run_add(struct run *u, const struct rule *r);
enum profile_step_kind run_remove(struct run *u, const struct rule *r);
enum profile_step_kind run_copy(struct run *u, const struct rule *r);

/* Writes `text` with its groups and variables into the scratch. `groups` may be NULL. */
void run_expand(struct run *u, const struct text *text, const struct str *groups);

/* Cuts the text of an edit into lines. `last_end` ends the last one. Returns their number (0: nothing but line ends),
 * or -1 with u->why set. */
int run_cut(struct run *u, struct str text, bool headers, bool start, struct str end, struct str last_end,
            struct line *out);

#endif
