/* Headers that are not in our grammar and are looked at all the same: found in one walk over what Sofia left unread. */
#include "b2bua/core/cause.h"
#include "b2bua/sip/impl.h"

/* The first header of a kind counts. */
static void take(struct str *place, struct str value) {
    if (place->n == 0)
        *place = value;
}

static void take_pai(struct sip_msg *m, struct str value) {
    take(&m->identities[IDENTITY_PAI], value);
}

static void take_ppi(struct sip_msg *m, struct str value) {
    take(&m->identities[IDENTITY_PPI], value);
}

static void take_rpid(struct sip_msg *m, struct str value) {
    struct sip_addr a;
    struct str rest, name, param;

    if (m->identities[IDENTITY_RPID].n > 0)
        return;
    m->identities[IDENTITY_RPID] = value;
    sip_addr_split(sip_list_first(value, &rest), &a);
    while (sip_param_next(&a.params, &name, &param))
        m->rpid_private |= str_ieq(name, STR("privacy")) && identity_hides(param);
}

static void take_privacy(struct sip_msg *m, struct str value) {
    m->privacy |= identity_privacy(value);
}

static void take_signature(struct sip_msg *m, struct str value) {
    m->is_signed |= value.n > 0;
}

static void take_replaces(struct sip_msg *m, struct str value) {
    m->replaces_again = m->replaces.p != NULL;
    take(&m->replaces, value);
}

static void take_reason(struct sip_msg *m, struct str value) {
    take(&m->reason, value);
    if (m->cause < 0)
        m->cause = cause_of_reason(value);
}

static int hex_digit(char c) {
    return c >= '0' && c <= '9' ? c - '0' : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10 : -1;
}

/* The UUID of the one who speaks: 32 hex digits before any parameter (RFC 7989 5). */
static void take_session_id(struct sip_msg *m, struct str value) {
    uint64_t halves[2] = {0, 0};
    struct str digits = str_trim(str_upto(value, str_find(value, ';')));

    if (digits.n != 32)
        return;
    for (size_t i = 0; i < digits.n; i++) {
        int digit = hex_digit(digits.p[i]);
        if (digit < 0)
            return;
        halves[i / 16] = halves[i / 16] << 4 | (uint64_t)digit;
    }
    memcpy(m->session_id, halves, sizeof halves);
}

static const struct {
    struct str name;
    void (*take)(struct sip_msg *m, struct str value);
} wanted[] = {
    {STR_INIT("P-Asserted-Identity"), take_pai}, {STR_INIT("P-Preferred-Identity"), take_ppi},
    {STR_INIT("Remote-Party-ID"), take_rpid},    {STR_INIT("Privacy"), take_privacy},
    {STR_INIT("Identity"), take_signature},      {STR_INIT("y"), take_signature},
    {STR_INIT("Replaces"), take_replaces},       {STR_INIT("Reason"), take_reason},
    {STR_INIT("Session-ID"), take_session_id},
};

void sip_take_unread(struct sip_msg *m, const sip_t *sip) {
    struct sip_line line;

    m->cause = -1;
    for (const sip_unknown_t *u = sip->sip_unknown; u != NULL; u = u->un_next)
        for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
            if (str_ieq(str_of(u->un_name), wanted[i].name) && sip_line_of((const msg_header_t *)u, &line))
                wanted[i].take(m, line.value);
    for (int kind = IDENTITY_RPID; kind >= IDENTITY_PAI; kind--)
        if (m->identities[kind].n > 0)
            m->identity = m->identities[kind];
}
