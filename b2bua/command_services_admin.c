/* The operator's side as services in `status`: who is kept out, what is written down, where questions are answered. */
#include "b2bua/command_services.h"

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
