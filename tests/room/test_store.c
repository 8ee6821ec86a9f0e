/* Registrations on disk: they come back as they were, whatever happens to the process, the file and the disk. */
#include <fcntl.h>
#include <glob.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "b2bua/store/queue.h"
#include "b2bua/store/state.h"
#include "b2bua/store/store.h"
#include "tests/suite.h"

enum { ROWS_MAX = 20000, NOW_MS = 1000000 };

static char folder[64], path[96], error[256];

/* What there is: the numbers below `table.count` that are not gone. */
static struct {
    uint32_t count;
    uint64_t version, gone, reads;
    char text[64];
} table;

static bool read_row(void *ctx, uint64_t id, struct store_row *row) {
    (void)ctx;
    table.reads++;
    if (id >= table.count || id == table.gone)
        return false;
    *row = (struct store_row){.id = id};
    for (uint64_t i = 0; i < STORE_NUMBERS; i++)
        row->numbers[i] = NOW_MS + id * 100 + i + table.version;
    for (int i = 0; i < STORE_TEXTS; i++)
        row->texts[i] = STR("a text\r\n of two lines \"and\" so on, as long as that of a registration may be");
    snprintf(table.text, sizeof table.text, "user%llu@example.com", (unsigned long long)id);
    row->texts[STORE_AOR] = str_of(table.text);
    row->texts[STORE_PATH] = STR_NONE;
    return true;
}

static void touch_all(void *ctx, struct store *s) {
    (void)ctx;
    for (uint32_t i = 0; i < table.count; i++)
        store_touch(s, i);
}

static const struct store_ops ops = {.read = read_row, .all = touch_all};

static void set_up(void) {
    snprintf(folder, sizeof folder, "/tmp/twinleg-store-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/registrations.db", folder);
    memset(&table, 0, sizeof table);
    table.gone = UINT64_MAX;
}

static void tear_down(void) {
    char command[128];

    snprintf(command, sizeof command, "rm -r %s", folder);
    ck_assert_int_eq(system(command), 0);
}

static struct store *opened(void) {
    struct store *s = store_open(path, &ops, error, sizeof error);

    ck_assert_msg(s != NULL, "%s", error);
    return s;
}

/* Writes the first `count` rows and closes. */
static void write_rows(uint32_t count) {
    struct store *s = opened();

    table.count = count;
    touch_all(NULL, s);
    ck_assert_int_eq(store_start(s), 0);
    store_close(s);
}

/* --- what comes back --- */

static bool seen[ROWS_MAX];

static bool same_row(const struct store_row *a, const struct store_row *b) {
    bool same = a->id == b->id && memcmp(a->numbers, b->numbers, sizeof a->numbers) == 0;

    for (int i = 0; i < STORE_TEXTS; i++)
        same = same && str_eq(a->texts[i], b->texts[i]);
    return same;
}

static bool take(void *arg, const struct store_row *row) {
    struct store_row wanted;

    (void)arg;
    ck_assert_msg(read_row(NULL, row->id, &wanted), "row %llu", (unsigned long long)row->id);
    ck_assert(same_row(row, &wanted));
    seen[row->id] = true;
    return true;
}

static uint32_t seen_count(void) {
    uint32_t n = 0;

    for (uint32_t i = 0; i < ROWS_MAX; i++)
        n += seen[i];
    return n;
}

static struct store_loaded load(struct store *s, uint64_t now_ms) {
    memset(seen, 0, sizeof seen);
    return store_load(s, take, NULL, now_ms);
}

/* Opens, loads, closes. */
static struct store_loaded load_once(uint64_t now_ms) {
    struct store *s = opened();
    struct store_loaded n = load(s, now_ms);

    store_close(s);
    return n;
}

static int files(const char *pattern) {
    char all[128];
    glob_t found;

    snprintf(all, sizeof all, "%s/%s", folder, pattern);
    int n = glob(all, 0, NULL, &found) == 0 ? (int)found.gl_pathc : 0;
    globfree(&found);
    return n;
}

START_TEST(each_waits_once) {
    struct queue q;

    queue_init(&q, 4);
    for (int round = 0; round < 3; round++) {
        for (uint64_t id = 0; id < 4; id++)
            ck_assert(queue_add(&q, id << 32) && queue_add(&q, id << 32));
        ck_assert_uint_eq(q.count, 4);
        ck_assert(!queue_add(&q, 99));
        ck_assert(queue_add(&q, 3ull << 32)); /* waits already: that needs no room */
        ck_assert_uint_eq(q.ids[2], 2ull << 32);
        queue_clear(&q);
        ck_assert(q.count == 0 && queue_add(&q, 99));
        queue_clear(&q);
    }
    queue_fini(&q);
}
END_TEST

START_TEST(comes_back_as_it_was) {
    struct stat file;

    write_rows(1000);
    ck_assert_int_eq(stat(path, &file), 0);
    ck_assert_int_eq(file.st_mode & 0777, 0600);
    struct store_loaded n = load_once(0);
    ck_assert_uint_eq(n.taken, 1000);
    ck_assert_uint_eq(n.damaged + n.expired + n.refused, 0);
    ck_assert_uint_eq(seen_count(), 1000);
    ck_assert_int_eq(files("*.damaged*"), 0);
}
END_TEST

START_TEST(changed_and_gone) {
    write_rows(10);
    table.version = 50;
    table.gone = 3;
    write_rows(10);
    ck_assert_uint_eq(load_once(0).taken, 9);
    ck_assert(!seen[3] && seen[4]);
}
END_TEST

/* A later change stands in for the earlier one: each is read once, as it is in the end. */
START_TEST(later_stands_in) {
    struct store *s = opened();

    table.count = 10;
    for (int i = 0; i < 5; i++)
        touch_all(NULL, s);
    ck_assert_uint_eq(store_counts(s).waiting, 10);
    table.version = 7;
    ck_assert_int_eq(store_start(s), 0);
    store_close(s);
    ck_assert_uint_eq(table.reads, 10);
    ck_assert_uint_eq(load_once(0).taken, 10);
}
END_TEST

START_TEST(expired_are_left_out) {
    write_rows(10);
    struct store_loaded n = load_once(NOW_MS + 4 * 100); /* row 4 ends right now */
    ck_assert_uint_eq(n.expired, 5);
    ck_assert_uint_eq(n.taken, 5);
    ck_assert_uint_eq(load_once(0).taken, 5); /* the others have been deleted */
}
END_TEST

static bool refuse_even(void *arg, const struct store_row *row) {
    (void)arg;
    return row->id % 2 == 1;
}

/* What nobody takes is asked for again: here it is gone by then. */
START_TEST(refused_are_deleted) {
    write_rows(2);
    table.gone = 0;
    struct store *s = opened();
    ck_assert_uint_eq(store_load(s, refuse_even, NULL, 0).refused, 1);
    ck_assert_int_eq(store_start(s), 0);
    store_close(s);
    ck_assert_uint_eq(load_once(0).taken, 1);
}
END_TEST

/* --- kill -9 --- */

/* Writes until it is killed; a byte for each hundred rows that are said to be on disk. */
static void write_for_ever(int fd) {
    struct store *s = opened();
    uint64_t told = 0;

    table.count = ROWS_MAX;
    ck_assert_int_eq(store_start(s), 0);
    for (uint64_t id = 0;; id++) {
        store_touch(s, id % ROWS_MAX);
        while (store_counts(s).waiting > 500)
            sched_yield();
        for (; told < store_counts(s).written / 100; told++)
            if (write(fd, "", 1) != 1)
                _exit(1);
    }
}

START_TEST(killed_while_it_writes) {
    int ends[2], status;
    char bytes[30];

    ck_assert_int_eq(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0)
        write_for_ever(ends[1]);
    for (size_t n = 0; n < sizeof bytes; n++)
        ck_assert_int_eq(read(ends[0], bytes + n, 1), 1);
    kill(child, SIGKILL);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    close(ends[0]), close(ends[1]);
    table.count = ROWS_MAX;
    struct store_loaded n = load_once(0);
    ck_assert_uint_ge(n.taken, 100 * sizeof bytes);
    ck_assert_uint_eq(n.damaged, 0);
    ck_assert_int_eq(files("*.damaged*"), 0);
}
END_TEST

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
    ck_assert_msg(store_counts(s).aside == 1 && files("registrations.db.damaged-2*Z") == 1, "%s", row);
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

static void limit_files(rlim_t bytes) {
    struct rlimit limit;

    signal(SIGXFSZ, SIG_IGN);
    ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes;
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* What the disk does not take waits, and is written when it does. */
START_TEST(full_disk) {
    struct store *s = opened();

    table.count = 2000;
    limit_files(65536);
    touch_all(NULL, s);
    ck_assert_int_eq(store_start(s), 0);
    while (store_counts(s).failures == 0)
        sched_yield();
    while (store_counts(s).waiting < 2000)
        sched_yield();
    ck_assert(store_counts(s).failing && store_counts(s).lost == 0);
    limit_files(RLIM_INFINITY);
    store_close(s);
    ck_assert_uint_eq(load_once(0).taken, 2000);
}
END_TEST

START_TEST(disk_stays_full) {
    struct store *s = opened();

    table.count = 2000;
    limit_files(65536);
    touch_all(NULL, s);
    ck_assert_int_eq(store_start(s), 0);
    store_close(s); /* it gives up, and ends */
    limit_files(RLIM_INFINITY);
    ck_assert_uint_eq(load_once(0).taken, 0);
    ck_assert_int_eq(files("*.damaged*"), 0);
}
END_TEST

START_TEST(no_room_for_a_new_file) {
    limit_files(1000);
    ck_assert_ptr_null(store_open(path, &ops, error, sizeof error));
    limit_files(RLIM_INFINITY);
    ck_assert_str_ne(error, "");
    write_rows(10);
    ck_assert_uint_eq(load_once(0).taken, 10);
}
END_TEST

START_TEST(cannot_be_had) {
    snprintf(path, sizeof path, "%s/none/registrations.db", folder);
    ck_assert_ptr_null(store_open(path, &ops, error, sizeof error));
    ck_assert_str_eq(error, "No such file or directory");
    snprintf(path, sizeof path, "%s/folder", folder);
    ck_assert_int_eq(mkdir(path, 0700), 0);
    ck_assert_ptr_null(store_open(path, &ops, error, sizeof error));
    ck_assert_str_eq(error, "Is a directory");
}
END_TEST

/* Another process has it: that one goes on, and its file is not taken for damaged. */
START_TEST(one_process_at_a_time) {
    struct store *s = opened();

    ck_assert_ptr_null(store_open(path, &ops, error, sizeof error));
    ck_assert_str_eq(error, "another process has it");
    table.count = 10;
    touch_all(NULL, s);
    ck_assert_int_eq(store_start(s), 0);
    store_close(s);
    ck_assert_int_eq(files("*.damaged*"), 0);
    ck_assert_uint_eq(load_once(0).taken, 10);
}
END_TEST

/* --- the folder and the secret --- */

START_TEST(secret) {
    char file[128], first[STATE_SECRET_SIZE], again[STATE_SECRET_SIZE];
    struct stat st;

    snprintf(file, sizeof file, "%s/state", folder);
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(state_folder(file, geteuid(), getegid()), 0);
    ck_assert(stat(file, &st) == 0 && (st.st_mode & 0777) == 0700);
    snprintf(file, sizeof file, "%s/state/secret", folder);
    ck_assert_int_eq(state_secret_read(file, again), STATE_SECRET_NONE);
    state_secret_draw(first);
    state_secret_draw(again);
    ck_assert(strlen(first) == STATE_SECRET_SIZE - 1 && strcmp(first, again) != 0);
    ck_assert_int_eq(state_secret_write(file, first), 0);
    ck_assert(stat(file, &st) == 0 && (st.st_mode & 0777) == 0600);
    ck_assert_int_eq(state_secret_read(file, again), STATE_SECRET_READ);
    ck_assert_str_eq(again, first);
    ck_assert_int_eq(state_folder(file, geteuid(), getegid()), -1); /* a file in its place */
}
END_TEST

START_TEST(secret_damaged) {
    static const char *const texts[] = {"", "0123",
                                        "not hex: 0123456789abcdef0123456789abcdef0123456789abcdef01234567"};
    char file[128], secret_text[STATE_SECRET_SIZE];

    snprintf(file, sizeof file, "%s/secret", folder);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        FILE *out = fopen(file, "w");
        fprintf(out, "%s\n", texts[i]);
        fclose(out);
        ck_assert_msg(state_secret_read(file, secret_text) == STATE_SECRET_DAMAGED, "%s", texts[i]);
    }
    state_secret_draw(secret_text);
    limit_files(10);
    ck_assert_int_eq(state_secret_write(file, secret_text), -1);
    limit_files(RLIM_INFINITY);
    ck_assert_int_eq(files("secret.new"), 0);
    ck_assert_int_eq(files("secret"), 1);
}
END_TEST

int main(void) {
    Suite *s = suite_create("store");
    TCase *t = tcase_create("store");

    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_set_timeout(t, 60);
    tcase_add_test(t, each_waits_once);
    tcase_add_test(t, comes_back_as_it_was);
    tcase_add_test(t, changed_and_gone);
    tcase_add_test(t, later_stands_in);
    tcase_add_test(t, expired_are_left_out);
    tcase_add_test(t, refused_are_deleted);
    tcase_add_test(t, killed_while_it_writes);
    tcase_add_loop_test(t, damaged_is_set_aside, 0, 10);
    tcase_add_test(t, changed_byte_costs_one_row);
    tcase_add_test(t, damaged_later);
    tcase_add_test(t, full_disk);
    tcase_add_test(t, disk_stays_full);
    tcase_add_test(t, no_room_for_a_new_file);
    tcase_add_test(t, cannot_be_had);
    tcase_add_test(t, one_process_at_a_time);
    tcase_add_test(t, secret);
    tcase_add_test(t, secret_damaged);
    suite_add_tcase(s, t);
    return suite_run(s);
}
