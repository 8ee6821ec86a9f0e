/* An offer of our own making, for calls that leave with one although they came without (early_offer). */
#include "b2bua/core/offer.h"

/* Static payload types are of RFC 3551 table 4; dynamic ones are ours to choose. */
static const struct {
    int type;
    const char *map, *format;
} codecs_known[] = {
    {0, "PCMU/8000", NULL},  {8, "PCMA/8000", NULL},     {9, "G722/8000", NULL},
    {18, "G729/8000", NULL}, {96, "opus/48000/2", NULL}, {101, "telephone-event/8000", "0-16"},
};

const char *const offer_codecs[] = {"PCMU", "PCMA", "G722", "G729", "opus", "telephone-event", NULL};

static void put_attribute(struct sbuf *out, const char *name, int type, const char *value) {
    sbuf_puts(out, name);
    sbuf_number(out, (uint64_t)type);
    sbuf_putc(out, ' ');
    sbuf_puts(out, value);
    sbuf_puts(out, "\r\n");
}

static void put_session(struct sbuf *out, const struct sdp_origin *o) {
    char ip[ADDR_TEXT_MAX];
    const char *net = o->host.family == 6 ? "IN IP6 " : "IN IP4 ";

    addr_format_ip(&o->host, false, ip);
    sbuf_puts(out, "v=0\r\no=- ");
    sbuf_number(out, o->id);
    sbuf_putc(out, ' ');
    sbuf_number(out, o->version);
    sbuf_putc(out, ' ');
    sbuf_puts(out, net);
    sbuf_puts(out, ip);
    sbuf_puts(out, "\r\ns=-\r\nc=");
    sbuf_puts(out, net);
    sbuf_puts(out, ip);
    sbuf_puts(out, "\r\nt=0 0\r\n");
}

void offer_make(struct sbuf *out, const struct sdp_origin *o, const int *codecs, int count) {
    put_session(out, o);
    sbuf_puts(out, "m=audio 9 RTP/AVP");
    for (int i = 0; i < count; i++) {
        sbuf_putc(out, ' ');
        sbuf_number(out, (uint64_t)codecs_known[codecs[i]].type);
    }
    sbuf_puts(out, "\r\n");
    for (int i = 0; i < count; i++) {
        put_attribute(out, "a=rtpmap:", codecs_known[codecs[i]].type, codecs_known[codecs[i]].map);
        if (codecs_known[codecs[i]].format != NULL)
            put_attribute(out, "a=fmtp:", codecs_known[codecs[i]].type, codecs_known[codecs[i]].format);
    }
}
