/*
 * dialog: one SIP dialog of a leg (RFC 3261 section 12): tags, CSeq in both directions, remote target, route set,
 * reliable provisionals (RFC 3262), and what was offered and answered in it.
 *
 * A leg whose call forked has several early dialogs; `mate` is the dialog on the other leg that belongs to the same
 * fork, so that each fork stays apart from end to end.
 */
#ifndef B2BUA_CORE_DIALOG_H
#define B2BUA_CORE_DIALOG_H

#include "b2bua/core/offer.h"

enum { DIALOG_TAG_SIZE = 20 };

struct dialog {
    struct dialog *next; /* of the same leg */
    struct dialog *mate; /* on the other leg; NULL once that is gone */
    char local_tag[DIALOG_TAG_SIZE];
    char *remote_tag; /* owned, like the next two; "" until known */
    char *target;     /* remote target URI */
    char *route;      /* complete Route lines, or "" */
    uint32_t local_cseq;
    uint32_t remote_cseq;
    bool remote_cseq_known;
    bool confirmed;
    bool shown;          /* UAS: a response with this tag has left */
    uint32_t rseq;       /* UAS: the next RSeq; UAC: the last one taken */
    uint32_t prack_held; /* UAC: RSeq of a provisional whose PRACK waits for the other leg's answer; 0 = none */
    struct offer offer;
};

/* A new dialog; strings are copied. `local_tag` fits DIALOG_TAG_SIZE. */
struct dialog *dialog_new(const char *local_tag, struct str remote_tag, uint32_t local_cseq);
void dialog_free(struct dialog *d);

/* Frees a list, except `keep` (NULL: none), and takes `keep` out of its list. The mates' pointers are cut. */
void dialog_free_list(struct dialog *first, struct dialog *keep);

/* The dialog of a list by our tag and the peer's (empty `local` or `remote`: not compared), or NULL. */
struct dialog *dialog_find(struct dialog *first, struct str local, struct str remote);

/* Sets the remote target from a Contact (RFC 3261 12.2.1.2, a target refresh); an empty one changes nothing. */
void dialog_set_target(struct dialog *d, struct str contact);
void dialog_set_remote_tag(struct dialog *d, struct str tag);
void dialog_set_route(struct dialog *d, struct str route_lines);

/* Checks and takes the CSeq of a request of the peer (RFC 3261 12.2.2). Returns 0, or 500 when it is not higher than
 * the last. */
int dialog_take_cseq(struct dialog *d, uint32_t cseq);

/* Is this reliable provisional the next one (RFC 3262 section 4)? Takes it if so. */
bool dialog_take_rseq(struct dialog *d, uint32_t rseq);

#endif
