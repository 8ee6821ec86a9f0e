#include <arpa/nameser.h>
#include <netdb.h>
#include <stdlib.h>

#include "b2bua/log/log.h"
#include "b2bua/net/resolver_impl.h"

/* --- the table --- */

static struct name **bucket_of(struct resolver *r, const char *text, enum dns_type type) {
    return &r->buckets[(str_hash(str_of(text)) + (unsigned)type) % RESOLVER_BUCKETS];
}

static void use_remove(struct name *n) {
    *(n->use_newer != NULL ? &n->use_newer->use_older : &n->r->newest) = n->use_older;
    *(n->use_older != NULL ? &n->use_older->use_newer : &n->r->oldest) = n->use_newer;
    n->use_newer = n->use_older = NULL;
}

static void use_add(struct name *n) {
    struct resolver *r = n->r;

    n->use_older = r->newest;
    *(r->newest != NULL ? &r->newest->use_newer : &r->oldest) = n;
    r->newest = n;
}

static void free_name(struct name *n) {
    struct name **at = bucket_of(n->r, n->text, n->type);

    while (*at != n)
        at = &(*at)->next;
    *at = n->next;
    use_remove(n);
    n->r->counts.names--;
    free(n->set);
    free(n);
}

/* The one that nobody has needed for the longest time goes, unless this run may hold its records. */
static bool make_room(struct resolver *r) {
    struct name *n = r->oldest;

    if (r->counts.names < RESOLVER_NAMES_MAX)
        return true;
    while (n != NULL && n->state != NAME_IDLE)
        n = n->use_newer;
    if (n == NULL || n->used_run == r->runs)
        return false;
    free_name(n);
    return true;
}

static struct name *find(struct resolver *r, const char *text, enum dns_type type) {
    struct name **bucket = bucket_of(r, text, type);
    struct name *n = *bucket;

    while (n != NULL && (n->type != type || strcmp(n->text, text) != 0))
        n = n->next;
    if (n != NULL) {
        use_remove(n);
        use_add(n);
        return n;
    }
    if (!make_room(r))
        return NULL;
    size_t size = strlen(text) + 1;
    n = mem_zalloc(sizeof *n + size);
    memcpy(n->text, text, size);
    n->r = r;
    n->type = type;
    n->next = *bucket;
    *bucket = n;
    use_add(n);
    r->counts.names++;
    return n;
}

/* --- the end of a query --- */

static uint64_t clamp_s(uint64_t s, uint64_t most) {
    return s < RESOLVER_FLOOR_S ? RESOLVER_FLOOR_S : s > most ? most : s;
}

/* `set` is taken; NULL: no answer. */
static void take_answer(struct name *n, enum name_end end, struct dns_set *set) {
    n->end = end;
    n->failures = 0;
    n->none = end == NAME_NONE;
    free(n->set);
    n->set = set;
    uint64_t cap_s = n->none ? RESOLVER_NEGATIVE_CAP_S : RESOLVER_CAP_S;
    n->until_ms = uv_now(n->r->loop) + clamp_s(set->ttl_s, cap_s) * 1000;
}

/* What was true before goes on to hold, whatever its time was. */
static void take_failure(struct name *n, enum name_end end) {
    n->end = end;
    n->r->counts.stale += n->set != NULL;
    n->failures += n->failures < RESOLVER_RETRY_CAP_S;
    n->until_ms = uv_now(n->r->loop) + (uint64_t)n->failures * 1000;
}

static void finish(struct name *n, enum name_end end, struct dns_set *set) {
    uint64_t *const counts[NAME_ENDS] = {[NAME_ANSWERED] = &n->r->counts.answered,
                                         [NAME_NONE] = &n->r->counts.none,
                                         [NAME_REFUSED] = &n->r->counts.refused,
                                         [NAME_SILENT] = &n->r->counts.silent,
                                         [NAME_GARBAGE] = &n->r->counts.garbage};
    static const char *const names[NAME_ENDS] = {"answered", "none", "refused", "silent", "garbage"};

    ++*counts[end];
    if (set != NULL)
        take_answer(n, end, set);
    else
        take_failure(n, end);
    log_debug("dns name=%s type=%s result=%s records=%d again_s=%llu", n->text, dns_type_name(n->type), names[end],
              n->set != NULL ? n->set->count : 0, (unsigned long long)(n->until_ms - uv_now(n->r->loop)) / 1000);
    n->state = NAME_IDLE;
    while (n->waiting != NULL)
        resolver_wake(n->waiting);
}

/* --- /etc/hosts --- */

static void add_hosts(struct name *n, int af, struct dns_set *set) {
    struct hostent *host;

    if (ares_gethostbyname_file(n->r->channel, n->text, af, &host) != ARES_SUCCESS)
        return;
    for (char **a = host->h_addr_list; *a != NULL && set->count < DNS_RECORDS_MAX; a++) {
        struct dns_record *r = &set->records[set->count++];
        *r = (struct dns_record){.addr.family = af == AF_INET ? 4 : 6, .name = ""};
        memcpy(r->addr.ip, *a, af == AF_INET ? 4 : 16);
    }
    ares_free_hostent(host);
}

static struct dns_set *new_set(uint32_t ttl_s, int records) {
    struct dns_set *set = mem_zalloc(sizeof *set + (size_t)records * sizeof(struct dns_record));

    set->ttl_s = ttl_s;
    return set;
}

static void ask_hosts(struct name *n) {
    struct dns_set *set = new_set(RESOLVER_HOSTS_S, DNS_RECORDS_MAX);

    add_hosts(n, AF_INET, set);
    add_hosts(n, AF_INET6, set);
    n->r->counts.hosts += set->count > 0;
    take_answer(n, set->count > 0 ? NAME_ANSWERED : NAME_NONE, set);
}

/* --- queries --- */

static void enqueue(struct name *n) {
    struct resolver *r = n->r;

    n->state = NAME_QUEUED;
    n->queue_next = NULL;
    *r->queue_end = n;
    r->queue_end = &n->queue_next;
    r->counts.waiting++;
}

static void on_answer(void *arg, int status, int timeouts, unsigned char *bytes, int size) {
    static const enum name_end ends[] = {[DNS_FOUND] = NAME_ANSWERED,
                                         [DNS_NONE] = NAME_NONE,
                                         [DNS_REFUSED] = NAME_REFUSED,
                                         [DNS_GARBAGE] = NAME_GARBAGE};
    struct name *n = arg;
    struct dns_set *set = NULL;
    enum name_end end = NAME_SILENT;

    n->r->counts.in_flight--;
    if (status == ARES_EDESTRUCTION) { /* other servers, or the end */
        enqueue(n);
        return;
    }
    if (bytes != NULL && size > 0) {
        end = ends[dns_read(bytes, (size_t)size, n->type, &set)];
    } else if (status == ARES_EBADNAME || status == ARES_ENODATA || status == ARES_ENOTFOUND) {
        end = NAME_NONE;
        set = new_set(DNS_NEGATIVE_S, 0);
    } else if (status == ARES_ECONNREFUSED && timeouts == 0) { /* what c-ares makes of the last server's refusal, too */
        end = NAME_REFUSED;
    }
    finish(n, end, set);
}

/* A name without a dot is completed as the search list says, for addresses: a service has the name that it has. */
static void ask(struct name *n) {
    bool address = n->type == DNS_A || n->type == DNS_AAAA;

    n->state = NAME_ASKED;
    n->r->counts.in_flight++;
    if (address && strchr(n->text, '.') == NULL)
        ares_search(n->r->channel, n->text, ns_c_in, (int)n->type, on_answer, n);
    else
        ares_query(n->r->channel, n->text, ns_c_in, (int)n->type, on_answer, n);
}

void resolver_pump(struct resolver *r) {
    while (!r->closing && r->queue_first != NULL && r->counts.in_flight < RESOLVER_IN_FLIGHT_MAX) {
        struct name *n = r->queue_first;
        r->queue_first = n->queue_next;
        if (r->queue_first == NULL)
            r->queue_end = &r->queue_first;
        r->counts.waiting--;
        ask(n);
    }
}

struct name *resolver_name(struct resolver *r, const char *text, enum dns_type type) {
    struct name *n = find(r, text, type);

    if (n == NULL)
        return NULL;
    n->used_run = r->runs;
    if (n->state != NAME_IDLE || n->until_ms > uv_now(r->loop))
        return n;
    if (type == DNS_HOSTS)
        ask_hosts(n);
    else
        enqueue(n);
    return n;
}

void resolver_names_free(struct resolver *r) {
    while (r->oldest != NULL)
        free_name(r->oldest);
}
