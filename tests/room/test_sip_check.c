/* Faulty messages, and the answer that each deserves: sip_parse and sip_check as the ua uses them. */
#include "tests/room/bed_sip.h"
#include "tests/suite.h"

enum { UNPARSED = -1 };

#define START(line) line "\r\n" BED_HEAD("OPTIONS") "Content-Length: 0\r\n"
#define WITH(lines)                                                                                                    \
    "OPTIONS sip:a@b SIP/2.0\r\n" BED_VIA BED_FROM BED_TO BED_ID "CSeq: 7 OPTIONS\r\n" lines "Content-Length: 0\r\n"
#define WITHOUT(lines)     "OPTIONS sip:a@b SIP/2.0\r\n" lines "Content-Length: 0\r\n"
#define LENGTH(lines)      "OPTIONS sip:a@b SIP/2.0\r\n" BED_HEAD("OPTIONS") lines
#define REPLY(line, lines) line "\r\n" BED_HEAD("OPTIONS") lines "Content-Length: 0\r\n"
#define INVITED(lines)     "INVITE sip:a@b SIP/2.0\r\n" BED_HEAD("INVITE") lines "Content-Length: 0\r\n"
#define REPLACES           "Replaces: 1@a;to-tag=t;from-tag=f\r\n"
#define CSEQ_LINE          "CSeq: 7 OPTIONS\r\n"

/* What comes back to a datagram and on a stream: 0 = nothing wrong, UNPARSED = sip_parse refuses it. */
static const struct {
    const char *rule, *head, *body;
    int datagram, stream;
} faults[] = {
    {"nothing wrong", WITH(""), "", 0, 0},
    /* start line */
    {"21.5.6 another version", START("OPTIONS sip:a@b SIP/3.0"), "", 505, 505},
    {"7.1 the version in any case", START("OPTIONS sip:a@b sip/2.0"), "", 0, 0},
    {"7.1 no version", START("OPTIONS sip:a@b"), "", UNPARSED, UNPARSED},
    {"7.1 HTTP", START("GET / HTTP/1.1"), "", 505, 505},
    {"8.2.2.1 unknown scheme", START("OPTIONS foo:bar SIP/2.0"), "", 416, 416},
    {"8.2.2.1 a scheme of another protocol", START("OPTIONS mailto:a@b SIP/2.0"), "", 416, 416},
    {"19.1.1 tel:", START("OPTIONS tel:+49 SIP/2.0"), "", 0, 0},
    {"19.1.1 SIPS in capitals", START("OPTIONS SIPS:a@b SIP/2.0"), "", 0, 0},
    {"19.1.1 no host", START("OPTIONS sip:a@ SIP/2.0"), "", UNPARSED, UNPARSED},
    {"19.1.1 a port that is none", START("OPTIONS sip:a@b:x SIP/2.0"), "", UNPARSED, UNPARSED},
    {"19.1.1 a port beyond 65535", START("OPTIONS sip:a@b:65536 SIP/2.0"), "", 400, 400},
    {"7.1 brackets around the Request-URI", START("OPTIONS <sip:a@b> SIP/2.0"), "", 400, 400},
    {"7.2 a status below 100", REPLY("SIP/2.0 99 Low", ""), "", 400, 400},
    {"7.2 a status above 699", REPLY("SIP/2.0 700 High", ""), "", 400, 400},
    {"7.2 a status of four digits", REPLY("SIP/2.0 2000 OK", ""), "", 400, 400},
    {"7.2 a status beyond 32 bits", REPLY("SIP/2.0 4294967496 OK", ""), "", UNPARSED, UNPARSED},
    {"7.2 a status with a letter", REPLY("SIP/2.0 20x OK", ""), "", UNPARSED, UNPARSED},
    {"7.2 699", REPLY("SIP/2.0 699 Last", ""), "", 0, 0},
    /* headers that must be there (8.1.1) */
    {"8.1.1 no Via", WITHOUT(BED_FROM BED_TO BED_ID CSEQ_LINE), "", 400, 400},
    {"8.1.1 no From", WITHOUT(BED_VIA BED_TO BED_ID CSEQ_LINE), "", 400, 400},
    {"8.1.1 no To", WITHOUT(BED_VIA BED_FROM BED_ID CSEQ_LINE), "", 400, 400},
    {"8.1.1 no Call-ID", WITHOUT(BED_VIA BED_FROM BED_TO CSEQ_LINE), "", 400, 400},
    {"8.1.1 no CSeq", WITHOUT(BED_VIA BED_FROM BED_TO BED_ID), "", 400, 400},
    {"8.1.1.6 no Max-Forwards: RFC 2543 had none", WITH(""), "", 0, 0},
    {"8.1.1.4 an empty Call-ID", WITHOUT(BED_VIA BED_FROM BED_TO CSEQ_LINE "Call-ID: \r\n"), "", 400, 400},
    /* headers that may stand once (7.3.1) */
    {"7.3.1 From twice", WITH(BED_FROM), "", 400, 400},
    {"7.3.1 To and its compact form", WITH("t: <sip:other@b>\r\n"), "", 400, 400},
    {"7.3.1 Call-ID twice", WITH("i: two\r\n"), "", 400, 400},
    {"7.3.1 CSeq twice", WITH("CSeq: 8 OPTIONS\r\n"), "", 400, 400},
    {"7.3.1 Max-Forwards twice", WITH("Max-Forwards: 70\r\nMax-Forwards: 1\r\n"), "", 400, 400},
    {"7.3.1 Content-Type twice", WITH("Content-Type: text/plain\r\nc: application/sdp\r\n"), "", 400, 400},
    {"7.3.1 Content-Length twice, different", WITH("Content-Length: 5\r\n"), "", 400, 400},
    {"7.3.1 Subject twice is not ours to judge", WITH("Subject: 1\r\ns: 2\r\n"), "", 0, 0},
    {"3891 3 Replaces once", INVITED(REPLACES), "", 0, 0},
    {"3891 3 Replaces twice", INVITED(REPLACES "replaces: 2@a;to-tag=t;from-tag=f\r\n"), "", 400, 400},
    {"3891 3 Replaces three times, all the same", INVITED(REPLACES REPLACES REPLACES), "", 400, 400},
    {"3891 3 Replaces twice, the first one empty", INVITED("Replaces:\r\n" REPLACES), "", 400, 400},
    /* numbers and grammar */
    {"8.1.1.5 CSeq of another method", WITHOUT(BED_VIA BED_FROM BED_TO BED_ID "CSeq: 7 INVITE\r\n"), "", 400, 400},
    {"8.1.1.5 the method in another case", WITHOUT(BED_VIA BED_FROM BED_TO BED_ID "CSeq: 7 options\r\n"), "", 400, 400},
    {"8.1.1.5 CSeq of 2**31", WITHOUT(BED_VIA BED_FROM BED_TO BED_ID "CSeq: 2147483648 OPTIONS\r\n"), "", 400, 400},
    {"8.1.1.5 CSeq beyond 32 bits", WITHOUT(BED_VIA BED_FROM BED_TO BED_ID "CSeq: 4294967303 OPTIONS\r\n"), "", 400,
     400},
    {"20.16 CSeq without a number", WITHOUT(BED_VIA BED_FROM BED_TO BED_ID "CSeq: OPTIONS\r\n"), "", 400, 400},
    {"20.16 a negative CSeq", WITHOUT(BED_VIA BED_FROM BED_TO BED_ID "CSeq: -7 OPTIONS\r\n"), "", 400, 400},
    {"20.22 Max-Forwards 255", WITH("Max-Forwards: 255\r\n"), "", 0, 0},
    {"20.22 Max-Forwards 256", WITH("Max-Forwards: 256\r\n"), "", 400, 400},
    {"20.22 Max-Forwards below zero", WITH("Max-Forwards: -1\r\n"), "", 400, 400},
    {"20.22 Max-Forwards of letters", WITH("Max-Forwards: many\r\n"), "", 400, 400},
    {"20.22 Max-Forwards beyond 32 bits", WITH("Max-Forwards: 4294967366\r\n"), "", 400, 400},
    {"20.22 Max-Forwards beyond 31 bits", WITH("Max-Forwards: 2147483653\r\n"), "", 400, 400},
    {"20.22 Max-Forwards of 32 ones", WITH("Max-Forwards: 4294967295\r\n"), "", 400, 400},
    {"20.22 Max-Forwards and more", WITH("Max-Forwards: 70 70\r\n"), "", 400, 400},
    {"3262 7.1 RSeq beyond 32 bits", WITH("RSeq: 4294967297\r\n"), "", 400, 400},
    {"3262 7.2 RAck beyond 32 bits", WITH("RAck: 4294967297 1 INVITE\r\n"), "", 400, 400},
    {"3262 7.2 RAck's CSeq beyond 32 bits", WITH("RAck: 1 4294967297 INVITE\r\n"), "", 400, 400},
    {"3262 7.2 RAck, any white space", WITH("RAck: 1\t\r\n  2\r\n\tINVITE\r\n"), "", 0, 0},
    {"3262 7.2 RAck without a method", WITH("RAck: 1 1\r\n"), "", 400, 400},
    {"20.16 CSeq without a blank", WITHOUT(BED_VIA BED_FROM BED_TO BED_ID "CSeq: 7OPTIONS\r\n"), "", 400, 400},
    {"20.42 Via without a protocol", WITHOUT("Via: h;branch=z9hG4bK1\r\n" BED_FROM BED_TO BED_ID CSEQ_LINE), "", 400,
     400},
    {"20.42 an empty Via", WITHOUT("Via:\r\n" BED_FROM BED_TO BED_ID CSEQ_LINE), "", 400, 400},
    {"20.42 a bad Via below a good one", WITH("Via: h\r\n"), "", 400, 400},
    {"20.20 From without a URI", WITHOUT(BED_VIA "From: ;tag=1\r\n" BED_TO BED_ID CSEQ_LINE), "", 400, 400},
    {"20.20 From of two addresses", WITHOUT(BED_VIA "From: <sip:a@b>, <sip:c@d>;tag=1\r\n" BED_TO BED_ID CSEQ_LINE), "",
     400, 400},
    {"20.39 To in brackets without end", WITHOUT(BED_VIA BED_FROM "To: <sip:a@b\r\n" BED_ID CSEQ_LINE), "", 400, 400},
    {"20.34 a Route that is no address", WITH("Route: <sip:a@b\r\n"), "", 400, 400},
    {"20.42 Via without a host", WITHOUT("Via: SIP/2.0/UDP ;branch=1\r\n" BED_FROM BED_TO BED_ID CSEQ_LINE), "", 400,
     400},
    {"20.10 a Contact that is no address", WITH("Contact: <sip:a@b\r\n"), "", 400, 400},
    {"20.17 a wrong Date is not ours to judge", WITH("Date: yesterday\r\n"), "", 0, 0},
    {"7.3.1 a line without a colon", WITH("Foobar roobar\r\n"), "", 0, 0},
    /* where the body ends (18.3, 20.14) */
    {"18.3 no Content-Length: a datagram is its own measure", LENGTH(""), "", 0, 400},
    {"18.3 Content-Length beyond the bytes", LENGTH("Content-Length: 5\r\n"), "four", 400, 400},
    {"18.3 bytes beyond Content-Length", LENGTH("Content-Length: 3\r\n"), "four", 0, 0},
    {"20.14 a negative Content-Length", LENGTH("Content-Length: -1\r\n"), "", 400, 400},
    {"20.14 a Content-Length of letters", LENGTH("l: x\r\n"), "", 400, 400},
    {"20.14 a Content-Length that wraps at 32 bits", LENGTH("l: 4294967296\r\n"), "", 400, 400},
    {"20.14 a Content-Length that wraps at 64 bits", LENGTH("l: 18446744073709551616\r\n"), "", 400, 400},
    {"20.14 a Content-Length of 64 ones", LENGTH("l: 18446744073709551615\r\n"), "", 400, 400},
    {"20.14 a Content-Length of two words", LENGTH("l: 0 4\r\n"), "four", 400, 400},
    {"20.14 an empty Content-Length", LENGTH("l:\r\n"), "", 400, 400},
    {"20.14 a Content-Length of two numbers", LENGTH("l: 0, 0\r\n"), "", 400, 400},
    /* bytes */
    {"7 a CR alone", WITH("X-A: 1\rY: 2\r\n"), "", UNPARSED, UNPARSED},
    {"25.1 a NUL outside a quoted pair", NULL, "", UNPARSED, UNPARSED},
    {"7.5 no start line", "\r\n", "", UNPARSED, UNPARSED},
};

static int answer_to(struct bed_sip *b, const char *head, const char *body, bool stream) {
    static const char with_nul[] =
        "OPTIONS sip:a@b SIP/2.0\r\n" BED_HEAD("OPTIONS") "X-A: a\0b\r\nContent-Length: 0\r\n\r\n";
    char *text = mem_alloc(BED_TEXT);
    struct sbuf t = sbuf_on(text, BED_TEXT);
    struct sip_fault fault = {0};

    if (head == NULL) {
        sbuf_put(&t, (struct str){with_nul, sizeof with_nul - 1});
    } else {
        sbuf_puts(&t, head);
        sbuf_puts(&t, "\r\n");
        sbuf_puts(&t, body);
    }
    int parsed = bed_parse_bytes(b, sbuf_str(&t));
    free(text);
    if (parsed < 0)
        return UNPARSED;
    return sip_check(&b->m, stream, &fault) < 0 ? fault.status : 0;
}

static void check_fault(int i, bool stream) {
    struct bed_sip *b = mem_zalloc(sizeof *b);
    int expected = stream ? faults[i].stream : faults[i].datagram;
    int got = answer_to(b, faults[i].head, faults[i].body, stream);

    ck_assert_msg(got == expected, "%s: %d instead of %d", faults[i].rule, got, expected);
    bed_sip_end(b);
    free(b);
}

START_TEST(fault_in_a_datagram) {
    check_fault(_i, false);
}
END_TEST

START_TEST(fault_on_a_stream) {
    check_fault(_i, true);
}
END_TEST

/* --- sizes: `piece` many times --- */

static const struct {
    const char *rule, *before, *piece, *after;
    int times, expected;
} sizes[] = {
    {"21.4.15 a Request-URI of 8,000 bytes", "OPTIONS sip:", "0123456789", "@b SIP/2.0\r\n" BED_HEAD("OPTIONS"), 800,
     0},
    {"21.4.15 a Request-URI of 8,210 bytes", "OPTIONS sip:", "0123456789", "@b SIP/2.0\r\n" BED_HEAD("OPTIONS"), 821,
     414},
    {"16.3 100 Vias", "OPTIONS sip:a@b SIP/2.0\r\n", BED_VIA, BED_FROM BED_TO BED_ID CSEQ_LINE, 100, 0},
    {"16.3 101 Vias", "OPTIONS sip:a@b SIP/2.0\r\n", BED_VIA, BED_FROM BED_TO BED_ID CSEQ_LINE, 101, 400},
    {"many headers", "OPTIONS sip:a@b SIP/2.0\r\n" BED_HEAD("OPTIONS"), "X-A: 1\r\n", "", 300, 0},
    {"too many headers", "OPTIONS sip:a@b SIP/2.0\r\n" BED_HEAD("OPTIONS"), "X-A: 1\r\n", "", 500, 400},
    {"7.3.1 one long header", "OPTIONS sip:a@b SIP/2.0\r\n" BED_HEAD("OPTIONS") "X-A: ", "0123456789", "\r\n", 5000, 0},
    {"7.3.1 a header of many folds", "OPTIONS sip:a@b SIP/2.0\r\n" BED_HEAD("OPTIONS") "X-A: ", "0123456789\r\n ",
     "\r\n", 4000, 0},
};

START_TEST(size) {
    struct bed_sip *b = mem_zalloc(sizeof *b);
    char *head = mem_alloc(BED_TEXT);
    struct sbuf h = sbuf_on(head, BED_TEXT - 1);

    sbuf_puts(&h, sizes[_i].before);
    for (int i = 0; i < sizes[_i].times; i++)
        sbuf_puts(&h, sizes[_i].piece);
    sbuf_puts(&h, sizes[_i].after);
    ck_assert(!h.full);
    head[h.n] = '\0';
    int got = answer_to(b, head, "", false);
    ck_assert_msg(got == sizes[_i].expected, "%s: %d instead of %d", sizes[_i].rule, got, sizes[_i].expected);
    free(head);
    bed_sip_end(b);
    free(b);
}
END_TEST

/* --- 420 (8.2.2.3) and the answer to what does not parse --- */

static const struct {
    const char *rule, *start, *headers, *unsupported;
    unsigned known;
} required[] = {
    {"8.2.2.3 what we know", BED_INVITE, "Require: 100rel\r\n", "", SIP_OPTION_100REL},
    {"8.2.2.3 what is turned off", BED_INVITE, "Require: 100rel\r\n", "Unsupported: 100rel\r\n", 0},
    {"8.2.2.3 exactly the unknown", BED_INVITE, "Require: foo,100REL\r\nRequire: bar\r\n", "Unsupported: foo, bar\r\n",
     SIP_OPTION_100REL},
    {"20.29 Proxy-Require", BED_INVITE, "Proxy-Require: gin\r\n", "Unsupported: gin\r\n", SIP_OPTION_100REL},
    {"8.2.2.3 never for a CANCEL", "CANCEL sip:a@b SIP/2.0\r\n" BED_HEAD("CANCEL"), "Require: foo\r\n", "", 0},
    {"8.2.2.3 never for an ACK", "ACK sip:a@b SIP/2.0\r\n" BED_HEAD("ACK"), "Require: foo\r\n", "", 0},
};

START_TEST(require) {
    struct bed_sip *b = mem_zalloc(sizeof *b);
    struct sip_fault fault = {0};
    char head[1000];

    snprintf(head, sizeof head, "%s%s", required[_i].start, required[_i].headers);
    bed_parse(b, head, STR_NONE);
    int status = sip_check_require(&b->m, required[_i].known, &fault) < 0 ? fault.status : 0;
    ck_assert_msg(status == (required[_i].unsupported[0] == '\0' ? 0 : 420), "%s: %d", required[_i].rule, status);
    ck_assert_msg(strcmp(fault.extra, required[_i].unsupported) == 0, "%s: %s", required[_i].rule, fault.extra);
    bed_sip_end(b);
    free(b);
}
END_TEST

static const struct {
    const char *rule, *bytes;
    int status;
} unparsed[] = {
    {"8.2.1 an unknown method that is a token", "!x%'~ sip:a@b SIP/2.0\r\n", 501},
    {"25.1 a method that is no token", "A@B sip:a@b SIP/2.0\r\n", 400},
    {"7.1 a known method", "INVITE sip:a@b SIP/2.0\r\n", 400},
    {"7.1 no version", "FOO sip:a@b\r\n", 400},
    {"nothing", "", 400},
};

START_TEST(unparsed_status) {
    int status = sip_unparsed_status(str_of(unparsed[_i].bytes));

    ck_assert_msg(status == unparsed[_i].status, "%s: %d", unparsed[_i].rule, status);
}
END_TEST

int main(void) {
    Suite *s = suite_create("sip_check");
    TCase *t = tcase_create("faults");

    tcase_add_loop_test(t, fault_in_a_datagram, 0, sizeof faults / sizeof faults[0]);
    tcase_add_loop_test(t, fault_on_a_stream, 0, sizeof faults / sizeof faults[0]);
    tcase_add_loop_test(t, size, 0, sizeof sizes / sizeof sizes[0]);
    tcase_add_loop_test(t, require, 0, sizeof required / sizeof required[0]);
    tcase_add_loop_test(t, unparsed_status, 0, sizeof unparsed / sizeof unparsed[0]);
    suite_add_tcase(s, t);
    return suite_run(s);
}
