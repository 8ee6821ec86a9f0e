/* bed_sip: one message as text, parsed, and what is printed from it. */
#ifndef TESTS_ROOM_BED_SIP_H
#define TESTS_ROOM_BED_SIP_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "b2bua/sip/sip.h"

enum { BED_TEXT = 65536 };

#define BED_HOST    "198.51.100.1"
#define BED_SENT_BY "198.51.100.1:5062"

/* The headers that every message must have, between its start line and what a test is about. */
#define BED_VIA  "Via: SIP/2.0/UDP 192.0.2.9:5071;branch=z9hG4bKone\r\n"
#define BED_FROM "From: <sip:caller@192.0.2.9>;tag=ft\r\n"
#define BED_TO   "To: <sip:callee@198.51.100.1>\r\n"
#define BED_ID   "Call-ID: one\r\n"

#define BED_HEAD(method) BED_VIA BED_FROM BED_TO BED_ID "CSeq: 7 " method "\r\nMax-Forwards: 70\r\n"

#define BED_INVITE   "INVITE sip:callee@198.51.100.1 SIP/2.0\r\n" BED_HEAD("INVITE")
#define BED_ANSWER   "SIP/2.0 200 OK\r\n" BED_HEAD("INVITE")
#define BED_REDIRECT "SIP/2.0 302 Moved\r\n" BED_HEAD("INVITE")

struct bed_sip {
    struct sip_msg m;
    struct str bytes; /* in a block of their own: a read past the end shows */
    char text[BED_TEXT];
    struct sbuf out;
};

static inline int bed_parse_bytes(struct bed_sip *b, struct str bytes) {
    sip_init();
    b->bytes = (struct str){mem_alloc(bytes.n > 0 ? bytes.n : 1), bytes.n};
    memcpy((char *)b->bytes.p, bytes.p, bytes.n);
    b->out = sbuf_on(b->text, sizeof b->text - 1);
    return sip_parse(&b->m, b->bytes);
}

/* start line and headers, then the end of the head and a body with its length */
static inline void bed_parse(struct bed_sip *b, const char *head, struct str body) {
    char *text = mem_alloc(BED_TEXT);
    struct sbuf t = sbuf_on(text, BED_TEXT);

    sbuf_puts(&t, head);
    sbuf_puts(&t, "Content-Length: ");
    sbuf_number(&t, body.n);
    sbuf_puts(&t, "\r\n\r\n");
    sbuf_put(&t, body);
    ck_assert(!t.full);
    ck_assert_msg(bed_parse_bytes(b, sbuf_str(&t)) == 0, "does not parse: %s", head);
    free(text);
}

static inline void bed_sip_end(struct bed_sip *b) {
    sip_fini(&b->m);
    free((char *)b->bytes.p);
}

/* The printed text, terminated. */
static inline const char *bed_text(struct bed_sip *b) {
    ck_assert(!b->out.full);
    b->text[b->out.n] = '\0';
    return b->text;
}

/* What of the message crosses, with its body or without. */
static inline struct sip_cross bed_cross(const struct bed_sip *b, bool body) {
    return (struct sip_cross){
        .from = &b->m, .our_host = STR(BED_HOST), .our_sent_by = STR(BED_SENT_BY), .body = body ? b->m.body : STR_NONE};
}

/* Our request, or response, of the other leg: nothing but what crosses differs between tests. */
static inline const char *bed_print(struct bed_sip *b, bool body) {
    struct sip_cross x = bed_cross(b, body);
    struct sip_request r = {.method = METHOD_INVITE,
                            .uri = STR("sip:callee@192.0.2.2"),
                            .sent_by = STR(BED_SENT_BY),
                            .branch = STR("z9hG4bKours"),
                            .max_forwards = 69,
                            .from = STR("<sip:a@b>;tag=ours"),
                            .to = STR("<sip:c@d>"),
                            .call_id = STR("ours"),
                            .cseq = 1};

    if (b->m.status == 0) {
        sip_print_request(&b->out, &r, &x);
    } else {
        struct flow flow = {.proto = FLOW_UDP, .peer = {.family = 4, .port = 5060, .ip = {192, 0, 2, 9}}};
        struct bed_sip *request = mem_zalloc(sizeof *request);
        bed_parse(request, BED_INVITE, STR_NONE);
        struct sip_echo *echo = sip_echo_new(&request->m, &flow);
        sip_print_response(&b->out, &(struct sip_response){.status = b->m.status, .echo = echo, .to_tag = STR("ours")},
                           &x);
        free(echo);
        bed_sip_end(request);
        free(request);
    }
    return bed_text(b);
}

#endif
