/*
 * bed_store: a table of registrations that a store writes and reads back: `table` says what there is, `seen` which rows
 * came back, each compared with what it was.
 */
#ifndef TESTS_ROOM_BED_STORE_H
#define TESTS_ROOM_BED_STORE_H

#include "b2bua/store/store.h"
#include "tests/room/bed_folder.h"

enum { ROWS_MAX = 20000, NOW_MS = 1000000 };

static char path[96], error[256];

/* What there is: the numbers below `table.count` that are not gone. */
static struct {
    uint32_t count;
    uint64_t version, gone, reads;
    char text[64];
} table;

static inline bool read_row(void *ctx, uint64_t id, struct store_row *row) {
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

static inline void touch_all(void *ctx, struct store *s) {
    (void)ctx;
    for (uint32_t i = 0; i < table.count; i++)
        store_touch(s, i);
}

static const struct store_ops ops = {.read = read_row, .all = touch_all};

static inline void set_up(void) {
    bed_folder_make();
    snprintf(path, sizeof path, "%s/registrations.db", bed_folder);
    memset(&table, 0, sizeof table);
    table.gone = UINT64_MAX;
}

static inline struct store *opened(void) {
    struct store *s = store_open(path, &ops, error, sizeof error);

    ck_assert_msg(s != NULL, "%s", error);
    return s;
}

/* Writes the first `count` rows and closes. */
static inline void write_rows(uint32_t count) {
    struct store *s = opened();

    table.count = count;
    touch_all(NULL, s);
    ck_assert_int_eq(store_start(s), 0);
    store_close(s);
}

/* --- what comes back --- */

static bool seen[ROWS_MAX];

static inline bool same_row(const struct store_row *a, const struct store_row *b) {
    bool same = a->id == b->id && memcmp(a->numbers, b->numbers, sizeof a->numbers) == 0;

    for (int i = 0; i < STORE_TEXTS; i++)
        same = same && str_eq(a->texts[i], b->texts[i]);
    return same;
}

static inline bool take(void *arg, const struct store_row *row) {
    struct store_row wanted;

    (void)arg;
    ck_assert_msg(read_row(NULL, row->id, &wanted), "row %llu", (unsigned long long)row->id);
    ck_assert(same_row(row, &wanted));
    seen[row->id] = true;
    return true;
}

static inline uint32_t seen_count(void) {
    uint32_t n = 0;

    for (uint32_t i = 0; i < ROWS_MAX; i++)
        n += seen[i];
    return n;
}

static inline struct store_loaded load(struct store *s, uint64_t now_ms) {
    memset(seen, 0, sizeof seen);
    return store_load(s, take, NULL, now_ms);
}

/* Opens, loads, closes. */
static inline struct store_loaded load_once(uint64_t now_ms) {
    struct store *s = opened();
    struct store_loaded n = load(s, now_ms);

    store_close(s);
    return n;
}

#endif
