/*
 * server_drained: in maintenance, a line in the log for each kind of traffic when there is none of it any more:
 *
 *     service=calls state=drained after_s=312
 */
#ifndef B2BUA_SERVER_DRAINED_H
#define B2BUA_SERVER_DRAINED_H

#include <stdbool.h>
#include <stdint.h>

enum server_drained_kind { SERVER_DRAINED_CALLS, SERVER_DRAINED_REGISTRATIONS, SERVER_DRAINED_KINDS };

struct server_drained {
    bool said[SERVER_DRAINED_KINDS]; /* in this maintenance */
};

/* `since_ms`: of the maintenance, 0 = it is off. `left`: what there still is. Now and then. */
void server_drained_look(struct server_drained *d, uint64_t since_ms, const uint64_t left[SERVER_DRAINED_KINDS],
                         uint64_t now_ms);

#endif
