/* What a peer says: it fills in what a SIP element has to know, the step says the rest. */
#include <stdio.h>
#include <stdlib.h>

#include "tests/scenario/scenario.h"

const char *words_get(const struct words *words, const char *key) {
    size_t n = strlen(key);

    for (int i = 1; i < words->count; i++) {
        const char *at = words->at[i];
        if (strncmp(at, key, n) == 0 && (at[n] == '=' || at[n] == '\0'))
            return at[n] == '=' ? at + n + 1 : "";
    }
    return NULL;
}

const char *words_or(const struct words *words, const char *key, const char *standard) {
    const char *value = words_get(words, key);

    return value == NULL ? standard : value;
}

enum flow_proto say_proto(const struct words *words) {
    return strcmp(words_or(words, "proto", "udp"), "tcp") == 0 ? FLOW_TCP : FLOW_UDP;
}

/* "N" or "N,direction". The version in the origin rises with each message, whether anything else changed or not. */
static const char *description(struct world *w, const struct peer *p, const char *variant) {
    int number = variant[0] == '\0' ? 1 : (int)strtol(variant, NULL, 10);
    const char *comma = strchr(variant, ',');

    return scrap_print(&w->scrap,
                       "v=0\r\no=orig%s 7 %u IN IP4 %s\r\ns=-\r\nc=IN IP4 %s\r\nt=0 0\r\nm=audio %d RTP/AVP 0 8\r\n"
                       "a=rtpmap:0 PCMU/8000\r\na=%s\r\n",
                       p->name, w->serial, p->ip, p->ip, 40000 + 2 * number, comma == NULL ? "sendrecv" : comma + 1);
}

/* The end of the head and the body. */
const char *say_tail(struct world *w, const struct peer *p, const struct words *words) {
    const char *extra = "", *sdp = words_get(words, "sdp"), *big = words_get(words, "big"), *body = "";

    for (int i = 1; i < words->count; i++)
        if (strncmp(words->at[i], "h=", 2) == 0)
            extra = scrap_print(&w->scrap, "%s%s\r\n", extra, words->at[i] + 2);
    if (big != NULL)
        extra = scrap_print(&w->scrap, "%sX-Big: %0*d\r\n", extra, text_number(big), 0);
    if (words_get(words, "body") != NULL)
        body = words_get(words, "body");
    if (sdp != NULL) {
        extra = scrap_print(&w->scrap, "%sContent-Type: application/sdp\r\n", extra);
        body = description(w, p, sdp);
    }
    return scrap_print(&w->scrap, "%sContent-Length: %zu\r\n\r\n%s", extra, strlen(body), body);
}

void say_bytes(struct world *w, struct peer *p, enum flow_proto proto, const char *bytes) {
    if (text_status(bytes) == 0)
        lasts_put(&p->said, text_method(&w->scrap, bytes), bytes);
    p->last_said = bytes;
    world_deliver(w, p, proto, bytes);
}

/* --- requests --- */

const char *say_contact(struct world *w, const struct peer *p, const struct words *words) {
    if (words_get(words, "nocontact") != NULL)
        return "";
    return scrap_print(&w->scrap, "Contact: <%s>\r\n",
                       words_or(words, "contact", scrap_print(&w->scrap, "sip:ct%s@%s:5060", p->name, p->ip)));
}

/* CANCEL, and the ACK to a failure: of the INVITE's transaction (RFC 3261 9.1, 17.1.1.3). */
static const char *of_invite(struct world *w, struct peer *p, const struct words *words, const char *to) {
    const char *invite = lasts_get(&p->said, "INVITE");
    const char *via = text_header(&w->scrap, invite, "Via");
    const char *sent_by = words_get(words, "via");

    if (sent_by != NULL)
        via = scrap_print(&w->scrap, "SIP/2.0/UDP %s;branch=%s", sent_by, text_branch(&w->scrap, invite));
    return scrap_print(&w->scrap,
                       "%s %.*s SIP/2.0\r\nVia: %s\r\nMax-Forwards: 70\r\nFrom: %s\r\nTo: %s\r\nCall-ID: %s\r\n"
                       "CSeq: %u %s\r\n%s",
                       words->at[0], (int)strcspn(invite + 7, " "), invite + 7, via,
                       text_header(&w->scrap, invite, "From"), to, text_header(&w->scrap, invite, "Call-ID"),
                       text_cseq(&w->scrap, invite), words->at[0], say_tail(w, p, words));
}

/* A user alone is one at that address. */
static const char *party(struct world *w, const char *who, const char *ip) {
    return strchr(who, '<') != NULL ? who : scrap_print(&w->scrap, "<sip:%s@%s>", who, ip);
}

static void new_call(struct world *w, struct peer *p, const struct words *words) {
    p->call_id = scrap_print(&w->scrap, "cid%s%u@%s", p->name, ++w->serial, p->ip);
    p->local_tag = scrap_print(&w->scrap, "tag%s%u", p->name, w->serial);
    p->local = party(w, words_or(words, "from", "1001"), p->ip);
    p->remote = party(w, words_or(words, "to", "2002"), words_or(words, "at", p->our_ip));
    p->side_count = p->current = 0;
    p->cseq = 0;
    p->final = p->reliable = NULL;
}

/* The CSeq of the request, and of the next one. */
static unsigned take_cseq(struct peer *p, struct side *s, const struct words *words) {
    const char *given = words_get(words, "cseq");
    unsigned *counter = s != NULL ? &s->cseq : &p->cseq;

    if (given != NULL)
        return (unsigned)text_number(given);
    return ++*counter;
}

static const char *rack(struct world *w, const struct peer *p, const struct words *words) {
    const char *given = words_get(words, "rack");

    if (strcmp(words->at[0], "PRACK") != 0)
        return "";
    if (given != NULL)
        return scrap_print(&w->scrap, "RAck: %s\r\n", given);
    if (p->reliable == NULL)
        return "";
    return scrap_print(&w->scrap, "RAck: %s %s\r\n", text_header(&w->scrap, p->reliable, "RSeq"),
                       text_header(&w->scrap, p->reliable, "CSeq"));
}

static bool has_contact(const char *method) {
    static const char *const without[] = {"ACK", "BYE", "PRACK", "CANCEL"};

    for (size_t i = 0; i < sizeof without / sizeof without[0]; i++)
        if (strcmp(method, without[i]) == 0)
            return false;
    return true;
}

/* An ACK to a 2xx has the CSeq of its INVITE. */
static unsigned ack_cseq(struct world *w, const struct peer *p, const struct words *words) {
    const char *given = words_get(words, "cseq"), *invite = lasts_get(&p->said, "INVITE");

    if (given != NULL)
        return (unsigned)text_number(given);
    return invite == NULL ? 1 : text_cseq(&w->scrap, invite);
}

static const char *branch(struct world *w, const struct peer *p, const struct words *words) {
    const char *last = lasts_get(&p->said, words->at[0]);

    if (words_get(words, "branch") != NULL && last != NULL)
        return text_branch(&w->scrap, last);
    return scrap_print(&w->scrap, "z9hG4bKbr%s%u", p->name, ++w->serial);
}

static void say_request(struct world *w, struct peer *p, const struct words *words) {
    const char *method = words->at[0];
    struct side *s = words_get(words, "new") != NULL ? NULL : peer_side(w, p, words_get(words, "fork"));
    bool is_ack = strcmp(method, "ACK") == 0;

    if (s == NULL && (p->call_id == NULL || words_get(words, "new") != NULL ||
                      (strcmp(method, "INVITE") == 0 && words_get(words, "same") == NULL)))
        new_call(w, p, words);
    w->serial++;
    if (p->local_tag == NULL) /* it was called, and has not answered yet */
        p->local_tag = scrap_print(&w->scrap, "tag%s%u", p->name, w->serial);
    const char *to_tag = words_or(words, "totag", s != NULL && s->remote_tag != NULL ? s->remote_tag : "");
    const char *from_tag = words_or(words, "fromtag", s != NULL && s->local_tag != NULL ? s->local_tag : p->local_tag);
    const char *standard_uri = scrap_print(&w->scrap, "sip:%s@%s:5060", words_or(words, "to", "2002"), p->our_ip);
    const char *uri = words_or(words, "ruri", s != NULL && s->target != NULL ? s->target : standard_uri);
    unsigned cseq = is_ack ? ack_cseq(w, p, words) : take_cseq(p, s, words);
    const char *via = words_or(words, "via", scrap_print(&w->scrap, "%s:5060", p->ip));
    const char *head = scrap_print(
        &w->scrap,
        "%s %s SIP/2.0\r\nVia: SIP/2.0/%s %s;branch=%s;rport\r\nMax-Forwards: %s\r\nFrom: %s;tag=%s\r\n"
        "To: %s%s%s\r\nCall-ID: %s\r\nCSeq: %u %s\r\n%s%s",
        method, uri, flow_proto_name(say_proto(words)), via, branch(w, p, words), words_or(words, "maxfwd", "70"),
        p->local, from_tag, p->remote, to_tag[0] == '\0' ? "" : ";tag=", to_tag, words_or(words, "callid", p->call_id),
        cseq, method, has_contact(method) ? say_contact(w, p, words) : "", rack(w, p, words));
    say_bytes(w, p, say_proto(words), scrap_print(&w->scrap, "%s%s", head, say_tail(w, p, words)));
}

/* --- what the step says --- */

static void say_again(struct world *w, struct peer *p, const struct words *words) {
    const char *bytes = words->count > 1 ? lasts_get(&p->said, words->at[1]) : p->last_said;

    if (bytes == NULL)
        cannot(w, "%s has said nothing like that", p->name);
    else
        world_deliver(w, p, say_proto(words), bytes);
}

static bool answers_failure(struct world *w, const struct peer *p, const struct words *words) {
    const char *invite = lasts_get(&p->said, "INVITE");

    return strcmp(words->at[0], "ACK") == 0 && p->final != NULL && text_status(p->final) >= 300 && invite != NULL &&
           text_cseq(&w->scrap, p->final) == text_cseq(&w->scrap, invite) && words_get(words, "cseq") == NULL;
}

void say(struct world *w, struct peer *p, const struct words *words) {
    const char *invite = lasts_get(&p->said, "INVITE");

    if (strcmp(words->at[0], "again") == 0)
        say_again(w, p, words);
    else if (words->at[0][0] >= '1' && words->at[0][0] <= '6')
        say_response(w, p, words);
    else if (strcmp(words->at[0], "REGISTER") == 0 && words_get(words, "dialog") == NULL)
        say_register(w, p, words);
    else if (strcmp(words->at[0], "CANCEL") == 0 && invite != NULL)
        say_bytes(w, p, say_proto(words), of_invite(w, p, words, text_header(&w->scrap, invite, "To")));
    else if (answers_failure(w, p, words))
        say_bytes(w, p, say_proto(words), of_invite(w, p, words, text_header(&w->scrap, p->final, "To")));
    else
        say_request(w, p, words);
}

/* Lines as they stand; "body" counts itself only where the text says so. */
void say_raw(struct world *w, struct peer *p, const char *text) {
    say_bytes(w, p, FLOW_UDP, text);
}
