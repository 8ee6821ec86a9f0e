#include "b2bua/ua/options.h"

#include <stdio.h>

#include "b2bua/core/dialog.h"
#include "b2bua/trunk/trunk.h"

enum { TEXT_MAX = 320, EXTRA_MAX = 1024 };

/* The texts of an OPTIONS. */
struct words {
    char uri[TEXT_MAX], to[TEXT_MAX], from[TEXT_MAX], contact[TEXT_MAX];
    char call_id[UA_CALL_ID_SIZE], tag[DIALOG_TAG_SIZE], extra[EXTRA_MAX];
};

static struct str join(char *buf, const char *const *parts) {
    struct sbuf b = sbuf_on(buf, TEXT_MAX);

    for (; *parts != NULL; parts++)
        sbuf_puts(&b, *parts);
    return b.full ? STR_NONE : sbuf_str(&b);
}

#define JOIN(buf, ...) join(buf, (const char *const[]){__VA_ARGS__, NULL})

static void fill(struct ua *ua, struct ua_out *o, struct words *w, const struct settings_target *t, const char *extra) {
    static const char *const transports[] = {
        [FLOW_UDP] = "", [FLOW_TCP] = ";transport=tcp", [FLOW_TLS] = ";transport=tls"};
    const struct settings_listen *l = &o->settings->listens[o->flow.listen];
    const char *transport = transports[o->flow.proto];
    char host[TEXT_MAX];

    trunk_host_port(t, host, sizeof host);
    snprintf(w->extra, sizeof w->extra, "Accept: application/sdp\r\n%s", extra != NULL ? extra : "");
    ua_call_id(ua, w->call_id);
    ua_tag(ua, w->tag);
    o->request = (struct sip_request){.method = METHOD_OPTIONS,
                                      .uri = JOIN(w->uri, "sip:", host, transport),
                                      .max_forwards = 70,
                                      .from = JOIN(w->from, "<sip:", l->host, ">;tag=", w->tag),
                                      .to = JOIN(w->to, "<sip:", host, ">"),
                                      .call_id = str_of(w->call_id),
                                      .cseq = 1 + (uint32_t)(ua_random(ua) & 0xffffff),
                                      .contact = JOIN(w->contact, "sip:", l->sent_by, transport),
                                      .extra = w->extra};
}

struct tx *options_send(struct ua *ua, const struct options_to *to, struct ua_user *user, uint64_t now_ms) {
    const struct settings_target *t = &to->settings->trunks[to->trunk].targets[to->target];
    struct ua_out o = {.host = t->host, .tcp_listen = -1, .settings = to->settings, .trunk = to->trunk};
    struct words w;

    if (trunk_flow(to->settings, to->trunk, to->proto, &to->addr, &o.flow) < 0)
        return NULL;
    fill(ua, &o, &w, t, to->extra);
    return ua_request(ua, &o, user, now_ms);
}
