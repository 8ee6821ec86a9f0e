/* The file as a whole: opened or made, judged, set aside. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "b2bua/store/db_impl.h"

enum {
    VERSION = 1,              /* of the schema; another one is set aside */
    APPLICATION = 0x54774c67, /* "TwLg": a file of ours */
    WAIT_MS = 1000,           /* for a process that is about to end */
    ASIDE_SAME_SECOND_MAX = 100
};

/* Small pages: a refresh changes one row somewhere, and each page that is changed is written as a whole, twice. The
 * journal is ours alone as long as we live (EXCLUSIVE: no shared memory, a second process is kept out); it is copied
 * back at 32 MB, seldom, as a page that has changed again is copied once, and cut after a storm. */
static const char settings_sql[] =
    "PRAGMA page_size = 1024; PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; "
    "PRAGMA wal_autocheckpoint = 32000; PRAGMA journal_size_limit = 33554432; PRAGMA cache_size = -8192; "
    "PRAGMA cell_size_check = ON";

enum db_result db_result(struct db *db, int rc) {
    if (rc == SQLITE_OK)
        return DB_OK;
    snprintf(db->error, sizeof db->error, "%s", sqlite3_errmsg(db->sqlite));
    switch (rc & 0xff) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_FORMAT:
    case SQLITE_ERROR: /* our statements are right: it lacks the table, or a column */
    case SQLITE_MISMATCH:
    case SQLITE_CONSTRAINT:
        return DB_DAMAGED;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return DB_BUSY;
    default:
        return DB_TROUBLE;
    }
}

const char *db_error(const struct db *db) {
    return db->error;
}

/* --- judging --- */

/* The one number that a statement gives. */
static int number(struct db *db, const char *sql, int64_t *out) {
    sqlite3_stmt *statement;
    int rc = sqlite3_prepare_v2(db->sqlite, sql, -1, &statement, NULL);

    if (rc == SQLITE_OK && (rc = sqlite3_step(statement)) == SQLITE_ROW) {
        *out = sqlite3_column_int64(statement, 0);
        rc = SQLITE_OK;
    }
    sqlite3_finalize(statement);
    return rc;
}

static int make_schema(struct db *db) {
    char table[DB_SQL_MAX], sql[DB_SQL_MAX + 200];
    struct sbuf b = sbuf_on(table, sizeof table);

    db_sql_schema(&b);
    snprintf(sql, sizeof sql, "BEGIN; %s; PRAGMA application_id = %d; PRAGMA user_version = %d; COMMIT", table,
             APPLICATION, VERSION);
    return sqlite3_exec(db->sqlite, sql, NULL, NULL, NULL);
}

static enum db_result not_ours(struct db *db, const char *why) {
    snprintf(db->error, sizeof db->error, "%s", why);
    return DB_DAMAGED;
}

/* Empty files get the schema; what is neither empty nor of this version is not touched. */
static enum db_result judge(struct db *db) {
    int64_t application = 0, version = 0, tables = 0;
    int rc = number(db, "PRAGMA application_id", &application);

    if (rc == SQLITE_OK)
        rc = number(db, "PRAGMA user_version", &version);
    if (rc == SQLITE_OK)
        rc = number(db, "SELECT count(*) FROM sqlite_master", &tables);
    if (rc == SQLITE_OK && tables == 0 && version == 0)
        rc = make_schema(db);
    else if (rc == SQLITE_OK && application != APPLICATION)
        return not_ours(db, "a file of another program");
    else if (rc == SQLITE_OK && version != VERSION)
        return not_ours(db, "a file of another version of twinleg");
    return db_result(db, rc);
}

/* --- opening --- */

/* SQLite's own would be readable for all. */
static int make_file(const char *path) {
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

    return fd < 0 ? -1 : close(fd);
}

static enum db_result open_all(struct db *db, const char *path) {
    int rc = sqlite3_open_v2(path, &db->sqlite, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);

    if (rc == SQLITE_OK)
        rc = sqlite3_busy_timeout(db->sqlite, WAIT_MS);
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(db->sqlite, settings_sql, NULL, NULL, NULL);
    enum db_result result = db_result(db, rc);
    if (result == DB_OK)
        result = judge(db);
    return result == DB_OK ? db_result(db, db_prepare_all(db)) : result;
}

enum db_result db_open(struct db **out, const char *path, char *error, size_t size) {
    struct db *db;

    *out = NULL;
    if (make_file(path) < 0) {
        snprintf(error, size, "%s", strerror(errno));
        return DB_TROUBLE;
    }
    db = mem_zalloc(sizeof *db);
    enum db_result result = open_all(db, path);
    if (result == DB_OK) {
        *out = db;
        return DB_OK;
    }
    snprintf(error, size, "%s", result == DB_BUSY ? "another process has it" : db->error);
    db_close(db);
    return result;
}

void db_close(struct db *db) {
    if (db == NULL)
        return;
    sqlite3_finalize(db->each);
    sqlite3_finalize(db->put);
    sqlite3_finalize(db->remove);
    sqlite3_close(db->sqlite);
    free(db);
}

/* --- setting aside --- */

static void aside_name(const char *path, int attempt, char *name, size_t size) {
    time_t now = time(NULL);
    struct tm tm;
    char date[32];

    gmtime_r(&now, &tm);
    strftime(date, sizeof date, "%Y%m%dT%H%M%SZ", &tm);
    if (attempt == 0)
        snprintf(name, size, "%s.damaged-%s", path, date);
    else
        snprintf(name, size, "%s.damaged-%s-%d", path, date, attempt);
}

/* Its journal goes along under a name by which SQLite finds it. */
static void move_journal(const char *path, const char *name) {
    char from[4096], to[4096];

    snprintf(from, sizeof from, "%s-wal", path);
    snprintf(to, sizeof to, "%s-wal", name);
    if (rename(from, to) < 0)
        unlink(from);
}

int db_set_aside(const char *path, char *name, size_t size) {
    for (int i = 0; i < ASIDE_SAME_SECOND_MAX; i++) {
        aside_name(path, i, name, size);
        if (access(name, F_OK) == 0)
            continue;
        if (rename(path, name) < 0)
            return -1;
        move_journal(path, name);
        return 0;
    }
    errno = EEXIST;
    return -1;
}
