/*
 * profile: `profile test NAME FILE`: what the rules of a profile make of a message. Needs no daemon.
 */
#ifndef B2BUA_CTL_PROFILE_H
#define B2BUA_CTL_PROFILE_H

#include <stdbool.h>
#include <stdio.h>

/* What twinlegctl was told before the command. */
struct ctl_how {
    const char *config; /* NULL: where it usually is (profile_find.h) */
    const char *socket; /* NULL: ctl_socket_places */
    bool as_json;
    FILE *out, *err;
};

/* The command with its arguments. */
extern const char ctl_profile_usage[];

/* `words` from "profile" on, NULL at the end. Returns the exit status. */
int ctl_profile(const struct ctl_how *how, char *const *words);

#endif
