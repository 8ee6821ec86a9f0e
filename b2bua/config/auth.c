/* The credentials of a trunk. */
#include <stdlib.h>

#include "b2bua/config/row.h"

void *config_auth_add(struct config_loader *l, void *parent) {
    struct settings_trunk *t = parent;

    (void)l;
    t->auth = config_grow(t->auth, t->auth_count, sizeof *t->auth);
    return &t->auth[t->auth_count++];
}

void config_auth_done(struct config_loader *l, const config_setting_t *where, void *object) {
    struct settings_auth *a = object;

    if (a == NULL)
        return;
    if (a->username[0] == '\0' && (a->password[0] != '\0' || a->realm[0] != '\0'))
        config_fault(l, where, "username", "is missing: a password or realm alone answers nothing");
}

/* An entry without a user name is none: the group stands there with its defaults. */
static void drop_empty(struct settings_trunk *t) {
    int kept = 0;

    for (int i = 0; i < t->auth_count; i++) {
        struct settings_auth a = t->auth[i];
        if (a.username[0] != '\0') {
            t->auth[kept++] = a;
            continue;
        }
        free(a.username);
        free(a.password);
        free(a.realm);
    }
    t->auth_count = kept;
}

void config_auth_tidy(struct config_loader *l, const config_setting_t *where, struct settings_trunk *t) {
    drop_empty(t);
    for (int i = 0; i < t->auth_count; i++)
        for (int j = 0; j < i; j++)
            if (strcmp(t->auth[i].realm, t->auth[j].realm) == 0)
                config_fault(l, where, "auth", "has two entries for realm \"%s\"", t->auth[i].realm);
}

/* --- register --- */

const char *config_check_user(const char *text) {
    return strpbrk(text, " \t<>\"@;?,") == NULL && strlen(text) < 128 ? NULL : "must be the user part of a SIP URI";
}

const char *config_check_aor(const char *text) {
    const char *at = strchr(text, '@');

    if (*text == '\0')
        return NULL;
    if (strncmp(text, "sip:", 4) != 0 || at == NULL || at == text + 4 || at[1] == '\0' || strlen(text) > 200 ||
        strpbrk(text, " \t<>\";?,") != NULL || strchr(at + 1, '@') != NULL)
        return "must be \"sip:user@domain\"";
    return NULL;
}

void config_register_done(struct config_loader *l, const config_setting_t *where, void *object) {
    const char *aor = "";
    const config_setting_t *targets = config_setting_get_member(config_setting_parent(where), "targets");

    (void)object;
    config_setting_lookup_string(where, "aor", &aor);
    if (*aor != '\0' && (targets == NULL || config_setting_length(targets) == 0))
        config_fault(l, where, "aor", "needs targets: that is where we register");
}
