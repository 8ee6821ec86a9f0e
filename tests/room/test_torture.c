/*
 * The messages of RFC 4475 and RFC 5118 through the whole engine, as datagrams and as streams. Each row says exactly
 * what leaves; ORACLE.tsv beside the messages says what may, and every message of it must have its row here.
 */
#include <stdio.h>

#include "b2bua/core/derive.h"
#include "tests/room/bed_engine.h"
#include "tests/suite.h"

#define VECTORS "tests/vectors/"

enum { BYTES_MAX = 65536, LEFT_MAX = 200 };

/* What leaves, in order: statuses to the sender, the names of requests to the target; "" = nothing. A stream that then
 * waits for more bytes says "...", one that is closed "x". */
struct row {
    const char *rfc, *name, *rule, *udp, *tcp;
    const char *must, *never; /* stands in what leaves last, or nowhere in what leaves; NULL: no more is asked */
};

static const struct row rows[] = {
    {"rfc4475", "wsinv", "3.1.1.1 blanks and folding everywhere are right; its To tag names no dialog of ours (12.2.2)",
     .udp = "481", .tcp = "481", .must = "\r\ncseq: 0009\r\n  INVITE\r\n"},
    {"rfc4475", "intmeth", "3.1.1.2 a method of odd tokens is unknown, not wrong; NUL in a quoted pair comes back",
     .udp = "501", .tcp = "501"},
    {"rfc4475", "esc01", "3.1.1.3 an escaped scheme in the user is the user's", .udp = "100 INVITE",
     .tcp = "100 INVITE", .must = "INVITE sip:sips%3Auser%40example.com@"},
    {"rfc4475", "escnull", "3.1.1.4 %00 does not end a user", .udp = "403", .tcp = "403",
     .must = "\r\nTo: sip:null-%00-null@example.com;tag="},
    {"rfc4475", "esc02", "3.1.1.5 an escaped method is another method", .udp = "501", .tcp = "501"},
    {"rfc4475", "lwsdisp", "3.1.1.6 no blank before <", .udp = "200", .tcp = "200"},
    {"rfc4475", "longreq", "3.1.1.7 long, and right", .udp = "100 INVITE", .tcp = "100 INVITE",
     .must = "-Name: unknown-longlong"},
    {"rfc4475", "dblreq",
     "3.1.1.8 a datagram ends with its Content-Length; a stream goes on (the INVITE there has no Contact)",
     .udp = "403", .tcp = "403 400 x"},
    {"rfc4475", "semiuri", "3.1.1.9 a semicolon before @ is the user's", .udp = "200", .tcp = "200"},
    {"rfc4475", "transports", "3.1.1.10 transports of lower Vias are not ours to judge", .udp = "200", .tcp = "200",
     .must = "\r\nVia: SIP/2.0/UNKNOWN t4.example.com;branch=z9hG4bKasd0f3en\r\n"},
    {"rfc4475", "mpart01", "3.1.1.11 NUL and CR in a multipart body", .udp = "405", .tcp = "405",
     .must = "\r\nAllow: "},
    {"rfc4475", "unreason", "3.1.1.12 a stray response, odd reason", .udp = "", .tcp = ""},
    {"rfc4475", "noreason", "3.1.1.13 a stray response, no reason", .udp = "", .tcp = ""},
    {"rfc4475", "badinv01", "3.1.2.1 separators without anything between", .udp = "400", .tcp = "400"},
    {"rfc4475", "clerr", "3.1.2.2 Content-Length beyond the datagram; a stream waits for the rest", .udp = "400",
     .tcp = "..."},
    {"rfc4475", "ncl", "3.1.2.3 negative Content-Length", .udp = "400", .tcp = "400 x"},
    {"rfc4475", "scalar02", "3.1.2.4 numbers out of range in a request", .udp = "400", .tcp = "400",
     .must = "\r\nCSeq: 36893488147419103232 REGISTER\r\n"},
    {"rfc4475", "scalarlg", "3.1.2.5 numbers out of range in a response", .udp = "", .tcp = ""},
    {"rfc4475", "quotbal", "3.1.2.6 a quoted string without end", .udp = "400", .tcp = "400",
     .must = "\r\nTo: \"Mr. J. User <sip:j.user@example.com>"},
    {"rfc4475", "ltgtruri", "3.1.2.7 Request-URI in angle brackets", .udp = "400", .tcp = "400"},
    {"rfc4475", "lwsruri", "3.1.2.8 blank in the Request-URI", .udp = "400", .tcp = "400"},
    {"rfc4475", "lwsstart", "3.1.2.9 two blanks in the request line may be one", .udp = "100 INVITE",
     .tcp = "100 INVITE", .must = "INVITE sip:user@"},
    {"rfc4475", "trws", "3.1.2.10 blanks after the request line", .udp = "200", .tcp = "200"},
    {"rfc4475", "escruri", "3.1.2.11 headers in the Request-URI become nothing", .udp = "100 INVITE",
     .tcp = "100 INVITE", .never = "Route"},
    {"rfc4475", "baddate", "3.1.2.12 a wrong zone in Date is for who reads it", .udp = "100 INVITE",
     .tcp = "100 INVITE", .must = "\r\nDate: Fri, 01 Jan 2010 16:00:00 EST\r\n"},
    {"rfc4475", "regbadct", "3.1.2.13 ? in a Contact without brackets", .udp = "400", .tcp = "400"},
    {"rfc4475", "badaspec", "3.1.2.14 blanks within <>", .udp = "400", .tcp = "400"},
    {"rfc4475", "baddn",
     "3.1.2.15 a comma in a display name without quotes (the archive's file ends before its empty line)", .udp = "400",
     .tcp = "..."},
    {"rfc4475", "badvers", "3.1.2.16 SIP/7.0", .udp = "505", .tcp = "505"},
    {"rfc4475", "mismatch01", "3.1.2.17 OPTIONS with CSeq of an INVITE", .udp = "400", .tcp = "400"},
    {"rfc4475", "mismatch02", "3.1.2.18 an unknown method with CSeq of an INVITE", .udp = "400", .tcp = "400"},
    {"rfc4475", "bigcode", "3.1.2.19 a status code beyond 32 bits", .udp = "", .tcp = ""},
    {"rfc4475", "badbranch", "3.2.1 a branch that is the cookie alone", .udp = "200", .tcp = "200"},
    {"rfc4475", "insuf", "3.3.1 no From, To, Call-ID", .udp = "400", .tcp = "400"},
    {"rfc4475", "unkscm", "3.3.2 unknown scheme in the Request-URI", .udp = "416", .tcp = "416"},
    {"rfc4475", "novelsc", "3.3.3 known scheme, not SIP's", .udp = "416", .tcp = "416"},
    {"rfc4475", "unksm2", "3.3.4 unknown schemes in To and Contact", .udp = "403", .tcp = "403",
     .must = "\r\nTo: isbn:2983792873;tag="},
    {"rfc4475", "bext01", "3.3.5 unknown option tags", .udp = "420", .tcp = "420",
     .must = "\r\nUnsupported: nothingSupportsThis, nothingSupportsThisEither"},
    {"rfc4475", "invut", "3.3.6 an unknown body crosses", .udp = "100 INVITE", .tcp = "100 INVITE",
     .must = "\r\nContent-Type: application/unknownformat\r\nContent-Length: 40\r\n\r\n<audio>\r\n <pcmu "
             "port=\"443\"/>\r\n</audio>\r\n"},
    {"rfc4475", "regaut01", "3.3.7 unknown authorization scheme; we register nobody", .udp = "403", .tcp = "403"},
    {"rfc4475", "multi01", "3.3.8 single headers twice", .udp = "400", .tcp = "400"},
    {"rfc4475", "mcl01", "3.3.9 Content-Length twice, not the same", .udp = "400", .tcp = "400 x"},
    {"rfc4475", "bcast", "3.3.10 a response whose second Via is a broadcast address", .udp = "", .tcp = ""},
    {"rfc4475", "zeromf", "3.3.11 Max-Forwards 0", .udp = "483", .tcp = "483"},
    {"rfc4475", "cparam01", "3.3.12 unknown Contact header parameter", .udp = "403", .tcp = "403"},
    {"rfc4475", "cparam02", "3.3.13 unknown Contact URI parameter", .udp = "403", .tcp = "403"},
    {"rfc4475", "regescrt", "3.3.14 a Route in a Contact URI", .udp = "403", .tcp = "403", .never = "Route"},
    {"rfc4475", "sdp01", "3.3.15 Accept is for the callee", .udp = "100 INVITE", .tcp = "100 INVITE",
     .must = "\r\nAccept: text/nobodyKnowsThis\r\n"},
    {"rfc4475", "inv2543", "3.4.1 an INVITE of RFC 2543; a stream cannot go on without Content-Length (18.3)",
     .udp = "100 INVITE", .tcp = "400 x"},
    {"rfc4475", "test", "in no section: no Via, so nowhere to answer", .udp = "", .tcp = ""},
    {"rfc5118", "ipv6-good", "4.1 IPv6 in Request-URI, Via, Contact", .udp = "403", .tcp = "403"},
    {"rfc5118", "ipv6-bad", "4.2 IPv6 without brackets in the Request-URI", .udp = "400", .tcp = "400"},
    {"rfc5118", "port-ambiguous", "4.3 all within the brackets is the address", .udp = "403", .tcp = "403"},
    {"rfc5118", "port-unambiguous", "4.4 a port behind the brackets", .udp = "403", .tcp = "403"},
    {"rfc5118", "via-received-param-with-delim", "4.5 received in brackets", .udp = "481", .tcp = "481"},
    {"rfc5118", "via-received-param-no-delim", "4.5 received without brackets", .udp = "200", .tcp = "200"},
    {"rfc5118", "ipv6-in-sdp", "4.6 the body crosses", .udp = "100 INVITE", .tcp = "100 INVITE",
     .must = "\r\nc=IN IP6 2001:db8::20\r\n"},
    {"rfc5118", "mult-ip-in-header", "4.7 Vias of both families", .udp = "481", .tcp = "481",
     .must = "\r\nVia: SIP/2.0/TCP [2001:db8::9:255];branch=z9hG4bK451jj;received=192.0.2.200\r\n"},
    {"rfc5118", "mult-ip-in-sdp", "4.8 a body of both families crosses", .udp = "100 INVITE", .tcp = "100 INVITE",
     .must = "\r\nc=IN IP4 192.0.2.1\r\nm=video 6024 RTP/AVP 107\r\nc=IN IP6 2001:db8::1\r\n"},
    {"rfc5118", "ipv4-mapped-ipv6", "4.9 IPv4 in IPv6", .udp = "100 INVITE", .tcp = "100 INVITE",
     .must = "\r\nc=IN IP6 ::ffff:192.0.2.2\r\n"},
    {"rfc5118", "ipv6-bug-abnf-3-colons", "4.10 three colons, from the grammar's error, are borne", .udp = "200",
     .tcp = "200", .must = "\r\nTo: sip:user@[2001:db8:::192.0.2.1];tag="},
    {"rfc5118", "ipv6-correct-abnf-2-colons", "4.10 two colons", .udp = "200", .tcp = "200",
     .must = "\r\nTo: sip:user@[2001:db8::192.0.2.1];tag="},
};

static struct str read_file(const char *path) {
    FILE *f = fopen(path, "rb");
    char *bytes = mem_alloc(BYTES_MAX);

    ck_assert_msg(f != NULL, "%s: cannot be opened", path);
    size_t n = fread(bytes, 1, BYTES_MAX, f);
    fclose(f);
    ck_assert_msg(n > 0 && n < BYTES_MAX, "%s: %zu bytes", path, n);
    return (struct str){bytes, n};
}

static struct str message_of(const struct row *r) {
    char path[100];
    bool wire = strcmp(r->rfc, "rfc5118") == 0;

    snprintf(path, sizeof path, VECTORS "%s/%s%s%s", r->rfc, wire ? "wire/" : "", r->name, wire ? ".sip" : ".dat");
    return read_file(path);
}

static bool is_response(struct str text) {
    return text.n > 12 && memcmp(text.p, "SIP/2.0 ", 8) == 0;
}

static void put_word(struct sbuf *out, struct str word) {
    if (out->n > 0)
        sbuf_putc(out, ' ');
    sbuf_put(out, word);
}

/* What left, as rows say it. */
static void describe(const struct bed_engine *b, struct sbuf *out) {
    for (int i = 0; i < b->sent_count; i++) {
        struct str text = b->sent[i].text;
        put_word(out, is_response(text) ? (struct str){text.p + 8, 3} : (struct str){text.p, str_find(text, ' ')});
    }
}

/* RFC 3261 8.2.6.2: From, Call-ID, CSeq and the top Via's branch come back to the byte. */
static void check_echo(const struct row *r, struct str request, struct str response) {
    static const struct {
        struct str name;
        char compact;
    } repeated[] = {{{"From", 4}, 'f'}, {{"Call-ID", 7}, 'i'}, {{"CSeq", 4}, 0}};

    for (size_t i = 0; i < sizeof repeated / sizeof repeated[0]; i++) {
        struct str name = repeated[i].name;
        struct str sent = derive_header(request, name, repeated[i].compact);
        struct str back = derive_header(response, name, repeated[i].compact);
        ck_assert_msg(str_eq(sent, back), "%s: %s: %.*s became %.*s", r->name, name.p, (int)sent.n, sent.p, (int)back.n,
                      back.p);
    }
    ck_assert_msg(str_eq(frame_branch(request), frame_branch(response)), "%s: another branch", r->name);
}

static bool contains(struct str text, const char *part) {
    return part == NULL || (text.n > 0 && memmem(text.p, text.n, part, strlen(part)) != NULL);
}

static void check_texts(const struct row *r, const struct bed_engine *b, struct str request) {
    for (int i = 0; i < b->sent_count; i++) {
        struct str text = b->sent[i].text;
        if (is_response(text) && i == 0)
            check_echo(r, request, text);
        ck_assert_msg(r->never == NULL || !contains(text, r->never), "%s: %s leaves: %.*s", r->name, r->never,
                      (int)text.n, text.p);
    }
    struct str last = b->sent_count > 0 ? b->sent[b->sent_count - 1].text : STR_NONE;
    ck_assert_msg(contains(last, r->must), "%s: no %s in %.*s", r->name, r->must, (int)last.n, last.p);
}

static void check_row(const struct row *r, enum flow_proto proto) {
    const char *expected = proto == FLOW_UDP ? r->udp : r->tcp;
    struct str bytes = message_of(r);
    struct bed_engine b;
    char left[LEFT_MAX];
    struct sbuf out = sbuf_on(left, sizeof left - 1);

    bed_engine_open(&b);
    enum frame_kind end = FRAME_SIP;
    if (proto == FLOW_UDP)
        bed_datagram(&b, bytes);
    else
        end = bed_stream(&b, bytes);
    describe(&b, &out);
    if (end != FRAME_SIP)
        put_word(&out, str_of(end == FRAME_MORE ? "..." : "x"));
    left[out.n] = '\0';
    ck_assert_msg(strcmp(left, expected) == 0, "%s: %s: %s: expected \"%s\", got \"%s\"", flow_proto_name(proto),
                  r->name, r->rule, expected, left);
    check_texts(r, &b, bytes);
    free((char *)bytes.p);
    bed_engine_close(&b);
}

START_TEST(by_udp) {
    check_row(&rows[_i], FLOW_UDP);
}
END_TEST

START_TEST(by_tcp) {
    check_row(&rows[_i], FLOW_TCP);
}
END_TEST

/* RFC 3261 7: without the empty line it is no message, wherever it was cut; what is read stays within the cut. */
START_TEST(cut_anywhere) {
    struct str bytes = message_of(&rows[_i]);
    const char *end = memmem(bytes.p, bytes.n, "\r\n\r\n", 4);
    size_t head = end == NULL ? bytes.n + 1 : (size_t)(end - bytes.p) + 4;
    struct flow from = {.proto = FLOW_UDP, .peer = bed_ip(BED_CALLER)};

    sip_init();
    for (size_t n = 0; n < bytes.n; n++) {
        struct str cut = {mem_alloc(n > 0 ? n : 1), n};
        struct sip_msg m;
        struct sip_fault fault;
        memcpy((char *)cut.p, bytes.p, n);
        int parsed = sip_parse(&m, cut);
        ck_assert_msg(parsed < 0 || n >= head, "%s: %zu bytes are taken for a message", rows[_i].name, n);
        if (parsed == 0)
            ck_assert_msg(sip_check(&m, true, &fault) < 0 || m.body.n <= n - head, "%s: body at %zu", rows[_i].name, n);
        free(sip_echo_raw(cut, &from));
        sip_fini(&m);
        free((char *)cut.p);
    }
    free((char *)bytes.p);
}
END_TEST

/* RFC 3261 21.5.7: what is too long is answered from its head, and the stream cannot go on. */
START_TEST(too_long_for_the_limit) {
    struct row r = {.rfc = "rfc4475", .name = "longreq"};
    struct str bytes = message_of(&r);
    struct bed_engine b;

    bed_engine_open(&b);
    b.s->security.max_message_bytes = (int)bytes.n - 1;
    ck_assert_int_eq(bed_stream(&b, bytes), FRAME_TOO_BIG);
    ck_assert_int_eq(b.sent_count, 1);
    ck_assert_msg(contains(b.sent[0].text, "SIP/2.0 513 "), "%.*s", (int)b.sent[0].text.n, b.sent[0].text.p);
    check_echo(&r, bytes, b.sent[0].text);
    free((char *)bytes.p);
    bed_engine_close(&b);
}
END_TEST

static bool has_row(const char *rfc, struct str name) {
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (strcmp(rows[i].rfc, rfc) == 0 && str_eq(str_of(rows[i].name), name))
            return true;
    return false;
}

START_TEST(each_message_of_the_oracle_has_a_row) {
    const char *const rfcs[] = {"rfc4475", "rfc5118"};
    char path[100];

    snprintf(path, sizeof path, VECTORS "%s/ORACLE.tsv", rfcs[_i]);
    struct str text = read_file(path), rest = text;
    while (rest.n > 0) {
        struct str line = {rest.p, str_find(rest, '\n')};
        struct str name = {line.p, str_find(line, '\t')};
        ck_assert_msg(rest.p == text.p || has_row(rfcs[_i], name), "%.*s has no row", (int)name.n, name.p);
        size_t next = line.n < rest.n ? line.n + 1 : rest.n;
        rest = (struct str){rest.p + next, rest.n - next};
    }
    free((char *)text.p);
}
END_TEST

int main(void) {
    Suite *s = suite_create("torture");
    TCase *t = tcase_create("messages");
    int count = sizeof rows / sizeof rows[0];

    tcase_add_loop_test(t, by_udp, 0, count);
    tcase_add_loop_test(t, by_tcp, 0, count);
    tcase_add_loop_test(t, cut_anywhere, 0, count);
    tcase_add_test(t, too_long_for_the_limit);
    tcase_add_loop_test(t, each_message_of_the_oracle_has_a_row, 0, 2);
    suite_add_tcase(s, t);
    return suite_run(s);
}
