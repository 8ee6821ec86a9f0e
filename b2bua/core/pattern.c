#include "b2bua/core/pattern.h"

/* An honest rule needs some hundred steps; the step limit ends a runaway after about a millisecond. */
enum { STEPS_MAX = 40000, DEPTH_MAX = 2000, HEAP_KIB_MAX = 1024, STACK_START = 32 * 1024, STACK_MAX = 512 * 1024 };

int pattern_build(struct pattern *p, struct str text, char *wrong, size_t size, size_t *at) {
    pcre2_compile_context *context = pcre2_compile_context_create(NULL);
    int error = 0;
    PCRE2_SIZE offset = 0;
    uint32_t groups = 0;

    pcre2_set_newline(context, PCRE2_NEWLINE_ANYCRLF);
    p->code = pcre2_compile((PCRE2_SPTR)text.p, text.n,
                            PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_UTF | PCRE2_NEVER_UCP | PCRE2_NEVER_BACKSLASH_C, &error,
                            &offset, context);
    pcre2_compile_context_free(context);
    if (p->code == NULL) {
        pcre2_get_error_message(error, (PCRE2_UCHAR *)wrong, size);
        *at = offset;
        return -1;
    }
    pcre2_jit_compile(p->code, PCRE2_JIT_COMPLETE); /* where there is none, it is interpreted */
    pcre2_pattern_info(p->code, PCRE2_INFO_CAPTURECOUNT, &groups);
    p->groups = (int)groups;
    return 0;
}

void pattern_fini(struct pattern *p) {
    pcre2_code_free(p->code);
    p->code = NULL;
}

void pattern_room_init_small(struct pattern_room *room) {
    room->data = pcre2_match_data_create(PATTERN_GROUPS, NULL);
    room->context = pcre2_match_context_create(NULL);
    room->stack = NULL;
    if (room->data == NULL || room->context == NULL)
        mem_alloc(SIZE_MAX); /* aborts: memory is out */
    pcre2_set_match_limit(room->context, STEPS_MAX);
    pcre2_set_depth_limit(room->context, DEPTH_MAX);
    pcre2_set_heap_limit(room->context, HEAP_KIB_MAX);
}

void pattern_room_init(struct pattern_room *room) {
    pattern_room_init_small(room);
    room->stack = pcre2_jit_stack_create(STACK_START, STACK_MAX, NULL);
    if (room->stack != NULL)
        pcre2_jit_stack_assign(room->context, NULL, room->stack);
}

void pattern_room_fini(struct pattern_room *room) {
    pcre2_match_data_free(room->data);
    pcre2_match_context_free(room->context);
    pcre2_jit_stack_free(room->stack);
}

enum pattern_result pattern_find_from(const struct pattern *p, const struct pattern_room *room, struct str subject,
                                      size_t start, struct str groups[PATTERN_GROUPS]) {
    PCRE2_SPTR bytes = (PCRE2_SPTR)(subject.n == 0 ? "" : subject.p);
    int count = pcre2_match(p->code, bytes, subject.n, start, 0, room->data, room->context);

    if (count < 0)
        return count == PCRE2_ERROR_NOMATCH ? PATTERN_NO : PATTERN_CUT;
    if (count == 0) /* more groups than can be named */
        count = PATTERN_GROUPS;
    const PCRE2_SIZE *at = pcre2_get_ovector_pointer(room->data);
    for (int i = 0; i < PATTERN_GROUPS; i++, at += 2) {
        bool took_part = i < count && at[0] != PCRE2_UNSET && at[0] <= at[1];
        groups[i] = took_part ? (struct str){subject.p + at[0], at[1] - at[0]} : STR_NONE;
    }
    return PATTERN_YES;
}
