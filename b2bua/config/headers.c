/* Which headers a trunk lets across. Where everything may, there are no rules to look at. */
#include "b2bua/config/row.h"

void config_header_rule(struct config_loader *l, const struct config_value *v, struct header_rules **rules,
                        enum header_rules_list list) {
    char why[120];
    size_t at = 0;

    if (*rules == NULL)
        *rules = header_rules_new();
    if (header_rules_add(*rules, list, v->text, &at, why, sizeof why) < 0)
        config_fault(l, v->where, NULL, "column %zu: %s", at + 1, why);
}

void config_trunk_take_pass(struct config_loader *l, const struct config_value *v, void *object) {
    config_header_rule(l, v, &((struct settings_trunk *)object)->headers, HEADER_RULES_PASS);
}

void config_trunk_take_strip(struct config_loader *l, const struct config_value *v, void *object) {
    config_header_rule(l, v, &((struct settings_trunk *)object)->headers, HEADER_RULES_STRIP);
}

/* ".*", alone, as a text or as a list. */
static bool is_everything(const config_setting_t *pass) {
    const char *text = pass == NULL ? ".*" : config_setting_get_string(pass);

    if (pass != NULL && text == NULL && config_setting_length(pass) == 1)
        text = config_setting_get_string_elem(pass, 0);
    return text != NULL && strcmp(text, ".*") == 0;
}

/* "pass" without an entry lets nothing across; left out, it is ".*". */
void config_headers_done(struct config_loader *l, const config_setting_t *where, void *object) {
    struct settings_trunk *t = object;
    const config_setting_t *pass = config_setting_get_member(where, "pass");
    const config_setting_t *strip = config_setting_get_member(where, "strip");
    size_t at = 0;
    char why[120];

    (void)l;
    if (is_everything(pass) &&
        (strip == NULL || (config_setting_is_aggregate(strip) && config_setting_length(strip) == 0))) {
        header_rules_free(t->headers);
        t->headers = NULL;
        return;
    }
    if (t->headers == NULL)
        t->headers = header_rules_new();
    if (pass == NULL)
        header_rules_add(t->headers, HEADER_RULES_PASS, ".*", &at, why, sizeof why);
}
