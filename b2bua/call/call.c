#include "b2bua/call/call.h"

#include <assert.h>
#include <stdlib.h>

#include "b2bua/call/refer.h"
#include "b2bua/core/redirect.h"
#include "b2bua/log/log.h"

struct calls *calls_new(struct ua *ua, struct timerq *timers, struct pool *pool, struct registrations *registrations,
                        const struct calls_ops *ops) {
    struct calls *c = mem_zalloc(sizeof *c);

    c->ua = ua;
    c->timers = timers;
    c->pool = pool;
    c->ops = *ops;
    c->routing = route_ctx_new();
    c->registrations = registrations;
    return c;
}

static int slots_in(const struct settings *s) {
    int count = 0;

    for (int i = 0; i < s->trunk_count; i++)
        count = s->trunks[i].slot >= count ? s->trunks[i].slot + 1 : count;
    return count;
}

/* What was counted stays: under a name that is gone from the configuration, too. */
static void make_room(struct calls *c, int slots) {
    if (slots <= c->trunk_slots)
        return;
    c->trunk_counts = mem_realloc(c->trunk_counts, (size_t)slots * sizeof *c->trunk_counts);
    memset(c->trunk_counts + c->trunk_slots, 0, (size_t)(slots - c->trunk_slots) * sizeof *c->trunk_counts);
    c->trunk_slots = slots;
}

void calls_set_settings(struct calls *c, struct settings *s) {
    settings_unref(c->settings);
    c->settings = settings_ref(s);
    make_room(c, slots_in(s));
}

struct settings *calls_kept(const struct calls *c, struct str call_id) {
    const struct leg *leg = table_find_call(c, call_id);

    return leg == NULL ? NULL : leg->call->settings;
}

struct ua_rules *calls_rules(struct calls *c, struct str call_id, uint8_t *leg) {
    struct leg *found = table_find_call(c, call_id);

    if (found == NULL)
        return NULL;
    *leg = found->role == LEG_A ? 0 : 1;
    if (found->call->rules == NULL)
        found->call->rules = ua_rules_new();
    return found->call->rules;
}

void calls_mapped(struct calls *c, struct str mapped) {
    c->mapped = mapped;
}

const struct calls_trunk_counts *calls_trunks(const struct calls *c, int *count) {
    *count = c->trunk_slots;
    return c->trunk_counts;
}

struct call *call_new(struct calls *c, uint64_t now_ms) {
    struct call *call = mem_zalloc(sizeof *call);

    call->calls = c;
    call->settings = settings_ref(c->settings);
    call->id = ua_random(c->ua);
    call->epoch_ms = c->ops.wall_ms(c->ops.ctx) - now_ms;
    for (int role = 0; role < LEG_ROLES; role++) {
        call->legs[role].role = (enum leg_role)role;
        call->legs[role].call = call;
        call->legs[role].start_ms = now_ms;
        refresh_init(&call->legs[role]);
    }
    call->legs[LEG_B].owns_call_id = true;
    call->next = c->all;
    if (c->all != NULL)
        c->all->prev = call;
    c->all = call;
    c->counts.calls++;
    pool_enter(c->pool);
    c->counts.started++;
    return call;
}

void leg_fini(struct leg *leg) {
    leg_leave(leg);
    table_remove(leg->call->calls, leg);
    refer_free(leg);
    uas_free(leg->uas);
    while (leg->uacs != NULL)
        uac_free(leg->uacs);
    if (leg->bye_tx != NULL)
        leg->bye_tx->user = NULL;
    refresh_stop(leg);
    dialog_free_list(leg->dialogs, NULL);
    free(leg->names);
}

/* No further target will be tried: what was kept for that goes. */
void call_settled(struct call *call) {
    rival_free_left(call);
    free((char *)call->invite.p);
    call->invite = STR_NONE;
    free((char *)call->failure_text.p);
    call->failure_text = STR_NONE;
    free(call->walk);
    call->walk = NULL;
    free(call->ways);
    call->ways = NULL;
    redirect_free(call->redirect);
    call->redirect = NULL;
}

static void call_free(struct call *call) {
    struct calls *c = call->calls;

    list_skip(c, call);
    refer_forget(call);
    relay_free(call);
    rival_free(call);
    leg_fini(&call->legs[LEG_A]);
    leg_fini(&call->legs[LEG_B]);
    if (call->prev != NULL)
        call->prev->next = call->next;
    else
        c->all = call->next;
    if (call->next != NULL)
        call->next->prev = call->prev;
    call_settled(call);
    free(call->replaces.text);
    ua_rules_free(call->rules);
    settings_unref(call->settings);
    c->counts.calls--;
    pool_leave(c->pool);
    free(call);
}

void calls_free(struct calls *c) {
    if (c == NULL)
        return;
    while (c->all != NULL)
        call_free(c->all);
    table_free(c);
    free(c->trunk_counts);
    settings_unref(c->settings);
    route_ctx_free(c->routing);
    free(c);
}

/* What outlives the call on the wire. A re-INVITE that the peer has not answered but by a provisional would wait for
 * ever: it is cancelled. Another fork may still answer the INVITE, and is then told that it is too late (RFC 3261
 * 13.2.2.4). */
static void leave(struct leg *leg) {
    uint64_t now_ms = leg->call->calls->timers->now_ms;
    struct uac *next;

    for (struct uac *u = leg->uacs; u != NULL; u = next) {
        next = u->next;
        if (u->tx == NULL)
            continue;
        if (!u->final)
            ua_cancel(leg_ua(leg), u->tx, STR_NONE, now_ms);
        else if (u->kind == UAC_INITIAL && leg->forked && u->tx->last_status / 100 == 2)
            stray_attempt(leg, u, NULL, now_ms);
    }
}

void calls_sweep(struct calls *c) {
    while (c->ended != NULL) {
        struct call *call = c->ended;
        c->ended = call->next_ended;
        leave(&call->legs[LEG_A]);
        leave(&call->legs[LEG_B]);
        call_free(call);
    }
}

void call_names(struct leg *leg, struct str call_id, struct str local, struct str remote, struct str contact) {
    struct leg_names *n = mem_alloc(sizeof *n + call_id.n + local.n + remote.n + contact.n);
    struct str parts[] = {call_id, local, remote, contact};
    struct str *views[] = {&n->call_id, &n->local, &n->remote, &n->contact};
    char *at = n->text;

    for (int i = 0; i < 4; i++) {
        if (parts[i].n > 0)
            memcpy(at, parts[i].p, parts[i].n);
        *views[i] = (struct str){at, parts[i].n};
        at += parts[i].n;
    }
    free(leg->names);
    leg->names = n;
}

void call_name(struct leg *leg, struct str call_id, struct str local, struct str remote, struct str contact) {
    call_names(leg, call_id, local, remote, contact);
    table_add(leg->call->calls, leg);
    note_names(leg, false);
}

/* The failure for leg A: the best that any target gave (RFC 3261 16.7). */
void call_failure(struct call *call, int status, const struct sip_msg *m) {
    if (call->failure != 0 && hunt_better(call->failure, status) == call->failure)
        return;
    call->failure = status;
    free((char *)call->failure_text.p);
    call->failure_text = STR_NONE;
    call->failure_trunk = call->legs[LEG_B].trunk;
    if (m != NULL) {
        call->failure_text = (struct str){str_dup(m->raw), m->raw.n};
    }
}

/* The first cause is the cause. */
void call_blame(struct call *call, enum ending_by by, enum ending_cause cause) {
    assert(ending_may(by, cause));
    if (call->ended_by == ENDING_BY_NOBODY) {
        call->ended_by = by;
        call->cause = cause;
    }
}

static void stop(struct call *call, enum calls_stop why, uint64_t now_ms) {
    static const enum ending_cause causes[] = {[CALLS_STOP_ADMIN] = ENDING_ADMIN, [CALLS_STOP_DRAIN] = ENDING_DRAIN};
    struct call_in in = {.now_ms = now_ms};

    call_blame(call, ENDING_BY_US, causes[why]);
    call_failure(call, 503, NULL);
    leg_event(&call->legs[LEG_A], LEG_EV_STOP, &in);
    leg_event(&call->legs[LEG_B], LEG_EV_STOP, &in); /* alone, after a transfer */
}

void calls_stop(struct calls *c, enum calls_stop why, uint64_t now_ms) {
    for (struct call *call = c->all; call != NULL; call = call->next)
        stop(call, why, now_ms);
}

void calls_close(struct calls *c, uint64_t now_ms) {
    for (struct call *call = c->all; call != NULL; call = call->next) {
        call_blame(call, ENDING_BY_US, ENDING_DRAIN);
        for (int i = 0; i < LEG_ROLES; i++)
            if (call->legs[i].state != LEG_IDLE)
                leg_record(&call->legs[i], now_ms);
    }
}

bool calls_end(struct calls *c, uint64_t id, enum calls_stop why, uint64_t now_ms) {
    for (struct call *call = c->all; call != NULL; call = call->next) {
        if (call->id != id)
            continue;
        stop(call, why, now_ms);
        return true;
    }
    return false;
}

static bool is_clients(const struct leg *leg) {
    const struct settings *s = leg->call->settings;

    return s->registrar.on && leg->trunk == s->registrar.trunk && leg->state >= LEG_INVITED && leg->state <= LEG_UP;
}

/* A device that rings: others go on. */
static bool drop_device(struct leg *leg, uint64_t now_ms) {
    call_failure(leg->call, 480, NULL);
    return rival_leave(leg, now_ms);
}

static unsigned drop_devices(struct call *call, bool (*wanted)(void *ctx, const struct flow *flow), void *ctx,
                             uint64_t now_ms) {
    struct leg *b = &call->legs[LEG_B];
    struct rival *next;
    unsigned dropped = 0;

    for (struct rival *r = call->rivals; r != NULL; r = next) {
        next = r->next;
        dropped += wanted(ctx, &r->leg.flow) && drop_device(&r->leg, now_ms);
    }
    if (call->rivals != NULL)
        dropped += wanted(ctx, &b->flow) && drop_device(b, now_ms);
    return dropped;
}

unsigned calls_drop(struct calls *c, bool (*wanted)(void *ctx, const struct flow *flow), void *ctx, uint64_t now_ms) {
    unsigned dropped = 0;

    for (struct call *call = c->all; call != NULL; call = call->next) {
        dropped += drop_devices(call, wanted, ctx, now_ms);
        for (int i = 0; i < LEG_ROLES; i++) {
            if (!is_clients(&call->legs[i]) || !wanted(ctx, &call->legs[i].flow))
                continue;
            stop(call, CALLS_STOP_ADMIN, now_ms);
            dropped++;
            break;
        }
    }
    return dropped;
}

struct calls_counts calls_counts(const struct calls *c) {
    return c->counts;
}
