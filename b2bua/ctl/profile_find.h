/*
 * profile_find: a profile by its name, from files alone.
 */
#ifndef B2BUA_CTL_PROFILE_FIND_H
#define B2BUA_CTL_PROFILE_FIND_H

#include "b2bua/config/config.h"
#include "b2bua/ctl/profile.h"
#include "profiles/profile.h"

struct ctl_profile_found {
    struct settings *settings; /* owned; it has the profile */
    const struct profile *profile;
    struct config_report report; /* warnings of loading */
};

/* The configuration that was named, or ./twinleg.cfg when it is there, or /etc/twinleg/twinleg.cfg. Borrowed. */
const char *ctl_configuration(const struct ctl_how *how);

/*
 * `name` is that of a profile in the files that the configuration names, or a file: *.ios and *.txt are texts of rules,
 * others have profiles, of which FILE:NAME is one and FILE the only one. Returns 0, or -1 after saying what is wrong.
 * ctl_profile_found_fini either way.
 */
int ctl_profile_find(struct ctl_profile_found *f, const struct ctl_how *how, const char *name);
void ctl_profile_found_fini(struct ctl_profile_found *f);

#endif
