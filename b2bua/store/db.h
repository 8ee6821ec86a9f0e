/*
 * db: the file of a store, as SQLite has it. One thread at a time.
 */
#ifndef B2BUA_STORE_DB_H
#define B2BUA_STORE_DB_H

#include "b2bua/store/store.h"

enum db_result {
    DB_OK,
    DB_DAMAGED, /* or of another version: to be set aside */
    DB_BUSY,    /* another process has it */
    DB_TROUBLE  /* no room, no permission, a disk that fails: may pass */
};

struct db;

/* Opens or makes `path`. On anything but DB_OK `*out` is NULL and `error` says why. */
enum db_result db_open(struct db **out, const char *path, char *error, size_t size);
void db_close(struct db *db); /* NULL is fine */

/* What is wrong with the last call that was not DB_OK. */
const char *db_error(const struct db *db);

/* Gives each row to `take`; `good`: it is as it was written. What was given before damage was found has been given. */
enum db_result db_each(struct db *db, void (*take)(void *arg, const struct store_row *row, bool good), void *arg);

enum db_result db_delete_expired(struct db *db, uint64_t now_ms);

/* Between db_begin and db_commit; after anything but DB_OK: db_rollback. */
enum db_result db_begin(struct db *db);
enum db_result db_put(struct db *db, const struct store_row *row);
enum db_result db_delete(struct db *db, uint64_t id);
enum db_result db_commit(struct db *db);
void db_rollback(struct db *db);

/* Moves the files of `path` away. Returns 0, with the new name in `name`, or -1 with errno. */
int db_set_aside(const char *path, char *name, size_t size);

#endif
