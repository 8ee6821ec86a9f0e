/* Call records: the shape of a line, and that lines survive rotation, slow disks and hostile text. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "b2bua/admin/record.h"
#include "tests/room/bed_folder.h"
#include "tests/room/json_line.h"
#include "tests/suite.h"

enum { LINE_MAX_BYTES = 65536 };

static char path[96];

static void set_up(void) {
    bed_folder_make();
    snprintf(path, sizeof path, "%s/cdr.jsonl", bed_folder);
}

static struct record example(void) {
    return (struct record){.call_id = 0x1234abcd,
                           .leg = 'a',
                           .trunk = STR("carrier"),
                           .sip_call_id = STR("1@host"),
                           .from = STR("sip:alice@example.com"),
                           .to = STR("sip:bob@example.com"),
                           .start_ms = 1709251199999,
                           .ring_ms = 1709251200000,
                           .answer_ms = 1709251201000,
                           .end_ms = 1709251261500,
                           .status = 200,
                           .ended_by = "a",
                           .cause = "bye",
                           .refreshes_sent = 1,
                           .refreshes_received = 2,
                           .midcalls_consumed = 3,
                           .midcalls_forwarded = 4,
                           .route = STR("inbound"),
                           .target = STR("sip:127.0.0.1:5070"),
                           .attempts = 1,
                           .waited_ms = 20};
}

/* The record as a reader sees it; to be freed. */
static struct json_line *read_back(const struct record *r) {
    char *text = mem_alloc(LINE_MAX_BYTES);
    struct sbuf b = sbuf_on(text, LINE_MAX_BYTES - 1);

    record_print(&b, r);
    text[b.n] = '\0';
    struct json_line *l = json_line_read(text, b.n);
    ck_assert_msg(!b.full && l != NULL, "%.300s", text);
    free(text);
    return l;
}

static const char *text_of(const struct json_line *l, const char *name) {
    const struct json_field *f = json_line_find(l, name);

    ck_assert_msg(f != NULL, "%s", name);
    return f->text;
}

START_TEST(shape) {
    char line[2048];
    struct sbuf b = sbuf_on(line, sizeof line - 1);
    struct record r = example();

    record_print(&b, &r);
    line[b.n] = '\0';
    ck_assert_str_eq(line,
                     "{\"call_id\":\"000000001234abcd\",\"leg\":\"a\",\"trunk\":\"carrier\",\"sip_call_id\":\"1@host\","
                     "\"from\":\"sip:alice@example.com\",\"to\":\"sip:bob@example.com\","
                     "\"start\":\"2024-02-29T23:59:59.999Z\",\"ring\":\"2024-03-01T00:00:00.000Z\","
                     "\"answer\":\"2024-03-01T00:00:01.000Z\",\"end\":\"2024-03-01T00:01:01.500Z\","
                     "\"duration_ms\":60500,\"status\":200,\"ended_by\":\"a\",\"cause\":\"bye\","
                     "\"refreshes_sent\":1,\"refreshes_received\":2,\"midcalls_consumed\":3,"
                     "\"midcalls_forwarded\":4,\"route\":\"inbound\",\"target\":\"sip:127.0.0.1:5070\","
                     "\"attempts\":1,\"waited_ms\":20}\n");
}
END_TEST

/* What a reader gets for a peer's text. */
static const struct {
    const char *name;
    struct str text;
    const char *reads;
} texts[] = {
    {"8259 7 quotes and backslashes", STR("\"a\\b\""), "\"a\\b\""},
    {"8259 7 control characters", STR("\r\n\t\x01\x1f\x7f"), "\r\n\t\x01\x1f\x7f"},
    {"3629 4 UTF-8 of two, three, four bytes", STR("\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"),
     "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"},
    {"a byte that is no UTF-8 reads as Latin-1",
     STR("a\xff"
         "b"),
     "a\xc3\xbf"
     "b"},
    {"a character cut short", STR("a\xe2\x82"), "a\xc3\xa2\xc2\x82"},
    {"3629 3 overlong", STR("\xc0\xaf"), "\xc3\x80\xc2\xaf"},
    {"3629 3 surrogates", STR("\xed\xa0\x80"), "\xc3\xad\xc2\xa0\xc2\x80"},
    {"3629 3 beyond U+10FFFF", STR("\xf4\x90\x80\x80"), "\xc3\xb4\xc2\x90\xc2\x80\xc2\x80"},
    {"nothing", STR(""), ""},
    {"the end of the object", STR("\"}\n{"), "\"}\n{"},
};

START_TEST(peer_text) {
    static const char *const names[] = {"sip_call_id", "from", "to", "target"};
    struct record r = example();

    r.sip_call_id = r.from = r.to = r.target = texts[_i].text;
    struct json_line *l = read_back(&r);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        ck_assert_msg(strcmp(text_of(l, names[i]), texts[_i].reads) == 0, "%s: %s", texts[_i].name, names[i]);
    }
    free(l);
}
END_TEST

/* A peer cannot make a line that does not fit, or none. */
START_TEST(long_text) {
    static const char fill[] = {'a', '\x01', '"', '\xff', '\xe2'};
    char *text = mem_alloc(100000);
    struct record r = example();

    memset(text, fill[_i], 100000);
    r.sip_call_id = r.from = r.to = r.target = r.trunk = r.route = (struct str){text, 100000};
    struct json_line *l = read_back(&r);
    ck_assert_uint_gt(strlen(text_of(l, "from")), 200);
    ck_assert_str_eq(text_of(l, "cause"), "bye");
    free(l);
    struct recorder *rec = recorder_new(path);
    ck_assert_int_eq(recorder_write(rec, &r), 0);
    ck_assert_uint_eq(recorder_lost(rec), 0);
    recorder_free(rec);
    free(text);
}
END_TEST

static const struct {
    const char *name;
    uint64_t ms;
    const char *reads; /* NULL: null */
} times[] = {
    {"never is null", 0, NULL},
    {"3339 5.6 milliseconds, UTC", 1, "1970-01-01T00:00:00.001Z"},
    {"3339 5.7 a leap day", 951782400000, "2000-02-29T00:00:00.000Z"},
    {"the last moment of a year", 1767225599999, "2025-12-31T23:59:59.999Z"},
    {"2100 has no leap day", 4107542400000, "2100-03-01T00:00:00.000Z"},
};

START_TEST(time_of_day) {
    struct record r = example();

    r.ring_ms = times[_i].ms;
    struct json_line *l = read_back(&r);
    ck_assert_msg(json_line_find(l, "ring")->kind == (times[_i].reads == NULL ? '0' : 's'), "%s", times[_i].name);
    ck_assert_str_eq(text_of(l, "ring"), times[_i].reads == NULL ? "" : times[_i].reads);
    free(l);
}
END_TEST

/* The wall clock may be set back during a call. */
START_TEST(duration) {
    static const struct {
        uint64_t answer_ms, end_ms;
        const char *duration_ms;
    } rows[] = {{1000, 1000, "0"}, {1000, 1001, "1"}, {0, 5000, "0"}, {2000, 1000, "0"}};
    struct record r = example();

    r.answer_ms = rows[_i].answer_ms;
    r.end_ms = rows[_i].end_ms;
    struct json_line *l = read_back(&r);
    ck_assert_str_eq(text_of(l, "duration_ms"), rows[_i].duration_ms);
    free(l);
}
END_TEST

/* --- the file --- */

/* Lines of the file that are whole records; -1 when one is not. */
static int lines_of(const char *file) {
    FILE *f = fopen(file, "r");
    char *line = NULL;
    size_t cap = 0;
    int n = 0;

    if (f == NULL)
        return 0;
    while (getline(&line, &cap, f) > 0 && n >= 0) {
        struct json_line *l = json_line_read(line, strlen(line));
        n = l != NULL ? n + 1 : -1;
        free(l);
    }
    free(line);
    fclose(f);
    return n;
}

static void write_some(struct recorder *rec, int times_max) {
    struct record r = example();

    for (int i = 0; i < times_max; i++)
        ck_assert_int_eq(recorder_write(rec, &r), 0);
}

START_TEST(appends) {
    for (int i = 1; i <= 2; i++) {
        struct recorder *rec = recorder_new(path);
        write_some(rec, 3);
        recorder_free(rec);
        ck_assert_int_eq(lines_of(path), 3 * i);
    }
    struct stat st;
    ck_assert_int_eq(stat(path, &st), 0);
    ck_assert_msg((st.st_mode & 007) == 0, "records name people: not for everyone");
}
END_TEST

/* What the writer, a thread, has to come to: a look each millisecond, with much patience. */
#define UNTIL(condition)                                                                                               \
    for (int i = 0; i < 10000 && !(condition); i++)                                                                    \
    usleep(1000)

/* Waits until the file has `n` lines. */
static void until_lines(const char *file, int n) {
    UNTIL(lines_of(file) >= n);
    ck_assert_int_eq(lines_of(file), n);
}

START_TEST(rotation) {
    struct recorder *rec = recorder_new(path);
    char old[128];

    snprintf(old, sizeof old, "%s.1", path);
    write_some(rec, 2);
    until_lines(path, 2);
    ck_assert_int_eq(rename(path, old), 0);
    write_some(rec, 1);
    until_lines(old, 3);
    recorder_reopen(rec);
    write_some(rec, 4);
    recorder_free(rec);
    ck_assert_int_eq(lines_of(old), 3);
    ck_assert_int_eq(lines_of(path), 4);
}
END_TEST

/* What cannot be opened anew is no reason to lose records. */
START_TEST(rotation_fails) {
    struct recorder *rec = recorder_new(path);
    char old[128];

    snprintf(old, sizeof old, "%s.1", path);
    ck_assert_int_eq(rename(path, old), 0);
    ck_assert_int_eq(mkdir(path, 0700), 0);
    recorder_reopen(rec);
    write_some(rec, 2);
    recorder_free(rec);
    ck_assert_int_eq(lines_of(old), 2);
}
END_TEST

START_TEST(cannot_open) {
    char where[128];

    snprintf(where, sizeof where, "%s/none/cdr.jsonl", bed_folder);
    ck_assert_ptr_null(recorder_new(where));
    ck_assert_int_eq(errno, ENOENT);
    ck_assert_ptr_null(recorder_new(bed_folder));
    ck_assert_int_eq(errno, EISDIR);
    recorder_free(NULL);
}
END_TEST

/* A disk that does not take anything: calls go on, what does not fit is counted, what fitted is written later. */
START_TEST(slow_disk) {
    char *text = mem_zalloc(1001);
    struct record r = example();
    int taken = 0, lines = 0;
    char buf[65536];

    ck_assert_int_eq(mkfifo(path, 0600), 0);
    int fd = open(path, O_RDWR);
    struct recorder *rec = recorder_new(path);
    memset(text, 'a', 1000);
    r.from = r.to = (struct str){text, 1000};
    while (taken < 100000 && recorder_write(rec, &r) == 0)
        taken++;
    ck_assert_int_lt(taken, 100000);
    ck_assert_uint_eq(recorder_lost(rec), 1);
    ck_assert_int_eq(recorder_write(rec, &r), -1);
    ck_assert_uint_eq(recorder_lost(rec), 2);
    while (lines < taken) {
        ssize_t n = read(fd, buf, sizeof buf);
        for (ssize_t i = 0; i < n; i++)
            lines += buf[i] == '\n';
    }
    ck_assert_int_eq(recorder_write(rec, &r), 0);
    recorder_free(rec);
    ck_assert_msg(read(fd, buf, sizeof buf) > 2000 && buf[0] == '{', "the disk is back");
    close(fd);
    free(text);
}
END_TEST

/* Stopping does not wait for a full disk to become empty. */
START_TEST(full_disk) {
    struct recorder *rec = recorder_new("/dev/full");

    ck_assert_ptr_nonnull(rec);
    write_some(rec, 5);
    recorder_free(rec);
}
END_TEST

/* A full disk is counted as such; when the file is opened anew on another one nothing is lost, and no line is torn. */
START_TEST(full_disk_is_left) {
    ck_assert_int_eq(symlink("/dev/full", path), 0);
    struct recorder *rec = recorder_new(path);

    ck_assert_ptr_nonnull(rec);
    ck_assert_int_eq(recorder_error(rec), 0);
    write_some(rec, 5);
    UNTIL(recorder_error(rec) != 0);
    ck_assert_int_eq(recorder_error(rec), ENOSPC);
    write_some(rec, 5);
    ck_assert_uint_eq(recorder_written(rec), 0);
    ck_assert_int_eq(unlink(path), 0);
    recorder_reopen(rec);
    until_lines(path, 10);
    UNTIL(recorder_error(rec) == 0);
    ck_assert_int_eq(recorder_error(rec), 0);
    ck_assert_uint_eq(recorder_lost(rec), 0);
    recorder_free(rec);
}
END_TEST

static void file_limit(rlim_t bytes) {
    struct rlimit limit;

    ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes;
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* The disk is full in the middle of a line: the rest follows in the same file, or the whole line in another one, or in
 * the same one opened anew; no file keeps a part. */
START_TEST(torn_line) {
    char old[128];

    signal(SIGXFSZ, SIG_IGN);
    snprintf(old, sizeof old, "%s.1", path);
    file_limit(1000);
    struct recorder *rec = recorder_new(path);
    write_some(rec, 3);
    UNTIL(recorder_error(rec) != 0);
    ck_assert_int_eq(recorder_error(rec), EFBIG);
    if (_i == 0) {
        ck_assert_int_eq(rename(path, old), 0);
        recorder_reopen(rec);
    }
    if (_i == 2)
        recorder_reopen(rec);
    file_limit(RLIM_INFINITY);
    UNTIL(recorder_error(rec) == 0);
    recorder_free(rec);
    ck_assert_int_eq(lines_of(path), _i == 0 ? 2 : 3);
    if (_i == 0)
        ck_assert_int_eq(lines_of(old), 1);
}
END_TEST

static void *many(void *arg) {
    struct record r = example();

    for (int i = 0; i < 250; i++)
        recorder_write(arg, &r);
    return NULL;
}

START_TEST(threads) {
    enum { THREADS = 4 };
    struct recorder *rec = recorder_new(path);
    pthread_t t[THREADS];

    for (int i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_create(&t[i], NULL, many, rec), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(t[i], NULL);
    ck_assert_uint_eq(recorder_lost(rec), 0);
    recorder_free(rec);
    ck_assert_int_eq(lines_of(path), THREADS * 250);
}
END_TEST

int main(void) {
    Suite *s = suite_create("record");
    TCase *t = tcase_create("record");

    tcase_set_timeout(t, 60);
    tcase_add_checked_fixture(t, set_up, bed_folder_remove);
    tcase_add_test(t, shape);
    tcase_add_loop_test(t, peer_text, 0, sizeof texts / sizeof *texts);
    tcase_add_loop_test(t, long_text, 0, 5);
    tcase_add_loop_test(t, time_of_day, 0, sizeof times / sizeof *times);
    tcase_add_loop_test(t, duration, 0, 4);
    tcase_add_test(t, appends);
    tcase_add_test(t, rotation);
    tcase_add_test(t, rotation_fails);
    tcase_add_test(t, cannot_open);
    tcase_add_test(t, slow_disk);
    tcase_add_test(t, full_disk);
    tcase_add_test(t, full_disk_is_left);
    tcase_add_loop_test(t, torn_line, 0, 3);
    tcase_add_test(t, threads);
    suite_add_tcase(s, t);

    return suite_run(s);
}
