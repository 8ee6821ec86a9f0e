/*
 * addr: an IP address with a port, and address ranges, without a socket in sight.
 */
#ifndef B2BUA_CORE_ADDR_H
#define B2BUA_CORE_ADDR_H

#include <sys/socket.h>

#include "b2bua/core/str.h"

enum { ADDR_TEXT_MAX = 64 }; /* room for the longest text that addr_format writes, terminator included */

struct addr {
    uint8_t family; /* 0 = none, 4, 6 */
    uint16_t port;  /* host order; 0 = none given */
    uint8_t ip[16]; /* IPv4 uses the first four */
};

/*
 * Reads "127.0.0.1", "127.0.0.1:5060", "::1", "[::1]" or "[::1]:5060". Returns 0, or -1 when it is not an address
 * literal (a name, say).
 */
int addr_parse(struct addr *out, struct str text);

/* Writes "127.0.0.1:5060" or "[::1]:5060"; the port is left out when 0. Returns `buf`, which holds ADDR_TEXT_MAX bytes.
 */
const char *addr_format(const struct addr *a, char *buf);

/* Writes the address alone: without port; IPv6 in brackets when `brackets`. */
const char *addr_format_ip(const struct addr *a, bool brackets, char *buf);

bool addr_eq(const struct addr *a, const struct addr *b);      /* address and port */
bool addr_same_ip(const struct addr *a, const struct addr *b); /* address only */
uint64_t addr_hash_ip(const struct addr *a);

/* IPv4-mapped IPv6 addresses become IPv4, so that one peer has one form. Families other than AF_INET/6 give family 0.
 */
void addr_from_sockaddr(struct addr *out, const struct sockaddr *sa);

/* Fills `ss`; returns its length. `a->family` is 4 or 6. */
socklen_t addr_to_sockaddr(const struct addr *a, struct sockaddr_storage *ss);

/* "address", "address/prefix" or "address:port" of a trunk's `sources`. */
struct addr_range {
    struct addr base; /* port 0 = any */
    uint8_t bits;
};

/* Returns 0, or -1 when the text is none of the three forms. */
int addr_range_parse(struct addr_range *out, struct str text);

/* How well `a` is described: -1 not inside, else prefix bits, plus 1000 when the port is named and equal. */
int addr_range_match(const struct addr_range *r, const struct addr *a);

#endif
