#include "b2bua/core/srv_walk.h"

/* Looks along CNAMEs. */
enum srv_look srv_look(struct srv_walk *w, const char *name, enum dns_type type, const struct dns_set **out) {
    enum srv_look found = SRV_LOOK_NONE;

    for (int i = 0; i <= SRV_ALIASES_MAX; i++) {
        found = w->zone->look(w->zone->ctx, name, type, out);
        if (found != SRV_LOOK_FOUND || (*out)->alias == NULL)
            break;
        name = (*out)->alias;
        found = SRV_LOOK_NONE;
    }
    w->waiting |= found == SRV_LOOK_WAITING;
    w->failed |= found == SRV_LOOK_FAILED;
    w->refused |= found == SRV_LOOK_REFUSED;
    return found;
}

void srv_add_place(struct srv_answer *out, const struct srv_place *p) {
    for (int i = 0; i < out->count; i++)
        if (out->places[i].priority == p->priority && addr_eq(&out->places[i].addr, &p->addr)) {
            uint32_t sum = out->places[i].weight + p->weight, most = 65535u * SRV_WEIGHT_UNIT;
            out->places[i].weight = sum > most ? most : sum;
            return;
        }
    if (out->count == SRV_PLACES_MAX)
        out->cut = true;
    else
        out->places[out->count++] = *p;
}

/* The addresses of one family; several share the weight. */
static void add_family(struct srv_walk *w, const struct srv_host *h, const struct dns_set *set, uint8_t family) {
    uint8_t families = w->ask->families[h->proto];
    uint32_t alike = 0;

    w->out->cut |= set->cut;
    for (int i = 0; i < set->count; i++)
        alike += set->records[i].addr.family == family;
    if (alike > 0 && !(families & (family == 4 ? SRV_IPV4 : SRV_IPV6))) {
        w->other_family = true;
        return;
    }
    bool second = (families & SRV_IPV6_FIRST) != 0 ? family == 4 : family == 6;
    for (int i = 0; i < set->count; i++) {
        struct srv_place p = {.addr = set->records[i].addr,
                              .proto = h->proto,
                              .priority = (uint32_t)SRV_PRIORITY_STEP * h->priority + second,
                              .weight = h->weight * SRV_WEIGHT_UNIT / (alike > 0 ? alike : 1)};
        p.addr.port = h->port;
        if (p.addr.family == family)
            srv_add_place(w->out, &p);
    }
}

/* /etc/hosts, else A and AAAA, both at once. */
void srv_add_host(struct srv_walk *w, const struct srv_host *h) {
    static const struct {
        enum dns_type type;
        uint8_t family, bit;
    } asked[] = {{DNS_A, 4, SRV_IPV4}, {DNS_AAAA, 6, SRV_IPV6}};
    const struct dns_set *set;

    if (srv_look(w, h->name, DNS_HOSTS, &set) == SRV_LOOK_FOUND) {
        add_family(w, h, set, 4);
        add_family(w, h, set, 6);
        return;
    }
    for (int i = 0; i < 2; i++)
        if ((w->ask->families[h->proto] & asked[i].bit) && srv_look(w, h->name, asked[i].type, &set) == SRV_LOOK_FOUND)
            add_family(w, h, set, asked[i].family);
}
