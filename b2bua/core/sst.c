#include "b2bua/core/sst.h"

#include "b2bua/core/glare.h"

enum {
    SST_MAX_S = 86400,
    SST_WITHOUT_MIN_SE_S = 1800, /* what a 422 that names no minimum is taken to want */
    SST_POSTPONE_MS = 1000,
    SST_RETRY_PARTS = 18,
    SST_RETRY_MIN_MS = 5000,
    SST_RETRY_MAX_MS = 60000
};

static uint32_t larger(uint32_t a, uint32_t b) {
    return a > b ? a : b;
}

static uint32_t smaller(uint32_t a, uint32_t b) {
    return a < b ? a : b;
}

void sst_stop(struct sst *s) {
    s->interval_s = 0;
    s->refresher = SST_NOBODY;
    s->why = SST_WHY_NONE;
    s->refreshing = false;
    s->refresh_ms = s->end_ms = 0;
}

/* A new interval begins (RFC 4028 section 10: who refreshes does so at half of it). */
static void start(struct sst *s, uint32_t interval_s, uint64_t now_ms) {
    uint32_t margin_s = smaller(SST_MARGIN_MAX_S, interval_s / 3);

    s->interval_s = interval_s;
    s->start_ms = now_ms;
    s->end_ms = now_ms + (uint64_t)(interval_s - margin_s) * 1000;
    s->refresh_ms = s->refresher == SST_LOCAL ? now_ms + (uint64_t)interval_s * 500 : 0;
    s->refreshing = false;
}

static void appoint(struct sst *s, enum sst_party party, enum sst_why why) {
    s->refresher = party;
    s->why = why;
}

/* --- as UAS --- */

int sst_check(const struct sst_policy *p, const struct sst_said *said, uint32_t *min_se_s) {
    if (!p->on || !said->timer || said->session_expires_s == 0 || said->session_expires_s >= p->min_se_s)
        return 0;
    *min_se_s = p->min_se_s;
    return 422;
}

/* RFC 4028 section 9, table 2: a peer that lists the extension may name either side; one that does not leaves it to us.
 */
static void appoint_as_uas(struct sst *s, const struct sst_policy *p, const struct sst_said *said) {
    if (!said->timer)
        appoint(s, SST_LOCAL, SST_WHY_PEER_CANNOT);
    else if (said->refresher != SST_PARAM_NONE)
        appoint(s, said->refresher == SST_PARAM_UAC ? SST_REMOTE : SST_LOCAL, SST_WHY_NAMED_BY_PEER);
    else if (p->wish != SST_WISH_AUTO)
        appoint(s, p->wish == SST_WISH_LOCAL ? SST_LOCAL : SST_REMOTE, SST_WHY_TRUNK);
    else if (s->refresher == SST_NOBODY)
        appoint(s, SST_REMOTE, SST_WHY_PEER_SUPPORTS);
}

static uint32_t interval_as_uas(const struct sst *s, const struct sst_policy *p, const struct sst_said *said) {
    uint32_t wanted = p->session_expires_s,
             least = larger(larger(p->min_se_s, smaller(said->min_se_s, SST_MAX_S)), SST_FLOOR_S);

    if (said->session_expires_s != 0)
        wanted = smaller(said->session_expires_s, p->session_expires_s);
    else if (s->interval_s != 0)
        wanted = s->interval_s;
    return larger(wanted, least);
}

void sst_accept(struct sst *s, const struct sst_policy *p, const struct sst_said *said, uint64_t now_ms,
                struct sst_say *say) {
    *say = (struct sst_say){.supported = p->on};
    if (!p->on || (said->session_expires_s == 0 && s->interval_s == 0 && !p->refresh)) {
        sst_stop(s);
        return;
    }
    if (s->interval_s != 0)
        s->result = SST_RESULT_OK;
    s->min_se_s = larger(s->min_se_s, smaller(said->min_se_s, SST_MAX_S));
    appoint_as_uas(s, p, said);
    start(s, interval_as_uas(s, p, said), now_ms);
    say->session_expires_s = s->interval_s;
    say->refresher = s->refresher == SST_LOCAL ? SST_PARAM_UAS : SST_PARAM_UAC;
    say->required = s->refresher == SST_REMOTE && said->timer;
}

/* --- as UAC --- */

static enum sst_param param_as_uac(const struct sst *s, const struct sst_policy *p) {
    if (s->refresher != SST_NOBODY)
        return s->refresher == SST_LOCAL ? SST_PARAM_UAC : SST_PARAM_UAS;
    if (p->wish == SST_WISH_AUTO)
        return SST_PARAM_NONE;
    return p->wish == SST_WISH_LOCAL ? SST_PARAM_UAC : SST_PARAM_UAS;
}

void sst_ask(const struct sst *s, const struct sst_policy *p, bool asked, struct sst_say *say) {
    *say = (struct sst_say){.supported = p->on};
    if (!p->on || (s->interval_s == 0 && !asked && !p->refresh && s->retries == 0))
        return;
    say->min_se_s = larger(p->min_se_s, s->min_se_s);
    say->session_expires_s = larger(s->interval_s != 0 ? s->interval_s : p->session_expires_s, say->min_se_s);
    say->refresher = param_as_uac(s, p);
}

bool sst_too_small(struct sst *s, const struct sst_policy *p, const struct sst_said *said, uint32_t asked_s) {
    uint32_t wanted = said->min_se_s;

    if (wanted == 0)
        wanted = asked_s < SST_WITHOUT_MIN_SE_S ? SST_WITHOUT_MIN_SE_S : 2 * asked_s;
    if (!p->on || s->retries >= SST_RETRIES_MAX || wanted <= asked_s || wanted > SST_MAX_S) {
        s->retries = 0;
        return false;
    }
    s->retries++;
    s->min_se_s = larger(s->min_se_s, wanted);
    s->result = SST_RESULT_TOO_SMALL;
    return true;
}

void sst_granted(struct sst *s, const struct sst_policy *p, const struct sst_said *said, uint32_t asked_s,
                 uint64_t now_ms) {
    uint32_t interval_s = said->session_expires_s;

    s->retries = 0;
    if (!p->on || (interval_s == 0 && (!p->refresh || asked_s == 0))) {
        sst_stop(s);
        return;
    }
    if (s->interval_s != 0)
        s->result = SST_RESULT_OK;
    if (interval_s == 0)
        appoint(s, SST_LOCAL, SST_WHY_PEER_CANNOT);
    else if (said->refresher == SST_PARAM_NONE)
        appoint(s, SST_LOCAL, SST_WHY_UNNAMED);
    else
        appoint(s, said->refresher == SST_PARAM_UAC ? SST_LOCAL : SST_REMOTE, SST_WHY_NAMED_BY_PEER);
    start(s, interval_s != 0 ? interval_s : asked_s, now_ms);
}

void sst_heard(struct sst *s, const struct sst_said *said) {
    if (said->has_allow)
        s->allows_update = said->has_update;
}

/* --- time --- */

uint64_t sst_deadline(const struct sst *s) {
    if (s->interval_s == 0)
        return UINT64_MAX;
    return s->refresh_ms != 0 && !s->refreshing && s->refresh_ms < s->end_ms ? s->refresh_ms : s->end_ms;
}

static enum sst_action refresh_by(const struct sst *s, const struct sst_policy *p) {
    bool update = p->method == SST_METHOD_UPDATE || (p->method == SST_METHOD_AUTO && s->allows_update);

    return update && !s->update_refused ? SST_REFRESH_UPDATE : SST_REFRESH_INVITE;
}

enum sst_action sst_tick(struct sst *s, const struct sst_policy *p, uint64_t now_ms) {
    if (s->interval_s == 0)
        return SST_NOTHING;
    if (now_ms >= s->end_ms) {
        enum sst_action over = s->refresher == SST_LOCAL ? SST_FAILED : SST_MISSED;
        s->result = SST_RESULT_LOST;
        s->refresh_ms = 0;
        s->end_ms = UINT64_MAX;
        return over;
    }
    if (s->refresh_ms == 0 || s->refreshing || now_ms < s->refresh_ms)
        return SST_NOTHING;
    s->refreshing = true;
    return refresh_by(s, p);
}

void sst_postpone(struct sst *s, uint64_t now_ms) {
    s->refreshing = false;
    s->refresh_ms = now_ms + SST_POSTPONE_MS;
}

static uint64_t retry_pause_ms(const struct sst *s, uint32_t retry_after_s) {
    uint64_t part = (uint64_t)s->interval_s * 1000 / SST_RETRY_PARTS;

    if (retry_after_s != 0)
        return (uint64_t)retry_after_s * 1000;
    return part < SST_RETRY_MIN_MS ? SST_RETRY_MIN_MS : part > SST_RETRY_MAX_MS ? SST_RETRY_MAX_MS : part;
}

/* When the peer has refreshed meanwhile, there is nothing left to try. */
static enum sst_action again(struct sst *s, enum sst_result result, uint64_t at_ms) {
    s->result = result;
    if (s->refreshing)
        s->refresh_ms = at_ms;
    s->refreshing = false;
    return SST_NOTHING;
}

enum sst_action sst_failed(struct sst *s, int status, bool was_update, bool owns_call_id, uint32_t retry_after_s,
                           uint32_t random, uint64_t now_ms) {
    s->retries = 0;
    if (status == 408 || status == 481 || status == 0) {
        s->result = SST_RESULT_LOST;
        return SST_FAILED;
    }
    bool is_busy = status == 500 && retry_after_s != 0; /* RFC 3311 5.2: not now */
    if (was_update && !is_busy && (status == 405 || status == 501 || status == 500)) {
        s->update_refused = true;
        s->result = SST_RESULT_METHOD;
        return s->refreshing ? SST_REFRESH_INVITE : SST_NOTHING;
    }
    if (status == 491)
        return again(s, SST_RESULT_GLARE, now_ms + glare_pause_ms(owns_call_id, random));
    return again(s, SST_RESULT_REFUSED, now_ms + retry_pause_ms(s, retry_after_s));
}

/* --- names --- */

const char *sst_party_name(enum sst_party p) {
    static const char *const names[] = {"-", "local", "remote"};
    return names[p];
}

const char *sst_why_name(enum sst_why w) {
    static const char *const names[] = {"-",           "named by peer",    "trunk setting", "peer supports it",
                                        "peer cannot", "peer named nobody"};
    return names[w];
}

const char *sst_result_name(enum sst_result r) {
    static const char *const names[] = {"-", "ok", "interval too small", "glare", "update refused", "refused", "lost"};
    return names[r];
}

const char *sst_method_name(const struct sst *s, const struct sst_policy *p) {
    if (s->refresher != SST_LOCAL)
        return "-";
    return refresh_by(s, p) == SST_REFRESH_UPDATE ? "update" : "invite";
}
