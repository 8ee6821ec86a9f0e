/*
 * stun: Binding requests and their answers (RFC 8489; RFC 5626 uses them as keepalives on SIP flows). Pure: bytes in,
 * bytes out.
 */
#ifndef B2BUA_CORE_STUN_H
#define B2BUA_CORE_STUN_H

#include "b2bua/core/addr.h"

/* As our answers call us. */
#define STUN_SOFTWARE "Twinleg"

enum { STUN_HEADER = 20, STUN_REPLY_MAX = 256, STUN_ID = 12 };

enum stun_kind { STUN_NOT, STUN_REQUEST, STUN_INDICATION, STUN_SUCCESS, STUN_ERROR };

/* Is this a whole, well-formed STUN Binding message (magic cookie, length, attributes inside it)? */
enum stun_kind stun_kind(struct str bytes);

/*
 * The answer to what came from `from`. Returns the number of bytes written to `out` (STUN_REPLY_MAX): a success
 * response with XOR-MAPPED-ADDRESS and SOFTWARE, and FINGERPRINT when the request had one; a 420 with
 * UNKNOWN-ATTRIBUTES when the request has comprehension-required attributes that are unknown here. 0: no answer is due
 * (not a request, malformed, wrong FINGERPRINT).
 */
size_t stun_answer(struct str request, const struct addr *from, const char *software, uint8_t *out);

/* Writes a Binding request with FINGERPRINT; `id` is the transaction id. Returns its size. */
size_t stun_request(uint8_t *out, const uint8_t id[STUN_ID]);

#endif
