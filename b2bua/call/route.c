/* By which route a call goes: what the dial plan says, or where the dialog is that it replaces. */
#include <stdlib.h>

#include "b2bua/call/impl.h"
#include "b2bua/log/log.h"

/* Another INVITE may follow: to the next target, to where it is redirected, or with a larger session interval. */
static bool is_needed_again(const struct call *call) {
    struct walk *w = call->walk;

    if (call->is_front)
        return true;
    for (int i = 0; i < w->hop_count; i++) {
        const struct settings_trunk *t = &call->settings->trunks[w->hops[i]];
        if (t->timer.on || t->redirect == REDIRECT_FOLLOW)
            return true;
    }
    return w->hop_count > 1 || (walk_has_next(w) && w->count > 1);
}

static bool has_slot(const struct settings *s, const struct route_plan *plan, int slot) {
    for (int i = 0; i < plan->count; i++)
        if (s->trunks[plan->hops[i].trunk].slot == slot)
            return true;
    return false;
}

/* A transfer that replaces a dialog goes where that is, and so does an INVITE whose route would not lead there. */
static void to_the_dialog(const struct call *call, struct route_plan *plan) {
    const struct settings *s = call->settings;

    *plan = (struct route_plan){.status = 481};
    for (int i = 0; i < s->trunk_count; i++)
        if (s->trunks[i].slot == call->replaces.slot)
            *plan = (struct route_plan){.count = 1, .hops = {{.trunk = i, .weight = 1}}};
}

static void find_route(struct call *call, const struct sip_msg *m, struct route_plan *plan) {
    struct calls *c = call->calls;
    struct leg *a = &call->legs[LEG_A];
    uint64_t seed = ua_random(c->ua);
    struct numbers_room room;
    struct route_facts facts;
    char called[64], left[64];

    numbers_facts(m, call->from, &room, &facts);
    *plan = (struct route_plan){.status = 414};
    if (call->referred_by != 0 && call->replaces.text != NULL)
        to_the_dialog(call, plan);
    else if (a->names != NULL)
        route_find(c->routing, call->settings, &facts, seed, plan);
    if (plan->status == 0 && call->replaces.text != NULL && !has_slot(call->settings, plan, call->replaces.slot))
        to_the_dialog(call, plan);
    log_debug("call=%016llx leg=a trunk=%s called=%s route=%s translated=%s trunks=%d status=%d",
              (unsigned long long)call->id, call->settings->trunks[call->from].name,
              log_safe(facts.called, called, sizeof called), plan->route == NULL ? "" : plan->route->name,
              log_safe(plan->called, left, sizeof left), plan->count, plan->status);
    if (plan->status != 0)
        leg_note(a, "route %s: %d", plan->route == NULL ? "none" : plan->route->name, plan->status);
    else
        leg_note(a, "route %s", plan->route == NULL ? "none" : plan->route->name);
    if (plan->cut)
        log_warn("call=%016llx leg=a an expression of a route was too costly: it counts as not matching",
                 (unsigned long long)call->id);
    if (plan->status != 0)
        return;
    free(call->walk);
    call->walk = mem_alloc(sizeof *call->walk);
    walk_init(call->walk, c->pool, call->settings, plan, seed);
}

/* Routes a call that was redirected. Where the dial plan says no, or nobody is registered by that number, it is what
 * the caller hears if nobody else answers. */
bool hunt_route(struct call *call, const struct sip_msg *m, uint64_t now_ms) {
    struct route_plan plan;

    front_forget(call);
    find_route(call, m, &plan);
    if (front_number(call, m, &plan, now_ms))
        plan.status = front_route(call);
    if (plan.status != 0)
        call_failure(call, plan.status == 404 ? 480 : plan.status, NULL);
    else
        call->route = plan.route;
    return plan.status == 0;
}

/* Routes a new call and starts leg B. */
void hunt_start(struct call *call, const struct call_in *in) {
    struct leg *a = &call->legs[LEG_A];
    const struct sip_msg *m = in->msg;
    struct route_plan plan;

    call->from = a->trunk;
    if (call->is_front)
        plan = (struct route_plan){.status = a->names == NULL ? 414 : front_route(call)};
    else
        find_route(call, m, &plan);
    call->route = plan.route;
    if (front_number(call, m, &plan, in->now_ms))
        plan.status = front_route(call);
    if (plan.status != 0) {
        call_failure(call, plan.status, NULL);
        call_blame(call, ENDING_BY_US, ENDING_REJECTED);
        leg_event(a, LEG_EV_MATE_OVER, in);
        return;
    }
    if (is_needed_again(call))
        call->invite = (struct str){str_dup(m->raw), m->raw.n};
    leg_event(&call->legs[LEG_B], LEG_EV_START, in);
}
