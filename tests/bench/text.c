#include "tests/bench/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char SDP[] =
    "v=0\r\no=- 28908445 28908445 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    "m=audio 40000 RTP/AVP 8 0 9 101\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\n"
    "a=rtpmap:9 G722/8000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\na=ptime:20\r\n"
    "a=sendrecv\r\n";

/* What an INVITE of a carrier typically brings along. */
static const char USUAL[] = "P-Asserted-Identity: \"Bench\" <sip:+13105550100@carrier.example.net;user=phone>\r\n"
                            "Privacy: none\r\nP-Charging-Vector: icid-value=\"5e60718293a4b5c6\"\r\n"
                            "X-Trunk-Group: east-07\r\nSupported: timer\r\nUser-Agent: callgen\r\n"
                            "Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, INFO, PRACK\r\n"
                            "Accept: application/sdp\r\nContent-Type: application/sdp\r\n";

/* Appends; `at` never passes the end of the message buffer that it belongs to. */
__attribute__((format(printf, 3, 4))) static size_t put(char *out, size_t at, const char *format, ...) {
    va_list args;
    va_start(args, format);
    int n = vsnprintf(out + at, TEXT_MESSAGE_MAX - at, format, args);
    va_end(args);
    size_t end = at + (n > 0 ? (size_t)n : 0);
    return end < TEXT_MESSAGE_MAX ? end : TEXT_MESSAGE_MAX - 1;
}

static int is_named(struct span line, const char *name, char compact) {
    size_t n = strlen(name);
    if (line.size > n && line.at[n] == ':' && strncasecmp(line.at, name, n) == 0)
        return 1;
    return line.size > 2 && line.at[1] == ':' && (line.at[0] | 0x20) == compact;
}

static void keep(struct message *m, struct span line) {
    if (is_named(line, "Via", 'v') && m->vias < TEXT_LINES_MAX)
        m->via[m->vias++] = line;
    else if (is_named(line, "Record-Route", '\0') && m->record_routes < TEXT_LINES_MAX)
        m->record_route[m->record_routes++] = line;
    else if (is_named(line, "From", 'f'))
        m->from = line;
    else if (is_named(line, "To", 't'))
        m->to = line;
    else if (is_named(line, "Call-ID", 'i'))
        m->call_id = line;
    else if (is_named(line, "CSeq", '\0'))
        m->cseq = line;
    else if (is_named(line, "Contact", 'm'))
        m->contact = line;
}

void text_parse(const char *bytes, size_t size, struct message *out) {
    const char *end = bytes + size;
    memset(out, 0, sizeof *out);
    for (const char *at = bytes; at < end;) {
        const char *stop = memchr(at, '\r', (size_t)(end - at));
        if (!stop || stop == at)
            break;
        struct span line = {at, (size_t)(stop - at)};
        if (at == bytes)
            out->start = line;
        else
            keep(out, line);
        at = stop + 2;
    }
    if (out->start.size > 12 && memcmp(out->start.at, "SIP/2.0 ", 8) == 0)
        out->status = (int)strtol(out->start.at + 8, NULL, 10);
}

long text_number_after(struct span line, const char *mark) {
    const char *found = line.at ? memmem(line.at, line.size, mark, strlen(mark)) : NULL;
    return found ? strtol(found + strlen(mark), NULL, 10) : -1;
}

/* What is between < and > of a line, else all after the colon. */
static struct span uri_of(struct span line) {
    const char *from = line.size ? memchr(line.at, '<', line.size) : NULL;
    const char *to = from ? memchr(from, '>', line.size - (size_t)(from - line.at)) : NULL;
    return to ? (struct span){from + 1, (size_t)(to - from - 1)} : (struct span){"", 0};
}

void dialog_learn(struct dialog *out, const struct message *answer) {
    char routes[TEXT_MESSAGE_MAX] = "";
    size_t at = 0;
    for (size_t n = answer->record_routes; n-- > 0;) {
        const char *value = memchr(answer->record_route[n].at, ':', answer->record_route[n].size);
        size_t skip = (size_t)(value - answer->record_route[n].at);
        at = put(routes, at, "Route%.*s\r\n", (int)(answer->record_route[n].size - skip), value);
    }
    struct span target = uri_of(answer->contact);
    dialog_free(out);
    out->target = strndup(target.at, target.size);
    out->routes = strdup(routes);
    out->to = strndup(answer->to.at ? answer->to.at : "", answer->to.size);
}

void dialog_free(struct dialog *d) {
    free(d->target);
    free(d->routes);
    free(d->to);
    *d = (struct dialog){0};
}

size_t text_invite(char *out, const struct run *run, unsigned call) {
    size_t at = put(out, 0,
                    "INVITE sip:9%07u@%s SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:%u;branch=z9hG4bK-%u-%u-1;rport\r\n"
                    "Max-Forwards: 70\r\nFrom: \"Bench\" <sip:+13105550100@127.0.0.1:%u>;tag=c%u\r\n"
                    "To: <sip:9%07u@%s>\r\nCall-ID: %u-%u@127.0.0.1\r\nCSeq: 1 INVITE\r\n",
                    call, run->target, run->caller_port, call, run->id, run->caller_port, call, call, run->target, call,
                    run->id);
    if (run->session_s)
        at = put(out, at, "Session-Expires: %u;refresher=uas\r\nMin-SE: 90\r\n", run->session_s);
    return put(out, at, "Contact: <sip:bench@127.0.0.1:%u>\r\n%sContent-Length: %zu\r\n\r\n%s", run->caller_port, USUAL,
               sizeof SDP - 1, SDP);
}

size_t text_in_dialog(char *out, const struct run *run, unsigned call, const struct dialog *d, const char *method,
                      unsigned cseq) {
    return put(out, 0,
               "%s %s SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:%u;branch=z9hG4bK-%u-%u-%c;rport\r\nMax-Forwards: 70\r\n"
               "%sFrom: \"Bench\" <sip:+13105550100@127.0.0.1:%u>;tag=c%u\r\n%s\r\nCall-ID: %u-%u@127.0.0.1\r\n"
               "CSeq: %u %s\r\nContent-Length: 0\r\n\r\n",
               method, d->target, run->caller_port, call, run->id, method[0], d->routes, run->caller_port, call, d->to,
               call, run->id, cseq, method);
}

/* Start line and what a response takes from its request, up to the To without its end. */
static size_t echo(char *out, const struct message *request, const char *status) {
    size_t at = put(out, 0, "SIP/2.0 %s\r\n", status);
    for (size_t n = 0; n < request->vias; n++)
        at = put(out, at, "%.*s\r\n", (int)request->via[n].size, request->via[n].at);
    for (size_t n = 0; n < request->record_routes; n++)
        at = put(out, at, "%.*s\r\n", (int)request->record_route[n].size, request->record_route[n].at);
    return put(out, at, "%.*s\r\n%.*s\r\n%.*s\r\n%.*s", (int)request->call_id.size, request->call_id.at,
               (int)request->cseq.size, request->cseq.at, (int)request->from.size, request->from.at,
               (int)request->to.size, request->to.at);
}

/* A 2xx that says: you go on refreshing (RFC 4028 section 9). */
static size_t timer(char *out, size_t at, const struct run *run) {
    if (!run->session_s)
        return at;
    return put(out, at, "Supported: timer\r\nRequire: timer\r\nSession-Expires: %u;refresher=uac\r\n", run->session_s);
}

static size_t close_with(char *out, size_t at, int with_sdp) {
    if (!with_sdp)
        return put(out, at, "Content-Length: 0\r\n\r\n");
    return put(out, at,
               "Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, INFO\r\nContent-Type: application/sdp\r\n"
               "Content-Length: %zu\r\n\r\n%s",
               sizeof SDP - 1, SDP);
}

size_t text_response(char *out, const struct run *run, unsigned call, const struct message *request, const char *status,
                     int with_sdp) {
    size_t at = echo(out, request, status);
    if (status[0] != '1' || status[1] != '0')
        if (text_number_after(request->to, ";tag=s") < 0)
            at = put(out, at, ";tag=s%u", call);
    at = put(out, at, "\r\nContact: <sip:callee@127.0.0.1:%u>\r\n", run->callee_port);
    return close_with(out, with_sdp ? timer(out, at, run) : at, with_sdp);
}

size_t text_refreshed(char *out, const struct run *run, unsigned port, const struct message *request, int with_sdp) {
    size_t at = echo(out, request, "200 OK");
    at = put(out, at, "\r\nContact: <sip:bench@127.0.0.1:%u>\r\n", port);
    return close_with(out, timer(out, at, run), with_sdp);
}
