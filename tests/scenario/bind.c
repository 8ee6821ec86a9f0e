/* Who is registered: put into the table straight, for scenarios that are about something else. */
#include <stdlib.h>

#include "tests/scenario/scenario.h"

/* BIND A alice@l.example contact=sip:alice@127.0.1.1 q=500 instance=i1 proto=tcp: for ten minutes, at us. */
void step_bind(struct world *w, const struct words *words) {
    struct peer *p = world_peer(w, words->at[0][0]);
    enum flow_proto proto = say_proto(words);
    struct flow flow = {.proto = proto, .conn = flow_is_stream(proto) ? 1 : 0};
    int listen = p == NULL ? -1 : world_listen(w, p->our_ip, proto);

    if (listen < 0 || words->count < 2 || addr_parse(&flow.peer, str_of(p->ip)) < 0) {
        fail(w, "nobody to bind");
        return;
    }
    flow.listen = (uint16_t)listen;
    flow.peer.port = 5060;
    struct str instance = str_of(words_or(words, "instance", "")), aor = str_of(words->at[1]);
    const char *uri = words_or(words, "contact", "sip:somebody@127.0.1.1:5060");
    uint32_t reg_id = (uint32_t)strtoul(words_or(words, "reg", "1"), NULL, 10);
    struct bindings *all = registrar_bindings(w->registrar);
    struct binding b = {.f = {.id = bindings_id(all, aor, instance, reg_id, str_of(uri)),
                              .via = registrar_via(w->registrar, w->settings, &flow),
                              .reg_id = reg_id,
                              .q = (uint32_t)strtoul(words_or(words, "q", "1000"), NULL, 10),
                              .told_ms = w->now_ms + 600000},
                        .aor = aor,
                        .contact = str_of(scrap_print(&w->scrap, "<%s>", uri)),
                        .instance = instance,
                        .user_agent = str_of(words_or(words, "agent", ""))};
    if (bindings_put(all, &b, w->now_ms) > BINDINGS_RENEWED)
        fail(w, "no room for %s", words->at[1]);
}
