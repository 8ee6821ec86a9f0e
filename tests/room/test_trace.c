/* A trace whose file cannot grow: it ends, and says why. */
#include <check.h>
#include <stdio.h>

#include "b2bua/admin/tap.h"
#include "b2bua/admin/trace.h"
#include "tests/room/bed_folder.h"
#include "tests/suite.h"

static char path[96];

static void set_up(void) {
    bed_folder_make();
    snprintf(path, sizeof path, "%s/t", bed_folder);
    bed_limit_files(4096);
}

static uint64_t no_time(void *ctx) {
    (void)ctx;
    return 1700000000000000;
}

/* A message, as a worker would give it. */
static struct sbuf copy_of(struct str message) {
    struct ladder *l = ladder_new(0, no_time, NULL);
    struct flow flow = {.proto = FLOW_UDP};
    struct sbuf copy = sbuf_growing(1 << 20);
    uint64_t at = 0;

    ladder_message(l, LADDER_IN, &flow, message);
    ck_assert(ladder_copy(l, &at, false, &copy));
    ladder_free(l);
    return copy;
}

START_TEST(a_full_disk) {
    static char text[3000];
    struct ladder_entry e = {.kind = LADDER_MESSAGE};
    char error[256];

    struct trace *t = trace_new(path, 1000000, error, sizeof error);
    trace_put(t, &e, (struct str){text, sizeof text});
    ck_assert_ptr_null(trace_flush(t));
    trace_put(t, &e, (struct str){text, sizeof text});
    ck_assert_str_eq(trace_flush(t), "File too large");
    trace_put(t, &e, (struct str){text, sizeof text});
    ck_assert_str_eq(trace_flush(t), "File too large");
    trace_free(t);
}
END_TEST

/* The one who gives does not notice. */
START_TEST(a_full_disk_ends_the_trace_alone) {
    static char text[3000] = "INVITE x\r\nCall-ID: c\r\n\r\n";
    struct select_filter all = {.trunk = ""};
    char error[256];
    struct tap *t = tap_new("", "n", error, sizeof error);

    ck_assert_uint_eq(tap_wanted(t), 0);
    ck_assert_int_eq(tap_trace_start(t, path, &all, 1000000, error, sizeof error), 0);
    ck_assert_uint_ne(tap_wanted(t), 0);
    for (int i = 0; i < 4; i++) {
        struct sbuf copy = copy_of((struct str){text, sizeof text});
        tap_give(t, &copy);
    }
    tap_trace_stop(t); /* all that was given is dealt with by then */
    struct tap_state s = tap_state(t);
    ck_assert(!s.tracing);
    ck_assert_str_eq(s.why, "File too large");
    ck_assert_uint_eq(tap_wanted(t), 0);
    tap_free(t);
}
END_TEST

int main(void) {
    Suite *s = suite_create("trace");
    TCase *c = tcase_create("trace");

    suite_add_tcase(s, c);
    tcase_add_checked_fixture(c, set_up, bed_folder_remove);
    tcase_add_test(c, a_full_disk);
    tcase_add_test(c, a_full_disk_ends_the_trace_alone);
    return suite_run(s);
}
