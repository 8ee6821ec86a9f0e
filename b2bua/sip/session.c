/* Session-Expires and Min-SE (RFC 4028 sections 4 and 5), read and written. */
#include "b2bua/sip/impl.h"

/* A line that Sofia could not read, or a second one where one may stand, is in its list of errors. */
static bool is_broken(const sip_t *sip, const char *name, const char *compact) {
    for (const msg_header_t *h = (const msg_header_t *)sip->sip_error; h != NULL; h = h->sh_next) {
        struct sip_line line;
        if (sip_line_of(h, &line) && (str_ieq(line.name, str_of(name)) || str_ieq(line.name, str_of(compact))))
            return true;
    }
    return false;
}

/* delta-seconds, then parameters: these go to *params. Returns 0, or -1 when that is not what stands there. */
static int read_seconds(const void *header, uint32_t *seconds, struct str *params) {
    struct sip_line line;
    uint64_t n;

    if (!sip_line_of(header, &line))
        return -1;
    struct str number = str_trim((struct str){line.value.p, str_find(line.value, ';')});
    if (str_number(number, UINT32_MAX, &n) < 0)
        return -1;
    *params = str_from(line.value, str_find(line.value, ';'));
    *seconds = (uint32_t)n;
    return 0;
}

static enum sst_param refresher(struct str params) {
    struct str name, value;

    while (sip_param_next(&params, &name, &value)) {
        if (!str_ieq(name, STR("refresher")))
            continue;
        if (str_ieq(value, STR("uac")))
            return SST_PARAM_UAC;
        if (str_ieq(value, STR("uas")))
            return SST_PARAM_UAS;
    }
    return SST_PARAM_NONE;
}

unsigned sip_session(const sip_t *sip, struct sst_said *out) {
    struct str params = STR_NONE;
    unsigned bad = 0;

    if (sip->sip_session_expires == NULL && sip->sip_min_se == NULL && sip->sip_error == NULL)
        return 0;
    if (is_broken(sip, "Session-Expires", "x") ||
        (sip->sip_session_expires != NULL &&
         (read_seconds(sip->sip_session_expires, &out->session_expires_s, &params) < 0 ||
          out->session_expires_s == 0))) {
        out->session_expires_s = 0;
        bad |= SIP_SESSION_BAD_EXPIRES;
    } else {
        out->refresher = refresher(params);
    }
    if (is_broken(sip, "Min-SE", "Min-SE") ||
        (sip->sip_min_se != NULL && read_seconds(sip->sip_min_se, &out->min_se_s, &params) < 0)) {
        out->min_se_s = 0;
        bad |= SIP_SESSION_BAD_MIN_SE;
    }
    return bad;
}

void sip_session_put(struct sbuf *out, const struct sst_say *say) {
    static const char *const params[] = {"", ";refresher=uac", ";refresher=uas"};

    if (say->session_expires_s != 0) {
        sbuf_puts(out, "Session-Expires: ");
        sbuf_number(out, say->session_expires_s);
        sbuf_puts(out, params[say->refresher]);
        sbuf_puts(out, "\r\n");
    }
    if (say->min_se_s != 0) {
        sbuf_puts(out, "Min-SE: ");
        sbuf_number(out, say->min_se_s);
        sbuf_puts(out, "\r\n");
    }
}
