/* Who is on a flow, by what it says of itself. */
#include "b2bua/registrar/impl.h"

bool registrar_is_agent(struct registrar *r, const struct flow *flow, const struct header_rules *which) {
    struct bindings *all = r->config.shared->bindings;
    struct token via = registrar_via(r->config.shared, r->settings, flow);
    uint64_t ids[KEEPALIVE_BINDINGS_MAX];
    struct binding b;
    int n = bindings_of_flow(all, &via, ids, KEEPALIVE_BINDINGS_MAX);

    for (int i = 0; i < n; i++)
        if (bindings_get(all, ids[i], &b) && b.user_agent.n > 0 && header_rules_pass(which, b.user_agent))
            return true;
    return false;
}
