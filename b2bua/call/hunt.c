/* Where leg B goes: the targets of the route one after the other, each attempt a new call to its target (own Call-ID,
 * tags, CSeq). */
#include <stdlib.h>

#include "b2bua/call/impl.h"
#include "b2bua/core/redirect.h"
#include "b2bua/log/log.h"
#include "b2bua/trunk/trunk.h"

static bool has_place(const struct call *call) {
    return call->walk != NULL && walk_has_next(call->walk);
}

static struct str contact_of(const struct leg *leg, struct str user, struct sbuf *b) {
    size_t start = b->n;

    sbuf_puts(b, "sip:");
    sbuf_put(b, user);
    sbuf_puts(b, user.n > 0 ? "@" : "");
    sbuf_puts(b, leg_listen(leg)->sent_by);
    if (leg->flow.proto == FLOW_TCP)
        sbuf_puts(b, ";transport=tcp");
    if (leg->flow.proto == FLOW_TLS)
        sbuf_puts(b, ";transport=tls");
    return (struct str){b->p + start, b->n - start};
}

/* What leg A is called: as the caller wrote it, and we answer to it. A leg without names is refused by hunt_start. */
void hunt_name_a(struct leg *a, const struct sip_msg *m) {
    char text[CALL_NAMES_MAX];
    struct sbuf b = sbuf_on(text, sizeof text);

    sip_party(&b, m, SIP_TO, STR_NONE);
    struct str local = sbuf_str(&b);
    size_t mark = b.n;
    sip_party(&b, m, SIP_FROM, STR_NONE);
    struct str remote = {b.p + mark, b.n - mark};
    struct str contact = contact_of(a, m->uri_user, &b);
    if (!b.full)
        call_name(a, m->call_id, local, remote, contact);
}

/* Between a client and its node From and To are what they are on either side: `host`, `host_port` empty. */
static int name_b(struct leg *b_leg, const struct sip_msg *m, struct str host, struct str host_port) {
    char text[CALL_NAMES_MAX], call_id[UA_CALL_ID_SIZE];
    struct sbuf b = sbuf_on(text, sizeof text);
    struct identity_plan plan = identity_for(b_leg, leg_mate(b_leg), m);
    struct sip_numbers numbers = numbers_of(b_leg);

    ua_call_id(leg_ua(b_leg), call_id);
    if (plan.anonymous_from) { /* whatever the number has become, it is not said */
        sbuf_puts(&b, IDENTITY_ANONYMOUS);
    } else {
        sip_party(&b, m, SIP_FROM, host);
        sip_renumber(&b, 0, &numbers, TRANSLATED_FROM, m);
    }
    struct str local = sbuf_str(&b);
    size_t mark = b.n;
    sip_party(&b, m, SIP_TO, host_port);
    sip_renumber(&b, mark, &numbers, TRANSLATED_TO, m);
    struct str remote = {b.p + mark, b.n - mark};
    struct str contact = contact_of(b_leg, plan.anonymous_contact ? STR("anonymous") : sip_user_of(local), &b);
    if (b.full)
        return -1;
    call_name(b_leg, str_of(call_id), local, remote, contact);
    return 0;
}

static int rename_b(struct leg *b, const struct settings_target *t, const struct sip_msg *m) {
    char host_port[320];

    if (b->names != NULL) {
        table_remove(b->call->calls, b);
        free(b->names);
        b->names = NULL;
    }
    if (front_shares(b->call))
        return name_b(b, m, STR_NONE, STR_NONE);
    if (t == NULL)
        return name_b(b, m, str_of(leg_listen(b)->host), str_of(leg_listen(b)->host));
    return name_b(b, m, str_of(leg_listen(b)->host), str_of(trunk_host_port(t, host_port, sizeof host_port)));
}

/* The target of a place; NULL: it is a flow to a client. */
static const struct settings_target *target_at(const struct call *call, const struct walk_place *at) {
    return at->target < 0 ? NULL : &call->settings->trunks[at->trunk].targets[at->target];
}

/* Leg B is counted with the trunk from now on; or that carries what it may, and the next trunk is asked. */
static bool is_full(struct leg *b, const struct walk_place *at, uint64_t now_ms) {
    struct call *call = b->call;
    const struct way *way = front_way(b);

    b->binding = way == NULL ? 0 : way->binding;
    int limit = leg_join(b, at->id, now_ms);
    if (limit == POOL_ADMITTED)
        return false;
    log_info("call=%016llx leg=b trunk=%s limit=%s", (unsigned long long)call->id, leg_trunk(b)->name,
             pool_limit_name(limit));
    walk_skip_trunk(call->walk);
    if (call->limited == 0) {
        call->limited = at->trunk + 1;
        call->retry_after_s = attempt_retry_after_s(limit);
    }
    return true;
}

/* While several devices ring each has its own flows, and the next ones wait. */
static bool next_place(struct leg *b, struct walk_place *out) {
    const struct walk_place *at;

    if (front_next_flow(b, out))
        return true;
    if (b->call->rivals != NULL || (at = walk_next(b->call->walk)) == NULL)
        return false;
    *out = *at;
    front_take(b);
    return true;
}

/* Makes leg B ready for the next target that one of our sockets can reach. Returns false when none is left. */
static bool prepare(struct leg *b, const struct sip_msg *m, uint64_t now_ms) {
    struct call *call = b->call;
    struct walk_place at;

    leg_leave(b);
    while (next_place(b, &at)) {
        const struct settings_target *t = target_at(call, &at);
        b->trunk = at.trunk;
        if (call->replaces.text != NULL && call->replaces.slot != leg_trunk(b)->slot)
            continue;                 /* it names a dialog of another side */
        if (identity_refuses(b, m)) { /* RFC 3323 4.2 */
            call_failure(call, 500, NULL);
            continue;
        }
        if (!registered_may_call(call->calls, leg_trunk(b)))
            continue;
        if (is_full(b, &at, now_ms))
            continue;
        b->flow = at.flow;
        b->host = t == NULL ? NULL : t->host;
        if (rename_b(b, t, m) < 0)
            return false;
        b->peer_100rel = false;
        b->privacy = 0;
        b->sst = (struct sst){0};
        fork_first(leg_mate(b), b, (uint32_t)(ua_random(call->calls->ua) & 0x7fff) + 1);
        return true;
    }
    return false;
}

/* The caller's support for reliable provisionals matters to the target only when there is no offer: then the answer to
 * an offer in a provisional would have to come from the caller in a PRACK. */
static void rel100_headers(const struct leg *b, const struct sip_msg *m, bool own_offer, struct sip_request *r) {
    const struct leg *a = leg_mate((struct leg *)b);
    int mode = leg_trunk(b)->rel100;

    /* Nor with an offer of our own making, whose answer has to come in the 2xx to become an offer for the caller. */
    if (mode == REL100_OFF || own_offer || (m->sdp.n == 0 && !a->peer_100rel))
        return;
    r->supported = out_supported(b, true);
    r->require = mode == REL100_REQUIRE ? "100rel" : NULL;
}

/* The offer of an INVITE that came without: none of the caller's, but one that its answer will replace. */
static void put_own_offer(struct leg *b, struct dialog *d, struct out *o) {
    struct calls *c = b->call->calls;
    struct sbuf sdp = sbuf_on(c->body, sizeof c->body);

    offer_make(&sdp, &d->offer.origin, leg_trunk(b)->codecs, leg_trunk(b)->codec_count);
    offer_sent(&d->offer, sbuf_str(&sdp), false);
    o->ua.cross.body = sbuf_str(&sdp);
    o->ua.cross.own_sdp = true;
}

/* The dialog that is to be replaced, and whether that matters. Returns what to free, or NULL. */
static char *replaces_line(const struct call *call, struct sip_request *r) {
    if (call->replaces.text == NULL)
        return NULL;
    size_t size = strlen(call->replaces.text) + sizeof "Replaces: \r\n" + 1;
    char *line = mem_alloc(size);
    struct sbuf b = sbuf_on(line, size - 1);
    sbuf_puts(&b, "Replaces: ");
    sbuf_puts(&b, call->replaces.text);
    sbuf_puts(&b, "\r\n");
    line[b.n] = '\0';
    r->extra = line;
    if (call->replaces.required)
        r->require = r->require == NULL ? "replaces" : "100rel, replaces";
    return line;
}

/* The Request-URI of leg B. */
static void put_uri(struct sbuf *uri, const struct leg *b, const struct settings_target *t, const struct sip_msg *m) {
    const struct way *way = front_way(b);
    struct sip_numbers numbers = numbers_of((struct leg *)b);
    char host_port[320];

    if (way != NULL) {
        sbuf_put(uri, way->uri);
        return;
    }
    sip_target_uri(uri, m, str_of(trunk_host_port(t, host_port, sizeof host_port)), b->flow.proto);
    sip_renumber(uri, 0, &numbers, TRANSLATED_REQUEST_URI, m);
}

/* How it goes there. */
static void put_way(struct out *o, const struct leg *b, const struct settings_target *t) {
    const struct way *way = front_way(b);

    o->ua.flow = b->flow;
    if (way != NULL)
        o->ua.request.route = way->route;
    else
        registered_route(o, b);
    o->ua.tcp_listen = b->flow.proto == FLOW_UDP && t != NULL
                           ? trunk_tcp_listen(b->call->settings, b->trunk, t, b->flow.peer.family)
                           : -1;
}

static int send_invite(struct leg *b, const struct sip_msg *m, uint64_t now_ms) {
    const struct settings_target *t = target_at(b->call, walk_current(b->call->walk));
    struct dialog *d = b->dialogs;
    struct uac *u = uac_new(b, d->local_cseq, UAC_INITIAL);
    bool may_offer = leg_trunk(b)->early_offer || b->call->referred_by != 0; /* nobody waits for an offer there */
    bool own_offer = m->sdp.n == 0 && m->body.n == 0 && may_offer;
    struct out o;

    u->offerless = m->sdp.n == 0 && !own_offer;
    b->own_offer = own_offer;
    struct sbuf uri = sbuf_on(o.uri, sizeof o.uri);
    put_uri(&uri, b, t, m);
    dialog_set_target(d, sbuf_str(&uri));
    if (uri.full || out_dialog(&o, b, d, METHOD_INVITE, u->cseq) < 0)
        return -1;
    out_cross(&o, b, d, m, CROSS_OFFER);
    if (own_offer)
        put_own_offer(b, d, &o);
    u->asked_s = o.timer.session_expires_s;
    o.ua.request.uri = str_of(d->target);
    put_way(&o, b, t);
    o.ua.loop_hash = ua_loop_hash(b->call->settings, leg_mate(b)->trunk, m);
    o.ua.request.supported = out_supported(b, false);
    rel100_headers(b, m, own_offer, &o.ua.request);
    char *replaces = replaces_line(b->call, &o.ua.request);
    u->tx = ua_request(leg_ua(b), &o.ua, &u->user, now_ms);
    free(replaces);
    timerq_set(b->call->calls->timers, &u->timer, now_ms + attempt_patience_ms(b));
    return u->tx == NULL ? -1 : 0;
}

/* All trunks carry what they may. */
static int say_full(struct call *call) {
    const struct settings_trunk *t = &call->settings->trunks[call->limited - 1];

    call->legs[LEG_B].trunk = call->limited - 1;
    call_blame(call, ENDING_BY_US, ENDING_LIMIT);
    leg_note(&call->legs[LEG_A], "trunk %s carries all that it may", t->name);
    return t->limits.code;
}

/* A trunk whose targets are all down says so as it is configured. */
static int say_busy(struct call *call) {
    const struct settings_trunk *t = &call->settings->trunks[call->walk->busy];

    call->legs[LEG_B].trunk = call->walk->busy;
    call->retry_after_s = t->keepalive.down_interval_s;
    log_info("call=%016llx leg=b trunk=%s busy=yes status=%d", (unsigned long long)call->id, t->name,
             t->keepalive.busy_code);
    leg_note(&call->legs[LEG_A], "trunk %s: no target is up", t->name);
    return t->keepalive.busy_code;
}

/* What a target has said counts for more than what we know. */
static void nobody_left(struct call *call, uint64_t now_ms) {
    struct call_in in = {.now_ms = now_ms};
    int status = call->redirect == NULL ? 503 : 480;

    if (call->attempts == 0 && call->limited != 0)
        status = say_full(call);
    else if (call->attempts == 0 && call->walk != NULL && call->walk->busy >= 0)
        status = say_busy(call);
    call_failure(call, status, NULL);
    call_blame(call, ENDING_BY_US, ENDING_REJECTED);
    leg_event(&call->legs[LEG_B], LEG_EV_FAIL, &in);
}

/* The INVITE to the next target, to further ones while none can be sent, and to those who are to ring with it. */
static void place(struct leg *b, const struct sip_msg *m, uint64_t now_ms) {
    struct call *call = b->call;

    while (prepare(b, m, now_ms)) {
        attempt_begin(b, now_ms);
        if (send_invite(b, m, now_ms) == 0) {
            rival_start(b, m, now_ms);
            return;
        }
        attempt_over(b, POOL_ATTEMPT_FAILED, now_ms);
        call_failure(call, 513, NULL);
        dialog_free_list(b->dialogs, NULL);
        b->dialogs = NULL;
        uac_free(b->uac);
    }
    if (rival_leave(b, now_ms))
        return;
    if (redirect_has_next(call->redirect))
        hunt_next(b, now_ms);
    else
        nobody_left(call, now_ms);
}

void uac_invite(struct leg *leg, const struct call_in *in) {
    place(leg, in->msg, in->now_ms);
}

void hunt_leave(struct leg *b, struct str reason, uint64_t now_ms) {
    struct uac *u = b->uacs;

    if (u != NULL && u->tx != NULL && !u->final)
        stray_attempt(b, u, &reason, now_ms);
    while (b->uacs != NULL)
        uac_free(b->uacs);
    relay_forget(b, NULL, now_ms);
    dialog_free_list(b->dialogs, NULL);
    b->dialogs = NULL;
}

void hunt_next(struct leg *b, uint64_t now_ms) {
    struct call *call = b->call;
    struct sip_msg m;

    hunt_leave(b, STR_NONE, now_ms);
    if (!front_has_flow(b) && !has_place(call) && !redirect_turn(call, now_ms)) {
        nobody_left(call, now_ms);
        return;
    }
    if (call->invite.n == 0 || sip_parse(&m, call->invite) < 0)
        return;
    place(b, &m, now_ms);
    sip_fini(&m);
}

/* The dialog of the attempt as it was before the INVITE, one CSeq further. */
static void rewind_dialog(struct leg *b) {
    struct dialog *d = fork_rewind(b);

    offer_dropped(&d->offer);
    d->local_cseq++;
}

/* The INVITE once more: to the same target, in the same call (RFC 4028 7.3). */
void hunt_again(struct leg *b, uint64_t now_ms) {
    struct call *call = b->call;
    struct call_in in = {.now_ms = now_ms};
    struct sip_msg m;

    if (call->invite.n > 0 && sip_parse(&m, call->invite) == 0) {
        rewind_dialog(b);
        int sent = send_invite(b, &m, now_ms);
        sip_fini(&m);
        if (sent == 0)
            return;
    }
    call_failure(call, 500, NULL);
    if (rival_leave(b, now_ms))
        return;
    call_blame(call, ENDING_BY_US, ENDING_REJECTED);
    leg_event(b, LEG_EV_FAIL, &in);
}

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
