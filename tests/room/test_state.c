/* The folder of what outlives the program, and the secret in it. */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "b2bua/store/state.h"
#include "tests/room/bed_folder.h"
#include "tests/suite.h"

START_TEST(secret) {
    char file[128], first[STATE_SECRET_SIZE], again[STATE_SECRET_SIZE];
    struct stat st;

    snprintf(file, sizeof file, "%s/state", bed_folder);
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(state_folder(file, geteuid(), getegid()), 0);
    ck_assert(stat(file, &st) == 0 && (st.st_mode & 0777) == 0700);
    snprintf(file, sizeof file, "%s/state/secret", bed_folder);
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

    snprintf(file, sizeof file, "%s/secret", bed_folder);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        FILE *out = fopen(file, "w");
        fprintf(out, "%s\n", texts[i]);
        fclose(out);
        ck_assert_msg(state_secret_read(file, secret_text) == STATE_SECRET_DAMAGED, "%s", texts[i]);
    }
    state_secret_draw(secret_text);
    bed_limit_files(10);
    ck_assert_int_eq(state_secret_write(file, secret_text), -1);
    bed_limit_files(RLIM_INFINITY);
    ck_assert_int_eq(bed_files("secret.new"), 0);
    ck_assert_int_eq(bed_files("secret"), 1);
}
END_TEST

int main(void) {
    Suite *s = suite_create("state");
    TCase *t = tcase_create("state");

    tcase_add_checked_fixture(t, bed_folder_make, bed_folder_remove);
    tcase_add_test(t, secret);
    tcase_add_test(t, secret_damaged);
    suite_add_tcase(s, t);
    return suite_run(s);
}
