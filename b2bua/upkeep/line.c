#include "b2bua/upkeep/line.h"

#include <stdio.h>
#include <stdlib.h>

#include "b2bua/core/dialog.h"
#include "b2bua/core/regclient_read.h"
#include "b2bua/log/log.h"
#include "b2bua/trunk/trunk.h"
#include "b2bua/trunk/walk.h"

#define CONTAINER(ptr, type, member) ((type *)((char *)(ptr)-offsetof(type, member)))

struct line {
    struct ua_user user;
    struct line *next;
    struct lines *lines;
    struct settings *settings; /* referenced */
    int trunk;
    struct regclient reg;
    struct walk walk;
    bool walking;
    struct walk_place place; /* where the last REGISTER went */
    bool has_place;
    int tried; /* as reg.tried was then, and */
    unsigned rounds;
    struct tx *tx; /* the REGISTER under way */
    struct timer timer;
    uint32_t cseq;
    char call_id[UA_CALL_ID_SIZE], tag[DIALOG_TAG_SIZE];
    char contact[REGISTRATION_TEXT_MAX];
    char reason[REGISTRATION_REASON_MAX]; /* why the last one failed */
    struct flow flow;                     /* that the last one was granted on */
    uint64_t registered, failed;
    struct str route; /* Service-Route as Route lines, owned */
};

struct lines {
    struct lines_config config;
    struct line *all;
    bool stopped;
};

static const struct settings_trunk *trunk_of(const struct line *n) {
    return &n->settings->trunks[n->trunk];
}

static const struct settings_target *target_of(const struct line *n) {
    return &trunk_of(n)->targets[n->has_place ? n->place.target : 0];
}

static uint32_t draw(struct line *n) {
    return (uint32_t)ua_random(n->lines->config.ua);
}

static struct reg_policy policy_of(const struct line *n) {
    const struct settings_trunk *t = trunk_of(n);
    struct pool_place places[POOL_PLACES_MAX];

    return (struct reg_policy){(uint32_t)t->reg.expires_s, pool_places(n->lines->config.pool, t, places),
                               (uint32_t)t->no_reply_ms};
}

/* --- what others see of it --- */

static void copy_text(char *to, const char *from) {
    struct sbuf b = sbuf_on(to, REGISTRATION_TEXT_MAX - 1);

    sbuf_puts(&b, from);
    to[b.n] = '\0';
}

static const char no_answer[] = "No answer";

/* "503 Service Unavailable / System in Maintenance Mode"; `warning` is of the peer, and may be empty. */
static void set_reason(struct line *n, int status, struct str warning) {
    char safe[REGISTRATION_REASON_MAX / 2];

    snprintf(n->reason, sizeof n->reason, "%d %s%s%s", status, sip_phrase(status), warning.n > 0 ? " / " : "",
             log_safe(warning, safe, sizeof safe));
}

static void show(struct line *n) {
    struct registration r = {.state = n->reg.state,
                             .status = n->reg.status,
                             .granted_s = n->reg.granted_s,
                             .until_ms = n->reg.until_ms,
                             .next_ms = n->reg.at_ms,
                             .registered = n->registered,
                             .failed = n->failed};

    if (n->reg.status != 0)
        memcpy(r.reason, n->reason, sizeof r.reason);
    copy_text(r.aor, trunk_of(n)->reg.aor);
    copy_text(r.target, target_of(n)->uri);
    registrations_put(n->lines->config.registrations, trunk_of(n)->name, &r, n->route);
}

static void log_change(const struct line *n, enum reg_state was) {
    const struct settings_trunk *t = trunk_of(n);
    const char *state = regclient_state_name(n->reg.state);

    if (n->reg.state == REG_REGISTERED && was != REG_REGISTERED)
        log_info("trunk=%s registration=%s what=\"Registered as '%s' to '%s'\" expires=%u", t->name, state, t->reg.aor,
                 target_of(n)->uri, n->reg.granted_s);
    else if (n->reg.state == REG_GONE && was != REG_GONE)
        log_info("trunk=%s registration=%s aor=%s target=%s", t->name, state, t->reg.aor, target_of(n)->uri);
    else if (n->reg.state != was)
        log_warn("trunk=%s registration=%s aor=%s target=%s reason=\"%s\"", t->name, state, t->reg.aor,
                 target_of(n)->uri, n->reg.status != 0 ? n->reason : "it has run out");
}

static void log_failure(const struct line *n, int status) {
    log_warn("trunk=%s registration=%s aor=%s target=%s status=%d reason=\"%s\"", trunk_of(n)->name,
             regclient_state_name(n->reg.state), trunk_of(n)->reg.aor, target_of(n)->uri, status, n->reason);
}

/* --- sending --- */

static void arm(struct line *n) {
    uint64_t at_ms = regclient_deadline(&n->reg);

    if (at_ms == UINT64_MAX)
        timerq_stop(n->lines->config.timers, &n->timer);
    else
        timerq_set(n->lines->config.timers, &n->timer, at_ms);
}

static void write_contact(struct line *n, const struct flow *flow) {
    struct sbuf b = sbuf_on(n->contact, sizeof n->contact - 1);
    const struct settings_register *reg = &trunk_of(n)->reg;
    struct str aor = str_from(str_of(reg->aor), str_find(str_of(reg->aor), ':') + 1);

    sbuf_puts(&b, "sip:");
    sbuf_put(&b, reg->user[0] != '\0' ? str_of(reg->user) : str_upto(aor, str_find(aor, '@')));
    sbuf_putc(&b, '@');
    sbuf_puts(&b, n->settings->listens[flow->listen].sent_by);
    if (flow->proto == FLOW_TCP)
        sbuf_puts(&b, ";transport=tcp");
    if (flow->proto == FLOW_TLS)
        sbuf_puts(&b, ";transport=tls");
    n->contact[b.n] = '\0';
}

/* Who waits for the last one waits no more. */
static void let_go(struct line *n) {
    if (n->tx != NULL)
        n->tx->user = NULL;
    n->tx = NULL;
}

static bool is_last_place(const struct line *n, const struct walk_place *at) {
    return n->has_place && n->place.flow.proto == at->flow.proto && addr_eq(&n->place.flow.peer, &at->flow.peer);
}

static void start_walk(struct line *n) {
    if (!n->walking)
        walk_init_trunk(&n->walk, n->lines->config.pool, n->settings, n->trunk, ua_random(n->lines->config.ua));
    n->walking = true;
}

/* A refresh, and what a 423 wants again, go where the last one went; a new round begins with the best place, and goes
 * on to those that have not failed in it. */
static int choose_place(struct line *n) {
    bool again = n->reg.tried == n->tried && n->reg.rounds == n->rounds;
    const struct walk_place *at;

    if (n->has_place && (n->reg.status == 0 || again)) {
        n->walking &= n->reg.status != 0;
        return 0;
    }
    n->walking &= n->reg.rounds == n->rounds;
    bool goes_on = n->reg.tried > 0;
    start_walk(n);
    do
        at = walk_has_next(&n->walk) ? walk_next(&n->walk) : NULL;
    while (at != NULL && goes_on && is_last_place(n, at));
    if (at == NULL)
        return -1;
    n->place = *at;
    n->has_place = true;
    return 0;
}

static int send_register(struct line *n, uint32_t expires_s, uint64_t now_ms) {
    char uri[REGISTRATION_TEXT_MAX + 8], to[REGISTRATION_TEXT_MAX + 8], from[sizeof to + DIALOG_TAG_SIZE + 8],
        extra[64];
    struct str aor = str_of(trunk_of(n)->reg.aor);
    struct ua_out o = {.settings = n->settings, .trunk = n->trunk};
    int chosen = n->reg.removing && n->has_place ? 0 : choose_place(n);

    let_go(n);
    n->tried = n->reg.tried;
    n->rounds = n->reg.rounds;
    if (chosen < 0)
        return -1;
    o.flow = n->place.flow;
    o.host = target_of(n)->host;
    write_contact(n, &o.flow);
    o.tcp_listen =
        o.flow.proto == FLOW_UDP ? trunk_tcp_listen(n->settings, n->trunk, target_of(n), o.flow.peer.family) : -1;
    snprintf(uri, sizeof uri, "sip:%s", aor.p + str_find(aor, '@') + 1);
    snprintf(to, sizeof to, "<%s>", aor.p);
    snprintf(from, sizeof from, "%s;tag=%s", to, n->tag);
    snprintf(extra, sizeof extra, "Expires: %u\r\n", expires_s);
    o.request = (struct sip_request){.method = METHOD_REGISTER,
                                     .uri = str_of(uri),
                                     .max_forwards = 70,
                                     .from = str_of(from),
                                     .to = str_of(to),
                                     .call_id = str_of(n->call_id),
                                     .cseq = ++n->cseq,
                                     .contact = str_of(n->contact),
                                     .extra = extra};
    n->tx = ua_request(n->lines->config.ua, &o, &n->user, now_ms);
    return n->tx == NULL ? -1 : 0;
}

static void answered(struct line *n, const struct reg_answer *a, uint64_t now_ms);

static void act(struct line *n, enum reg_action action, uint64_t now_ms) {
    static const struct reg_answer unsent = {.status = 503};
    int sent = 0;

    switch (action) {
    case REG_NOTHING:
        break;
    case REG_SEND:
        sent = send_register(n, n->reg.ask_s, now_ms);
        break;
    case REG_SEND_REMOVE:
        sent = send_register(n, 0, now_ms);
        break;
    }
    if (sent < 0) {
        snprintf(n->reason, sizeof n->reason, "No place to send it to");
        answered(n, &unsent, now_ms);
    }
    show(n);
    arm(n);
}

/* --- answers --- */

static void answered(struct line *n, const struct reg_answer *a, uint64_t now_ms) {
    struct reg_policy p = policy_of(n);
    enum reg_state was = n->reg.state;

    if (a->status / 100 != 2) {
        n->failed++;
        if (n->reg.status != a->status) /* the same again is no news */
            log_failure(n, a->status);
    } else if (!n->reg.removing) {
        n->registered++;
    }
    enum reg_action next = regclient_answer(&n->reg, &p, a, draw(n), now_ms);
    log_change(n, was);
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
    let_go(n);
    set_reason(n, m->status, reg_warning(m->raw));
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
    let_go(n);
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

void lines_closed(struct lines *l, const struct flow *flow, uint64_t now_ms) {
    for (struct line *n = l->all; n != NULL; n = n->next) {
        if (n->flow.conn == 0 || n->flow.conn != flow->conn || n->flow.worker != flow->worker ||
            !regclient_lost(&n->reg, draw(n), now_ms))
            continue;
        log_warn("trunk=%s registration=%s aor=%s target=%s reason=\"Connection lost\"", trunk_of(n)->name,
                 regclient_state_name(n->reg.state), trunk_of(n)->reg.aor, target_of(n)->uri);
        arm(n);
    }
}

static const struct ua_user_ops user_ops = {response, failed, ended};

static void fire(struct timer *t, uint64_t now_ms) {
    struct line *n = CONTAINER(t, struct line, timer);
    struct reg_policy p = policy_of(n);
    enum reg_state was = n->reg.state;
    bool silent = n->reg.under_way && now_ms >= n->reg.at_ms;
    enum reg_action next = regclient_tick(&n->reg, &p, draw(n), now_ms);

    if (silent) {
        n->failed++;
        snprintf(n->reason, sizeof n->reason, "%s", no_answer);
        log_failure(n, 408);
    }
    log_change(n, was);
    act(n, next, now_ms);
}

/* --- the list --- */

static void line_free(struct line *n) {
    let_go(n);
    timerq_stop(n->lines->config.timers, &n->timer);
    settings_unref(n->settings);
    free((char *)n->route.p);
    free(n);
}

struct lines *lines_new(const struct lines_config *config) {
    struct lines *l = mem_zalloc(sizeof *l);

    l->config = *config;
    return l;
}

void lines_free(struct lines *l) {
    while (l->all != NULL) {
        struct line *n = l->all;
        l->all = n->next;
        line_free(n);
    }
    free(l);
}

static void begin(struct lines *l, struct settings *s, int trunk) {
    struct line *n = mem_zalloc(sizeof *n);

    *n = (struct line){.user.ops = &user_ops, .next = l->all, .lines = l, .settings = settings_ref(s), .trunk = trunk};
    n->timer.fire = fire;
    n->cseq = (uint32_t)(ua_random(l->config.ua) & 0xffff);
    ua_call_id(l->config.ua, n->call_id);
    ua_tag(l->config.ua, n->tag);
    l->all = n;
    struct reg_policy p = policy_of(n);
    regclient_start(&n->reg, &p, draw(n), l->config.timers->now_ms);
    show(n);
    arm(n);
}

static bool is_mine(const struct lines *l, const struct settings_trunk *t) {
    return t->reg.aor != NULL && t->reg.aor[0] != '\0' &&
           (l->config.workers < 2 || str_hash(str_of(t->name)) % l->config.workers == l->config.worker);
}

/* A change of anything that a provider would see makes it another line. */
static bool is_same(const struct settings_trunk *a, const struct settings_trunk *b) {
    bool same = strcmp(a->name, b->name) == 0 && strcmp(a->reg.aor, b->reg.aor) == 0 &&
                strcmp(a->reg.user, b->reg.user) == 0 && a->target_count == b->target_count;

    for (int i = 0; same && i < a->target_count; i++)
        same = strcmp(a->targets[i].uri, b->targets[i].uri) == 0;
    return same;
}

static int find(const struct lines *l, const struct line *n, const struct settings *s) {
    for (int i = 0; i < s->trunk_count; i++)
        if (is_mine(l, &s->trunks[i]) && is_same(trunk_of(n), &s->trunks[i]))
            return i;
    return -1;
}

static void go_on(struct line *n, struct settings *s, int trunk) {
    struct settings *old = n->settings;

    n->settings = settings_ref(s);
    n->trunk = trunk;
    n->has_place = n->walking = false; /* its listener may have another number */
    settings_unref(old);
}

static bool has_line(const struct lines *l, const struct settings *s, int trunk) {
    for (const struct line *n = l->all; n != NULL; n = n->next)
        if (n->settings == s && n->trunk == trunk && !n->reg.removing && n->reg.state != REG_GONE)
            return true;
    return false;
}

static void stop(struct line *n, uint64_t now_ms) {
    act(n, regclient_stop(&n->reg, now_ms), now_ms);
}

void lines_set_settings(struct lines *l, struct settings *s) {
    for (struct line *n = l->all; n != NULL; n = n->next) {
        int trunk = n->reg.removing ? -1 : find(l, n, s);
        if (trunk >= 0)
            go_on(n, s, trunk);
        else
            stop(n, l->config.timers->now_ms);
    }
    for (int i = 0; i < s->trunk_count; i++)
        if (is_mine(l, &s->trunks[i]) && !l->stopped && !has_line(l, s, i))
            begin(l, s, i);
    lines_sweep(l);
}

void lines_stop(struct lines *l, uint64_t now_ms) {
    l->stopped = true;
    for (struct line *n = l->all; n != NULL; n = n->next)
        stop(n, now_ms);
    lines_sweep(l);
}

static bool is_shown_by_another(const struct line *gone) {
    for (const struct line *n = gone->lines->all; n != NULL; n = n->next)
        if (n != gone && strcmp(trunk_of(n)->name, trunk_of(gone)->name) == 0)
            return true;
    return false;
}

void lines_sweep(struct lines *l) {
    for (struct line **at = &l->all; *at != NULL;) {
        struct line *n = *at;
        if (n->reg.state != REG_GONE) {
            at = &n->next;
            continue;
        }
        if (!is_shown_by_another(n))
            registrations_drop(l->config.registrations, trunk_of(n)->name);
        *at = n->next;
        line_free(n);
    }
}
