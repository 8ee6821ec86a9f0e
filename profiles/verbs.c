/* What the verbs of rules do to the lines of a message. */
#include "profiles/guard.h"
#include "profiles/run.h"

static bool on_headers(const struct rule *r) {
    return r->where == RULE_SIP;
}

static bool is_too_long(const struct line *lines, int count) {
    for (int i = 0; i < count; i++)
        if (lines[i].text.n > PROFILE_HEADER_MAX)
            return true;
    return false;
}

static void changed(struct run *u, const struct rule *r) {
    if (on_headers(r))
        return;
    lines_sort_sdp(&u->message->sdp);
    u->ctx->tally.description = true;
}

/* --- modify */

static enum profile_step_kind limit(struct run *u, const char *why) {
    u->why = why;
    return PROFILE_STEP_LIMIT;
}

/* The line with its first match replaced, in the scratch. MATCHED, NO_MATCH, CUT or LIMIT; CHANGED with *text. */
static enum profile_step_kind replaced(struct run *u, const struct rule *r, const struct line *line, struct str *text) {
    struct run_subject s;
    struct str groups[PATTERN_GROUPS];
    size_t mark = u->scratch.n;

    if (run_subject(u, line, r, &s) < 0)
        return limit(u, "the header is above 8 KiB");
    switch (pattern_find(&r->pattern, &u->ctx->room, s.text, groups)) {
    case PATTERN_NO:
        return PROFILE_STEP_NO_MATCH;
    case PATTERN_CUT:
        return PROFILE_STEP_CUT;
    case PATTERN_YES:
        break;
    }
    size_t at = (size_t)(groups[0].p - s.text.p), behind = at + groups[0].n;
    if (at >= s.shown_name && s.shown_name > 0) {
        sbuf_put(&u->scratch, s.raw_name);
        sbuf_put(&u->scratch, str_from(str_upto(s.text, at), s.shown_name));
    } else {
        sbuf_put(&u->scratch, str_upto(s.text, at));
    }
    size_t made = u->scratch.n;
    run_expand(u, &r->with, groups);
    bool same = str_eq(groups[0], str_from(sbuf_str(&u->scratch), made));
    sbuf_put(&u->scratch, str_from(s.text, behind));
    if (u->scratch.full)
        return limit(u, "the rules make too much text");
    *text = str_from(sbuf_str(&u->scratch), mark);
    return same ? PROFILE_STEP_MATCHED : PROFILE_STEP_CHANGED;
}

static int cut_edit(struct run *u, const struct rule *r, const struct run_edit *edit, struct line *fresh) {
    const struct lines *lines = on_headers(r) ? &u->message->head : &u->message->sdp;
    const struct line *before = &lines->at[edit->line];

    return run_cut(u, edit->text, on_headers(r), r->target.lines == RULE_START_LINE, lines_end(lines), before->end,
                   fresh);
}

static enum profile_step_kind check_edit(struct run *u, const struct rule *r, const struct lines *lines,
                                         const struct run_edit *edit) {
    struct line fresh[GUARD_LINES_MAX];
    const struct line *before = &lines->at[edit->line];
    int count = cut_edit(u, r, edit, fresh);

    if (count < 0)
        return PROFILE_STEP_BROKEN;
    if (is_too_long(fresh, count))
        return limit(u, "the header would be above 8 KiB");
    u->why = on_headers(r) ? guard_header(before, edit->line == 0, fresh, count) : guard_sdp(before, fresh, count);
    return u->why == NULL ? PROFILE_STEP_CHANGED : PROFILE_STEP_BROKEN;
}

/* All edits, or none. */
static enum profile_step_kind take_edits(struct run *u, const struct rule *r, struct lines *lines, int count) {
    struct line fresh[GUARD_LINES_MAX];

    for (int i = 0; i < count; i++) {
        enum profile_step_kind kind = check_edit(u, r, lines, &u->ctx->edits[i]);
        if (kind != PROFILE_STEP_CHANGED)
            return kind;
    }
    for (int i = count - 1; i >= 0; i--) { /* from behind: places before it stay right */
        int n = cut_edit(u, r, &u->ctx->edits[i], fresh);
        if (lines_splice(lines, u->ctx->edits[i].line, 1, fresh, n) < 0)
            return limit(u, "too many lines");
    }
    changed(u, r);
    return PROFILE_STEP_CHANGED;
}

enum profile_step_kind run_modify(struct run *u, const struct rule *r) {
    struct lines *lines = run_lines(u, r);
    enum profile_step_kind result = PROFILE_STEP_ABSENT;
    int edits = 0;

    if (lines == NULL)
        return limit(u, "too many lines");
    for (int i = run_next(u, lines, r, 0); i >= 0; i = run_next(u, lines, r, i + 1)) {
        struct str text;
        enum profile_step_kind kind = replaced(u, r, &lines->at[i], &text);
        if (kind == PROFILE_STEP_CUT || kind == PROFILE_STEP_LIMIT)
            return kind;
        if (kind == PROFILE_STEP_CHANGED)
            u->ctx->edits[edits++] = (struct run_edit){i, text};
        if (result != PROFILE_STEP_MATCHED)
            result = kind;
    }
    return edits > 0 ? take_edits(u, r, lines, edits) : result;
}

/* --- remove */

enum profile_step_kind run_remove(struct run *u, const struct rule *r) {
    struct lines *lines = run_lines(u, r);
    enum profile_step_kind result = PROFILE_STEP_ABSENT;

    if (lines == NULL)
        return limit(u, "too many lines");
    for (int i = run_next(u, lines, r, 0); i >= 0; i = run_next(u, lines, r, i)) {
        lines_splice(lines, i, 1, NULL, 0);
        result = PROFILE_STEP_CHANGED;
    }
    if (result == PROFILE_STEP_CHANGED)
        changed(u, r);
    return result;
}

/* --- add */

static void end_last_line(struct lines *lines, int at) {
    if (at > 0 && lines->at[at - 1].end.n == 0)
        lines->at[at - 1].end = lines_end(lines);
}

static enum profile_step_kind insert(struct run *u, const struct rule *r, struct lines *lines, int at,
                                     struct line *fresh, int count) {
    u->why = on_headers(r) ? guard_header(NULL, false, fresh, count) : guard_sdp(NULL, fresh, count);
    if (u->why != NULL)
        return PROFILE_STEP_BROKEN;
    if (is_too_long(fresh, count))
        return limit(u, "the header would be above 8 KiB");
    end_last_line(lines, at);
    return lines_splice(lines, at, 0, fresh, count) < 0 ? limit(u, "too many lines") : PROFILE_STEP_CHANGED;
}

/* Behind the last line of the part that may stand before such a line. */
static int place_in_section(const struct lines *sdp, int first, char letter) {
    int at = first + 1;

    for (int i = first + 1; i < sdp->count && sdp->at[i].section == sdp->at[first].section; i++)
        if (sdp->at[i].text.n > 0 && names_rank(sdp->at[i].text.p[0]) <= names_rank(letter))
            at = i + 1;
    return at;
}

static bool is_wanted_section(const struct line *line, const struct rule_target *t) {
    if (t->lines == RULE_SDP_INDEX)
        return line->section == t->section;
    return t->sdp.media == NAMES_MEDIA_NONE ? line->section == 0 : line->media == t->sdp.media;
}

static enum profile_step_kind add_sdp(struct run *u, const struct rule *r, struct lines *sdp, struct line *fresh,
                                      int count) {
    enum profile_step_kind result = PROFILE_STEP_ABSENT;

    for (int i = sdp->count - 1; i >= 0; i--) {
        bool first = i == 0 || sdp->at[i - 1].section != sdp->at[i].section;
        if (!first || !is_wanted_section(&sdp->at[i], &r->target))
            continue;
        result = insert(u, r, sdp, place_in_section(sdp, i, r->target.sdp.letter), fresh, count);
        if (result != PROFILE_STEP_CHANGED)
            return result;
    }
    if (result == PROFILE_STEP_CHANGED)
        changed(u, r);
    return result;
}

enum profile_step_kind run_add(struct run *u, const struct rule *r) {
    struct line fresh[GUARD_LINES_MAX];
    struct lines *lines = run_lines(u, r);
    size_t mark = u->scratch.n;

    if (lines == NULL)
        return limit(u, "too many lines");
    run_expand(u, &r->with, NULL);
    if (u->scratch.full)
        return limit(u, "the rules make too much text");
    int count = run_cut(u, str_from(sbuf_str(&u->scratch), mark), on_headers(r), false, lines_end(lines),
                        lines_end(lines), fresh);
    if (count < 0)
        return PROFILE_STEP_BROKEN;
    if (count == 0) {
        u->why = "nothing to add: the variables are empty";
        return PROFILE_STEP_ABSENT;
    }
    return on_headers(r) ? insert(u, r, lines, lines->count, fresh, count) : add_sdp(u, r, lines, fresh, count);
}

/* --- copy */

enum profile_step_kind run_copy(struct run *u, const struct rule *r) {
    struct lines *lines = run_lines(u, r);
    enum profile_step_kind result = PROFILE_STEP_ABSENT;

    if (lines == NULL)
        return limit(u, "too many lines");
    for (int i = run_next(u, lines, r, 0); i >= 0; i = run_next(u, lines, r, i + 1)) {
        struct run_subject s;
        struct str groups[PATTERN_GROUPS];
        if (run_subject(u, &lines->at[i], r, &s) < 0)
            return limit(u, "the header is above 8 KiB");
        enum pattern_result found = pattern_find(&r->pattern, &u->ctx->room, s.text, groups);
        if (found == PATTERN_CUT)
            return PROFILE_STEP_CUT;
        result = PROFILE_STEP_NO_MATCH;
        if (found == PATTERN_NO)
            continue;
        u->why = "the variables of this call are full";
        return profile_vars_set(u->vars, r->var, groups[r->pattern.groups > 0 ? 1 : 0]) < 0 ? PROFILE_STEP_BROKEN
                                                                                            : PROFILE_STEP_STORED;
    }
    return result;
}
