/*
 * db_impl: what db.c (rows) and db_open.c (the file as a whole) share.
 */
#ifndef B2BUA_STORE_DB_IMPL_H
#define B2BUA_STORE_DB_IMPL_H

#include <sqlite3.h>

#include "b2bua/store/db.h"

enum { DB_SQL_MAX = 2048, DB_ERROR_MAX = 200 };

struct db {
    sqlite3 *sqlite;
    sqlite3_stmt *each, *put, *remove;
    char error[DB_ERROR_MAX];
};

/* What a code of SQLite means for us; keeps its text. */
enum db_result db_result(struct db *db, int rc);

void db_sql_schema(struct sbuf *sql);
int db_prepare_all(struct db *db);

#endif
