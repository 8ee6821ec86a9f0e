#include "b2bua/core/packet.h"

enum { UDP_HEAD = 8, IP4_HEAD = 20, IP6_HEAD = 40, PAYLOAD_MAX = 65535 - IP4_HEAD - UDP_HEAD, PROTO_UDP = 17 };
enum { LINKTYPE_RAW = 101, SNAPLEN = 262144 };

/* --- numbers: pcap is written in the order of this machine, packets in that of the network --- */

static void put_own32(struct sbuf *out, uint32_t v) {
    sbuf_put(out, (struct str){(const char *)&v, sizeof v});
}

static void put_own16(struct sbuf *out, uint16_t v) {
    sbuf_put(out, (struct str){(const char *)&v, sizeof v});
}

static void put16(uint8_t *at, size_t v) {
    at[0] = (uint8_t)(v >> 8);
    at[1] = (uint8_t)v;
}

/* RFC 1071 */
static uint32_t add_up(uint32_t sum, const void *bytes, size_t n) {
    const uint8_t *p = bytes;

    for (size_t i = 0; i < n; i++)
        sum += i % 2 == 0 ? (uint32_t)p[i] << 8 : p[i];
    return sum;
}

static uint16_t folded(uint32_t sum) {
    while (sum >> 16 != 0)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~sum;
}

/* --- headers --- */

static size_t put_ip(uint8_t *at, bool is_6, const struct addr *from, const struct addr *to, size_t n) {
    memset(at, 0, IP6_HEAD);
    if (is_6) {
        at[0] = 0x60;
        put16(at + 4, n);
        at[6] = PROTO_UDP;
        at[7] = 64;
        memcpy(at + 8, from->ip, 16);
        memcpy(at + 24, to->ip, 16);
        return IP6_HEAD;
    }
    at[0] = 0x45;
    put16(at + 2, IP4_HEAD + n);
    at[8] = 64;
    at[9] = PROTO_UDP;
    memcpy(at + 12, from->ip, 4);
    memcpy(at + 16, to->ip, 4);
    put16(at + 10, folded(add_up(0, at, IP4_HEAD)));
    return IP4_HEAD;
}

static void put_udp(uint8_t *at, const struct addr *from, const struct addr *to, struct str payload) {
    size_t n = UDP_HEAD + payload.n;
    uint32_t sum = add_up(add_up(PROTO_UDP + (uint32_t)n, from->ip, sizeof from->ip), to->ip, sizeof to->ip);

    put16(at, from->port);
    put16(at + 2, to->port);
    put16(at + 4, n);
    put16(at + 6, 0);
    uint16_t check = folded(add_up(add_up(sum, at, UDP_HEAD), payload.p, payload.n));
    put16(at + 6, check == 0 ? 0xffff : check);
}

void packet_pcap_header(struct sbuf *out) {
    put_own32(out, 0xa1b2c3d4);
    put_own16(out, 2);
    put_own16(out, 4);
    put_own32(out, 0);
    put_own32(out, 0);
    put_own32(out, SNAPLEN);
    put_own32(out, LINKTYPE_RAW);
}

void packet_pcap(struct sbuf *out, uint64_t at_us, const struct addr *from, const struct addr *to, struct str payload) {
    uint8_t head[IP6_HEAD + UDP_HEAD];
    struct str cut = str_upto(payload, payload.n < PAYLOAD_MAX ? payload.n : PAYLOAD_MAX);
    size_t ip = put_ip(head, from->family == 6 || to->family == 6, from, to, UDP_HEAD + cut.n);

    put_udp(head + ip, from, to, cut);
    put_own32(out, (uint32_t)(at_us / 1000000));
    put_own32(out, (uint32_t)(at_us % 1000000));
    put_own32(out, (uint32_t)(ip + UDP_HEAD + cut.n));
    put_own32(out, (uint32_t)(ip + UDP_HEAD + payload.n));
    sbuf_put(out, (struct str){(const char *)head, ip + UDP_HEAD});
    sbuf_put(out, cut);
}
