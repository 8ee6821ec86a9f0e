#include "b2bua/config/row.h"

/* "" is nowhere. */
static bool is_loopback(const char *http) {
    static const uint8_t six[16] = {[15] = 1};
    struct addr a;

    if (addr_parse(&a, str_of(http)) < 0)
        return true;
    return a.family == 4 ? a.ip[0] == 127 : memcmp(a.ip, six, sizeof six) == 0;
}

void config_admin_done(struct config_loader *l, const config_setting_t *where, void *object) {
    struct settings_admin *admin = &((struct settings *)object)->admin;

    admin->http_named = where != NULL && config_setting_get_member(where, "http") != NULL;
    if (!is_loopback(admin->http) && *admin->token == '\0')
        config_fault(l, where, "http",
                     "%s is no loopback address: others would have to show admin.token, and there is "
                     "none",
                     admin->http);
}
