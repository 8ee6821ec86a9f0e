/*
 * Writes the headers that tell about people, as core/identity has planned it: in another form, without what is private,
 * and without addresses of the side that they came from. What needs no change keeps its bytes.
 */
#include "b2bua/core/topology.h"
#include "b2bua/sip/impl.h"

/* --- addresses --- */

static bool is_literal(struct str host) {
    struct addr a;

    return addr_parse(&a, host) == 0;
}

/* maddr and received name a place as a host does. */
static bool has_place(struct str params) {
    struct str name, value;

    while (sip_param_next(&params, &name, &value))
        if (str_ieq(name, STR("maddr")) || str_ieq(name, STR("received")))
            return true;
    return false;
}

static bool is_hidden(struct str host, const struct sip_cross *x) {
    return is_literal(host) || (x->settings != NULL && topology_hides(x->settings, x->from_trunk, x->to_trunk, host));
}

static bool names_side(struct str uri, const struct sip_cross *x) {
    struct sip_uri u;

    sip_uri_split(uri, &u);
    return u.has_host && (is_hidden(u.host, x) || has_place(u.params));
}

static void put_uri(struct sbuf *out, struct str uri, const struct sip_cross *x) {
    struct sip_uri u;

    sip_uri_split(uri, &u);
    if (names_side(uri, x))
        sip_put_uri_elsewhere(out, uri, is_hidden(u.host, x) ? x->our_host : STR_NONE);
    else
        sbuf_put(out, uri);
}

/* The part of settings that says whether numbers of such headers change. */
static unsigned where_of(enum identity_kind kind) {
    return kind == IDENTITY_DIVERSION ? TRANSLATED_DIVERSION
           : kind == IDENTITY_HISTORY ? TRANSLATED_HISTORY
                                      : TRANSLATED_ASSERTED;
}

static void put_person(struct sbuf *out, const struct sip_addr *a, enum identity_kind kind, const struct sip_cross *x) {
    size_t start = out->n;

    sbuf_put(out, a->display);
    sbuf_puts(out, a->brackets ? "<" : "");
    put_uri(out, a->uri, x);
    sbuf_puts(out, a->brackets ? ">" : "");
    sip_renumber(out, start, &x->numbers, where_of(kind), x->from);
    sbuf_put(out, a->params);
}

/* --- what an element says of itself --- */

/* Diversion;privacy=full (RFC 5806 4.2). */
static bool is_private_diversion(const struct sip_addr *a) {
    struct str params = a->params, name, value;

    while (sip_param_next(&params, &name, &value))
        if (str_ieq(name, STR("privacy")) && identity_hides(value))
            return true;
    return false;
}

/* <sip:...?Privacy=history> among the headers of the URI (RFC 7044 10.1.1). */
static bool is_private_entry(const struct sip_addr *a) {
    struct sip_uri u;

    sip_uri_split(a->uri, &u);
    for (struct str rest = u.headers; rest.n > 1;) {
        rest = str_from(rest, 1); /* '?' or '&' */
        struct str one = str_upto(rest, str_find(rest, '&'));
        size_t equal = str_find(one, '=');
        rest = str_from(rest, one.n);
        if (equal < one.n && str_ieq(str_upto(one, equal), STR("Privacy")) &&
            !str_ieq(str_from(one, equal + 1), STR("none")))
            return true;
    }
    return false;
}

enum fate { KEPT, REWRITTEN, ANONYMOUS, DROPPED };

static enum fate fate_of(const struct sip_addr *a, enum identity_kind kind, const struct sip_cross *x) {
    if (kind == IDENTITY_DIVERSION && x->plan.leaves_trust && is_private_diversion(a))
        return DROPPED;
    if (kind == IDENTITY_HISTORY && (x->plan.anonymous_history || (x->plan.leaves_trust && is_private_entry(a))))
        return ANONYMOUS;
    return names_side(a->uri, x) || !sip_number_stays(a->uri, &x->numbers, where_of(kind), x->from) ? REWRITTEN : KEPT;
}

/* --- lines --- */

static bool is_kept(struct sip_line line, enum identity_kind kind, const struct sip_cross *x) {
    struct str rest = line.value;
    struct sip_addr a;

    while (rest.n > 0) {
        sip_addr_split(sip_list_first(rest, &rest), &a);
        if (fate_of(&a, kind, x) != KEPT)
            return false;
    }
    return true;
}

static void put_element(struct sbuf *out, const struct sip_addr *a, enum fate fate, enum identity_kind kind,
                        const struct sip_cross *x) {
    if (fate != ANONYMOUS) {
        put_person(out, a, kind, x);
        return;
    }
    sbuf_puts(out, "<sip:anonymous@" IDENTITY_ANONYMOUS_HOST ">");
    sbuf_put(out, a->params);
}

/* The line under the name `name`. */
static void put_list(struct sbuf *out, struct str name, struct sip_line line, enum identity_kind kind,
                     const struct sip_cross *x) {
    struct str rest = line.value;
    bool begun = false;

    while (rest.n > 0) {
        struct sip_addr a;
        sip_addr_split(sip_list_first(rest, &rest), &a);
        enum fate fate = fate_of(&a, kind, x);
        if (fate == DROPPED)
            continue;
        sbuf_put(out, begun ? STR(", ") : name);
        sbuf_puts(out, begun ? "" : ": ");
        put_element(out, &a, fate, kind, x);
        begun = true;
    }
    sbuf_puts(out, begun ? "\r\n" : "");
}

/* --- Privacy --- */

/* What has been done for the user is not asked of the next one (RFC 3323 5); critical alone asks for nothing. */
static void put_privacy(struct sbuf *out, struct sip_line line, const struct identity_plan *plan) {
    unsigned gone = plan->fulfilled, left = identity_privacy(line.value) & ~gone;
    const char *before = "Privacy: ";

    if (left == PRIVACY_CRITICAL)
        gone |= PRIVACY_CRITICAL;
    for (struct str rest = line.value, one; (one = identity_privacy_next(&rest)).n > 0;) {
        if (identity_privacy_bit(one) & gone)
            continue;
        sbuf_puts(out, before);
        sbuf_put(out, one);
        before = ";";
    }
    if (plan->adds_id) {
        sbuf_puts(out, before);
        sbuf_puts(out, "id");
        before = ";";
    }
    sbuf_puts(out, before[0] == ';' ? "\r\n" : "");
}

/* --- another form --- */

/* Only the first of several says who it is; RPID knows one (draft-ietf-sip-privacy-04 6). */
static void put_as_rpid(struct sbuf *out, struct sip_addr *a, const struct sip_cross *x) {
    a->params = STR_NONE;
    sbuf_puts(out, "Remote-Party-ID: ");
    a->brackets = true;
    put_person(out, a, x->plan.source, x);
    sbuf_puts(out, x->to_caller ? ";party=called" : ";party=calling");
    sbuf_puts(out, x->plan.source == IDENTITY_PAI ? ";screen=yes" : ";screen=no");
    sbuf_puts(out, x->plan.withheld ? ";privacy=full\r\n" : ";privacy=off\r\n");
}

static void put_from_rpid(struct sbuf *out, struct sip_addr *a, const struct sip_cross *x) {
    sbuf_puts(out, identity_header(x->plan.form));
    sbuf_puts(out, ": ");
    a->params = STR_NONE;
    a->brackets = true;
    put_person(out, a, x->plan.source, x);
    sbuf_puts(out, "\r\n");
    if (x->plan.adds_id && x->from->privacy == 0)
        sbuf_puts(out, "Privacy: id\r\n");
}

static void put_converted(struct sbuf *out, struct sip_line line, const struct sip_cross *x) {
    bool is_first = line.value.p == x->from->identities[x->plan.source].p;
    struct sip_addr a;
    struct str rest;

    if (x->plan.source != IDENTITY_RPID && x->plan.form != IDENTITY_RPID) { /* both are lists of the same */
        put_list(out, str_of(identity_header(x->plan.form)), line, x->plan.source, x);
        return;
    }
    if (!is_first)
        return;
    sip_addr_split(sip_list_first(line.value, &rest), &a);
    if (x->plan.form == IDENTITY_RPID)
        put_as_rpid(out, &a, x);
    else
        put_from_rpid(out, &a, x);
}

void sip_put_identity(struct sbuf *out, struct sip_line line, enum identity_kind kind, const struct sip_cross *x) {
    if (kind == IDENTITY_PRIVACY) {
        if (x->plan.fulfilled == 0 && !x->plan.adds_id)
            sbuf_put(out, line.all);
        else
            put_privacy(out, line, &x->plan);
    } else if (x->plan.source != IDENTITY_NONE && kind == x->plan.source && kind != x->plan.form) {
        put_converted(out, line, x);
    } else if (is_kept(line, kind, x)) {
        sbuf_put(out, line.all);
    } else {
        put_list(out, line.name, line, kind, x);
    }
}
