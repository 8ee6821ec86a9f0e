/*
 * keep: what the registration front keeps in node.state_dir for the time after a restart: the secret that signs flow
 * tokens where the configuration has none, and all registrations. Nothing of it ever keeps the daemon from starting, or
 * a REGISTER from being answered: without the folder registrations live in memory alone, and the log says so.
 *
 * Order of use: keep_new; keep_watch and keep_follow before the first worker runs; keep_follow after each reload;
 * keep_counts; keep_free when the workers are gone and before registrar_shared_free. The server's thread.
 */
#ifndef B2BUA_KEEP_H
#define B2BUA_KEEP_H

#include "b2bua/registrar/registrar.h"
#include "b2bua/store/store.h"

struct keep;

/* Reads the secret of an earlier run, or draws one. */
struct keep *keep_new(const struct settings *settings);
void keep_free(struct keep *k); /* NULL is fine */

/* The secret, which signs flow tokens; as long as `k`. */
struct str keep_secret(const struct keep *k);

/* Whose registrations they are; borrowed. */
void keep_watch(struct keep *k, struct registrar_shared *front);

/* Makes the folder, where there is a registration front, for the user who will use it (node.user). */
void keep_folder(struct keep *k, const struct settings *settings);

/* Where there is a registration front: writes the secret, opens the file of registrations, and takes from it what is
 * not in the table already. What has failed is tried again by the next call. */
void keep_follow(struct keep *k, const struct settings *settings);

enum keep_state { KEEP_OFF, KEEP_OK, KEEP_FAILING };
const char *keep_state_name(enum keep_state s);

struct keep_counts {
    bool wanted; /* there is a registration front */
    enum keep_state state;
    struct store_counts store;
    uint64_t loaded; /* at the start */
};
struct keep_counts keep_counts(const struct keep *k); /* NULL: not wanted */

#endif
