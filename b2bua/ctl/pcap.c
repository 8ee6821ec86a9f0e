#include "b2bua/ctl/pcap.h"

#include "b2bua/core/frame.h"
#include "b2bua/ctl/packet.h"

enum { INTERFACES_MAX = 64, MESSAGE_MAX = 65535 };

/* A file, with the order of its bytes. */
struct file {
    struct str bytes;
    bool big;
};

static uint32_t word(const struct file *f, size_t at, int n) {
    const unsigned char *p = (const unsigned char *)f->bytes.p + at;
    uint32_t value = 0;

    for (int i = 0; i < n && at + (size_t)n <= f->bytes.n; i++)
        value |= (uint32_t)p[i] << 8 * (f->big ? n - 1 - i : i);
    return value;
}

static struct str part(const struct file *f, size_t at, size_t n) {
    struct str rest = str_from(f->bytes, at < f->bytes.n ? at : f->bytes.n);

    return str_upto(rest, n < rest.n ? n : rest.n);
}

/* --- the two forms of such files --- */

enum { BLOCK_SECTION = 0x0a0d0d0a, BLOCK_INTERFACE = 1, BLOCK_SIMPLE = 3, BLOCK_PACKET = 6 };

static bool is_classic(uint32_t magic) {
    return magic == 0xa1b2c3d4 || magic == 0xa1b23c4d;
}

bool pcap_is(struct str bytes) {
    struct file little = {bytes, false}, big = {bytes, true};

    return bytes.n >= 24 &&
           (is_classic(word(&little, 0, 4)) || is_classic(word(&big, 0, 4)) || word(&little, 0, 4) == BLOCK_SECTION);
}

static void read_classic(struct packets *p, const struct file *f) {
    unsigned link = word(f, 20, 4) & 0xffff;
    size_t at = 24;

    while (at + 16 <= f->bytes.n) {
        uint32_t n = word(f, at + 8, 4);
        if (packet_read(p, link, part(f, at + 16, n)))
            return;
        at += 16 + (size_t)n;
    }
}

static bool read_block(struct packets *p, const struct file *f, size_t at, unsigned *links, unsigned *count) {
    uint32_t type = word(f, at, 4), size = word(f, at + 4, 4), interface = 0;
    size_t data = at + 12, n = size - 16;

    if (type == BLOCK_INTERFACE && *count < INTERFACES_MAX)
        links[(*count)++] = word(f, at + 8, 2);
    if (type != BLOCK_SIMPLE && type != BLOCK_PACKET)
        return false;
    if (type == BLOCK_PACKET) {
        interface = word(f, at + 8, 4);
        data = at + 28;
        n = word(f, at + 20, 4);
    }
    return interface < *count && packet_read(p, links[interface], part(f, data, n));
}

static void read_blocks(struct packets *p, struct file *f) {
    unsigned links[INTERFACES_MAX], count = 0;
    size_t at = 0;

    while (at + 16 <= f->bytes.n) {
        if (word(f, at, 4) == BLOCK_SECTION) { /* the same in both orders */
            f->big = word(f, at + 8, 4) == 0x4d3c2b1a ? !f->big : f->big;
            count = 0;
        }
        uint32_t size = word(f, at + 4, 4);
        if (size < 16 || read_block(p, f, at, links, &count))
            return;
        at += size;
    }
}

/* --- what is looked for --- */

static bool take(void *ctx, const struct addr *from, const struct addr *to, enum flow_proto proto, struct str bytes) {
    struct pcap_message *out = ctx;
    size_t scanned = 0;
    struct frame f = {FRAME_SIP, bytes.n};

    if (bytes.n < 7 || !str_eq(str_upto(bytes, 7), STR("INVITE ")))
        return false;
    if (proto != FLOW_UDP)
        f = frame_next(bytes, MESSAGE_MAX, &scanned);
    if (f.kind != FRAME_SIP)
        return false;
    *out = (struct pcap_message){{str_dup(str_upto(bytes, f.n)), f.n}, *from, *to, proto};
    return true;
}

int pcap_invite(struct str bytes, struct pcap_message *out) {
    struct packets p = {.take = take, .ctx = out};
    struct file f = {bytes, false};

    *out = (struct pcap_message){.text = STR_NONE};
    f.big = is_classic(word(&(struct file){bytes, true}, 0, 4));
    if (word(&f, 0, 4) == BLOCK_SECTION)
        read_blocks(&p, &f);
    else
        read_classic(&p, &f);
    packets_fini(&p);
    return out->text.p == NULL ? -1 : 0;
}
