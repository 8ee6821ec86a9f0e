#include "b2bua/core/identity.h"

enum {
    ASSERTIONS = IDENTITY_BIT(IDENTITY_PAI) | IDENTITY_BIT(IDENTITY_PPI) | IDENTITY_BIT(IDENTITY_RPID),
    REDIRECTIONS = IDENTITY_BIT(IDENTITY_DIVERSION) | IDENTITY_BIT(IDENTITY_HISTORY),
    NOT_BELIEVED = IDENTITY_BIT(IDENTITY_PAI) | IDENTITY_BIT(IDENTITY_RPID) | IDENTITY_BIT(IDENTITY_TRUSTED),
};

/* --- Privacy --- */

static const struct {
    struct str name;
    unsigned bit;
} values[] = {
    {{"id", 2}, PRIVACY_ID},           {{"header", 6}, PRIVACY_HEADER},     {{"user", 4}, PRIVACY_USER},
    {{"session", 7}, PRIVACY_SESSION}, {{"critical", 8}, PRIVACY_CRITICAL}, {{"none", 4}, PRIVACY_NONE},
    {{"history", 7}, PRIVACY_HISTORY},
};

unsigned identity_privacy_bit(struct str priv_value) {
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        if (str_ieq(priv_value, values[i].name))
            return values[i].bit;
    return PRIVACY_OTHER;
}

/* RFC 3323 puts semicolons between them; commas are seen, too. */
struct str identity_privacy_next(struct str *value) {
    struct str one = STR_NONE;

    while (one.n == 0 && value->n > 0) {
        size_t semicolon = str_find(*value, ';'), comma = str_find(*value, ','), end;
        end = semicolon < comma ? semicolon : comma;
        one = str_trim(str_upto(*value, end));
        *value = str_from(*value, end < value->n ? end + 1 : end);
    }
    return one;
}

unsigned identity_privacy(struct str value) {
    unsigned bits = 0;

    for (struct str one; (one = identity_privacy_next(&value)).n > 0;)
        bits |= identity_privacy_bit(one);
    return bits;
}

bool identity_hides(struct str privacy_param) {
    static const struct str hiding[] = {{"full", 4}, {"name", 4}, {"uri", 3}};

    struct str what = str_upto(privacy_param, str_find(privacy_param, '-')); /* "full-network" */

    for (size_t i = 0; i < sizeof hiding / sizeof *hiding; i++)
        if (str_ieq(what, hiding[i]))
            return true;
    return false;
}

/* What a value asks of whoever hands the message to somebody who is not trusted. */
static const struct {
    unsigned value, drops;
    bool from, contact, history;
    const char *source;
} obedience[] = {
    {PRIVACY_ID, 0, false, false, false, "RFC 3325 9.3: the assertions go in any case"},
    {PRIVACY_HEADER, IDENTITY_BIT(IDENTITY_INFO), false, true, true, "RFC 3323 5.1, RFC 7044 10.1"},
    {PRIVACY_USER, IDENTITY_BIT(IDENTITY_INFO) | IDENTITY_BIT(IDENTITY_SIGNATURE), true, true, true, "RFC 3323 5.3"},
    {PRIVACY_HISTORY, 0, false, false, true, "RFC 7044 10.1"},
};

static void obey(unsigned privacy, struct identity_plan *p) {
    for (size_t i = 0; i < sizeof obedience / sizeof *obedience; i++) {
        if (!(privacy & obedience[i].value))
            continue;
        p->drops |= obedience[i].drops;
        p->anonymous_from |= obedience[i].from;
        p->anonymous_contact |= obedience[i].contact;
        p->anonymous_history |= obedience[i].history;
        p->fulfilled |= obedience[i].value;
    }
    p->impossible = (privacy & PRIVACY_CRITICAL) && (privacy & (PRIVACY_SESSION | PRIVACY_OTHER));
}

/* --- forms --- */

static const struct {
    enum identity_kind kind;
    const char *header;
} forms[] = {
    [ASSERTED_PASS] = {IDENTITY_NONE, ""},
    [ASSERTED_STRIP] = {IDENTITY_NONE, ""},
    [ASSERTED_PAI] = {IDENTITY_PAI, "P-Asserted-Identity"},
    [ASSERTED_PPI] = {IDENTITY_PPI, "P-Preferred-Identity"},
    [ASSERTED_RPID] = {IDENTITY_RPID, "Remote-Party-ID"},
};

const char *identity_header(enum identity_kind kind) {
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        if (forms[i].kind == kind)
            return forms[i].header;
    return "";
}

/* The best of what is left of the three leaves, in the form that is wanted; the others do not. */
static void convert(const struct identity_facts *f, struct identity_plan *p) {
    unsigned left = f->has & ~p->drops;
    enum identity_kind best = IDENTITY_PAI;

    while (best <= IDENTITY_RPID && !(left & IDENTITY_BIT(best)))
        best++;
    p->drops |= ASSERTIONS;
    if (best > IDENTITY_RPID)
        return;
    p->drops &= ~IDENTITY_BIT(best);
    p->source = best;
    p->form = forms[f->to->asserted_id].kind;
    p->adds_id = best == IDENTITY_RPID && p->form != IDENTITY_RPID && f->rpid_private && !(f->said & PRIVACY_ID);
}

void identity_plan(const struct identity_facts *f, struct identity_plan *out) {
    const struct identity_policy *from = f->from, *to = f->to;
    bool none = f->privacy == PRIVACY_NONE;

    *out = (struct identity_plan){.leaves_trust = !to->trust, .withheld = f->privacy & (PRIVACY_ID | PRIVACY_USER)};
    if (!from->trust)
        out->drops |= NOT_BELIEVED;
    if (!to->trust)
        out->drops |= IDENTITY_BIT(IDENTITY_TRUSTED) | (none ? 0 : ASSERTIONS);
    if (from->asserted_id == ASSERTED_STRIP || to->asserted_id == ASSERTED_STRIP)
        out->drops |= ASSERTIONS;
    if (from->diversion == DIVERSION_STRIP || to->diversion == DIVERSION_STRIP)
        out->drops |= REDIRECTIONS;
    if (to->asserted_id >= ASSERTED_PAI)
        convert(f, out);
    if (!to->trust)
        obey(f->privacy, out);
}

bool identity_same_number(struct str a, struct str b) {
    static const char marks[] = "+-.()";
    size_t i = 0, j = 0;

    for (;;) {
        while (i < a.n && memchr(marks, a.p[i], sizeof marks - 1) != NULL)
            i++;
        while (j < b.n && memchr(marks, b.p[j], sizeof marks - 1) != NULL)
            j++;
        if (i == a.n || j == b.n)
            return i == a.n && j == b.n;
        if (a.p[i++] != b.p[j++])
            return false;
    }
}
