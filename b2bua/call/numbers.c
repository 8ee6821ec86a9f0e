/* What a dial plan asks of a message, and the numbers that leave to leg B. */
#include "b2bua/call/impl.h"

static bool next_header(const void *message, struct str name, const void **cursor, struct str *value) {
    return sip_header_next(message, name, cursor, value);
}

void numbers_facts(const struct sip_msg *m, int trunk, struct numbers_room *room, struct route_facts *out) {
    *out = (struct route_facts){.trunk = trunk,
                                .called = sip_number(m->uri, room->called, sizeof room->called),
                                .calling = sip_number(m->from_uri, room->calling, sizeof room->calling),
                                .request_uri = m->uri,
                                .to_uri = sip_to_uri(m),
                                .from_uri = m->from_uri,
                                .header = next_header,
                                .message = m};
    struct str redirecting = sip_redirecting(m);
    if (redirecting.n > 0)
        out->redirecting = sip_number(redirecting, room->redirecting, sizeof room->redirecting);
}

/* An entry of History-Info that is the one who is called changes as he does (RFC 7044 9.2). */
static enum settings_number kind_of(unsigned where, const struct sip_msg *from, struct str number) {
    char called[SIP_NUMBER_MAX];

    switch ((enum settings_translated)where) {
    case TRANSLATED_REQUEST_URI:
    case TRANSLATED_TO:
        return NUMBER_CALLED;
    case TRANSLATED_FROM:
    case TRANSLATED_ASSERTED:
        return NUMBER_CALLING;
    case TRANSLATED_DIVERSION:
        return NUMBER_REDIRECTING;
    case TRANSLATED_HISTORY:
        break;
    }
    return str_eq(number, sip_number(from->uri, called, sizeof called)) ? NUMBER_CALLED : NUMBER_REDIRECTING;
}

static struct route_chain chain_of(const struct leg *b) {
    const struct call *call = b->call;

    return (struct route_chain){call->settings, call->route, call->from, b->trunk};
}

static bool change(void *ctx, unsigned where, const struct sip_msg *from, struct str uri, struct sbuf *out) {
    const struct leg *b = ctx;
    struct route_chain chain = chain_of(b);
    char buf[SIP_NUMBER_MAX];
    struct str number = sip_number(uri, buf, sizeof buf);

    if (!(b->call->route->translated & where) || number.n == 0)
        return false;
    return route_number(b->call->calls->routing, &chain, kind_of(where, from, number), number, out);
}

struct sip_numbers numbers_of(struct leg *leg) {
    struct route_chain chain = chain_of(leg);

    if (leg->role == LEG_A || leg->call->route == NULL || !route_changes_numbers(&chain))
        return (struct sip_numbers){NULL, NULL};
    return (struct sip_numbers){change, leg};
}
