#include "b2bua/registrar/heart.h"

#include <stdio.h>
#include <stdlib.h>

#include "b2bua/ua/options.h"
#include "b2bua/ua/query.h"

enum { LOOK_MS = 500, LINE_MAX_BYTES = HEARTBEAT_TEXT_MAX + 32 };

struct heart {
    struct heart_config config;
    struct settings *settings;
    struct timer timer;
    struct queries queries;
};

/* A question that is under way. */
struct beat {
    struct query query;
    struct heart *heart;
    uint32_t fellow;
    uint64_t number;
};

static struct beat *beat_of(struct ua_user *u) {
    return (struct beat *)((char *)u - offsetof(struct beat, query.user));
}

static void beat_free(struct beat *b) {
    query_end(&b->heart->queries, &b->query);
    free(b);
}

static struct str heartbeat_of(const struct sip_msg *m) {
    const void *cursor = NULL;
    struct str value;

    return sip_header_next(m, STR(HEARTBEAT_HEADER), &cursor, &value) ? str_trim(value) : STR_NONE;
}

/* --- outcomes --- */

static void missed(struct beat *b, enum fellow_event e, uint64_t now_ms) {
    fellows_missed(b->heart->config.fellows, b->fellow, b->number, e, now_ms);
    beat_free(b);
}

static void response(struct ua_user *u, struct tx *tx, const struct sip_msg *m, uint64_t now_ms) {
    struct beat *b = beat_of(u);

    (void)tx;
    if (m->status < 200)
        return;
    fellows_answered(b->heart->config.fellows, b->fellow, b->number, heartbeat_of(m), now_ms);
    beat_free(b);
}

static void failed(struct ua_user *u, struct tx *tx, bool timeout, uint64_t now_ms) {
    (void)tx;
    missed(beat_of(u), timeout ? FELLOW_SILENT : FELLOW_UNREACHABLE, now_ms);
}

static const struct ua_user_ops user_ops = {response, failed, query_ended};

static void too_late(struct timer *t, uint64_t now_ms) {
    struct beat *b = (struct beat *)((char *)t - offsetof(struct beat, query.timer));

    query_abandon(&b->heart->queries, &b->query);
    missed(b, FELLOW_SILENT, now_ms);
}

/* --- asking --- */

static void beat(struct heart *h, const struct fellows_question *q, uint64_t now_ms) {
    struct beat *b = mem_zalloc(sizeof *b);
    char line[LINE_MAX_BYTES];

    *b = (struct beat){.heart = h, .fellow = q->fellow, .number = q->number};
    query_begin(&h->queries, &b->query, &user_ops, too_late);
    snprintf(line, sizeof line, HEARTBEAT_HEADER ": %s\r\n", q->value);
    if (q->has_place)
        b->query.tx = options_send(h->config.ua,
                                   &(struct options_to){h->settings, settings_peers_trunk(&h->settings->cluster),
                                                        q->at.target, q->at.proto, q->at.addr, line},
                                   &b->query.user, now_ms);
    if (b->query.tx == NULL)
        missed(b, q->has_place ? FELLOW_UNREACHABLE : FELLOW_NO_ADDRESS, now_ms);
    else
        timerq_set(h->config.timers, &b->query.timer, now_ms + FELLOW_TIMEOUT_MS);
}

static void look(struct timer *timer, uint64_t now_ms) {
    struct heart *h = (struct heart *)((char *)timer - offsetof(struct heart, timer));
    struct fellows_question q;

    timerq_set(h->config.timers, &h->timer, now_ms + LOOK_MS);
    for (int i = 0; i < SETTINGS_PEERS_MAX; i++) {
        if (!fellows_due(h->config.fellows, h->settings, h->config.worker, h->config.workers, ua_random(h->config.ua),
                         &q, now_ms, h->config.wall_ms(h->config.ctx)))
            return;
        beat(h, &q, now_ms);
    }
}

/* --- answering --- */

int heart_admit(const struct heart *h, const struct ua_in *in) {
    bool is_fellow = in->trunk >= 0 && in->trunk == settings_peers_trunk(&h->settings->cluster);

    return is_fellow && in->msg.method != METHOD_OPTIONS ? 403 : 0;
}

bool heart_request(struct heart *h, struct ua_in *in) {
    struct str value = in->msg.method == METHOD_OPTIONS && in->msg.to_tag.n == 0 ? heartbeat_of(&in->msg) : STR_NONE;
    char line[LINE_MAX_BYTES];
    struct sbuf b = sbuf_on(line, sizeof line - 1);

    if (value.n == 0 || !fellows_at(h->config.fellows, h->settings, &in->flow.peer))
        return false;
    sbuf_puts(&b, HEARTBEAT_HEADER ": ");
    fellows_heard(h->config.fellows, h->settings, &in->flow.peer, value, &b, in->now_ms,
                  h->config.wall_ms(h->config.ctx));
    sbuf_puts(&b, "\r\n");
    line[b.n] = '\0';
    ua_refuse(h->config.ua, in, 200, NULL, line);
    return true;
}

/* --- begin and end --- */

struct heart *heart_new(const struct heart_config *config) {
    struct heart *h = mem_zalloc(sizeof *h);

    h->config = *config;
    h->queries = (struct queries){.ua = config->ua, .timers = config->timers};
    h->timer.fire = look;
    return h;
}

void heart_set_settings(struct heart *h, struct settings *s, uint64_t now_ms) {
    settings_unref(h->settings);
    h->settings = settings_ref(s);
    if (h->config.fellows != NULL && settings_peers_trunk(&s->cluster) >= 0)
        timerq_set(h->config.timers, &h->timer, now_ms);
    else
        timerq_stop(h->config.timers, &h->timer);
}

void heart_stop(struct heart *h) {
    timerq_stop(h->config.timers, &h->timer);
    for (struct query *q = h->queries.first, *next; q != NULL; q = next) {
        next = q->next;
        query_abandon(&h->queries, q);
        beat_free(beat_of(&q->user));
    }
}

void heart_free(struct heart *h) {
    if (h == NULL)
        return;
    heart_stop(h);
    settings_unref(h->settings);
    free(h);
}
