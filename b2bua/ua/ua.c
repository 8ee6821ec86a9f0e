#include "b2bua/ua/ua.h"

#include <stdlib.h>

#include "b2bua/core/dialog.h"
#include "b2bua/core/frame.h"
#include "b2bua/trunk/trunk.h"
#include "b2bua/ua/impl.h"

struct ua *ua_new(const struct ua_config *config) {
    struct ua *ua = mem_zalloc(sizeof *ua);

    ua->config = *config;
    ua->txns = txnset_new(config->timers, NULL, &ua_txn_ops, ua);
    txnset_seed(ua->txns, ua_random(ua));
    ua->credentials = credentials_new(config->random);
    return ua;
}

void ua_free(struct ua *ua) {
    if (ua == NULL)
        return;
    txnset_free(ua->txns);
    while (ua->spares != NULL)
        ua_spare_drop(ua, ua->spares->id);
    credentials_free(ua->credentials);
    settings_unref(ua->settings);
    source_fini(&ua->sources);
    profile_ctx_free(ua->profile_ctx);
    free(ua->profile_counts);
    free(ua);
}

static int slots_in(const struct settings *s) {
    int count = 0;

    for (int i = 0; i < s->profile_count; i++)
        count = s->profiles[i].slot >= count ? s->profiles[i].slot + 1 : count;
    return count;
}

static void make_room(struct ua *ua, int slots) {
    if (slots <= ua->profile_slots)
        return;
    ua->profile_counts = mem_realloc(ua->profile_counts, (size_t)slots * sizeof *ua->profile_counts);
    memset(ua->profile_counts + ua->profile_slots, 0, (size_t)(slots - ua->profile_slots) * sizeof *ua->profile_counts);
    ua->profile_slots = slots;
}

static bool any_describes(const struct settings *s) {
    for (int i = 0; i < s->profile_count; i++)
        if (profile_describes(s->profiles[i].rules))
            return true;
    return false;
}

void ua_set_settings(struct ua *ua, struct settings *s) {
    ua->has_changed = ua->settings != NULL;
    ua->describes |= any_describes(s);
    settings_unref(ua->settings);
    ua->settings = settings_ref(s);
    source_forget(&ua->sources);
    make_room(ua, slots_in(s));
    credentials_set_settings(ua->credentials, s);
    for (int i = 0; i < s->listen_count; i++)
        ladder_set_local(ua->config.ladder, (unsigned)i, &s->listens[i].bind);
}

struct ladder *ua_ladder(const struct ua *ua) {
    return ua->config.ladder;
}

int ua_trunk_of(struct ua *ua, const struct settings *s, const struct flow *from) {
    source_fresh(&ua->sources, ua->config.pool, ua->settings);
    return trunk_find(s, &ua->sources, from);
}

struct settings *ua_settings_for(const struct ua *ua, struct str text) {
    if (!ua->has_changed)
        return ua->settings;
    struct profile_message m = profile_message_of(text);
    if (m.method == METHOD_INVITE && !m.response && !m.reinvite)
        return ua->settings;
    struct settings *kept = ua->config.ops->kept(ua->config.ctx, frame_call_id(text));
    return kept != NULL ? kept : ua->settings;
}

const struct ua_profile_counts *ua_profiles(const struct ua *ua, int *count) {
    *count = ua->profile_slots;
    return ua->profile_counts;
}

uint64_t ua_random(struct ua *ua) {
    if (ua->entropy_left == 0) {
        ua->config.random(ua->entropy, sizeof ua->entropy);
        ua->entropy_left = UA_ENTROPY;
    }
    return ua->entropy[--ua->entropy_left];
}

void ua_tag(struct ua *ua, char *buf) {
    struct sbuf b = sbuf_on(buf, DIALOG_TAG_SIZE - 1);

    sbuf_hex(&b, ua_random(ua));
    buf[b.n] = '\0';
}

unsigned ua_owner(struct str call_id, unsigned workers) {
    return workers < 2 ? 0 : (unsigned)(str_hash(call_id) % workers);
}

void ua_call_id(struct ua *ua, char *buf) {
    struct sbuf b;

    do {
        b = sbuf_on(buf, UA_CALL_ID_SIZE - 1);
        sbuf_hex(&b, ua_random(ua));
        sbuf_hex(&b, ua_random(ua));
    } while (ua_owner(sbuf_str(&b), ua->config.workers) != ua->config.worker);
    buf[b.n] = '\0';
}

struct ua_counts ua_counts(const struct ua *ua) {
    struct ua_counts c = ua->counts;

    c.txn = txnset_counts(ua->txns);
    return c;
}

struct credentials_counts ua_credentials(const struct ua *ua, int trunk) {
    return credentials_counts(ua->credentials, ua->settings->trunks[trunk].name);
}
