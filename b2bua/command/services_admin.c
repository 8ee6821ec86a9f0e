/* The operator's side as services in `status`: who is kept out, what is written down, where questions are answered. */
#include "b2bua/command/services.h"

#include <stdio.h>

enum { WARN_DAYS = 14 };

const char *service_no_bans(const struct service_look *l) {
    for (int i = 0; i < BANS_CATEGORIES; i++)
        if (l->s->security.bans[i].failures > 0)
            return NULL;
    return "set failures in security.bans";
}

void service_look_at_bans(struct service_look *l) {
    for (int i = 0; i < BANS_CATEGORIES; i++) {
        const struct bans_rule *rule = &l->s->security.bans[i];
        if (rule->failures > 0)
            service_detail(l, "%s %d in %d s", bans_category_name(i), rule->failures, rule->window_s);
    }
    service_detail(l, "trunks and call managers are exempt");
}

const char *service_no_tls(const struct service_look *l) {
    return l->s->tls_count > 0 ? NULL : "add tls, and a listener with it";
}

/* Of those that are in use, which may be older than what the files hold. */
void service_look_at_tls(struct service_look *l) {
    const struct net_tls *tls = reload_tls(l->c->config.reload);

    for (int i = 0; i < l->s->tls_count; i++) {
        const char *name = l->s->tls[i].name;
        long long left_s = net_tls_left_s(tls, i);
        char see[256];
        if (l->s->tls[i].kept)
            continue;
        snprintf(see, sizeof see, "tls.%.200s.certificate", name);
        service_detail(l, "%s ends in %lld days", name, left_s / 86400);
        if (left_s < 0)
            service_problem(l, see, "%s: the certificate has ended", name);
        else if (left_s < (long long)WARN_DAYS * 86400)
            service_problem(l, see, "%s: the certificate ends in %lld days", name, left_s / 86400);
    }
}

const char *service_no_records(const struct service_look *l) {
    return l->s->admin.cdr[0] != '\0' ? NULL : "set admin.cdr";
}

void service_look_at_records(struct service_look *l) {
    const struct recorder *r = l->c->config.shared->recorder;

    service_detail(l, "%s", l->s->admin.cdr);
    if (r != NULL && recorder_error(r) != 0)
        service_problem(l, "admin.cdr", "%s: records wait", strerror(recorder_error(r)));
    if (r != NULL && recorder_lost(r) > 0)
        service_problem(l, "admin.cdr", "%llu records were lost", (unsigned long long)recorder_lost(r));
}

const char *service_no_http(const struct service_look *l) {
    return l->s->admin.http[0] != '\0' ? NULL : "set admin.http";
}

void service_look_at_http(struct service_look *l) {
    service_detail(l, "%s", l->s->admin.http);
    service_detail(l, l->s->admin.token[0] != '\0' ? "with a token" : "without a token");
    if (!l->c->config.has_http(l->c->config.ctx))
        service_problem(l, "admin.http", "%s was in use when twinleg started", l->s->admin.http);
}

const char *service_no_hep(const struct service_look *l) {
    return l->s->admin.hep[0] != '\0' ? NULL : "set admin.hep";
}

void service_look_at_hep(struct service_look *l) {
    service_detail(l, "%s", l->s->admin.hep);
}
