#include "b2bua/core/regclient.h"

enum {
    FIRST_SPREAD_MS = 500,
    LOST_SPREAD_MS = 200,
    PAUSE_S = 5,
    PAUSE_REFUSED_S = 30,
    PAUSE_MAX_S = 300,
    REMOVE_WAIT_MS = 4000
};

const char *regclient_state_name(enum reg_state s) {
    static const char *const names[REG_STATES] = {"Registering", "Registered", "Failed", "Gone"};

    return names[s];
}

void regclient_start(struct regclient *r, const struct reg_policy *p, uint32_t draw, uint64_t now_ms) {
    *r = (struct regclient){.ask_s = p->expires_s, .at_ms = now_ms + draw % FIRST_SPREAD_MS};
}

uint64_t regclient_deadline(const struct regclient *r) {
    uint64_t ends = r->state == REG_REGISTERED ? r->until_ms : UINT64_MAX;

    return r->state == REG_GONE ? UINT64_MAX : r->at_ms < ends ? r->at_ms : ends;
}

static enum reg_action send(struct regclient *r, const struct reg_policy *p, uint64_t now_ms) {
    bool others = r->tried + 1 < p->targets;

    r->under_way = true;
    r->at_ms = others ? now_ms + p->no_reply_ms : UINT64_MAX; /* the transaction says when the last one is silent */
    return REG_SEND;
}

/* --- what an answer comes to --- */

enum fate { GRANTED, ASK_MORE, NEXT_TARGET, REFUSED };

static enum fate fate_of(const struct regclient *r, const struct reg_answer *a) {
    if (a->status / 100 == 2)
        return a->granted_s > 0 ? GRANTED : REFUSED;
    if (a->status == 423 && !r->asked_more && a->min_expires_s > r->ask_s && a->min_expires_s <= REG_EXPIRES_MAX_S)
        return ASK_MORE;
    return a->status == 408 || a->status / 100 == 5 ? NEXT_TARGET : REFUSED;
}

static void granted(struct regclient *r, uint32_t granted_s, uint32_t draw, uint64_t now_ms) {
    uint64_t whole_ms = (uint64_t)granted_s * 1000;

    r->state = REG_REGISTERED;
    r->granted_s = granted_s;
    r->until_ms = now_ms + whole_ms;
    r->at_ms = now_ms + whole_ms * (500 + draw % 401) / 1000;
    r->status = 0;
    r->tried = 0;
    r->rounds = 0;
    r->asked_more = false;
    r->losses = r->lost ? r->losses : 0;
    r->lost = false;
}

static uint64_t pause_ms(const struct regclient *r, bool refused, uint32_t retry_after_s, uint32_t draw) {
    uint64_t s = refused ? PAUSE_REFUSED_S : PAUSE_S;

    for (unsigned i = 1; i < r->rounds && s < PAUSE_MAX_S; i++)
        s *= 2;
    if (s > PAUSE_MAX_S)
        s = PAUSE_MAX_S;
    uint64_t ms = s * 500 + draw % (s * 500 + 1);
    uint64_t least_ms =
        (uint64_t)(retry_after_s < REG_RETRY_AFTER_MAX_S ? retry_after_s : REG_RETRY_AFTER_MAX_S) * 1000;
    return least_ms > ms ? least_ms + draw % (least_ms / 10 + 1) : ms;
}

/* The round is over: later again, from the first target on. */
static void pause(struct regclient *r, const struct reg_policy *p, bool refused, uint32_t retry_after_s, uint32_t draw,
                  uint64_t now_ms) {
    r->rounds++;
    r->tried = 0;
    r->target = 0;
    r->asked_more = false;
    r->ask_s = p->expires_s;
    r->at_ms = now_ms + pause_ms(r, refused, retry_after_s, draw);
    if (r->until_ms <= now_ms)
        r->state = REG_FAILED;
}

static enum reg_action failed(struct regclient *r, const struct reg_policy *p, const struct reg_answer *a,
                              bool next_target, uint32_t draw, uint64_t now_ms) {
    r->status = a->status;
    r->tried++;
    if (next_target && r->tried < p->targets) {
        r->target = (r->target + 1) % p->targets;
        return send(r, p, now_ms);
    }
    pause(r, p, !next_target, a->retry_after_s, draw, now_ms);
    return REG_NOTHING;
}

enum reg_action regclient_answer(struct regclient *r, const struct reg_policy *p, const struct reg_answer *a,
                                 uint32_t draw, uint64_t now_ms) {
    enum fate fate = fate_of(r, a);

    r->under_way = false;
    if (r->state == REG_GONE)
        return REG_NOTHING;
    if (r->removing) {
        r->state = REG_GONE;
        return REG_NOTHING;
    }
    switch (fate) {
    case GRANTED:
        granted(r, a->granted_s, draw, now_ms);
        break;
    case ASK_MORE:
        r->ask_s = a->min_expires_s;
        r->asked_more = true;
        return send(r, p, now_ms);
    case NEXT_TARGET:
    case REFUSED:
        return failed(r, p, a, fate == NEXT_TARGET, draw, now_ms);
    }
    return REG_NOTHING;
}

/* --- time --- */

enum reg_action regclient_tick(struct regclient *r, const struct reg_policy *p, uint32_t draw, uint64_t now_ms) {
    const struct reg_answer silence = {.status = 408};

    if (r->state == REG_REGISTERED && now_ms >= r->until_ms)
        r->state = REG_FAILED;
    if (r->state == REG_GONE || now_ms < r->at_ms)
        return REG_NOTHING;
    if (r->under_way)
        return regclient_answer(r, p, &silence, draw, now_ms);
    return send(r, p, now_ms);
}

bool regclient_lost(struct regclient *r, uint32_t draw, uint64_t now_ms) {
    uint64_t s = r->losses == 0 ? 0 : PAUSE_S;

    if (r->state != REG_REGISTERED || r->under_way || r->removing)
        return false;
    for (unsigned i = 1; i < r->losses && s < PAUSE_MAX_S; i++)
        s *= 2;
    uint64_t at_ms = now_ms + (s < PAUSE_MAX_S ? s : PAUSE_MAX_S) * 1000 + draw % LOST_SPREAD_MS;
    r->at_ms = at_ms < r->at_ms ? at_ms : r->at_ms;
    r->lost = true;
    r->losses++;
    return true;
}

void regclient_hurry(struct regclient *r, uint64_t now_ms) {
    if (!r->under_way && r->state != REG_GONE && now_ms < r->at_ms)
        r->at_ms = now_ms;
}

/* One request alone: whether it arrives or not, the end is near. What may be under way may have been granted. */
enum reg_action regclient_stop(struct regclient *r, uint64_t now_ms) {
    if (r->state == REG_GONE || r->removing)
        return REG_NOTHING;
    if (r->until_ms <= now_ms && !r->under_way) {
        r->state = REG_GONE;
        return REG_NOTHING;
    }
    r->removing = true;
    r->under_way = true;
    r->at_ms = now_ms + REMOVE_WAIT_MS;
    return REG_SEND_REMOVE;
}
