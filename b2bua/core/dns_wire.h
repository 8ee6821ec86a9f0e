/*
 * dns_wire: the bytes of a DNS message, for dns.c alone. A reader that has met its end, or what is no name, is bad for
 * good: what it reads then is 0, and one look at the end is enough.
 */
#ifndef B2BUA_CORE_DNS_WIRE_H
#define B2BUA_CORE_DNS_WIRE_H

#include "b2bua/core/dns.h"

struct dns_reader {
    const uint8_t *p;
    size_t n, at;
    bool bad;
};

/* The head of one resource record; its data begin at the reader's `at`. */
struct dns_rr {
    char owner[DNS_NAME_MAX];
    unsigned type, class;
    uint32_t ttl_s;
    size_t end; /* of its data */
};

/* The next number, most significant byte first; what is beyond the end reads as 0 and marks the reader as bad. */
unsigned dns_read_u16(struct dns_reader *r);
uint32_t dns_read_u32(struct dns_reader *r);

/* With the highest bit set it is 0 (RFC 2181 8). */
uint32_t dns_read_ttl(struct dns_reader *r);

/* Text of the name, terminated, in DNS_NAME_MAX bytes at `text`; compression is followed (RFC 1035 4.1.4). */
void dns_read_name(struct dns_reader *r, char *text);

/* False: no record. */
bool dns_read_rr(struct dns_reader *r, struct dns_rr *out);

/* The data of an A, AAAA, SRV or NAPTR record, and the name in it ("" = none) in DNS_NAME_MAX bytes at `name`. False:
 * they are not what they should be. */
bool dns_read_data(struct dns_reader *r, const struct dns_rr *rr, struct dns_record *out, char *name);

#endif
