/* Registrations on disk: whatever happens to the file and the disk. */
#include <fcntl.h>
#include <sched.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/room/bed_store.h"
#include "tests/suite.h"

/* --- damage --- */

static void overwrite(off_t at, size_t n) {
    int fd = open(path, O_WRONLY);
    char junk[4096];

    memset(junk, 0xa5, sizeof junk);
    for (; n > 0; n -= n < sizeof junk ? n : sizeof junk, at += (off_t)sizeof junk)
        ck_assert_int_gt(pwrite(fd, junk, n < sizeof junk ? n : sizeof junk, at), 0);
    close(fd);
}

static void junk_all(void) {
    overwrite(0, 100000);
}

static void junk_head(void) {
    overwrite(0, 100);
}

static void junk_second_page(void) {
    overwrite(1024, 1024);
}

static void junk_middle(void) {
    overwrite(40960, 20000);
}

static void cut_half(void) {
    struct stat file;

    ck_assert_int_eq(stat(path, &file), 0);
    ck_assert_int_eq(truncate(path, file.st_size / 2), 0);
}

static void cut_head(void) {
    ck_assert_int_eq(truncate(path, 50), 0);
}

static void run_sql(const char *sql) {
    sqlite3 *db;

    ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
    ck_assert_int_eq(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

static void later_version(void) {
    run_sql("PRAGMA user_version = 99");
}

static void foreign(void) {
    run_sql("PRAGMA application_id = 1");
}

static void no_table(void) {
    run_sql("DROP TABLE binding");
}

static void no_column(void) {
    run_sql("ALTER TABLE binding DROP COLUMN contact");
}

/* Whatever was done to it: it opens, what is read is right, the old file is kept, and the new one works. */
START_TEST(damaged_is_set_aside) {
    static const struct {
        const char *row;
        void (*spoil)(void);
    } rows[] = {
        {"nothing but junk", junk_all},
        {"junk at the head", junk_head},
        {"junk in the second page", junk_second_page},
        {"junk in the middle", junk_middle},
        {"half of it", cut_half},
        {"50 bytes of it", cut_head},
        {"a later version", later_version},
        {"of another program", foreign},
        {"without its table", no_table},
        {"without a column", no_column},
    };
    const char *row = rows[_i].row;

    write_rows(1000);
    rows[_i].spoil();
    struct store *s = opened();
    struct store_loaded n = load(s, 0);
    ck_assert_msg(n.taken < 1000, "%s", row);
    ck_assert_msg(store_counts(s).aside == 1 && bed_files("registrations.db.damaged-2*Z") == 1, "%s", row);
    table.count = 5; /* what was touched beyond is gone */
    touch_all(NULL, s);
    ck_assert_int_eq(store_start(s), 0);
    store_close(s);
    ck_assert_msg(load_once(0).taken == 5, "%s", row);
}
END_TEST

/* SQLite does not see a changed byte in a text: we do. */
START_TEST(changed_byte_costs_one_row) {
    write_rows(100);
    run_sql("UPDATE binding SET contact = replace(contact, 'two', 'too') WHERE id = 50");
    struct store *s = opened();
    struct store_loaded n = load(s, 0);
    ck_assert_uint_eq(n.taken, 99);
    ck_assert_uint_eq(n.damaged, 1);
    ck_assert_uint_eq(store_counts(s).aside, 0);
    store_close(s);
}
END_TEST

/* Found while it writes: all that there is goes into the new file. */
START_TEST(damaged_later) {
    write_rows(1000);
    struct store *s = opened();
    junk_second_page();
    store_touch(s, 1);
    ck_assert_int_eq(store_start(s), 0);
    while (store_counts(s).written < 1000)
        sched_yield();
    ck_assert_uint_eq(store_counts(s).aside, 1);
    store_close(s);
    ck_assert_uint_eq(load_once(0).taken, 1000);
}
END_TEST

/* --- disks --- */

/* What the disk does not take waits, and is written when it does. */
START_TEST(full_disk) {
    struct store *s = opened();

    table.count = 2000;
    bed_limit_files(65536);
    touch_all(NULL, s);
    ck_assert_int_eq(store_start(s), 0);
    while (store_counts(s).failures == 0)
        sched_yield();
    while (store_counts(s).waiting < 2000)
        sched_yield();
    ck_assert(store_counts(s).failing && store_counts(s).lost == 0);
    bed_limit_files(RLIM_INFINITY);
    store_close(s);
    ck_assert_uint_eq(load_once(0).taken, 2000);
}
END_TEST

START_TEST(disk_stays_full) {
    struct store *s = opened();

    table.count = 2000;
    bed_limit_files(65536);
    touch_all(NULL, s);
    ck_assert_int_eq(store_start(s), 0);
    store_close(s); /* it gives up, and ends */
    bed_limit_files(RLIM_INFINITY);
    ck_assert_uint_eq(load_once(0).taken, 0);
    ck_assert_int_eq(bed_files("*.damaged*"), 0);
}
END_TEST

START_TEST(no_room_for_a_new_file) {
    bed_limit_files(1000);
    ck_assert_ptr_null(store_open(path, &ops, error, sizeof error));
    bed_limit_files(RLIM_INFINITY);
    ck_assert_str_ne(error, "");
    write_rows(10);
    ck_assert_uint_eq(load_once(0).taken, 10);
}
END_TEST

START_TEST(cannot_be_had) {
    snprintf(path, sizeof path, "%s/none/registrations.db", bed_folder);
    ck_assert_ptr_null(store_open(path, &ops, error, sizeof error));
    ck_assert_str_eq(error, "No such file or directory");
    snprintf(path, sizeof path, "%s/folder", bed_folder);
    ck_assert_int_eq(mkdir(path, 0700), 0);
    ck_assert_ptr_null(store_open(path, &ops, error, sizeof error));
    ck_assert_str_eq(error, "Is a directory");
}
END_TEST

int main(void) {
    Suite *s = suite_create("store_damage");
    TCase *t = tcase_create("store_damage");

    tcase_add_checked_fixture(t, set_up, bed_folder_remove);
    tcase_set_timeout(t, 60);
    tcase_add_loop_test(t, damaged_is_set_aside, 0, 10);
    tcase_add_test(t, changed_byte_costs_one_row);
    tcase_add_test(t, damaged_later);
    tcase_add_test(t, full_disk);
    tcase_add_test(t, disk_stays_full);
    tcase_add_test(t, no_room_for_a_new_file);
    tcase_add_test(t, cannot_be_had);
    suite_add_tcase(s, t);
    return suite_run(s);
}
