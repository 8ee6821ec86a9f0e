/*
 * INVITE with Replaces (RFC 3891): it names a dialog of ours as the caller's side knows it. It crosses naming the same
 * call as the other side knows it, to that side alone; a dialog that is not ours is none (481).
 */
#include <limits.h>
#include <stdlib.h>

#include "b2bua/call/impl.h"
#include "b2bua/core/replaces.h"

static const struct dialog *find(const struct calls *c, const struct replaces *r, const struct leg **mate) {
    struct sip_msg named = {.call_id = r->call_id, .to_tag = r->to_tag, .from_tag = r->from_tag};
    struct dialog *d = NULL;
    struct leg *leg = table_find(c, &named, &d);

    if (leg == NULL || leg->state == LEG_ENDED || d->mate == NULL || leg_mate(leg)->names == NULL)
        return NULL;
    if (r->early_only && d->confirmed)
        return NULL;
    *mate = leg_mate(leg);
    return d->mate;
}

/* "SLOT VALUE": which trunk the other side is, and how it knows the dialog. */
bool calls_map_replaces(const struct calls *c, struct str value, struct sbuf *out) {
    struct replaces r;
    const struct leg *mate;

    if (replaces_parse(value, &r) < 0)
        return false;
    const struct dialog *d = find(c, &r, &mate);
    if (d == NULL)
        return false;
    sbuf_number(out, (uint64_t)leg_trunk(mate)->slot);
    sbuf_putc(out, ' ');
    replaces_put(out, &(struct replaces){.call_id = mate->names->call_id,
                                         .to_tag = str_of(d->remote_tag),
                                         .from_tag = str_of(d->local_tag),
                                         .early_only = r.early_only});
    return !out->full;
}

/* What the INVITE is to say where it goes. Returns 0, or the status to refuse it with. */
int replaces_take(struct calls *c, const struct ua_in *in, struct call_replaces *out) {
    struct str value = in->msg.replaces, mapped = c->mapped;
    struct sbuf b = sbuf_on(c->text, sizeof c->text);
    struct replaces r;
    uint64_t slot;

    if (value.n == 0)
        return 0;
    if (replaces_parse(value, &r) < 0)
        return 400;
    if (mapped.p == NULL && calls_map_replaces(c, value, &b))
        mapped = sbuf_str(&b);
    size_t space = str_find(mapped, ' ');
    if (mapped.n == 0 || str_number((struct str){mapped.p, space}, INT_MAX, &slot) < 0)
        return 481;
    *out =
        (struct call_replaces){str_dup(str_from(mapped, space + 1)), (int)slot, in->msg.required & SIP_OPTION_REPLACES};
    return 0;
}
