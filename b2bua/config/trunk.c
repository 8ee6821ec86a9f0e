#include <stdlib.h>

#include "b2bua/config/row.h"
#include "b2bua/core/hunt.h"

void *config_trunk_add(struct config_loader *l, void *parent) {
    struct settings *s = parent;

    (void)l;
    s->trunks = config_grow(s->trunks, s->trunk_count, sizeof *s->trunks);
    s->trunks[s->trunk_count].slot = s->trunk_count;
    return &s->trunks[s->trunk_count++];
}

void *config_target_add(struct config_loader *l, void *parent) {
    struct settings_trunk *t = parent;

    (void)l;
    t->targets = config_grow(t->targets, t->target_count, sizeof *t->targets);
    struct settings_target *new = &t->targets[t->target_count++];
    new->host = str_dup(STR_NONE);
    return new;
}

void config_trunk_take_listen(struct config_loader *l, const struct config_value *v, void *object) {
    struct settings_trunk *t = object;
    struct nearest nearest = {.text = v->text};

    for (int i = 0; i < l->s->listen_count; i++) {
        nearest_try(&nearest, l->s->listens[i].name);
        if (strcmp(l->s->listens[i].name, v->text) != 0)
            continue;
        t->listens[t->listen_count++] = i;
        return;
    }
    if (nearest.best != NULL)
        config_fault(l, v->where, NULL, "no listener is named \"%s\", did you mean \"%s\"?", v->text, nearest.best);
    else
        config_fault(l, v->where, NULL, "no listener is named \"%s\"", v->text);
}

void config_trunk_take_source(struct config_loader *l, const struct config_value *v, void *object) {
    struct settings_trunk *t = object;
    struct addr_range range;

    if (addr_range_parse(&range, str_of(v->text)) < 0) {
        config_fault(l, v->where, NULL, "must be \"address\", \"address/prefix\" or \"address:port\"");
        return;
    }
    t->sources = config_grow(t->sources, t->source_count, sizeof *t->sources);
    t->sources[t->source_count++] = range;
}

/* A target is a SIP neighbour that may know nothing of STUN; where it does, its silence says nothing of its SIP. */
const char *config_check_probe(const char *text) {
    return strcmp(text, "stun") == 0
               ? "\"stun\" would show that a socket is open, not that it speaks SIP: use \"options\""
               : NULL;
}

void config_trunk_take_hunt(struct config_loader *l, const struct config_value *v, void *object) {
    struct settings_trunk *t = object;

    if (!hunt_may_name(v->number)) {
        config_fault(l, v->where, NULL, "%d is an answer for the caller, no other target would give a better one",
                     v->number);
        return;
    }
    if (t->hunt_count == SETTINGS_HUNT_MAX) {
        config_fault(l, v->where, NULL, "at most %d statuses are possible", SETTINGS_HUNT_MAX);
        return;
    }
    t->hunt_on[t->hunt_count++] = v->number;
}

/* Who answers a hold himself must be able to stop the media of the other side. */
void config_trunk_take_hold(struct config_loader *l, const struct config_value *v, void *object) {
    const char *media = "none";

    (void)object;
    if (strcmp(v->text, "forward") == 0)
        return;
    config_setting_lookup_string(config_setting_parent(v->where), "media", &media);
    if (strcmp(media, "anchor") != 0)
        config_fault(l, v->where, NULL, "\"consume\" needs media = \"anchor\"; without it holds are forwarded");
    else
        config_warn(l, v->where, NULL, "not supported by this version yet, ignored");
}

void config_trunk_take_codec(struct config_loader *l, const struct config_value *v, void *object) {
    struct settings_trunk *t = object;

    (void)l;
    for (int i = 0; offer_codecs[i] != NULL; i++)
        if (strcmp(offer_codecs[i], v->text) == 0)
            t->codecs[t->codec_count++] = i;
}

/* Nothing of the group is stored yet, so its numbers are read from where they were written. */
void config_session_timer_done(struct config_loader *l, const config_setting_t *where, void *object) {
    int expires = 1800, least = 1800;

    (void)object;
    config_setting_lookup_int(where, "session_expires", &expires);
    config_setting_lookup_int(where, "min_se", &least);
    if (least > expires && config_setting_get_member(where, "min_se") == NULL)
        config_fault(l, where, "min_se", "is %d s by default, above session_expires (%d s): write both", least,
                     expires);
    else if (least > expires)
        config_fault(l, where, "min_se", "is above session_expires (%d s)", expires);
}

int config_trunk_find(struct config_loader *l, const config_setting_t *where, const char *name) {
    struct nearest nearest = {.text = name};

    for (int i = 0; i < l->s->trunk_count; i++) {
        if (i == settings_peers_trunk(&l->s->cluster)) /* no calls go there */
            continue;
        nearest_try(&nearest, l->s->trunks[i].name);
        if (strcmp(l->s->trunks[i].name, name) == 0)
            return i;
    }
    if (nearest.best != NULL)
        config_fault(l, where, NULL, "no trunk is named \"%s\", did you mean \"%s\"?", name, nearest.best);
    else
        config_fault(l, where, NULL, "no trunk is named \"%s\"", name);
    return -1;
}

/* Stable, so that equals stay as written. */
static void sort_targets(struct settings_trunk *t) {
    for (int i = 1; i < t->target_count; i++) {
        struct settings_target moving = t->targets[i];
        int j = i;
        for (; j > 0 && t->targets[j - 1].preference > moving.preference; j--)
            t->targets[j] = t->targets[j - 1];
        t->targets[j] = moving;
    }
}

/* Who is called may call: from any port, since a stream comes from one of its own. */
void config_trunk_targets_as_sources(struct settings_trunk *t) {
    t->sources_follow = true;
    for (int i = 0; i < t->target_count; i++) {
        if (t->targets[i].addr.family == 0)
            continue;
        struct addr_range range = {.base = t->targets[i].addr, .bits = t->targets[i].addr.family == 4 ? 32 : 128};
        range.base.port = 0;
        t->sources = config_grow(t->sources, t->source_count, sizeof *t->sources);
        t->sources[t->source_count++] = range;
    }
}

static bool shares_listener(const struct settings_trunk *a, const struct settings_trunk *b) {
    for (int i = 0; i < a->listen_count; i++)
        for (int j = 0; j < b->listen_count; j++)
            if (a->listens[i] == b->listens[j])
                return true;
    return false;
}

static bool same_range(const struct addr_range *a, const struct addr_range *b) {
    return a->bits == b->bits && addr_eq(&a->base, &b->base);
}

static bool same_name(const struct settings_target *a, const struct settings_target *b) {
    return a->addr.family == 0 && b->addr.family == 0 && str_ieq(str_of(a->host), str_of(b->host));
}

/* A name that may send for both. */
static const char *shared_name(const struct settings_trunk *a, const struct settings_trunk *b) {
    for (int i = 0; i < a->target_count && a->sources_follow && b->sources_follow; i++)
        for (int j = 0; j < b->target_count; j++)
            if (same_name(&a->targets[i], &b->targets[j]))
                return a->targets[i].host;
    return NULL;
}

/* A request from such a source would belong to either trunk. */
static void look_for_twins(struct config_loader *l, const config_setting_t *where, const struct settings_trunk *a,
                           const struct settings_trunk *b) {
    char text[ADDR_TEXT_MAX];
    const char *name = shared_name(a, b);

    if (!shares_listener(a, b))
        return;
    if (name != NULL)
        config_fault(l, where, NULL, "trunk \"%s\" takes requests from %s on the same listener already", b->name, name);
    for (int i = 0; i < a->source_count; i++)
        for (int j = 0; j < b->source_count; j++)
            if (same_range(&a->sources[i], &b->sources[j]))
                config_fault(l, where, NULL, "trunk \"%s\" takes requests from %s on the same listener already",
                             b->name, addr_format(&a->sources[i].base, text));
}

void config_trunk_done(struct config_loader *l, const config_setting_t *where, void *object) {
    struct settings_trunk *t = object;
    const config_setting_t *targets = config_setting_get_member(where, "targets");
    int before = l->report->errors.count;

    for (int i = 0; i < t->target_count; i++)
        config_target_read(l, config_setting_get_elem(targets, (unsigned)i), t, &t->targets[i]);
    if (l->report->errors.count != before)
        return;
    config_auth_tidy(l, where, t);
    sort_targets(t);
    if (t->source_count == 0)
        config_trunk_targets_as_sources(t);
    if (t->source_count == 0 && t->target_count == 0)
        config_fault(l, where, "targets", "is missing: without targets and sources the trunk is nobody");
    for (const struct settings_trunk *other = l->s->trunks; other != t; other++) {
        if (strcmp(other->name, t->name) == 0)
            config_fault(l, where, "name", "another trunk is named \"%s\", too", t->name);
        look_for_twins(l, where, t, other);
    }
}
