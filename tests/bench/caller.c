#include <stdlib.h>
#include <string.h>

#include "tests/bench/callgen.h"

static void invite(struct gen *g, unsigned n) {
    end_queue(&g->caller, text_invite(end_room(&g->caller), &g->run, n), &g->target);
}

void caller_invite_next(struct gen *g, uint64_t now_us) {
    g->call[g->started] = (struct call){.state = CALL_INVITED, .sent_us = now_us, .due_us = now_us + CALL_T1_US};
    invite(g, g->started++);
    end_flush(&g->caller);
}

static void in_dialog(struct gen *g, unsigned n, const char *method, unsigned cseq) {
    char *out = end_room(&g->caller);
    end_queue(&g->caller, text_in_dialog(out, &g->run, n, &g->call[n].dialog, method, cseq), &g->target);
}

static void over(struct gen *g, unsigned n, enum state state) {
    struct call *c = &g->call[n];
    c->state = state;
    dialog_free(&c->dialog);
    if (state == CALL_DONE)
        g->ok++;
    else
        g->failed++;
}

static void answered(struct gen *g, unsigned n, const struct message *m, uint64_t now_us) {
    struct call *c = &g->call[n];
    if (c->state == CALL_INVITED) {
        dialog_learn(&c->dialog, m);
        g->added_us[g->up++] = (uint32_t)((c->arrived_us - c->sent_us) + (now_us - c->answered_us));
        c->state = CALL_UP;
        c->due_us = g->stay_s ? UINT64_MAX : now_us + g->hold_us;
    }
    if (c->state == CALL_UP)
        in_dialog(g, n, "ACK", 1);
}

void caller_got(struct gen *g, const struct message *m, const struct sockaddr_in *from, uint64_t now_us) {
    long n = m->call_id.size ? strtol(m->call_id.at + strcspn(m->call_id.at, "0123456789\r"), NULL, 10) : -1;
    if (n < 0 || n >= (long)g->started)
        return;
    if (!m->status) {
        refresh_got(g, 0, (unsigned)n, m, from);
        return;
    }
    int to_bye = m->cseq.size > 3 && memcmp(m->cseq.at + m->cseq.size - 3, "BYE", 3) == 0;
    struct call *c = &g->call[n];
    if (m->status < 200) {
        if (c->state == CALL_INVITED)
            c->due_us = UINT64_MAX; /* RFC 3261 17.1.1.2: a provisional ends the resending */
        return;
    }
    if (to_bye && c->state == CALL_ENDING)
        over(g, (unsigned)n, m->status < 300 ? CALL_DONE : CALL_FAILED);
    else if (!to_bye && m->status < 300)
        answered(g, (unsigned)n, m, now_us);
    else if (!to_bye && c->state == CALL_INVITED)
        over(g, (unsigned)n, CALL_FAILED);
}

void caller_due(struct gen *g, unsigned n, uint64_t now_us) {
    struct call *c = &g->call[n];
    if (c->state == CALL_UP) {
        c->state = CALL_ENDING;
        c->tries = 0;
    } else if (c->tries == CALL_TRIES_MAX) {
        over(g, n, CALL_FAILED);
        return;
    } else {
        g->again_caller++;
        c->tries++;
    }
    c->due_us = now_us + ((uint64_t)CALL_T1_US << c->tries);
    if (c->state == CALL_INVITED)
        invite(g, n);
    else
        in_dialog(g, n, "BYE", 2);
}
