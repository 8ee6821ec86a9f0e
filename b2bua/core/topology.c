#include "b2bua/core/topology.h"

static bool is_target(const struct settings_trunk *t, struct str host) {
    for (int i = 0; i < t->target_count; i++)
        if (str_ieq(host, str_of(t->targets[i].host)))
            return true;
    return false;
}

static bool is_listener(const struct settings *s, struct str host) {
    for (int i = 0; i < s->listen_count; i++)
        if (str_ieq(host, str_of(s->listens[i].host)))
            return true;
    return false;
}

bool topology_hides(const struct settings *s, int from, int to, struct str host) {
    return is_listener(s, host) || (is_target(&s->trunks[from], host) && !is_target(&s->trunks[to], host));
}
