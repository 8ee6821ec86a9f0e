/*
 * relay: requests other than INVITE and REGISTER between clients and nodes, passed on with their transactions (RFC 3261
 * 16): SUBSCRIBE and NOTIFY, MESSAGE, PUBLISH, REFER, OPTIONS, and methods that we do not know. relay.c is one request
 * on its way, relay_way.c decides which way that is, relay_lines.c what is written anew: Via, Route, Max-Forwards, and
 * our Record-Route, which names us to each side in terms of its own.
 */
#ifndef B2BUA_REGISTRAR_RELAY_H
#define B2BUA_REGISTRAR_RELAY_H

#include "b2bua/registrar/impl.h"

enum { RELAY_URI_MAX = TOKEN_TEXT_MAX + 320 };

/* One request on its way. Its bytes stand behind it. */
struct front_relay {
    struct ua_user user;
    struct front_relay *next, **at;
    struct registrar *r;
    struct settings *settings; /* referenced */
    struct tx *server, *client;
    struct sip_echo *echo;
    struct timer timer;
    struct ways *ways; /* owned */
    int turn;          /* of the way that is taken now */
    int side;          /* the trunk that it came by */
    bool to_client;
    bool in_dialog; /* Request-URI and further Routes stay as they are */
    enum method method;
    uint32_t cseq;
    int max_forwards;
    uint32_t loop_hash;
    char there[RELAY_URI_MAX], here[RELAY_URI_MAX]; /* what we are called in Record-Route; "" = we are not */
    size_t n;
    char raw[];
};

/* --- relay_way.c --- */
enum relay_verdict {
    RELAY_NOT_OURS, /* for whoever else serves requests */
    RELAY_REFUSED,  /* `status` */
    RELAY_PASSED    /* `ways` (taken) has at least one */
};
struct relay_way {
    struct ways *ways;
    int status, retry_after_s;
    bool to_client, in_dialog;
    bool from_client;
    struct token from, to; /* flows of the clients among them */
};
enum relay_verdict relay_find(struct registrar *r, const struct ua_in *in, struct relay_way *out);

/* --- relay_lines.c --- */
/* What we are called on the side that the request goes to, and on the one that it comes from. */
void relay_name(struct front_relay *j, const struct relay_way *way, int in_listen, int out_listen);
/* The edits of a request for its way; texts stand in `text`. */
void relay_request_lines(const struct front_relay *j, const struct way *way, struct sbuf *text, struct forward *edits);
/* And of its response. */
void relay_response_lines(const struct front_relay *j, struct str message, struct sbuf *text, struct forward *edits);

void front_relay_free(struct front_relay *j);

#endif
