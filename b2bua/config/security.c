#include "b2bua/config/row.h"

/* Nothing of the group is stored yet, so its numbers are read from where they were written. */
void config_overload_done(struct config_loader *l, const config_setting_t *where, void *object) {
    int high = 200, low = 50;

    (void)object;
    config_setting_lookup_int(where, "lag_high_ms", &high);
    config_setting_lookup_int(where, "lag_low_ms", &low);
    if (high > 0 && low > high)
        config_fault(l, where, "lag_low_ms", "is above lag_high_ms (%d ms)", high);
}

void config_overload_take_emergency(struct config_loader *l, const struct config_value *v, void *object) {
    struct settings_security *s = &((struct settings *)object)->security;

    (void)l;
    s->emergency[s->emergency_count++] = str_dup(str_of(v->text));
}

void *config_ban_add(struct config_loader *l, void *parent) {
    struct settings_security *s = &((struct settings *)parent)->security;

    (void)l;
    s->ban_list = config_grow(s->ban_list, s->ban_count, sizeof *s->ban_list);
    return &s->ban_list[s->ban_count++];
}

static void over(int *number, int given) {
    if (given >= 0)
        *number = given;
}

void config_ban_done(struct config_loader *l, const config_setting_t *where, void *object) {
    struct settings_security *s = &l->s->security;
    const struct settings_ban *new = object;
    struct bans_rule *rule = &s->bans[new->category];

    for (const struct settings_ban *other = s->ban_list; other != new; other++)
        if (other->category == new->category)
            config_fault(l, where, "category", "\"%s\" stands here twice", bans_category_name(new->category));
    over(&rule->failures, new->rule.failures);
    over(&rule->window_s, new->rule.window_s);
    over(&rule->ban_s, new->rule.ban_s);
}

void *config_exempt_add(struct config_loader *l, void *parent) {
    struct settings_security *s = &((struct settings *)parent)->security;

    (void)l;
    s->exempt = config_grow(s->exempt, s->exempt_count, sizeof *s->exempt);
    return &s->exempt[s->exempt_count++];
}

void config_exempt_take_source(struct config_loader *l, const struct config_value *v, void *object) {
    struct bans_exemption *e = object;

    if (addr_range_parse(&e->range, str_of(v->text)) < 0 || e->range.base.port != 0)
        config_fault(l, v->where, NULL, "must be \"address\" or \"address/prefix\"");
}

void config_exempt_take_category(struct config_loader *l, const struct config_value *v, void *object) {
    struct bans_exemption *e = object;

    (void)l;
    for (int i = 0; i < BANS_CATEGORIES; i++)
        if (strcmp(bans_category_name(i), v->text) == 0)
            e->categories |= 1u << i;
}
