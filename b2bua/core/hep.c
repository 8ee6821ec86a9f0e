#include "b2bua/core/hep.h"

enum { CHUNK_HEAD = 6, FAMILY_INET = 2, FAMILY_INET6 = 10, IPPROTO_OF_TCP = 6, IPPROTO_OF_UDP = 17, TYPE_SIP = 1 };

enum chunk {
    CHUNK_FAMILY = 1,
    CHUNK_PROTOCOL = 2,
    CHUNK_FROM_4 = 3,
    CHUNK_TO_4 = 4,
    CHUNK_FROM_6 = 5,
    CHUNK_TO_6 = 6,
    CHUNK_FROM_PORT = 7,
    CHUNK_TO_PORT = 8,
    CHUNK_SECONDS = 9,
    CHUNK_MICROSECONDS = 10,
    CHUNK_TYPE = 11,
    CHUNK_AGENT = 12,
    CHUNK_PAYLOAD = 15,
    CHUNK_CORRELATION = 17,
    CHUNK_NODE = 19
};

/* In the order of the network. */
static void put_number(struct sbuf *out, uint64_t v, int bytes) {
    while (bytes-- > 0)
        sbuf_putc(out, (char)(v >> 8 * bytes));
}

static void put(struct sbuf *out, enum chunk type, struct str value) {
    put_number(out, 0, 2);
    put_number(out, type, 2);
    put_number(out, CHUNK_HEAD + value.n, 2);
    sbuf_put(out, value);
}

static void put_value(struct sbuf *out, enum chunk type, uint64_t v, int bytes) {
    put_number(out, 0, 2);
    put_number(out, type, 2);
    put_number(out, CHUNK_HEAD + (uint64_t)bytes, 2);
    put_number(out, v, bytes);
}

static void put_addresses(struct sbuf *out, const struct hep_message *m) {
    bool is_6 = m->from.family == 6 || m->to.family == 6;
    size_t n = is_6 ? 16 : 4;

    put_value(out, CHUNK_FAMILY, is_6 ? FAMILY_INET6 : FAMILY_INET, 1);
    put_value(out, CHUNK_PROTOCOL, m->proto == FLOW_UDP ? IPPROTO_OF_UDP : IPPROTO_OF_TCP, 1);
    put(out, is_6 ? CHUNK_FROM_6 : CHUNK_FROM_4, (struct str){(const char *)m->from.ip, n});
    put(out, is_6 ? CHUNK_TO_6 : CHUNK_TO_4, (struct str){(const char *)m->to.ip, n});
    put_value(out, CHUNK_FROM_PORT, m->from.port, 2);
    put_value(out, CHUNK_TO_PORT, m->to.port, 2);
}

int hep_put(struct sbuf *out, const struct hep_message *m) {
    size_t start = out->n;

    if (m->payload.n > HEP_MAX)
        return -1;
    sbuf_puts(out, "HEP3");
    put_number(out, 0, 2);
    put_addresses(out, m);
    put_value(out, CHUNK_SECONDS, m->at_us / 1000000, 4);
    put_value(out, CHUNK_MICROSECONDS, m->at_us % 1000000, 4);
    put_value(out, CHUNK_TYPE, TYPE_SIP, 1);
    put_value(out, CHUNK_AGENT, m->agent, 4);
    put(out, CHUNK_CORRELATION, m->correlation);
    put(out, CHUNK_NODE, m->node);
    put(out, CHUNK_PAYLOAD, m->payload);
    size_t n = out->n - start;
    if (out->full || n > HEP_MAX)
        return -1;
    out->p[start + 4] = (char)(n >> 8);
    out->p[start + 5] = (char)n;
    return 0;
}
