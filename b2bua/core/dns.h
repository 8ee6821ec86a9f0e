/*
 * dns: an answer of a name server as data (RFC 1035, RFC 2782 SRV, RFC 3403 NAPTR, RFC 3596 AAAA). Pure: bytes in,
 * records out; who asked, and how the bytes came, is b2bua/net/resolver's business.
 *
 * Only the answer to the question is looked at, along its CNAMEs, and of the authority section the SOA of a negative
 * answer (RFC 2308). Additional records are ignored: nobody asked for them.
 */
#ifndef B2BUA_CORE_DNS_H
#define B2BUA_CORE_DNS_H

#include "b2bua/core/addr.h"

enum {
    DNS_NAME_MAX = 256,   /* text of a name, terminator included */
    DNS_RECORDS_MAX = 32, /* kept of one answer; the rest is cut */
    DNS_NEGATIVE_S = 5    /* a negative answer without SOA holds for so long */
};

enum dns_type {
    DNS_HOSTS = 0, /* no type on the wire: what /etc/hosts says of the name; its records are addresses */
    DNS_A = 1,
    DNS_CNAME = 5,
    DNS_SOA = 6,
    DNS_AAAA = 28,
    DNS_SRV = 33,
    DNS_NAPTR = 35
};

struct dns_record {
    struct addr addr;          /* A, AAAA, hosts: without port */
    uint16_t priority, weight; /* SRV; NAPTR: order, preference */
    uint16_t port;             /* SRV */
    char flag;                 /* NAPTR: lower case, '\0' = none or several */
    char service[16];          /* NAPTR: upper case; what is longer is empty */
    const char *name;          /* SRV: target, NAPTR: replacement; lower case, "." = the root; lives with the set */
};

struct dns_set {
    uint32_t ttl_s;    /* the shortest on the way, as sent */
    const char *alias; /* not NULL: the answer ends at a CNAME to this name; ask for it */
    bool cut;          /* there were more records */
    int count;
    struct dns_record records[];
};

enum dns_outcome {
    DNS_FOUND,   /* records, or an alias */
    DNS_NONE,    /* no such name, or no such record of it; ttl_s says how long that holds */
    DNS_REFUSED, /* the server answers that it cannot or will not */
    DNS_GARBAGE  /* not an answer to this question */
};

/* Reads an answer to a question for `type`. With DNS_FOUND and DNS_NONE `*out` is a new set, to be freed; else NULL. */
enum dns_outcome dns_read(const uint8_t *bytes, size_t n, enum dns_type type, struct dns_set **out);

/* "A", "SRV", ... */
const char *dns_type_name(enum dns_type type);

#endif
