/*
 * profile_view: what a test of a profile shows, in two forms: for people and for programs.
 */
#ifndef B2BUA_CTL_PROFILE_VIEW_H
#define B2BUA_CTL_PROFILE_VIEW_H

#include <stdio.h>

#include "b2bua/config/config.h"
#include "b2bua/ctl/message.h"
#include "profiles/profile.h"

struct ctl_profile_view {
    FILE *out, *err;
    const struct profile *profile;
    const struct config_report *report; /* warnings of loading */
    const struct ctl_message *message;
    struct profile_message kind;
    const struct profile_vars *vars; /* as they stand */
    struct sbuf json;
};

/* `before`: the whole message as it was before the step. */
struct ctl_profile_form {
    void (*begin)(struct ctl_profile_view *v);
    void (*step)(struct ctl_profile_view *v, const struct profile_step *s, struct str before);
    void (*end)(struct ctl_profile_view *v, struct str after);
};

extern const struct ctl_profile_form ctl_profile_json, ctl_profile_text;

/* "request INVITE", "response 200 to INVITE": as rules name it. Returns `buf`. */
const char *ctl_profile_kind(const struct profile_message *m, char *buf, size_t size);

#endif
