#include "b2bua/core/dns_wire.h"

enum { ALIASES_MAX = 8, CLASS_IN = 1, RCODE_NO_NAME = 3 };

/* A set while it is put together. */
struct gathered {
    uint32_t ttl_s;
    bool cut;
    int count;
    struct dns_record records[DNS_RECORDS_MAX];
    char names[DNS_RECORDS_MAX][DNS_NAME_MAX];
};

struct answer {
    struct dns_reader r;
    size_t first; /* where the answer section begins */
    unsigned answers, authorities;
    char name[DNS_NAME_MAX]; /* that is looked for: the question's, then those of CNAMEs */
};

static uint32_t least(uint32_t a, uint32_t b) {
    return a < b ? a : b;
}

static void back_to_first(struct answer *a) {
    a->r.at = a->first;
}

/* Moves from `name` to what it is an alias of. Returns 1, 0 when it is none, -1 for garbage. */
static int follow(struct answer *a, uint32_t *ttl_s) {
    struct dns_rr rr;

    back_to_first(a);
    for (unsigned i = 0; i < a->answers; i++) {
        if (!dns_read_rr(&a->r, &rr))
            return -1;
        if (rr.type != DNS_CNAME || rr.class != CLASS_IN || strcmp(rr.owner, a->name) != 0) {
            a->r.at = rr.end;
            continue;
        }
        dns_read_name(&a->r, a->name);
        *ttl_s = least(*ttl_s, rr.ttl_s);
        return a->r.bad ? -1 : 1;
    }
    return 0;
}

/* The records of `name`. Returns 0, or -1 for garbage. */
static int gather(struct answer *a, enum dns_type type, struct gathered *g) {
    struct dns_rr rr;

    back_to_first(a);
    for (unsigned i = 0; i < a->answers; i++, a->r.at = rr.end) {
        if (!dns_read_rr(&a->r, &rr))
            return -1;
        if (rr.type != (unsigned)type || rr.class != CLASS_IN || strcmp(rr.owner, a->name) != 0)
            continue;
        if (g->count == DNS_RECORDS_MAX) {
            g->cut = true;
            continue;
        }
        if (!dns_read_data(&a->r, &rr, &g->records[g->count], g->names[g->count]))
            return -1;
        g->ttl_s = least(g->ttl_s, rr.ttl_s);
        g->count++;
    }
    return 0;
}

/* RFC 2308 5: how long "none" holds; the reader stands behind the answer section. Returns 1, 0 without SOA, -1. */
static int read_soa(struct answer *a, uint32_t *ttl_s) {
    char name[DNS_NAME_MAX];
    struct dns_rr rr;

    for (unsigned i = 0; i < a->authorities; i++, a->r.at = rr.end) {
        if (!dns_read_rr(&a->r, &rr))
            return -1;
        if (rr.type != DNS_SOA)
            continue;
        dns_read_name(&a->r, name);
        dns_read_name(&a->r, name);
        for (int j = 0; j < 4; j++)
            dns_read_u32(&a->r);
        *ttl_s = least(*ttl_s, least(rr.ttl_s, dns_read_ttl(&a->r)));
        return a->r.bad ? -1 : 1;
    }
    return 0;
}

/* Header and question. */
static enum dns_outcome begin(struct answer *a, enum dns_type type) {
    dns_read_u16(&a->r);
    unsigned flags = dns_read_u16(&a->r), questions = dns_read_u16(&a->r), code = flags & 15;

    a->answers = dns_read_u16(&a->r);
    a->authorities = dns_read_u16(&a->r);
    dns_read_u16(&a->r);
    dns_read_name(&a->r, a->name);
    unsigned asked = dns_read_u16(&a->r), class = dns_read_u16(&a->r);
    a->first = a->r.at;
    if (a->r.bad || (flags & 0xf800) != 0x8000 || questions != 1 || asked != (unsigned)type || class != CLASS_IN)
        return DNS_GARBAGE;
    return code == 0 ? DNS_FOUND : code == RCODE_NO_NAME ? DNS_NONE : DNS_REFUSED;
}

static const char *put_text(char **at, const char *text) {
    size_t n = strlen(text) + 1;
    const char *put = memcpy(*at, text, n);

    *at += n;
    return put;
}

/* One piece of memory: the set, its records, its texts. */
static struct dns_set *pack(const struct gathered *g, const char *alias) {
    size_t n = strlen(alias) + 1;

    for (int i = 0; i < g->count; i++)
        n += strlen(g->names[i]) + 1;
    struct dns_set *set = mem_alloc(sizeof *set + (size_t)g->count * sizeof(struct dns_record) + n);
    char *text = (char *)&set->records[g->count];
    *set = (struct dns_set){.ttl_s = g->ttl_s, .cut = g->cut, .count = g->count};
    set->alias = alias[0] == '\0' ? NULL : put_text(&text, alias);
    for (int i = 0; i < g->count; i++) {
        set->records[i] = g->records[i];
        set->records[i].name = put_text(&text, g->names[i]);
    }
    return set;
}

enum dns_outcome dns_read(const uint8_t *bytes, size_t n, enum dns_type type, struct dns_set **out) {
    struct answer a = {.r = {.p = bytes, .n = n}};
    struct gathered g = {.ttl_s = UINT32_MAX};
    enum dns_outcome outcome = begin(&a, type);
    int aliases = 0, more, soa;

    *out = NULL;
    if (outcome == DNS_GARBAGE || outcome == DNS_REFUSED)
        return outcome;
    while ((more = follow(&a, &g.ttl_s)) == 1 && aliases < ALIASES_MAX)
        aliases++;
    if (more != 0 || gather(&a, type, &g) < 0)
        return DNS_GARBAGE;
    if (g.count > 0) {
        *out = pack(&g, "");
        return DNS_FOUND;
    }
    if ((soa = read_soa(&a, &g.ttl_s)) < 0)
        return DNS_GARBAGE;
    bool open = outcome == DNS_FOUND && aliases > 0 && soa == 0; /* the CNAME leads out of what this server knows */
    if (!open && soa == 0)
        g.ttl_s = least(g.ttl_s, DNS_NEGATIVE_S);
    *out = pack(&g, open ? a.name : "");
    return open ? DNS_FOUND : DNS_NONE;
}

const char *dns_type_name(enum dns_type type) {
    switch (type) {
    case DNS_HOSTS:
        return "hosts";
    case DNS_A:
        return "A";
    case DNS_CNAME:
        return "CNAME";
    case DNS_SOA:
        return "SOA";
    case DNS_AAAA:
        return "AAAA";
    case DNS_SRV:
        return "SRV";
    case DNS_NAPTR:
        return "NAPTR";
    }
    return "?";
}
