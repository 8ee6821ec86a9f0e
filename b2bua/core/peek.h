/*
 * peek: what a request is, told from its raw bytes before anybody parses them: for those who turn requests away when
 * there is no time to read them. Only plain writing is understood; whatever is odd is left to the parser.
 */
#ifndef B2BUA_CORE_PEEK_H
#define B2BUA_CORE_PEEK_H

#include "b2bua/core/method.h"

/* Views into the message. */
struct peek {
    enum method method;
    struct str user; /* of the Request-URI; of tel: the number */
    struct str call_id;
    struct str branch, sent_by; /* of the top Via */
    bool in_dialog;             /* its To has a tag */
};

/* Returns 0, or -1: no request, or not plain. */
int peek_request(struct peek *out, struct str message);

#endif
