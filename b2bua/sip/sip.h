/*
 * sip: SIP messages: parsing (Sofia-SIP), checking, and printing. The only room that includes Sofia.
 *
 * A received message becomes a `struct sip_msg`: a flat set of facts as views into it. A message to send is printed
 * from what is ours (struct sip_request, struct sip_response) and, for what crosses from the other leg, from the
 * received message by the header policy (sip/policy.h). Headers that cross keep their bytes.
 */
#ifndef B2BUA_SIP_SIP_H
#define B2BUA_SIP_SIP_H

#include "b2bua/core/flow.h"
#include "b2bua/core/method.h"
#include "b2bua/core/settings.h"
#include "b2bua/core/sst.h"
#include "b2bua/core/txnset.h"

enum {
    SIP_MESSAGE_MAX = 65535,
    SIP_TAG_MAX = 512,
    /* bytes; longer ones are refused by sip_check */ SIP_CALL_ID_MAX = 1024,
    SIP_EXTRA_MAX = 2048
};

/* Option tags that we know by bit. */
enum {
    SIP_OPTION_100REL = 1 << 0,
    SIP_OPTION_TIMER = 1 << 1,
    SIP_OPTION_REPLACES = 1 << 2,
    SIP_OPTION_NOREFERSUB = 1 << 3,
    SIP_OPTION_OTHER = 1 << 15, /* at least one that we do not know */
};

struct sip_msg {
    /* start line: a request when status is 0 */
    int status;
    struct str phrase;
    enum method method; /* of the request; for responses the CSeq method */
    struct str method_name;
    struct str uri;      /* Request-URI as written */
    struct str uri_user; /* its user part, without parameters or password; empty = none */
    /* identification */
    struct str call_id, from_tag, to_tag;
    uint32_t cseq;
    struct str branch, via, via_sent_by; /* of the top Via */
    bool is_rfc2543;                     /* its branch is not one of RFC 3261 (8.1.1.7) */
    struct str to_line;                  /* the whole To line with CRLF */
    struct str from_uri, from_user;      /* of From */
    int via_count;
    int max_forwards; /* -1 = absent */
    /* dialog */
    struct str contact; /* URI of the first Contact; empty = none */
    bool has_record_route;
    /* extensions */
    uint32_t rseq;                 /* 0 = none */
    uint32_t rack_rseq, rack_cseq; /* 0 = none */
    enum method rack_method;
    unsigned supported, required;             /* SIP_OPTION_ bits */
    unsigned allow;                           /* METHOD_BIT set; 0 = no Allow header */
    uint32_t expires;                         /* Expires, UINT32_MAX = absent */
    uint32_t retry_after_s;                   /* 0 = absent */
    struct str identity;                      /* the best of: */
    struct str identities[IDENTITY_RPID + 1]; /* by enum identity_kind: the value of the first, empty = none */
    bool rpid_private;                        /* its Remote-Party-ID asks for privacy */
    unsigned privacy;                         /* PRIVACY_ bits, 0 = no Privacy header */
    bool is_signed;                           /* has an Identity (RFC 8224) */
    struct str reason;                        /* value of the first Reason, empty = none */
    int cause;                                /* of Q.850, in a Reason; -1 = none */
    uint64_t session_id[2];                   /* the sender's UUID (RFC 7989); zero = none */
    struct str replaces;                      /* value of the first Replaces, empty = none */
    bool replaces_again;                      /* there is one more */
    struct sst_said timer;                    /* RFC 4028; malformed headers count as absent */
    unsigned session_faults;                  /* which of them were: for sip_check */
    /* body */
    struct str content_type, body;
    struct str sdp;  /* view into body: the session description, empty = none */
    bool short_body; /* less body than Content-Length says */
    struct str raw;  /* the bytes that sip_parse was given, the caller's */
    void *parsed;    /* Sofia's msg_t; private to this room */
};

/* Once, before any thread parses. */
void sip_init(void);

/* The answer to a request that sip_parse refused: 501 when its method is what Sofia cannot read although it is a token
 * (RFC 3261 8.2.1, 25.1), else 400. */
int sip_unparsed_status(struct str bytes);

/*
 * Parses. The bytes are copied as needed; all views live until sip_fini. Returns 0 when `m` was filled (perhaps with
 * faults: see sip_check), -1 when the bytes are not SIP enough to be a message at all. sip_fini is needed only after 0.
 */
int sip_parse(struct sip_msg *m, struct str bytes);
void sip_fini(struct sip_msg *m);

/* A fault of a message: the answer that it deserves. */
struct sip_fault {
    int status;         /* 400, 405, 413, 414, 416, 420, 483, 505, 513 ... */
    const char *phrase; /* static; may name the header at fault: "Bad CSeq header" */
    char extra[512];    /* complete further header lines for the answer (Unsupported, Allow ...), "" = none */
};

/*
 * Checks a parsed message against what RFC 3261 demands before anything is done with it: version, mandatory and single
 * headers, CSeq and method, numbers in range, Content-Length against `stream`, URI scheme, sizes. Returns 0, or -1 with
 * *fault filled. A response with a fault is to be dropped. `stream`: it came by TCP or TLS.
 */
int sip_check(const struct sip_msg *m, bool stream, struct sip_fault *fault);

/* For requests that would be processed here: Require and Proxy-Require against `known` (SIP_OPTION_ bits). Returns 0,
 * or -1 with a 420 that lists in Unsupported exactly the tags not known. */
int sip_check_require(const struct sip_msg *m, unsigned known, struct sip_fault *fault);

/* Was a request with this loop cookie in one of its Vias' branches already sent by us? See sip_branch. */
bool sip_has_loop(const struct sip_msg *m, uint32_t node, uint32_t loop_hash);

/* The hash that tells a loop from a spiral: what routing looks at (Request-URI, From and To users). */
uint32_t sip_loop_hash(const struct sip_msg *m);

/* Writes a branch: magic cookie, node, loop hash, transaction id as 16 hex digits at the end. */
void sip_branch(struct sbuf *out, uint32_t node, uint32_t loop_hash, uint64_t id);

/* What txnset matches by, as views into `m`. */
void sip_facts(const struct sip_msg *m, struct tx_facts *out);

/* --- answering --- */

/* What every response must repeat of its request: Vias (with received and rport, RFC 3581), From, To, Call-ID, CSeq,
 * Record-Route. One block of memory, freed with free(). */
struct sip_echo;

/* `from`: where the request came from. */
struct sip_echo *sip_echo_new(const struct sip_msg *m, const struct flow *from);

/* The same straight from bytes that do not parse: NULL when no Via, or nothing to answer with, can be found. */
struct sip_echo *sip_echo_raw(struct str bytes, const struct flow *from);

/* Its Vias as complete lines, as long as it lives. */
struct str sip_echo_vias(const struct sip_echo *e);

/* Did its To have a tag: was it inside a dialog? */
bool sip_echo_has_tag(const struct sip_echo *e);

/* Where the responses go: RFC 3261 18.2.2 and RFC 3581; `flow` is the request's, adjusted in place (UDP: received
 * address and rport or sent-by port; streams: fallback_port). */
void sip_reply_flow(const struct sip_msg *m, struct flow *flow);

struct sip_response {
    int status;
    const char *phrase; /* NULL = the standard phrase */
    const struct sip_echo *echo;
    struct str to_tag;  /* added when the request's To had none; empty: no tag (100) */
    struct str contact; /* URI; empty = none */
    bool record_route;  /* repeat Record-Route (dialog-forming) */
    uint32_t rseq;      /* 0 = none; else RSeq, Require: 100rel */
    const char *allow;  /* NULL = no header; likewise: */
    const char *supported;
    const char *require;
    const struct sst_say *timer; /* NULL = nothing; its Supported and Require join the two above */
    const char *extra;           /* complete lines */
};

/* --- numbers --- */

enum { SIP_NUMBER_MAX = 800 /* bytes of a number with all escaped */ };

/*
 * The user of a URI as a dial plan reads it: without user parameters and password, escapes undone (RFC 3261 19.1.4),
 * and, of a telephone number, without visual separators (RFC 3966 5.1.1). A view into the URI, or into `buf`.
 */
struct str sip_number(struct str uri, char *buf, size_t size);

/* Writes the address of record that a URI names: user@host, parameters left out, the host in small letters, what is
 * escaped in the user undone (RFC 3261 10.3 step 5). Returns false when it names none. */
bool sip_put_aor(struct sbuf *out, struct str uri);

/* The URI of To; of who has redirected the call last (Diversion, else History-Info), empty = nobody has. */
struct str sip_to_uri(const struct sip_msg *m);
struct str sip_redirecting(const struct sip_msg *m);

/* The value of the next header of that name, long or compact; *cursor is NULL before the first. */
bool sip_header_next(const struct sip_msg *m, struct str name, const void **cursor, struct str *value);

/* Numbers that are others on the other side. `where` is a bit of enum settings_translated, `from` the message that the
 * URI comes from. Returns whether the number changes, which is written then. change NULL: none does. */
struct sip_numbers {
    bool (*change)(void *ctx, unsigned where, const struct sip_msg *from, struct str uri, struct sbuf *out);
    void *ctx;
};

/* The URI or address that stands in `out` from `start` on gets the number that it has on the other side. */
void sip_renumber(struct sbuf *out, size_t start, const struct sip_numbers *n, unsigned where,
                  const struct sip_msg *from);

/* --- what crosses --- */

struct sip_cross {
    const struct sip_msg *from; /* NULL: nothing crosses */
    struct str our_host;        /* replaces hosts in identity headers, Warning, 3xx Contact */
    struct str our_sent_by;     /* host:port, for redirect Contacts */
    struct str body; /* the body to send, rewritten already; its Content-Type and other Content- headers are `from`'s */
    const char *without;       /* a header that does not cross this time, NULL = none ... */
    char without_compact;      /* ... and its one-letter form */
    bool own_sdp;              /* body is a description of ours: `from`'s Content- headers do not go with it */
    struct identity_plan plan; /* what of identities crosses; zero: all as it is */
    const struct header_rules *rules[2]; /* of the side that it comes from, and of the other; NULL: all may cross */
    const struct settings *settings; /* with the trunks: names of a side do not cross; NULL: address literals only */
    int from_trunk, to_trunk;
    bool to_caller; /* it goes to the one who called */
    bool front;     /* between a client and its node, who share domains and passwords */
    struct sip_numbers numbers;
    uint64_t
        session_id[4]; /* where nothing crosses: the UUID of the far end, and of the one that it goes to; or zero */
};

/* Prints a response; what crosses may be NULL. Check out->full. */
void sip_print_response(struct sbuf *out, const struct sip_response *r, const struct sip_cross *x);

/* --- requests --- */

struct sip_request {
    enum method method;
    struct str method_name; /* for METHOD_UNKNOWN */
    struct str uri;
    enum flow_proto proto; /* for the Via */
    struct str sent_by;
    struct str branch;
    struct str route; /* complete Route lines, or empty */
    unsigned max_forwards;
    struct str from, to; /* values, tags included */
    struct str call_id;
    uint32_t cseq;
    struct str contact;                      /* URI; empty = none */
    uint32_t rack_rseq, rack_cseq;           /* PRACK */
    const char *allow, *supported, *require; /* NULL = no header */
    const struct sst_say *timer;             /* as in a response */
    const char *extra;                       /* complete lines */
};

/* Writes a request: what is ours of `r`, what crosses of `x` (NULL: nothing does). What does not fit sets out->full. */
void sip_print_request(struct sbuf *out, const struct sip_request *r, const struct sip_cross *x);

/*
 * The same request once more: `text` is what sip_print_request has made of it. Via and CSeq become those of `r`
 * (method, proto, sent_by, branch, cseq), and `lines`, complete header lines, are added behind the CSeq.
 */
void sip_print_again(struct sbuf *out, struct str text, const struct sip_request *r, struct str lines);

/* --- pieces of headers --- */

enum sip_side { SIP_FROM, SIP_TO };

/* Writes the value of From or To of `m` without its tag, its display name and user kept, its host replaced by `host`
 * (host or host:port); tel: URIs stay as they are. */
void sip_party(struct sbuf *out, const struct sip_msg *m, enum sip_side side, struct str host);

/* Is the host of the URI a name, not an address? */
bool sip_names_domain(struct str uri);

/* The user in the value of a From or To; empty = none. */
struct str sip_user_of(struct str value);

/* Writes the Request-URI for another place: user and user parameters (user=phone) of `m`'s Request-URI, host:port of
 * the target, and ;transport= unless UDP. */
void sip_target_uri(struct sbuf *out, const struct sip_msg *m, struct str host_port, enum flow_proto proto);

/* Writes Route lines from the Record-Route of `m`: in order (we are the UAS) or reversed (we are the UAC), RFC
 * 3261 12.1. */
void sip_route_set(struct sbuf *out, const struct sip_msg *m, bool reversed);

/*
 * Where a request with this remote target and route set goes (RFC 3261 12.2.1.1, 16.12): the URI for the request line
 * (a strict router's own URI when the first route has no lr, the route lines then rewritten), and the next hop.
 */
struct sip_hop {
    char host[256]; /* without brackets */
    uint16_t port;  /* 0 = none given */
    enum flow_proto proto;
    bool proto_given, sips;
};
int sip_next_hop(struct str target, struct str route, struct sbuf *uri, struct sbuf *route_out, struct sip_hop *hop);

/* The standard reason phrase. */
const char *sip_phrase(int status);

#endif
