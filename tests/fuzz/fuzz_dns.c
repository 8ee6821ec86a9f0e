/* Any bytes as the answer of a name server: what is read is whole, inside its limits, and texts that fit a log line. */
#include <assert.h>
#include <stdlib.h>

#include "b2bua/core/dns.h"

static void check_name(const char *name) {
    size_t n = strlen(name);

    assert(n < DNS_NAME_MAX);
    for (size_t i = 0; i < n; i++)
        assert(name[i] > ' ' && name[i] < 0x7f && name[i] != '\\' && (name[i] < 'A' || name[i] > 'Z'));
}

static void check_set(const struct dns_set *set, enum dns_type type, bool found) {
    assert(set->count >= 0 && set->count <= DNS_RECORDS_MAX);
    assert(found == (set->count > 0 || set->alias != NULL) && !(set->count > 0 && set->alias != NULL));
    if (set->alias != NULL)
        check_name(set->alias);
    for (int i = 0; i < set->count; i++) {
        const struct dns_record *r = &set->records[i];
        bool named = type == DNS_SRV || type == DNS_NAPTR;
        assert(named == (r->name[0] != '\0') && r->addr.port == 0 && strlen(r->service) < sizeof r->service);
        assert(r->addr.family == (type == DNS_A ? 4 : type == DNS_AAAA ? 6 : 0));
        check_name(r->name);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const enum dns_type types[] = {DNS_A, DNS_AAAA, DNS_SRV, DNS_NAPTR};

    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        struct dns_set *set;
        enum dns_outcome outcome = dns_read(data, size, types[i], &set);
        assert((set != NULL) == (outcome == DNS_FOUND || outcome == DNS_NONE));
        if (set != NULL)
            check_set(set, types[i], outcome == DNS_FOUND);
        free(set);
    }
    return 0;
}
