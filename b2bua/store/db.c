#include "b2bua/store/db.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

#include "b2bua/store/db_impl.h"

/* Columns in the order of enum store_number and enum store_text. */
static const char *const numbers[STORE_NUMBERS] = {
    [STORE_TOLD_MS] = "told_ms",
    [STORE_GRANTED_MS] = "granted_ms",
    [STORE_SINCE_MS] = "since_ms",
    [STORE_MOVED_MS] = "moved_ms",
    [STORE_WRITTEN_MS] = "written_ms",
    [STORE_NODE] = "node",
    [STORE_REG_ID] = "reg_id",
    [STORE_Q] = "q",
    [STORE_CSEQ] = "cseq",
    [STORE_CAPS] = "caps",
    [STORE_OUTBOUND] = "outbound",
    [STORE_PROTO] = "proto",
    [STORE_LISTEN_ID] = "listen_id",
    [STORE_BOOT] = "boot",
    [STORE_WORKER] = "worker",
    [STORE_CONN] = "conn",
};
static const char *const texts[STORE_TEXTS] = {
    [STORE_PEER] = "peer",       [STORE_AOR] = "aor",
    [STORE_CONTACT] = "contact", [STORE_INSTANCE] = "instance",
    [STORE_CALL_ID] = "call_id", [STORE_SERVICE_ROUTE] = "service_route",
    [STORE_PATH] = "path",       [STORE_USER_AGENT] = "user_agent",
};
enum { COLUMN_ID = 1, COLUMN_SUM, COLUMN_NUMBERS, COLUMN_TEXTS = COLUMN_NUMBERS + STORE_NUMBERS };

/* --- statements --- */

/* "id BEFORE, sum BEFORE, ..., peer AFTER, ..." */
static void put_columns(struct sbuf *sql, const char *of_number, const char *of_text) {
    sbuf_puts(sql, "sum");
    sbuf_puts(sql, of_number);
    for (int i = 0; i < STORE_NUMBERS; i++) {
        sbuf_puts(sql, ", ");
        sbuf_puts(sql, numbers[i]);
        sbuf_puts(sql, of_number);
    }
    for (int i = 0; i < STORE_TEXTS; i++) {
        sbuf_puts(sql, ", ");
        sbuf_puts(sql, texts[i]);
        sbuf_puts(sql, of_text);
    }
}

void db_sql_schema(struct sbuf *sql) {
    sbuf_puts(sql, "CREATE TABLE binding (id INTEGER PRIMARY KEY, ");
    put_columns(sql, " INTEGER NOT NULL", " TEXT NOT NULL");
    sbuf_puts(sql, ")");
    sbuf_putc(sql, '\0');
}

static void sql_each(struct sbuf *sql) {
    sbuf_puts(sql, "SELECT id, ");
    put_columns(sql, "", "");
    sbuf_puts(sql, " FROM binding");
    sbuf_putc(sql, '\0');
}

static void sql_put(struct sbuf *sql) {
    sbuf_puts(sql, "INSERT OR REPLACE INTO binding (id, ");
    put_columns(sql, "", "");
    sbuf_puts(sql, ") VALUES (?");
    for (int i = 1; i < COLUMN_TEXTS + STORE_TEXTS - 1; i++)
        sbuf_puts(sql, ", ?");
    sbuf_puts(sql, ")");
    sbuf_putc(sql, '\0');
}

static int prepare(struct db *db, const char *sql, sqlite3_stmt **out) {
    return sqlite3_prepare_v3(db->sqlite, sql, -1, SQLITE_PREPARE_PERSISTENT, out, NULL);
}

static int prepare_made(struct db *db, void (*make)(struct sbuf *sql), sqlite3_stmt **out) {
    char text[DB_SQL_MAX];
    struct sbuf sql = sbuf_on(text, sizeof text);

    make(&sql);
    return prepare(db, text, out);
}

int db_prepare_all(struct db *db) {
    int rc = prepare_made(db, sql_each, &db->each);

    if (rc == SQLITE_OK)
        rc = prepare_made(db, sql_put, &db->put);
    if (rc == SQLITE_OK)
        rc = prepare(db, "DELETE FROM binding WHERE id = ?", &db->remove);
    return rc;
}

/* --- rows --- */

/* Tells a row that is as it was written from one whose bytes the disk has changed. */
static int64_t sum_of(const struct store_row *row) {
    uint64_t sum = row->id;

    for (int i = 0; i < STORE_NUMBERS; i++)
        sum = (sum ^ row->numbers[i]) * 0x9e3779b97f4a7c15ull + (sum >> 29);
    for (int i = 0; i < STORE_TEXTS; i++)
        sum = (sum ^ str_hash(row->texts[i])) * 0x9e3779b97f4a7c15ull + (sum >> 29);
    return (int64_t)sum;
}

static int bind(sqlite3_stmt *put, const struct store_row *row) {
    int rc = sqlite3_bind_int64(put, COLUMN_ID, (int64_t)row->id);

    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int64(put, COLUMN_SUM, sum_of(row));
    for (int i = 0; i < STORE_NUMBERS && rc == SQLITE_OK; i++)
        rc = sqlite3_bind_int64(put, COLUMN_NUMBERS + i, (int64_t)row->numbers[i]);
    for (int i = 0; i < STORE_TEXTS && rc == SQLITE_OK; i++) {
        const char *p = row->texts[i].n == 0 ? "" : row->texts[i].p;
        rc = sqlite3_bind_text(put, COLUMN_TEXTS + i, p, (int)row->texts[i].n, SQLITE_STATIC);
    }
    return rc;
}

/* Columns of a result count from 0, parameters from 1. */
static void read_row(sqlite3_stmt *each, struct store_row *row) {
    row->id = (uint64_t)sqlite3_column_int64(each, COLUMN_ID - 1);
    for (int i = 0; i < STORE_NUMBERS; i++)
        row->numbers[i] = (uint64_t)sqlite3_column_int64(each, COLUMN_NUMBERS - 1 + i);
    for (int i = 0; i < STORE_TEXTS; i++) {
        const char *p = (const char *)sqlite3_column_text(each, COLUMN_TEXTS - 1 + i);
        row->texts[i] = (struct str){p, p == NULL ? 0 : (size_t)sqlite3_column_bytes(each, COLUMN_TEXTS - 1 + i)};
    }
}

enum db_result db_each(struct db *db, void (*take)(void *arg, const struct store_row *row, bool good), void *arg) {
    struct store_row row;
    int rc;

    while ((rc = sqlite3_step(db->each)) == SQLITE_ROW) {
        read_row(db->each, &row);
        take(arg, &row, sqlite3_column_int64(db->each, COLUMN_SUM - 1) == sum_of(&row));
    }
    enum db_result result = db_result(db, rc == SQLITE_DONE ? SQLITE_OK : rc);
    sqlite3_reset(db->each);
    return result;
}

/* --- changes --- */

static enum db_result run(struct db *db, sqlite3_stmt *statement) {
    int rc = sqlite3_step(statement);
    enum db_result result = db_result(db, rc == SQLITE_DONE ? SQLITE_OK : rc);

    sqlite3_reset(statement);
    return result;
}

enum db_result db_put(struct db *db, const struct store_row *row) {
    int rc = bind(db->put, row);

    return rc == SQLITE_OK ? run(db, db->put) : db_result(db, rc);
}

enum db_result db_delete(struct db *db, uint64_t id) {
    int rc = sqlite3_bind_int64(db->remove, 1, (int64_t)id);

    return rc == SQLITE_OK ? run(db, db->remove) : db_result(db, rc);
}

enum db_result db_delete_expired(struct db *db, uint64_t now_ms) {
    char sql[96];

    snprintf(sql, sizeof sql, "DELETE FROM binding WHERE told_ms <= %lld", (long long)now_ms);
    return db_result(db, sqlite3_exec(db->sqlite, sql, NULL, NULL, NULL));
}

enum db_result db_begin(struct db *db) {
    return db_result(db, sqlite3_exec(db->sqlite, "BEGIN IMMEDIATE", NULL, NULL, NULL));
}

enum db_result db_commit(struct db *db) {
    return db_result(db, sqlite3_exec(db->sqlite, "COMMIT", NULL, NULL, NULL));
}

void db_rollback(struct db *db) {
    if (sqlite3_get_autocommit(db->sqlite) == 0)
        sqlite3_exec(db->sqlite, "ROLLBACK", NULL, NULL, NULL);
}
