/* Branches of our Vias: cookie, who we are, a hash of what routing looked at, the transaction. */
#include "b2bua/sip/impl.h"

#define BRANCH_PREFIX "z9hG4bK-tl-"

enum { BRANCH_HEX = 8, BRANCH_ID = 16 };

static void put_hex8(struct sbuf *b, uint32_t value) {
    char digits[BRANCH_ID];
    struct sbuf d = sbuf_on(digits, sizeof digits);

    sbuf_hex(&d, value);
    sbuf_put(b, (struct str){digits + BRANCH_ID - BRANCH_HEX, BRANCH_HEX});
}

static void put_head(struct sbuf *b, uint32_t node, uint32_t loop_hash) {
    sbuf_puts(b, BRANCH_PREFIX);
    put_hex8(b, node);
    put_hex8(b, loop_hash);
}

void sip_branch(struct sbuf *out, uint32_t node, uint32_t loop_hash, uint64_t id) {
    put_head(out, node, loop_hash);
    sbuf_hex(out, id);
}

uint32_t sip_loop_hash(const struct sip_msg *m) {
    struct str rest;
    struct sip_line line;
    struct sip_addr to = {0};
    struct sip_uri uri = {0};
    const sip_t *sip = sip_parsed(m);

    if (sip->sip_to != NULL && sip_line_of((const msg_header_t *)sip->sip_to, &line)) {
        sip_addr_split(sip_list_first(line.value, &rest), &to);
        sip_uri_split(to.uri, &uri);
    }
    uint64_t h = str_hash(m->uri_user) * 31 + str_hash(m->from_user);
    return (uint32_t)((h * 31 + str_hash(uri.user)) >> 16);
}

bool sip_has_loop(const struct sip_msg *m, uint32_t node, uint32_t loop_hash) {
    char text[40];
    struct sbuf b = sbuf_on(text, sizeof text);

    put_head(&b, node, loop_hash);
    for (const sip_via_t *v = sip_parsed(m)->sip_via; v != NULL; v = v->v_next) {
        struct str branch = str_of(v->v_branch);
        if (branch.n >= b.n && memcmp(branch.p, b.p, b.n) == 0)
            return true;
    }
    return false;
}

void sip_facts(const struct sip_msg *m, struct tx_facts *out) {
    *out = (struct tx_facts){.method = m->method,
                             .method_name = m->method_name,
                             .branch = m->branch,
                             .via = m->via,
                             .sent_by = m->via_sent_by,
                             .uri = m->uri,
                             .call_id = m->call_id,
                             .from_tag = m->from_tag,
                             .to_tag = m->to_tag,
                             .cseq = m->cseq};
}
