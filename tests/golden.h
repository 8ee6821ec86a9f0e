/*
 * golden: the files of tests that are data. golden_find in main, before any test; golden_read in the tests.
 */
#ifndef TESTS_GOLDEN_H
#define TESTS_GOLDEN_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "b2bua/core/str.h"

enum { GOLDEN_MAX = 1000 };

struct golden_names {
    char *at[GOLDEN_MAX];
    int count;
};

static inline int golden_by_name(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* A test program that would test nothing, or not all, ends at once. */
static inline void golden_fail(const char *what, const char *where) {
    fprintf(stderr, "%s: %s\n", where, what);
    exit(1);
}

static inline bool golden_ends(const char *name, const char *ending) {
    size_t n = strlen(name), end = strlen(ending);

    return n > end && strcmp(name + n - end, ending) == 0;
}

/* The names in `folder` that end in `ending`, without it, sorted: at least one. */
static inline void golden_find(struct golden_names *names, const char *folder, const char *ending) {
    DIR *d = opendir(folder);
    const struct dirent *e;

    names->count = 0;
    while (d != NULL && (e = readdir(d)) != NULL) {
        if (!golden_ends(e->d_name, ending))
            continue;
        if (names->count == GOLDEN_MAX)
            golden_fail("more files than GOLDEN_MAX", folder);
        names->at[names->count++] = str_dup((struct str){e->d_name, strlen(e->d_name) - strlen(ending)});
    }
    if (d != NULL)
        closedir(d);
    if (names->count == 0)
        golden_fail("no such files: run from the repository root", folder);
    qsort(names->at, (size_t)names->count, sizeof names->at[0], golden_by_name);
}

static inline void golden_fini(struct golden_names *names) {
    while (names->count > 0)
        free(names->at[--names->count]);
}

/* The whole file FOLDER/NAME ENDING, terminated, freed by the caller; p is NULL when it is not there. */
static inline struct str golden_read(const char *folder, const char *name, const char *ending) {
    char path[400];

    snprintf(path, sizeof path, "%s/%s%s", folder, name, ending);
    FILE *f = fopen(path, "rb");
    if (f == NULL)
        return STR_NONE;
    long size = fseek(f, 0, SEEK_END) == 0 ? ftell(f) : -1;
    if (size < 0)
        golden_fail("no file that can be read", path);
    rewind(f);
    char *text = mem_alloc((size_t)size + 1);
    size_t n = fread(text, 1, (size_t)size, f);
    if (n != (size_t)size)
        golden_fail("not read to its end", path);
    text[n] = '\0';
    fclose(f);
    return (struct str){text, n};
}

/* The same with CRLF for LF: what a message is on the wire. */
static inline struct str golden_read_crlf(const char *folder, const char *name, const char *ending) {
    struct str text = golden_read(folder, name, ending);
    size_t n = 0;

    if (text.p == NULL)
        return text;
    char *wire = mem_alloc(2 * text.n + 1);
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '\n')
            wire[n++] = '\r';
        wire[n++] = text.p[i];
    }
    free((char *)text.p);
    return (struct str){wire, n};
}

#endif
