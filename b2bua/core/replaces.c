#include "b2bua/core/replaces.h"

#include "b2bua/core/derive.h"

static struct str next_part(struct str *rest) {
    size_t end = str_find(*rest, ';');
    struct str part = str_trim((struct str){rest->p, end});

    *rest = end < rest->n ? str_from(*rest, end + 1) : str_from(*rest, rest->n);
    return part;
}

int replaces_parse(struct str value, struct replaces *out) {
    struct str rest = value;

    *out = (struct replaces){.call_id = next_part(&rest)};
    while (rest.n > 0) {
        struct str part = next_part(&rest);
        size_t equal = str_find(part, '=');
        struct str name = str_trim((struct str){part.p, equal});
        struct str text = equal < part.n ? str_trim(str_from(part, equal + 1)) : STR_NONE;
        if (str_ieq(name, STR("to-tag")))
            out->to_tag = text;
        else if (str_ieq(name, STR("from-tag")))
            out->from_tag = text;
        else if (str_ieq(name, STR("early-only")))
            out->early_only = true;
    }
    return out->call_id.n > 0 && out->to_tag.n > 0 && out->from_tag.n > 0 ? 0 : -1;
}

void replaces_put(struct sbuf *out, const struct replaces *r) {
    sbuf_put(out, r->call_id);
    sbuf_puts(out, ";to-tag=");
    sbuf_put(out, r->to_tag);
    sbuf_puts(out, ";from-tag=");
    sbuf_put(out, r->from_tag);
    if (r->early_only)
        sbuf_puts(out, ";early-only");
}

struct str replaces_of(struct str message) {
    static const struct str invite = {"INVITE ", 7};

    if (message.n < invite.n || memcmp(message.p, invite.p, invite.n) != 0)
        return STR_NONE;
    return derive_header(message, STR("Replaces"), 0);
}
