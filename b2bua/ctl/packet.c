#include "b2bua/ctl/packet.h"

enum { PROTOCOL_TCP = 6, PROTOCOL_UDP = 17, PROTOCOL_FRAGMENT = 44, EXTENSIONS_MAX = 8 };

static unsigned at16(struct str s, size_t at) {
    const unsigned char *p = (const unsigned char *)s.p + at;

    return at + 2 > s.n ? 0 : (unsigned)p[0] << 8 | p[1];
}

static uint32_t at32(struct str s, size_t at) {
    return (uint32_t)at16(s, at) << 16 | at16(s, at + 2);
}

static unsigned at8(struct str s, size_t at) {
    return at >= s.n ? 0 : (unsigned char)s.p[at];
}

/* --- pieces --- */

/* What one packet brings: a datagram's or a stream's bytes, or a piece of them. */
struct piece {
    uint8_t protocol;
    struct addr from, to;
    uint32_t id, begin;
    bool more; /* others follow */
    struct str bytes;
};

static struct packet_pending *pending_of(struct packets *p, const struct piece *x) {
    for (int i = 0; i < PACKET_PENDING_MAX; i++) {
        struct packet_pending *w = &p->pending[i];
        if (w->used && w->protocol == x->protocol && w->id == x->id && addr_eq(&w->from, &x->from) &&
            addr_eq(&w->to, &x->to))
            return w;
    }
    return NULL;
}

/* The oldest makes room. */
static struct packet_pending *pending_new(struct packets *p, const struct piece *x) {
    struct packet_pending *w = &p->pending[p->oldest];

    p->oldest = (p->oldest + 1) % PACKET_PENDING_MAX;
    sbuf_fini(&w->bytes);
    *w = (struct packet_pending){true, x->protocol, x->from, x->to, x->id, x->begin, sbuf_growing(PACKET_BYTES_MAX)};
    return w;
}

/* Returns what has come together by now, empty when the piece does not follow. */
static struct str append(struct packet_pending *w, const struct piece *x) {
    if (w == NULL || w->next != x->begin)
        return STR_NONE;
    sbuf_put(&w->bytes, x->bytes);
    w->next += (uint32_t)x->bytes.n;
    w->used = !w->bytes.full;
    return sbuf_str(&w->bytes);
}

/* --- UDP and TCP --- */

static bool take_udp(struct packets *p, struct piece *x) {
    size_t n = at16(x->bytes, 4);

    if (x->bytes.n < 8)
        return false;
    x->from.port = (uint16_t)at16(x->bytes, 0);
    x->to.port = (uint16_t)at16(x->bytes, 2);
    struct str payload = str_from(x->bytes, 8);
    if (n >= 8 && n - 8 < payload.n)
        payload.n = n - 8;
    return p->take(p->ctx, &x->from, &x->to, FLOW_UDP, payload);
}

/* A stream is of interest from its first INVITE on. */
static bool take_tcp(struct packets *p, struct piece *x) {
    size_t head = (size_t)(at8(x->bytes, 12) >> 4) * 4;

    if (head < 20 || head >= x->bytes.n)
        return false;
    x->from.port = (uint16_t)at16(x->bytes, 0);
    x->to.port = (uint16_t)at16(x->bytes, 2);
    x->begin = at32(x->bytes, 4);
    x->id = 0;
    x->bytes = str_from(x->bytes, head);
    struct packet_pending *w = pending_of(p, x);
    bool begins = x->bytes.n >= 7 && str_eq(str_upto(x->bytes, 7), STR("INVITE "));
    if (begins && (w == NULL || w->next != x->begin))
        w = pending_new(p, x);
    struct str all = append(w, x);
    return all.n > 0 && p->take(p->ctx, &x->from, &x->to, FLOW_TCP, all);
}

static bool take_whole(struct packets *p, struct piece *x) {
    if (x->protocol == PROTOCOL_UDP)
        return take_udp(p, x);
    return x->protocol == PROTOCOL_TCP && take_tcp(p, x);
}

/* --- IP --- */

static bool take_ip(struct packets *p, struct piece *x) {
    if (!x->more && x->begin == 0)
        return take_whole(p, x);
    if (x->protocol != PROTOCOL_UDP) /* TCP keeps to what one packet carries */
        return false;
    struct packet_pending *w = x->begin == 0 ? pending_new(p, x) : pending_of(p, x);
    struct str all = append(w, x);
    if (x->more || all.n == 0)
        return false;
    x->begin = 0;
    x->bytes = all;
    w->used = false;
    return take_udp(p, x);
}

static bool read_ip4(struct packets *p, struct str s) {
    struct piece x = {.protocol = (uint8_t)at8(s, 9), .from.family = 4, .to.family = 4, .id = at16(s, 4)};
    size_t head = (size_t)(at8(s, 0) & 15) * 4, all = at16(s, 2);

    if (head < 20 || s.n < head)
        return false;
    memcpy(x.from.ip, s.p + 12, 4);
    memcpy(x.to.ip, s.p + 16, 4);
    x.more = at16(s, 6) & 0x2000;
    x.begin = (at16(s, 6) & 0x1fff) * 8;
    if (all >= head && all < s.n) /* Ethernet pads */
        s.n = all;
    x.bytes = str_from(s, head);
    return take_ip(p, &x);
}

static bool read_ip6(struct packets *p, struct str s) {
    static const uint8_t options[] = {0, 43, 60};
    struct piece x = {.protocol = (uint8_t)at8(s, 6), .from.family = 6, .to.family = 6};

    if (s.n < 40)
        return false;
    memcpy(x.from.ip, s.p + 8, 16);
    memcpy(x.to.ip, s.p + 24, 16);
    size_t all = 40u + at16(s, 4);
    struct str rest = str_from(str_upto(s, all < s.n ? all : s.n), 40);
    for (int i = 0; i < EXTENSIONS_MAX && rest.n >= 8; i++) {
        bool fragment = x.protocol == PROTOCOL_FRAGMENT;
        if (!fragment && memchr(options, x.protocol, sizeof options) == NULL)
            break;
        size_t head = fragment ? 8 : (size_t)(at8(rest, 1) + 1) * 8;
        if (fragment) {
            x.begin = at16(rest, 2) & 0xfff8;
            x.more = at16(rest, 2) & 1;
            x.id = at32(rest, 4);
        }
        x.protocol = (uint8_t)at8(rest, 0);
        rest = str_from(rest, head < rest.n ? head : rest.n);
    }
    x.bytes = rest;
    return take_ip(p, &x);
}

/* --- links --- */

/* Where the network's packet begins, by LINKTYPE_; `type`: where its EtherType stands, 0 = there is none. */
static const struct {
    unsigned link;
    uint8_t head, type;
} links[] = {
    {1, 14, 12},                                                      /* Ethernet */
    {113, 16, 14},                                                    /* Linux cooked */
    {276, 20, 0},                                                     /* the same, version 2: the type stands first */
    {0, 4, 0},     {108, 4, 0},                                       /* BSD loopback */
    {101, 0, 0},   {12, 0, 0},  {14, 0, 0}, {228, 0, 0}, {229, 0, 0}, /* raw IP */
};

static struct str without_vlans(struct str s, size_t head, size_t type) {
    while (type != 0 && (at16(s, type) == 0x8100 || at16(s, type) == 0x88a8)) {
        head += 4;
        type += 4;
    }
    return str_from(s, head < s.n ? head : s.n);
}

bool packet_read(struct packets *p, unsigned link, struct str packet) {
    for (size_t i = 0; i < sizeof links / sizeof *links; i++) {
        if (links[i].link != link)
            continue;
        struct str ip = without_vlans(packet, links[i].head, links[i].type);
        if (at8(ip, 0) >> 4 == 4)
            return read_ip4(p, ip);
        return at8(ip, 0) >> 4 == 6 && read_ip6(p, ip);
    }
    return false;
}

void packets_fini(struct packets *p) {
    for (int i = 0; i < PACKET_PENDING_MAX; i++)
        sbuf_fini(&p->pending[i].bytes);
}
