/*
 * bed_folder: a folder for the files of one test, and disks that are full. set_up and tear_down are a fixture.
 */
#ifndef TESTS_ROOM_BED_FOLDER_H
#define TESTS_ROOM_BED_FOLDER_H

#include <check.h>
#include <glob.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

static char bed_folder[64];

static inline void bed_folder_make(void) {
    snprintf(bed_folder, sizeof bed_folder, "/tmp/twinleg-test-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(bed_folder));
}

static inline void bed_folder_remove(void) {
    char command[128];

    snprintf(command, sizeof command, "rm -r %s", bed_folder);
    ck_assert_int_eq(system(command), 0);
}

/* How many there are in it. */
static inline int bed_files(const char *pattern) {
    char all[128];
    glob_t found;

    snprintf(all, sizeof all, "%s/%s", bed_folder, pattern);
    int n = glob(all, 0, NULL, &found) == 0 ? (int)found.gl_pathc : 0;
    globfree(&found);
    return n;
}

/* No file gets larger from now on. */
static inline void bed_limit_files(rlim_t bytes) {
    struct rlimit limit;

    signal(SIGXFSZ, SIG_IGN);
    ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes;
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

#endif
