/*
 * Dialogs that are named to be replaced (RFC 3891), in an INVITE or in the Refer-To of a REFER: as the one who speaks
 * knows them. They cross as the other side knows them, to that side alone; to an INVITE a dialog that is not ours is
 * none (481).
 */
#include <limits.h>
#include <stdlib.h>

#include "b2bua/call/impl.h"
#include "b2bua/core/replaces.h"

static struct leg *find_leg(const struct calls *c, const struct replaces *r, struct str ours, struct str theirs,
                            struct dialog **d) {
    struct sip_msg named = {.call_id = r->call_id, .to_tag = ours, .from_tag = theirs};
    struct leg *leg = table_find(c, &named, d);

    return leg == NULL || leg->state == LEG_ENDED || (r->early_only && (*d)->confirmed) ? NULL : leg;
}

/* Whoever was sent here by a REFER that has crossed names it as the side knows it that it is to go to. */
static const struct dialog *find(const struct calls *c, const struct replaces *r, const struct leg **there) {
    struct dialog *d = NULL;
    struct leg *leg = find_leg(c, r, r->to_tag, r->from_tag, &d);

    if (leg != NULL) {
        *there = leg_across(leg, d);
        return (*there)->names == NULL ? NULL : d->mate;
    }
    *there = find_leg(c, r, r->from_tag, r->to_tag, &d);
    return *there == NULL ? NULL : d;
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

/* By what another worker has found, or by what is found here. Returns 0, or 481: it is not ours. */
static int look_up(struct calls *c, struct str value, struct call_replaces *out) {
    struct sbuf b = sbuf_on(c->text, sizeof c->text);
    struct str mapped = c->mapped;
    uint64_t slot;

    if (mapped.p == NULL) { /* nobody has looked */
        if (!calls_map_replaces(c, value, &b))
            return 481;
        mapped = sbuf_str(&b);
    }
    size_t space = str_find(mapped, ' ');
    if (mapped.n == 0 || str_number((struct str){mapped.p, space}, INT_MAX, &slot) < 0)
        return 481;
    *out = (struct call_replaces){.text = str_dup(str_from(mapped, space + 1)), .slot = (int)slot, .is_ours = true};
    return 0;
}

/* What the INVITE is to say where it goes. Returns 0, or the status to refuse it with. */
int replaces_take(struct calls *c, const struct ua_in *in, struct call_replaces *out) {
    struct replaces r;

    if (in->msg.replaces.n == 0)
        return 0;
    if (replaces_parse(in->msg.replaces, &r) < 0)
        return 400;
    int status = look_up(c, in->msg.replaces, out);
    if (status == 0)
        out->required = in->msg.required & SIP_OPTION_REPLACES;
    return status;
}

/* The same for the INVITE that the peer of `leg` asks for by REFER: a dialog that is not ours is one of his own side's,
 * and means something there alone. */
int replaces_for(const struct leg *leg, struct str named, struct call_replaces *out) {
    struct replaces r;

    if (replaces_parse(named, &r) < 0)
        return 400;
    if (look_up(leg->call->calls, named, out) != 0)
        *out = (struct call_replaces){.text = str_dup(named), .slot = leg_trunk(leg)->slot};
    return 0;
}
