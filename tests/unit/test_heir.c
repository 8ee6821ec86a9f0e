/*
 * heir: what a number means in one snapshot it means in all that are held. Snapshots are written as words: "a b" is two
 * listeners of these names; what comes of it is the state of each index: "a -b . c" is a open, b draining, nothing, c.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "b2bua/core/heir.h"
#include "tests/suite.h"

enum { ALIVE_MAX = 4 };

/* A letter is a socket of its own; a digit behind it is another name for the same. A capital speaks TLS, with an entry
 * of its name. */
static void add_listen(struct settings *s, struct str name) {
    bool tls = name.p[0] >= 'A' && name.p[0] <= 'Z';

    s->listens = mem_realloc(s->listens, ((size_t)s->listen_count + 1) * sizeof *s->listens);
    s->listens[s->listen_count++] = (struct settings_listen){.name = str_dup(name),
                                                             .proto = tls ? FLOW_TLS : FLOW_UDP,
                                                             .address = str_dup(STR("127.0.0.1")),
                                                             .port = name.p[0],
                                                             .bind = {.family = 4, .port = (uint16_t)name.p[0]},
                                                             .advertise = str_dup(STR_NONE),
                                                             .tls_name = str_dup(tls ? name : STR_NONE),
                                                             .sent_by = str_dup(name),
                                                             .host = str_dup(name),
                                                             .tls = tls ? s->tls_count : -1};
    if (!tls)
        return;
    s->tls = mem_realloc(s->tls, ((size_t)s->tls_count + 1) * sizeof *s->tls);
    s->tls[s->tls_count++] = (struct settings_tls){.name = str_dup(name)};
}

/* One trunk on all listeners. */
static struct settings *snapshot(const char *words) {
    struct settings *s = settings_new();

    s->trunks = mem_zalloc(sizeof *s->trunks);
    s->trunk_count = 1;
    s->trunks->name = str_dup(STR("trunk"));
    for (const char *at = words; *at != '\0'; at += strspn(at, " ")) {
        s->trunks->listens[s->trunks->listen_count++] = s->listen_count;
        add_listen(s, (struct str){at, strcspn(at, " ")});
        at += strcspn(at, " ");
    }
    return s;
}

static const char *shown(const struct settings *s, char *buf, size_t size) {
    static const char *const marks[] = {[LISTEN_OPEN] = "", [LISTEN_DRAINING] = "-", [LISTEN_NONE] = "."};
    struct sbuf b = sbuf_on(buf, size - 1);

    for (int i = 0; i < s->listen_count; i++) {
        sbuf_puts(&b, i > 0 ? " " : "");
        sbuf_puts(&b, marks[s->listens[i].state]);
        sbuf_puts(&b, s->listens[i].name);
    }
    buf[b.n] = '\0';
    return buf;
}

/* `was`: one after the other, each an heir of those before that are still held; "!" in front: let go before the last.
 */
static const struct {
    const char *rule, *was[ALIVE_MAX], *now;
} rows[] = {
    {"the first is as it is written", {"a b c"}, "a b c"},
    {"the same", {"a b c", "a b c"}, "a b c"},
    {"another order in the file is the same numbers", {"a b c", "c a b"}, "a b c"},
    {"another name for a socket has its number", {"a b", "b a2"}, "a2 b"},
    {"what is gone drains", {"a b c", "a c"}, "a -b c"},
    {"a new one takes no number that is held", {"a b c", "a c d"}, "a -b c d"},
    {"what is gone at the end drains, too", {"a b", "a"}, "a -b"},
    {"one that drains comes back to its number", {"a b c", "a c", "c b a"}, "a b c"},
    {"a number that drained is not given away at once", {"!a b c", "a c", "a c d"}, "a . c d"},
    {"nothing is left of what nobody holds", {"!a b c", "a c", "a c"}, "a . c"},
    {"held by an older one alone it drains on", {"a b", "a", "a c"}, "a -b c"},
    {"TCP and UDP of one port are two", {"a", "A a"}, "a A"},
    {"an entry of tls that is gone stays for who drains", {"A b", "b"}, "-A b"},
};

/* Trunks mean what they meant. */
static void check_trunk(const char *rule, const struct settings *s, const char *words) {
    const struct settings_trunk *t = &s->trunks[0];

    for (int i = 0; i < t->listen_count; i++, words += strspn(words, " ")) {
        const struct settings_listen *l = &s->listens[t->listens[i]];
        size_t n = strcspn(words, " ");
        ck_assert_msg(l->state == LISTEN_OPEN && str_eq(str_of(l->name), (struct str){words, n}),
                      "%s: listener %d of the trunk is %s", rule, i, l->name);
        words += n;
    }
}

static void check_tls(const char *rule, const struct settings *s) {
    for (int i = 0; i < s->listen_count; i++) {
        const struct settings_listen *l = &s->listens[i];
        if (l->state == LISTEN_NONE || l->proto != FLOW_TLS)
            continue;
        ck_assert_msg(l->tls >= 0 && strcmp(s->tls[l->tls].name, l->tls_name) == 0, "%s: tls of %s", rule, l->name);
        ck_assert_msg(s->tls[l->tls].kept == (l->state == LISTEN_DRAINING), "%s: kept", rule);
    }
}

START_TEST(listeners) {
    struct settings *held[ALIVE_MAX];
    const char *last = NULL;
    int count = 0;
    char got[256];

    for (int i = 0; i < ALIVE_MAX && rows[_i].was[i] != NULL; i++) {
        bool is_last = i + 1 == ALIVE_MAX || rows[_i].was[i + 1] == NULL;
        last = rows[_i].was[i] + (rows[_i].was[i][0] == '!');
        struct settings *s = snapshot(last);
        if (is_last && i > 0 && rows[_i].was[0][0] == '!')
            settings_unref(held[--count]);
        ck_assert_ptr_null(heir_listens(s, held, count));
        memmove(held + 1, held, (size_t)count * sizeof *held);
        held[0] = s;
        count++;
    }
    ck_assert_msg(strcmp(shown(held[0], got, sizeof got), rows[_i].now) == 0, "%s: %s", rows[_i].rule, got);
    check_trunk(rows[_i].rule, held[0], last);
    check_tls(rows[_i].rule, held[0]);
    while (count > 0)
        settings_unref(held[--count]);
}
END_TEST

/* More than there are numbers: nothing is changed, and it is said. */
START_TEST(no_number_left) {
    struct settings *full = snapshot(""), *now = snapshot("a b");

    for (int i = 0; i < SETTINGS_LISTEN_SLOTS - 1; i++) {
        add_listen(full, STR("x"));
        full->listens[i].bind.port = (uint16_t)(1000 + i);
    }
    ck_assert_ptr_nonnull(heir_listens(now, &full, 1));
    ck_assert_int_eq(now->listen_count, 2);
    check_trunk("unchanged", now, "a b");
    settings_unref(full);
    settings_unref(now);
}
END_TEST

/* A name has one slot for ever. */
START_TEST(slots) {
    struct heir_names names = {0};
    struct settings *first = snapshot("a"), *second = snapshot("a"), *third = snapshot("a");

    free(second->trunks->name);
    second->trunks->name = str_dup(STR("another"));
    ck_assert_ptr_null(heir_slots(first, &names));
    ck_assert_ptr_null(heir_slots(second, &names));
    ck_assert_ptr_null(heir_slots(third, &names));
    ck_assert_int_eq(first->trunks->slot, 0);
    ck_assert_int_eq(second->trunks->slot, 1);
    ck_assert_int_eq(third->trunks->slot, 0);
    settings_unref(first);
    settings_unref(second);
    settings_unref(third);
    heir_names_fini(&names);
}
END_TEST

START_TEST(names_run_out) {
    struct names n = {0};
    char name[16];

    for (int i = 0; i < NAMES_NUMBERS_MAX; i++) {
        snprintf(name, sizeof name, "%d", i);
        ck_assert_int_eq(names_number(&n, name), i);
    }
    ck_assert_int_eq(names_number(&n, "one more"), -1);
    ck_assert_int_eq(names_number(&n, "7"), 7);
    names_fini(&n);
}
END_TEST

int main(void) {
    Suite *s = suite_create("heir");
    TCase *t = tcase_create("heir");

    tcase_add_loop_test(t, listeners, 0, sizeof rows / sizeof *rows);
    tcase_add_test(t, no_number_left);
    tcase_add_test(t, slots);
    tcase_add_test(t, names_run_out);
    suite_add_tcase(s, t);
    return suite_run(s);
}
