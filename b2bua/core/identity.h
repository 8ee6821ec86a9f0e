/*
 * identity: who is told who the other party is. A pure decision over one message that crosses from one trunk to
 * another: which of P-Asserted-Identity, P-Preferred-Identity and Remote-Party-ID leave, in which form, and what a
 * Privacy header asks for (RFC 3323, RFC 3325, RFC 7044 10.1, draft-ietf-sip-privacy-04). Writing it is
 * sip/identity.c's.
 *
 * What a trunk that is not trusted asserts is not believed: its P-Asserted-Identity and Remote-Party-ID go, its
 * P-Preferred-Identity stays as what it wishes to be called. What leaves to such a trunk carries no identity, unless
 * Privacy is "none" and nothing else (RFC 3325 5), and obeys Privacy. Between trusted trunks Privacy crosses and
 * nothing is hidden: that is for whoever hands the call out of the trust domain.
 *
 * An Identity (RFC 8224) is dropped where what it signs is not what leaves.
 */
#ifndef B2BUA_CORE_IDENTITY_H
#define B2BUA_CORE_IDENTITY_H

#include "b2bua/core/str.h"

/* What a header tells about people. */
enum identity_kind {
    IDENTITY_NONE,
    IDENTITY_PAI,       /* P-Asserted-Identity; the order of these three is their priority */
    IDENTITY_PPI,       /* P-Preferred-Identity */
    IDENTITY_RPID,      /* Remote-Party-ID */
    IDENTITY_TRUSTED,   /* means something between those who trust each other alone */
    IDENTITY_INFO,      /* says who the user is, and no call needs it (RFC 3323 5.3) */
    IDENTITY_SIGNATURE, /* Identity */
    IDENTITY_DIVERSION,
    IDENTITY_HISTORY,
    IDENTITY_PRIVACY,
};
#define IDENTITY_BIT(kind) (1u << (kind))

enum identity_asserted { ASSERTED_PASS, ASSERTED_STRIP, ASSERTED_PAI, ASSERTED_PPI, ASSERTED_RPID };
enum identity_diversion { DIVERSION_PASS, DIVERSION_STRIP };

/* What a trunk wants; all zero but `trust` is the default. */
struct identity_policy {
    int asserted_id; /* enum identity_asserted: the form that it is told; STRIP: in neither direction */
    int diversion;   /* enum identity_diversion, of Diversion and History-Info, in both directions */
    bool trust;
};

enum {
    PRIVACY_ID = 1 << 0,
    PRIVACY_HEADER = 1 << 1,
    PRIVACY_USER = 1 << 2,
    PRIVACY_SESSION = 1 << 3,
    PRIVACY_CRITICAL = 1 << 4,
    PRIVACY_NONE = 1 << 5,
    PRIVACY_HISTORY = 1 << 6,
    PRIVACY_OTHER = 1 << 7, /* a priv-value that we do not know */
};

/* The bits of the value of a Privacy header; 0 = it says nothing. */
unsigned identity_privacy(struct str value);

/* The next priv-value of a Privacy header, trimmed; empty at the end. */
struct str identity_privacy_next(struct str *value);

/* The bit of one priv-value. */
unsigned identity_privacy_bit(struct str priv_value);

struct identity_facts {
    const struct identity_policy *from, *to; /* of the trunk that it came from, of the one that it goes to */
    unsigned privacy;                        /* asked for by the one whose message it is, now or before */
    unsigned said;                           /* in this message */
    unsigned has;                            /* bits of PAI, PPI and RPID that it brings */
    bool rpid_private;                       /* the privacy parameter of its Remote-Party-ID says so */
};

/* All zero: everything crosses as it is. */
struct identity_plan {
    unsigned drops;                  /* bits of the kinds that do not cross */
    enum identity_kind source, form; /* headers of that kind leave in that form; NONE: none is converted */
    bool adds_id;                    /* it came with RPID's privacy, and has to say "Privacy: id" now */
    bool withheld;                   /* asked for id or user: RPID says privacy=full */
    unsigned fulfilled;              /* PRIVACY_ bits that leave the Privacy header */
    bool anonymous_from;             /* RFC 3323 4.1.1.3 */
    bool anonymous_contact;
    bool anonymous_history; /* entries of History-Info keep their index alone */
    bool leaves_trust; /* what a header says of itself counts: Diversion;privacy=full, History-Info?Privacy=history */
    bool impossible;   /* critical, and not in our power: 500 (RFC 3323 4.2) */
};

/* What the request or response of `f` may say of who calls: RFC 3325 and RFC 3323, RFC 7044 for its history. */
void identity_plan(const struct identity_facts *f, struct identity_plan *out);

/* RFC 3323 4.1.1.3, without a tag; and the host of its URI, which is nobody's and is kept everywhere. */
#define IDENTITY_ANONYMOUS      "\"Anonymous\" <sip:anonymous@anonymous.invalid>"
#define IDENTITY_ANONYMOUS_HOST "anonymous.invalid"

/* Do both users sign as the same number? What only makes it readable, or says that it is international, is not signed
 * (RFC 8224 8.3). */
bool identity_same_number(struct str a, struct str b);

/* The name of a header of one of the three kinds. */
const char *identity_header(enum identity_kind kind);

/* A priv-value of Remote-Party-ID or Diversion (their privacy parameter) that hides something. */
bool identity_hides(struct str privacy_param);

#endif
