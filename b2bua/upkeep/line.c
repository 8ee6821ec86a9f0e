#include "b2bua/upkeep/line.h"

#include <stdlib.h>

#include "b2bua/upkeep/line_impl.h"

static void line_free(struct line *n) {
    line_let_go(n);
    timerq_stop(n->lines->config.timers, &n->timer);
    settings_unref(n->settings);
    free((char *)n->route.p);
    free(n);
}

struct lines *lines_new(const struct lines_config *config) {
    struct lines *l = mem_zalloc(sizeof *l);

    l->config = *config;
    return l;
}

void lines_free(struct lines *l) {
    while (l->all != NULL) {
        struct line *n = l->all;
        l->all = n->next;
        line_free(n);
    }
    free(l);
}

static void begin(struct lines *l, struct settings *s, int trunk) {
    struct line *n = mem_zalloc(sizeof *n);

    *n = (struct line){.next = l->all, .lines = l, .settings = settings_ref(s), .trunk = trunk};
    l->all = n;
    line_start(n);
}

static bool is_mine(const struct lines *l, const struct settings_trunk *t) {
    return t->reg.aor != NULL && t->reg.aor[0] != '\0' &&
           (l->config.workers < 2 || str_hash(str_of(t->name)) % l->config.workers == l->config.worker);
}

/* A change of anything that a provider would see makes it another line. */
static bool is_same(const struct settings_trunk *a, const struct settings_trunk *b) {
    bool same = strcmp(a->name, b->name) == 0 && strcmp(a->reg.aor, b->reg.aor) == 0 &&
                strcmp(a->reg.user, b->reg.user) == 0 && a->target_count == b->target_count;

    for (int i = 0; same && i < a->target_count; i++)
        same = strcmp(a->targets[i].uri, b->targets[i].uri) == 0;
    return same;
}

static int find(const struct lines *l, const struct line *n, const struct settings *s) {
    for (int i = 0; i < s->trunk_count; i++)
        if (is_mine(l, &s->trunks[i]) && is_same(line_trunk(n), &s->trunks[i]))
            return i;
    return -1;
}

static void go_on(struct line *n, struct settings *s, int trunk) {
    struct settings *old = n->settings;

    n->settings = settings_ref(s);
    n->trunk = trunk;
    n->has_place = n->walking = false; /* its listener may have another number */
    settings_unref(old);
}

static bool has_line(const struct lines *l, const struct settings *s, int trunk) {
    for (const struct line *n = l->all; n != NULL; n = n->next)
        if (n->settings == s && n->trunk == trunk && !n->reg.removing && n->reg.state != REG_GONE)
            return true;
    return false;
}

void lines_set_settings(struct lines *l, struct settings *s) {
    for (struct line *n = l->all; n != NULL; n = n->next) {
        int trunk = n->reg.removing ? -1 : find(l, n, s);
        if (trunk >= 0)
            go_on(n, s, trunk);
        else
            line_stop(n, l->config.timers->now_ms);
    }
    for (int i = 0; i < s->trunk_count; i++)
        if (is_mine(l, &s->trunks[i]) && !l->stopped && !has_line(l, s, i))
            begin(l, s, i);
    lines_sweep(l);
}

void lines_stop(struct lines *l, uint64_t now_ms) {
    l->stopped = true;
    for (struct line *n = l->all; n != NULL; n = n->next)
        line_stop(n, now_ms);
    lines_sweep(l);
}

void lines_closed(struct lines *l, const struct flow *flow, uint64_t now_ms) {
    for (struct line *n = l->all; n != NULL; n = n->next)
        line_lost(n, flow, now_ms);
}

static bool is_shown_by_another(const struct line *gone) {
    for (const struct line *n = gone->lines->all; n != NULL; n = n->next)
        if (n != gone && strcmp(line_trunk(n)->name, line_trunk(gone)->name) == 0)
            return true;
    return false;
}

void lines_sweep(struct lines *l) {
    for (struct line **at = &l->all; *at != NULL;) {
        struct line *n = *at;
        if (n->reg.state != REG_GONE) {
            at = &n->next;
            continue;
        }
        if (!is_shown_by_another(n))
            registrations_drop(l->config.registrations, line_trunk(n)->name);
        *at = n->next;
        line_free(n);
    }
}
