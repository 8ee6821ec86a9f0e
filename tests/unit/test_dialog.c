/* Sequence numbers, targets, routes and tags of dialogs; which of several is meant; who is left of a list. */
#include <check.h>
#include <stdlib.h>

#include "b2bua/core/dialog.h"
#include "tests/suite.h"

enum { TAKES = 5 };

/* --- numbers --- */

struct take {
    uint32_t number;
    bool taken;
};

struct row {
    const char *name;
    struct take takes[TAKES]; /* number 0 ends them, but for the first */
};

/* clang-format off */
static const struct row cseqs[] = {
    {"RFC 3261 12.2.2: the first may be any", {{4711, true}}},
    {"RFC 3261 12.2.2: the first may be 0", {{0, true}, {1, true}}},
    {"RFC 3261 12.2.2: higher by one", {{1, true}, {2, true}, {3, true}}},
    {"RFC 3261 12.2.2: higher by more than one", {{1, true}, {100, true}}},
    {"RFC 3261 12.2.2: lower is out of order", {{10, true}, {9, false}, {11, true}}},
    {"RFC 3261 12.2.2: a new request with an old number", {{10, true}, {10, false}, {11, true}}},
    {"RFC 3261 12.2.2: what was refused does not count", {{10, true}, {5, false}, {6, false}, {11, true}}},
    {"RFC 3261 8.1.1.5: up to 2^31-1", {{0x7ffffffe, true}, {0x7fffffff, true}, {1, false}}},
};

static const struct row rseqs[] = {
    {"RFC 3262 4: the first may be any from 1", {{988789, true}, {988790, true}}},
    {"RFC 3262 7.1: 0 is none", {{0, false}, {1, true}}},
    {"RFC 3262 4: a copy", {{1, true}, {1, false}, {2, true}}},
    {"RFC 3262 4: one is missing", {{1, true}, {3, false}, {2, true}, {3, true}}},
    {"RFC 3262 4: an old one", {{5, true}, {4, false}, {6, true}}},
    {"RFC 3262 3: no way round", {{UINT32_MAX, true}, {1, false}}},
};
/* clang-format on */

static bool take_cseq(struct dialog *d, uint32_t number) {
    int status = dialog_take_cseq(d, number);

    ck_assert(status == 0 || status == 500);
    return status == 0;
}

static void check_takes(const struct row *row, bool (*take)(struct dialog *d, uint32_t number)) {
    struct dialog *d = dialog_new("a", STR("b"), 1);

    for (int i = 0; i < TAKES && (i == 0 || row->takes[i].number != 0); i++)
        ck_assert_msg(take(d, row->takes[i].number) == row->takes[i].taken, "%s: %u", row->name, row->takes[i].number);
    ck_assert_uint_eq(d->local_cseq, 1);
    dialog_free(d);
}

START_TEST(cseq) {
    check_takes(&cseqs[_i], take_cseq);
}
END_TEST

START_TEST(rseq) {
    check_takes(&rseqs[_i], dialog_take_rseq);
}
END_TEST

/* --- target, route, tag --- */

static const struct {
    const char *name;
    void (*set)(struct dialog *d, struct str value);
    size_t field;
    const char *values[3]; /* one after the other */
    const char *left;
} fields[] = {
    {"RFC 3261 12.2.1.2: a target refresh replaces",
     dialog_set_target,
     offsetof(struct dialog, target),
     {"sip:a@192.0.2.1", "sip:a@192.0.2.22;transport=tcp"},
     "sip:a@192.0.2.22;transport=tcp"},
    {"RFC 3261 12.2.1.2: no Contact, no refresh",
     dialog_set_target,
     offsetof(struct dialog, target),
     {"sip:a@192.0.2.1", ""},
     "sip:a@192.0.2.1"},
    {"RFC 3261 12.1.2: a loose route set",
     dialog_set_route,
     offsetof(struct dialog, route),
     {"Route: <sip:p1;lr>\r\nRoute: <sip:p2;lr>\r\n"},
     "Route: <sip:p1;lr>\r\nRoute: <sip:p2;lr>\r\n"},
    {"RFC 3261 12.1.2: a strict one is kept as it came",
     dialog_set_route,
     offsetof(struct dialog, route),
     {"Route: <sip:p1>\r\n"},
     "Route: <sip:p1>\r\n"},
    {"RFC 3261 13.2.2.4: the 2xx computes the route set again",
     dialog_set_route,
     offsetof(struct dialog, route),
     {"Route: <sip:p1;lr>\r\n", "Route: <sip:p2;lr>\r\n"},
     "Route: <sip:p2;lr>\r\n"},
    {"RFC 3261 12.1.2: the new set may be empty",
     dialog_set_route,
     offsetof(struct dialog, route),
     {"Route: <sip:p1;lr>\r\n", ""},
     ""},
    {"RFC 3261 12.1.2: the remote tag", dialog_set_remote_tag, offsetof(struct dialog, remote_tag), {"t1"}, "t1"},
    {"RFC 3261 12.1.2: no tag, from RFC 2543", dialog_set_remote_tag, offsetof(struct dialog, remote_tag), {""}, ""},
};

START_TEST(field) {
    struct dialog *d = dialog_new("a", STR_NONE, 1);

    for (int i = 0; i < 3 && fields[_i].values[i] != NULL; i++) {
        char text[64];
        struct str value = str_of(fields[_i].values[i]);
        memcpy(text, value.p, value.n);
        fields[_i].set(d, (struct str){text, value.n});
        memset(text, '?', sizeof text); /* the dialog has its own copy */
    }
    char *left;
    memcpy(&left, (char *)d + fields[_i].field, sizeof left);
    ck_assert_msg(strcmp(left, fields[_i].left) == 0, "%s: \"%s\"", fields[_i].name, left);
    dialog_free(d);
}
END_TEST

START_TEST(fresh) {
    struct dialog *d = dialog_new("0123456789abcdef012", STR("far"), 31);

    ck_assert_str_eq(d->local_tag, "0123456789abcdef012");
    ck_assert_str_eq(d->remote_tag, "far");
    ck_assert_uint_eq(d->local_cseq, 31);
    ck_assert(!d->remote_cseq_known && !d->confirmed && !d->shown);
    ck_assert_int_eq(d->offer.state, OFFER_NONE);
    ck_assert_ptr_null(d->mate);
    dialog_free(d);
    d = dialog_new("0123456789abcdef012345", STR_NONE, 1); /* too long: cut, never beyond its place */
    ck_assert_str_eq(d->local_tag, "0123456789abcdef012");
    ck_assert_str_eq(d->remote_tag, "");
    dialog_free(d);
    dialog_free(NULL);
}
END_TEST

/* --- lists --- */

enum { FORKS = 3 };

/* The forks of one leg: our tag and the peer's. */
static void make_list(struct dialog *d[FORKS]) {
    d[0] = dialog_new("l1", STR("r1"), 1);
    d[1] = dialog_new("l1", STR("r2"), 1);
    d[2] = dialog_new("l2", STR(""), 1);
    d[0]->next = d[1];
    d[1]->next = d[2];
}

static const struct {
    const char *name, *local, *remote;
    int found; /* -1 none */
} finds[] = {
    {"RFC 3261 12: both tags", "l1", "r2", 1},
    {"RFC 3261 12: both tags, the first", "l1", "r1", 0},
    {"RFC 3261 12.2.2: the peer's tag is not of this dialog", "l1", "r3", -1},
    {"RFC 3261 12.2.2: ours is not", "l3", "r1", -1},
    {"RFC 3261 12.2.2: tags of two dialogs", "l2", "r1", -1},
    {"RFC 3261 19.3: tags know upper and lower case", "L1", "r1", -1},
    {"RFC 3261 12.1.2: not known yet is not the same as any", "l2", "r9", -1},
    {"ours alone", "l2", "", 2},
    {"the peer's alone", "", "r2", 1},
    {"any", "", "", 0},
};

START_TEST(find) {
    struct dialog *d[FORKS];

    make_list(d);
    struct dialog *found = dialog_find(d[0], str_of(finds[_i].local), str_of(finds[_i].remote));
    ck_assert_msg(found == (finds[_i].found < 0 ? NULL : d[finds[_i].found]), "%s", finds[_i].name);
    ck_assert_ptr_null(dialog_find(NULL, str_of(finds[_i].local), str_of(finds[_i].remote)));
    dialog_free_list(d[0], NULL);
}
END_TEST

/* RFC 3261 13.2.2.4: the answered fork stays, the others go, and their mates know it. `_i` is the one kept; -1 none. */
START_TEST(keep_one) {
    struct dialog *near[FORKS], *far[FORKS];

    make_list(near);
    make_list(far);
    for (int i = 0; i < FORKS; i++) {
        near[i]->mate = far[i];
        far[i]->mate = near[i];
    }
    dialog_free_list(near[0], _i < 0 ? NULL : near[_i]);
    for (int i = 0; i < FORKS; i++)
        ck_assert_ptr_eq(far[i]->mate, i == _i ? near[i] : NULL);
    if (_i >= 0) {
        ck_assert_ptr_null(near[_i]->next);
        ck_assert_ptr_eq(near[_i]->mate, far[_i]);
        dialog_free(near[_i]);
        ck_assert_ptr_null(far[_i]->mate);
    }
    dialog_free_list(far[0], NULL);
    dialog_free_list(NULL, NULL);
}
END_TEST

#define LOOP(test, table) tcase_add_loop_test(tc, test, 0, sizeof(table) / sizeof *(table))

int main(void) {
    Suite *suite = suite_create("dialog");
    TCase *tc = tcase_create("dialog");

    LOOP(cseq, cseqs);
    LOOP(rseq, rseqs);
    LOOP(field, fields);
    LOOP(find, finds);
    tcase_add_loop_test(tc, keep_one, -1, FORKS);
    tcase_add_test(tc, fresh);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
