/* impl: what the files of this room share; the only header that includes Sofia. */
#ifndef B2BUA_SIP_IMPL_H
#define B2BUA_SIP_IMPL_H

#include <sofia-sip/msg_header.h>
#include <sofia-sip/sip.h>
#include <sofia-sip/sip_header.h>
#include <sofia-sip/sip_parser.h>

#include "b2bua/sip/sip.h"

/* grammar.c: the headers that Sofia parses; made by sip_init. */
const msg_mclass_t *sip_grammar(void);

static inline sip_t *sip_parsed(const struct sip_msg *m) {
    return sip_object((msg_t *)m->parsed);
}

/* All headers of a message in their order; NULL-ended by sh_succ. The start line comes first. */
static inline msg_header_t *sip_first(const sip_t *sip) {
    return sip->sip_request != NULL ? (msg_header_t *)sip->sip_request : (msg_header_t *)sip->sip_status;
}

/* A header line as it came: name and value, and the whole with its line end. The later elements of a joined list have
 * no bytes. */
struct sip_line {
    struct str all, name, value;
};
bool sip_line_of(const msg_header_t *h, struct sip_line *out);

/* A name-addr or addr-spec in raw text (RFC 3261 25.1), taken apart without touching a byte. */
struct sip_addr {
    struct str display; /* with its quotes, blanks behind it included */
    struct str uri;     /* without the angle brackets */
    struct str params;  /* header parameters, from the first ';'; or empty */
    bool brackets;
};
void sip_addr_split(struct str value, struct sip_addr *out);

/* The first element of a comma-joined list (quotes and angle brackets minded); *rest gets what follows the comma. */
struct str sip_list_first(struct str value, struct str *rest);

/* A URI in raw text: "sip:user:pw@host:port;params?headers". For schemes without a host all after the colon is `user`.
 */
struct sip_uri {
    struct str scheme; /* without colon */
    struct str user;   /* without password */
    struct str userinfo;
    struct str host; /* IPv6 with its brackets */
    struct str port;
    struct str params; /* from the first ';' */
    struct str headers;
    bool has_host;
};
void sip_uri_split(struct str uri, struct sip_uri *out);

/* The next ";name=value" of params; returns false at the end. */
bool sip_param_next(struct str *params, struct str *name, struct str *value);

/* echo.c */
void sip_echo_put(struct sbuf *out, const struct sip_echo *e, struct str to_tag);
void sip_echo_put_routes(struct sbuf *out, const struct sip_echo *e);

/* session.c: what the headers of RFC 4028 say, as numbers; returns which of them cannot be read. */
enum { SIP_SESSION_BAD_EXPIRES = 1, SIP_SESSION_BAD_MIN_SE = 2 };
unsigned sip_session(const sip_t *sip, struct sst_said *out);
void sip_session_put(struct sbuf *out, const struct sst_say *say);

/* unread.c: what is taken of headers that are not in our grammar. */
void sip_take_unread(struct sip_msg *m, const sip_t *sip);

/* number.c: is the number the same on the other side? */
bool sip_number_stays(struct str uri, const struct sip_numbers *n, unsigned where, const struct sip_msg *from);

/* identity.c: writes a line that tells about people, or what the plan makes of it. */
void sip_put_identity(struct sbuf *out, struct sip_line line, enum identity_kind kind, const struct sip_cross *x);

/* cross.c: writes what crosses of x->from, then Content-Length and the body; also when nothing crosses. */
void sip_put_crossing(struct sbuf *out, const struct sip_cross *x);

/* uri.c: writes `uri` with another host (and port), and of the rest the user alone. */
void sip_put_uri_host(struct sbuf *out, struct str uri, struct str host);

/* Writes `uri` with another host (empty: its own), without parameters that name a place. */
void sip_put_uri_elsewhere(struct sbuf *out, struct str uri, struct str host);

#endif
