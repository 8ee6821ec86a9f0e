/* profile_keep: what the other leg's rules may read of a message. */
#include <stdlib.h>

#include "profiles/run.h"

static bool is_listed(const struct profile *p, const struct line *line) {
    struct str full = line->name.n == 1 ? names_of_letter(line->name.p[0]) : line->name;

    for (int i = 0; i < p->copylist_count; i++)
        if (str_ieq(full, str_of(p->copylist[i])))
            return true;
    return false;
}

static bool is_read(const struct profile *p, const struct line *line) {
    struct str full = line->name.n == 1 ? names_of_letter(line->name.p[0]) : line->name;

    for (int i = 0; i < p->count && p->peer; i++) {
        const struct rule *r = p->rules[i];
        bool any = r->target.lines == RULE_EVERY_HEADER;
        if (r->where == RULE_PEER_SIP && (any || str_ieq(full, str_of(r->target.name))))
            return true;
    }
    return false;
}

static bool reads_sdp(const struct profile *p) {
    for (int i = 0; i < p->count && p->peer; i++)
        if (p->rules[i]->where == RULE_PEER_SDP)
            return true;
    return false;
}

static void put_line(struct sbuf *out, struct str text) {
    size_t mark = out->n;

    sbuf_put(out, text);
    sbuf_put(out, STR("\r\n"));
    if (out->full) /* too long a line is left out; the next may fit */
        *out = (struct sbuf){.p = out->p, .n = mark, .cap = out->cap};
}

void profile_keep(struct profile_ctx *ctx, const struct profile *p, const struct profile *also, struct profile_vars *v,
                  int leg, struct str message) {
    const struct profile *both[2] = {p, also};
    bool sdp = (p != NULL && reads_sdp(p)) || (also != NULL && reads_sdp(also));
    struct sbuf out = sbuf_on(ctx->scratch, PROFILE_KEEP_MAX);
    struct str *kept = &v->kept[leg == 0 ? 0 : 1];

    free((char *)kept->p);
    *kept = STR_NONE;
    if (((p == NULL || !profile_keeps(p)) && (also == NULL || !profile_keeps(also))) ||
        message.n > PROFILE_MESSAGE_MAX || lines_read(&ctx->peer, message) < 0)
        return;
    for (int i = 0; i < ctx->peer.head.count; i++) {
        const struct line *line = &ctx->peer.head.at[i];
        bool wanted = i == 0;
        for (int k = 0; k < 2 && !wanted; k++)
            wanted = both[k] != NULL && (is_listed(both[k], line) || is_read(both[k], line));
        if (wanted)
            put_line(&out, line->text);
    }
    if (sdp && lines_read_sdp(&ctx->peer) == 0 && ctx->peer.description.n > 0) {
        put_line(&out, STR("Content-Type: application/sdp"));
        put_line(&out, STR(""));
        put_line(&out, ctx->peer.description);
    }
    *kept = (struct str){str_dup(sbuf_str(&out)), out.n};
}
