/*
 * pattern: one regular expression of a rule: the vendor's dialect on top of PCRE2.
 *
 * What POSIX extended expressions and the vendor's have in common means the same in PCRE2 and is handed on; what only
 * Perl knows is refused, because the same text means something else, or nothing, where the rule comes from. Bytes, no
 * UTF; case counts; `.` stops at CR and LF; `$` is the very end.
 */
#ifndef PROFILES_PATTERN_H
#define PROFILES_PATTERN_H

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "b2bua/core/str.h"

enum { PATTERN_MAX = 2000, PATTERN_GROUPS = 10 };

/* What is wrong with a text, where, and what would be right. */
struct problem {
    size_t at; /* offset of a byte */
    char wrong[160];
    const char *right;
};

/* Compiled; shared by threads. */
struct pattern {
    pcre2_code *code;
    int groups;
};

/* Compiles `source`, the text between the quotes. Returns 0, or -1 with *why filled. */
int pattern_compile(struct pattern *p, struct str source, struct problem *why);
void pattern_fini(struct pattern *p);

/* What a thread needs to match. */
struct pattern_room {
    pcre2_match_data *data;
    pcre2_match_context *context;
    pcre2_jit_stack *stack;
};

void pattern_room_init(struct pattern_room *room);
void pattern_room_fini(struct pattern_room *room);

enum pattern_result { PATTERN_NO, PATTERN_YES, PATTERN_CUT /* a limit on steps, depth or memory was reached */ };

/* Looks for the first match in `subject`. With YES groups[0] is the match, and a group that took no part is empty. */
enum pattern_result pattern_find(const struct pattern *p, const struct pattern_room *room, struct str subject,
                                 struct str groups[PATTERN_GROUPS]);

#endif
