/* What a request is known by. */
#include "b2bua/core/txnset_impl.h"

static const struct str cookie = {"z9hG4bK", 7};

/* A branch that is the cookie alone names nothing (RFC 4475 3.2.1). */
static bool unique_branch(struct str branch) {
    return branch.n > cookie.n && str_ieq((struct str){branch.p, cookie.n}, cookie);
}

/* A long part is represented by its digest: keys stay small whatever a peer sends. */
static void put_part(struct sbuf *b, struct str part) {
    if (part.n <= 128)
        sbuf_put(b, part);
    else
        sbuf_hex(b, str_hash(part));
    sbuf_putc(b, '\n');
}

static void put_method(struct sbuf *b, const struct tx_facts *f, enum method method) {
    if (method == METHOD_UNKNOWN)
        put_part(b, f->method_name);
    else
        sbuf_putc(b, (char)('A' + method));
}

/* RFC 3261 17.2.3: branch, sent-by, method; else what RFC 2543 had. The To tag stays out for INVITE, since its ACK has
 * another. */
static void put_key(struct sbuf *b, const struct tx_facts *f, enum method method) {
    put_method(b, f, method);
    if (unique_branch(f->branch)) {
        put_part(b, f->branch);
        put_part(b, f->sent_by);
        return;
    }
    sbuf_putc(b, '!');
    put_part(b, f->uri);
    put_part(b, f->from_tag);
    put_part(b, f->call_id);
    sbuf_number(b, f->cseq);
    put_part(b, f->via);
    if (method != METHOD_INVITE)
        put_part(b, f->to_tag);
}

static void put_merge(struct sbuf *b, const struct tx_facts *f, enum method method) {
    put_method(b, f, method);
    put_part(b, f->call_id);
    put_part(b, f->from_tag);
    sbuf_number(b, f->cseq);
}

static uint64_t mix(const struct txnset *set, struct str key) {
    uint64_t h = str_hash(key) ^ set->seed;

    for (size_t i = 0; i + 8 <= key.n; i += 8) { /* keyed: what collides cannot be chosen */
        uint64_t word;
        memcpy(&word, key.p + i, 8);
        h = (h ^ word) * (set->seed | 1);
        h ^= h >> 29;
    }
    return h * 0x9e3779b97f4a7c15u;
}

void txnset_keys(const struct txnset *set, const struct tx_facts *f, enum method method, struct txnset_keys *out) {
    struct sbuf b = sbuf_on(out->text, sizeof out->text);

    put_key(&b, f, method);
    out->key = sbuf_str(&b);
    put_merge(&b, f, method);
    out->merge = (struct str){b.p + out->key.n, b.n - out->key.n};
    out->key_hash = mix(set, out->key);
    out->merge_hash = mix(set, out->merge);
}

bool txnset_knows(const struct txnset *set, enum method method, struct str branch, struct str sent_by) {
    struct tx_facts f = {.method = method, .branch = branch, .sent_by = sent_by};
    struct txnset_keys keys;

    if (!unique_branch(branch) || method == METHOD_UNKNOWN)
        return true;
    txnset_keys(set, &f, method, &keys);
    return txnset_find_server(set, &keys) != NULL;
}

uint64_t txnset_client_hash(const struct txnset *set, uint64_t id) {
    return (id ^ set->seed) * 0x9e3779b97f4a7c15u;
}
