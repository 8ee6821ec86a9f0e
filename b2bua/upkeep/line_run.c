/* What core/regclient decides is done, and it hears what came of it. */
#include <stdio.h>
#include <stdlib.h>

#include "b2bua/core/regclient_read.h"
#include "b2bua/upkeep/line_impl.h"

#define CONTAINER(ptr, type, member) ((type *)((char *)(ptr)-offsetof(type, member)))

enum { LOOK_MS = 250 /* for a place, where there is none */, PATIENCE = 8 };

static const char no_answer[] = "No answer";

static uint32_t draw(struct line *n) {
    return (uint32_t)ua_random(n->lines->config.ua);
}

static struct reg_policy policy_of(const struct line *n) {
    const struct settings_trunk *t = line_trunk(n);
    struct pool_place places[POOL_PLACES_MAX];

    return (struct reg_policy){(uint32_t)t->reg.expires_s, pool_places(n->lines->config.pool, t, places),
                               (uint32_t)t->no_reply_ms};
}

static void arm(struct line *n) {
    uint64_t at_ms = regclient_deadline(&n->reg), look_ms = n->lines->config.timers->now_ms + LOOK_MS;

    if (n->placeless && look_ms < at_ms)
        at_ms = look_ms;
    if (at_ms == UINT64_MAX)
        timerq_stop(n->lines->config.timers, &n->timer);
    else
        timerq_set(n->lines->config.timers, &n->timer, at_ms);
}

static void answered(struct line *n, const struct reg_answer *a, uint64_t now_ms);

static void act(struct line *n, enum reg_action action, uint64_t now_ms) {
    static const struct reg_answer unsent = {.status = 503};
    int sent = 0;

    switch (action) {
    case REG_NOTHING:
        break;
    case REG_SEND:
        sent = line_send(n, n->reg.ask_s, now_ms);
        break;
    case REG_SEND_REMOVE:
        sent = line_send(n, 0, now_ms);
        break;
    }
    if (sent < 0) {
        snprintf(n->reason, sizeof n->reason, "No place to send it to");
        answered(n, &unsent, now_ms);
    }
    line_show(n);
    arm(n);
}

static void answered(struct line *n, const struct reg_answer *a, uint64_t now_ms) {
    struct reg_policy p = policy_of(n);
    enum reg_state was = n->reg.state;

    if (a->status / 100 != 2) {
        n->failed++;
        if (n->reg.status != a->status) /* the same again is no news */
            line_log_failure(n, a->status);
    } else if (!n->reg.removing) {
        n->registered++;
    }
    enum reg_action next = regclient_answer(&n->reg, &p, a, draw(n), now_ms);
    line_log_change(n, was);
    act(n, next, now_ms);
}

static void take_route(struct line *n, const struct sip_msg *m) {
    struct sbuf b = sbuf_growing(REGISTRATION_ROUTE_MAX);

    reg_service_route(m->raw, &b);
    free((char *)n->route.p);
    n->route = b.full || b.n == 0 ? STR_NONE : (struct str){str_dup(sbuf_str(&b)), b.n};
    sbuf_fini(&b);
}

static void response(struct ua_user *user, struct tx *tx, const struct sip_msg *m, uint64_t now_ms) {
    struct line *n = CONTAINER(user, struct line, user);
    struct reg_answer a = {.status = m->status, .retry_after_s = m->retry_after_s};

    if (m->status < 200 || n->tx != tx)
        return;
    n->flow = tx->flow;
    line_let_go(n);
    line_reason(n, m->status, reg_warning(m->raw));
    if (m->status < 300) {
        a.granted_s = reg_granted_s(m->raw, str_of(n->contact), n->reg.ask_s);
        if (a.granted_s > REG_EXPIRES_MAX_S)
            a.granted_s = REG_EXPIRES_MAX_S;
        take_route(n, m);
    }
    a.min_expires_s = reg_min_expires_s(m->raw);
    answered(n, &a, now_ms);
}

static void failed(struct ua_user *user, struct tx *tx, bool timeout, uint64_t now_ms) {
    struct line *n = CONTAINER(user, struct line, user);
    struct reg_answer a = {.status = timeout ? 408 : 503};

    if (n->tx != tx)
        return;
    line_let_go(n);
    snprintf(n->reason, sizeof n->reason, "%s", timeout ? no_answer : "Connection lost");
    answered(n, &a, now_ms);
}

static void ended(struct ua_user *user, struct tx *tx, struct tx *next) {
    struct line *n = CONTAINER(user, struct line, user);

    if (n->tx != tx)
        return;
    n->tx = next;
    if (next != NULL)
        n->cseq = next->cseq;
}

static const struct ua_user_ops user_ops = {response, failed, ended};

/* Returns true when there is nothing to do yet but to look again. */
static bool looks_for_place(struct line *n, bool found, uint64_t now_ms) {
    if (!found && n->patience > 0) {
        n->patience--;
        timerq_set(n->lines->config.timers, &n->timer, now_ms + LOOK_MS);
        return true;
    }
    if (found && n->placeless) {
        n->placeless = false;
        regclient_hurry(&n->reg, now_ms);
    }
    return false;
}

static void fire(struct timer *t, uint64_t now_ms) {
    struct line *n = CONTAINER(t, struct line, timer);
    struct reg_policy p = policy_of(n);
    enum reg_state was = n->reg.state;

    if (looks_for_place(n, p.targets > 0, now_ms))
        return;
    bool silent = n->reg.under_way && now_ms >= n->reg.at_ms;
    enum reg_action next = regclient_tick(&n->reg, &p, draw(n), now_ms);

    if (silent) {
        n->failed++;
        snprintf(n->reason, sizeof n->reason, "%s", no_answer);
        line_log_failure(n, 408);
    }
    line_log_change(n, was);
    act(n, next, now_ms);
}

/* --- begin and end --- */

void line_start(struct line *n) {
    struct reg_policy p = policy_of(n);

    n->user.ops = &user_ops;
    n->timer.fire = fire;
    n->patience = PATIENCE;
    n->cseq = (uint32_t)(ua_random(n->lines->config.ua) & 0xffff);
    ua_call_id(n->lines->config.ua, n->call_id);
    ua_tag(n->lines->config.ua, n->tag);
    regclient_start(&n->reg, &p, draw(n), n->lines->config.timers->now_ms);
    line_show(n);
    arm(n);
}

void line_stop(struct line *n, uint64_t now_ms) {
    act(n, regclient_stop(&n->reg, now_ms), now_ms);
}

void line_lost(struct line *n, const struct flow *flow, uint64_t now_ms) {
    if (n->flow.conn == 0 || n->flow.conn != flow->conn || n->flow.worker != flow->worker ||
        !regclient_lost(&n->reg, draw(n), now_ms))
        return;
    line_log_lost(n);
    arm(n);
}
