/*
 * A client whose password was right is asked again because its nonce came from another node, one that is gone or that
 * it has been moved from. Without a word it would take that for "wrong password" and ask its user (RFC 7616 3.3).
 */
#include "b2bua/registrar/impl.h"

/* Of an older nonce it is known no more where it came from: from where the client is. */
static uint32_t node_of_nonce(const struct front_job *j) {
    return j->pinned != NODES_NONE ? j->pinned : j->client_facts.node;
}

/* `stale` stands there once, whatever the node said. */
static void put_line(struct sbuf *out, struct str name, struct str challenge) {
    const char *before = " ";
    struct str param, value, rest = str_from(challenge, str_find(challenge, ' '));

    sbuf_put(out, name);
    sbuf_puts(out, ": ");
    sbuf_put(out, str_upto(challenge, str_find(challenge, ' ')));
    while (digest_param_next(&rest, &param, &value)) {
        if (str_ieq(param, STR("stale")))
            continue;
        sbuf_puts(out, before);
        sbuf_put(out, (struct str){param.p, (size_t)(rest.p - param.p)});
        before = ", ";
    }
    sbuf_puts(out, ", stale=TRUE\r\n");
}

struct str front_stale_lines(const struct front_job *j, const struct sip_msg *m, struct str name, struct sbuf *text) {
    struct enrol_lines lines = {0};
    struct digest_challenge c;
    size_t mark = text->n;
    struct str value;

    if (!j->had_credential || node_of_nonce(j) == NODES_NONE || node_of_nonce(j) == j->node)
        return STR_NONE;
    while (enrol_line_next(&lines, m->raw, name, 0, &value)) {
        struct str challenge = value;
        if (!digest_challenge_next(&value, &c) || c.stale || value.n > 0)
            return STR_NONE;
        put_line(text, name, challenge);
    }
    return (struct str){text->p + mark, text->n - mark};
}
