/* Registrations on disk: they come back as they were, whatever happens to the process. */
#include <sched.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "b2bua/store/queue.h"
#include "tests/room/bed_store.h"
#include "tests/suite.h"

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
    ck_assert_int_eq(bed_files("*.damaged*"), 0);
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
    ck_assert_int_eq(bed_files("*.damaged*"), 0);
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
    ck_assert_int_eq(bed_files("*.damaged*"), 0);
    ck_assert_uint_eq(load_once(0).taken, 10);
}
END_TEST

int main(void) {
    Suite *s = suite_create("store");
    TCase *t = tcase_create("store");

    tcase_add_checked_fixture(t, set_up, bed_folder_remove);
    tcase_set_timeout(t, 60);
    tcase_add_test(t, each_waits_once);
    tcase_add_test(t, comes_back_as_it_was);
    tcase_add_test(t, changed_and_gone);
    tcase_add_test(t, later_stands_in);
    tcase_add_test(t, expired_are_left_out);
    tcase_add_test(t, refused_are_deleted);
    tcase_add_test(t, killed_while_it_writes);
    tcase_add_test(t, one_process_at_a_time);
    suite_add_tcase(s, t);
    return suite_run(s);
}
