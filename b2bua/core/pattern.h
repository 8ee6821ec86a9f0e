/*
 * pattern: a compiled regular expression (PCRE2) whose cost is bounded, whatever it is and whatever it meets. What of
 * the language a user may write is the business of who takes the text from him.
 *
 * Bytes, no UTF; case counts; `.` stops at CR and LF; `$` is the very end.
 */
#ifndef B2BUA_CORE_PATTERN_H
#define B2BUA_CORE_PATTERN_H

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "b2bua/core/str.h"

enum { PATTERN_GROUPS = 10 };

/* Compiled; shared by threads. */
struct pattern {
    pcre2_code *code;
    int groups;
};

/* Compiles `text` as PCRE2 reads it. Returns 0, or -1 with what is wrong and the offset where. */
int pattern_build(struct pattern *p, struct str text, char *wrong, size_t size, size_t *at);
void pattern_fini(struct pattern *p);

/* What a thread needs to match. */
struct pattern_room {
    pcre2_match_data *data;
    pcre2_match_context *context;
    pcre2_jit_stack *stack;
};

void pattern_room_init(struct pattern_room *room);
/* The same for a few matches of short subjects: made and forgotten cheaply. */
void pattern_room_init_small(struct pattern_room *room);
void pattern_room_fini(struct pattern_room *room);

enum pattern_result { PATTERN_NO, PATTERN_YES, PATTERN_CUT /* a limit on steps, depth or memory was reached */ };

/* Looks for the first match in `subject`, from offset `start` on. With YES groups[0] is the match, and a group that
 * took no part is empty. */
enum pattern_result pattern_find_from(const struct pattern *p, const struct pattern_room *room, struct str subject,
                                      size_t start, struct str groups[PATTERN_GROUPS]);

static inline enum pattern_result pattern_find(const struct pattern *p, const struct pattern_room *room,
                                               struct str subject, struct str groups[PATTERN_GROUPS]) {
    return pattern_find_from(p, room, subject, 0, groups);
}

#endif
