/* dial_impl: a compiled pattern, as dial.c makes it and dial_match.c reads it. */
#ifndef DIALPLAN_DIAL_IMPL_H
#define DIALPLAN_DIAL_IMPL_H

#include "dialplan/dial.h"

enum { DIAL_OPS_MAX = 512 };

enum dial_op_kind { DIAL_OP_SET, DIAL_OP_SPLIT, DIAL_OP_JUMP, DIAL_OP_END };

struct dial_op {
    uint8_t kind; /* enum dial_op_kind */
    bool literal; /* DIAL_OP_SET: counts */
    uint16_t to;  /* DIAL_OP_SPLIT: the other way; DIAL_OP_JUMP */
    uint32_t set; /* bits of symbols */
};

/* What may follow the last thing of the pattern. */
enum dial_tail { DIAL_TAIL_ANY, DIAL_TAIL_T /* T */, DIAL_TAIL_NONE /* $ */ };

struct dial_outline {
    enum dial_tail tail;
    bool plain; /* no DIAL_OP_SPLIT: the ops are the characters */
    int literals, op_count;
    size_t prefix_n;
    char prefix[DIAL_TEXT_MAX];
};

struct dial {
    struct dial_outline is;
    struct dial_op ops[];
};

#endif
