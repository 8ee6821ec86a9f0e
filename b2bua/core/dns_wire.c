#include "b2bua/core/dns_wire.h"

enum { JUMPS_MAX = 32 };

static unsigned read_u8(struct dns_reader *r) {
    if (r->at >= r->n) {
        r->bad = true;
        return 0;
    }
    return r->p[r->at++];
}

unsigned dns_read_u16(struct dns_reader *r) {
    unsigned high = read_u8(r);

    return high << 8 | read_u8(r);
}

uint32_t dns_read_u32(struct dns_reader *r) {
    uint32_t high = dns_read_u16(r);

    return high << 16 | dns_read_u16(r);
}

uint32_t dns_read_ttl(struct dns_reader *r) {
    uint32_t ttl_s = dns_read_u32(r);

    return ttl_s > INT32_MAX ? 0 : ttl_s;
}

/* --- names (RFC 1035 4.1.4) --- */

static char lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* A label whose bytes could be taken for something else as text is no label of a host or service. */
static void put_label(struct dns_reader *r, size_t n, struct sbuf *out) {
    if (out->n > 0)
        sbuf_putc(out, '.');
    for (; n > 0; n--) {
        unsigned c = read_u8(r);
        if (c <= ' ' || c >= 0x7f || c == '.' || c == '\\')
            r->bad = true;
        sbuf_putc(out, lower((char)c));
    }
}

/* A loop of pointers ends with the room for text, or, if
 * it has no labels, with JUMPS_MAX. */
void dns_read_name(struct dns_reader *r, char *text) {
    struct sbuf out = sbuf_on(text, DNS_NAME_MAX - 2);
    size_t behind = 0;

    for (int jumps = 0; !r->bad && !out.full && jumps < JUMPS_MAX;) {
        unsigned n = read_u8(r);
        if (n == 0) {
            if (out.n == 0)
                sbuf_putc(&out, '.');
            text[out.n] = '\0';
            r->at = behind != 0 ? behind : r->at;
            return;
        }
        if (n < 64) {
            put_label(r, n, &out);
        } else if (n >= 192) {
            size_t to = (n & 63) << 8 | read_u8(r);
            behind = behind != 0 ? behind : r->at;
            r->at = to;
            jumps++;
        } else {
            break;
        }
    }
    r->bad = true;
    text[0] = '\0';
}

/* --- records --- */

bool dns_read_rr(struct dns_reader *r, struct dns_rr *out) {
    dns_read_name(r, out->owner);
    out->type = dns_read_u16(r);
    out->class = dns_read_u16(r);
    out->ttl_s = dns_read_ttl(r);
    size_t n = dns_read_u16(r);
    if (r->bad || n > r->n - r->at)
        return false;
    out->end = r->at + n;
    return true;
}

static void read_text(struct dns_reader *r, struct sbuf *out) {
    for (unsigned n = read_u8(r); n > 0; n--)
        sbuf_putc(out, (char)read_u8(r));
}

static void read_address(struct dns_reader *r, struct dns_record *out, uint8_t family) {
    out->addr.family = family;
    for (int i = 0; i < (family == 4 ? 4 : 16); i++)
        out->addr.ip[i] = (uint8_t)read_u8(r);
}

static void read_srv(struct dns_reader *r, struct dns_record *out, char *name) {
    out->priority = (uint16_t)dns_read_u16(r);
    out->weight = (uint16_t)dns_read_u16(r);
    out->port = (uint16_t)dns_read_u16(r);
    dns_read_name(r, name);
}

static void read_naptr(struct dns_reader *r, struct dns_record *out, char *name) {
    char flags[8], rest[256];
    struct sbuf f = sbuf_on(flags, sizeof flags), s = sbuf_on(out->service, sizeof out->service - 1),
                regexp = sbuf_on(rest, sizeof rest);

    out->priority = (uint16_t)dns_read_u16(r);
    out->weight = (uint16_t)dns_read_u16(r);
    read_text(r, &f);
    read_text(r, &s);
    read_text(r, &regexp);
    dns_read_name(r, name);
    out->flag = f.n == 1 ? lower(flags[0]) : '\0';
    out->service[s.full ? 0 : s.n] = '\0';
    for (char *c = out->service; *c != '\0'; c++)
        *c = *c >= 'a' && *c <= 'z' ? (char)(*c - 'a' + 'A') : *c;
}

bool dns_read_data(struct dns_reader *r, const struct dns_rr *rr, struct dns_record *out, char *name) {
    *out = (struct dns_record){.port = 0};
    name[0] = '\0';
    if (rr->type == DNS_A || rr->type == DNS_AAAA)
        read_address(r, out, rr->type == DNS_A ? 4 : 6);
    else if (rr->type == DNS_SRV)
        read_srv(r, out, name);
    else
        read_naptr(r, out, name);
    return !r->bad && r->at == rr->end;
}
