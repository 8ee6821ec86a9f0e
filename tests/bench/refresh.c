#include <stdlib.h>

#include "tests/bench/callgen.h"

void refresh_got(struct gen *g, int to_callee, unsigned n, const struct message *m, const struct sockaddr_in *from) {
    struct end *here = to_callee ? &g->callee : &g->caller;
    unsigned port = to_callee ? g->run.callee_port : g->run.caller_port;
    long cseq = text_number_after(m->cseq, ":"), *last = &g->call[n].refresh_cseq[to_callee];
    char kind = m->start.at[0];

    if (kind != 'I' && kind != 'U')
        return; /* an ACK */
    if (cseq > *last) {
        *last = cseq;
        g->refreshed++;
    } else {
        g->copies++;
    }
    char *out = end_room(here);
    end_queue(here, text_refreshed(out, &g->run, port, m, kind == 'I'), from);
}
