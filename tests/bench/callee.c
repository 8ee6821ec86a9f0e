#include <stdlib.h>
#include <string.h>

#include "tests/bench/callgen.h"

static void callee_invited(struct gen *g, unsigned n, const struct message *m, const struct sockaddr_in *from,
                           uint64_t now_us) {
    static const char *const STATUS[] = {"100 Trying", "180 Ringing", "200 OK"};
    struct call *c = &g->call[n];
    if (c->arrived_us) {
        g->copies++;
        return;
    }
    c->arrived_us = c->answered_us = now_us;
    for (int i = 0; i < 3; i++) {
        char *out = end_room(&g->callee);
        size_t size = text_response(out, &g->run, n, m, STATUS[i], i == 2);
        if (i == 2) {
            c->answer = malloc(size);
            if (!c->answer)
                abort();
            memcpy(c->answer, out, size);
            c->answer_size = size;
        }
        end_queue(&g->callee, size, from);
    }
    c->answer_to = *from;
    c->answer_due_us = now_us + CALL_T1_US;
}

void callee_got(struct gen *g, const struct message *m, const struct sockaddr_in *from, uint64_t now_us) {
    long n = text_number_after(m->to, ";tag=s");
    int in_dialog = n >= 0;
    if (!in_dialog)
        n = text_number_after(m->start, "sip:9");
    if (m->status || n < 0 || n >= (long)g->started)
        return;
    if (in_dialog && (m->start.at[0] == 'I' || m->start.at[0] == 'U')) {
        refresh_got(g, 1, (unsigned)n, m, from);
    } else if (m->start.at[0] == 'I') {
        callee_invited(g, (unsigned)n, m, from, now_us);
    } else if (m->start.at[0] == 'A') {
        free(g->call[n].answer);
        g->call[n].answer = NULL;
        g->call[n].answer_due_us = 0;
    } else {
        char *out = end_room(&g->callee);
        end_queue(&g->callee, text_response(out, &g->run, (unsigned)n, m, "200 OK", 0), from);
    }
}

void callee_due(struct gen *g, struct call *c, uint64_t now_us) {
    if (c->answer_tries++ == CALL_TRIES_MAX) {
        c->answer_due_us = 0;
        return;
    }
    g->again_callee++;
    memcpy(end_room(&g->callee), c->answer, c->answer_size);
    end_queue(&g->callee, c->answer_size, &c->answer_to);
    c->answer_due_us = now_us + ((uint64_t)CALL_T1_US << c->answer_tries);
}
