/* Who is locked out, for what, and for how long. */
#include <check.h>
#include <stdlib.h>

#include "b2bua/core/bans.h"
#include "tests/suite.h"

static struct addr at(const char *text) {
    struct addr a;

    ck_assert_int_eq(addr_parse(&a, str_of(text)), 0);
    a.port = 5060;
    return a;
}

static struct bans_exemption exempt(const char *range, unsigned categories) {
    struct bans_exemption e = {.categories = categories};

    ck_assert_int_eq(addr_range_parse(&e.range, str_of(range)), 0);
    return e;
}

static struct bans *fresh(void) {
    struct bans *b = bans_new(7);

    bans_rules(b, bans_standard);
    return b;
}

/* `failures` of an address, `apart_ms` between them; then: banned? */
/* clang-format off */
static const struct {
    const char *name, *source;
    enum bans_category category;
    int failures, apart_ms;
    bool banned;
} rows[] = {
    {"sip-auth: four are forgiven", "192.0.2.1", BANS_SIP_AUTH, 4, 1000, false},
    {"sip-auth: five in 300 s", "192.0.2.1", BANS_SIP_AUTH, 5, 74000, true},
    {"sip-auth: five in more than 300 s", "192.0.2.1", BANS_SIP_AUTH, 5, 76000, false},
    {"sip-intrusion: nine are forgiven", "192.0.2.1", BANS_SIP_INTRUSION, 9, 0, false},
    {"sip-intrusion: ten in 60 s", "192.0.2.1", BANS_SIP_INTRUSION, 10, 6000, true},
    {"sip-intrusion: ten, too far apart", "192.0.2.1", BANS_SIP_INTRUSION, 30, 7000, false},
    {"http-auth", "2001:db8::1", BANS_HTTP_AUTH, 5, 1, true},
    {"http-intrusion", "2001:db8::1", BANS_HTTP_INTRUSION, 10, 1, true},
    {"xmpp-intrusion", "2001:db8::1", BANS_XMPP_INTRUSION, 10, 1, true},
    {"exempt by address", "198.51.100.7", BANS_SIP_AUTH, 50, 1, false},
    {"exempt by prefix, in this category", "203.0.113.200", BANS_SIP_AUTH, 50, 1, false},
    {"exempt by prefix, in another category", "203.0.113.200", BANS_SIP_INTRUSION, 50, 1, true},
    {"exempt, whatever port a source has", "198.51.100.9", BANS_SIP_INTRUSION, 50, 1, false},
};
/* clang-format on */

START_TEST(failures) {
    struct bans_exemption list[] = {exempt("198.51.100.7", BANS_ALL), exempt("203.0.113.0/24", 1u << BANS_SIP_AUTH),
                                    exempt("198.51.100.9:5061", BANS_ALL)};
    struct bans *b = fresh();
    struct addr a = at(rows[_i].source);
    uint64_t now_ms = 1000;

    bans_exempt(b, list, 3);
    for (int i = 0; i < rows[_i].failures; i++, now_ms += (uint64_t)rows[_i].apart_ms)
        bans_event(b, rows[_i].category, &a, now_ms);
    ck_assert_msg((bans_find(b, &a) != NULL) == rows[_i].banned, "%s", rows[_i].name);
    ck_assert_int_eq(bans_count(b), rows[_i].banned);
    ck_assert(bans_maybe(b, &a) || !rows[_i].banned);
    bans_free(b);
}
END_TEST

/* Categories count apart: nine of one and four of another are not too many of any. */
START_TEST(categories_count_apart) {
    struct bans *b = fresh();
    struct addr a = at("192.0.2.1"), other = at("192.0.2.2");

    for (int i = 0; i < 9; i++)
        ck_assert_ptr_null(bans_event(b, BANS_SIP_INTRUSION, &a, 1));
    for (int i = 0; i < 4; i++)
        ck_assert_ptr_null(bans_event(b, BANS_SIP_AUTH, &a, 1));
    for (int i = 0; i < 9; i++)
        ck_assert_ptr_null(bans_event(b, BANS_SIP_INTRUSION, &other, 1));
    const struct bans_entry *e = bans_event(b, BANS_SIP_AUTH, &a, 1);
    ck_assert_ptr_nonnull(e);
    ck_assert_int_eq(e->category, BANS_SIP_AUTH);
    ck_assert_uint_eq(e->until_ms, 600001);
    ck_assert_uint_eq(e->addr.port, 0);
    bans_free(b);
}
END_TEST

START_TEST(ban_ends_and_counts_anew) {
    struct bans *b = fresh();
    struct bans_entry over;
    struct addr a = at("192.0.2.1");

    for (int i = 0; i < 5; i++)
        bans_event(b, BANS_SIP_AUTH, &a, 1000);
    ck_assert(!bans_expire(b, 600999, &over));
    ck_assert_ptr_null(bans_event(b, BANS_SIP_AUTH, &a, 601000));
    ck_assert(bans_expire(b, 601000, &over));
    ck_assert(addr_same_ip(&over.addr, &a));
    ck_assert(!bans_maybe(b, &a));
    ck_assert_ptr_null(bans_event(b, BANS_SIP_AUTH, &a, 601000));
    ck_assert_int_eq(bans_count(b), 0);
    bans_free(b);
}
END_TEST

START_TEST(failures_0_is_off) {
    struct bans_rule rules[BANS_CATEGORIES];
    struct bans *b = fresh();
    struct addr a = at("192.0.2.1");

    memcpy(rules, bans_standard, sizeof rules);
    rules[BANS_SIP_INTRUSION].failures = 0;
    rules[BANS_HTTP_AUTH] = (struct bans_rule){1, 1, 1};
    bans_rules(b, rules);
    for (int i = 0; i < 100; i++)
        ck_assert_ptr_null(bans_event(b, BANS_SIP_INTRUSION, &a, 1));
    ck_assert_ptr_nonnull(bans_event(b, BANS_HTTP_AUTH, &a, 1));
    bans_free(b);
}
END_TEST

START_TEST(by_hand) {
    struct bans *b = fresh();
    struct bans_entry over;
    struct addr a = at("192.0.2.1"), v6 = at("[::1]:5060");

    ck_assert(!bans_remove(b, &a));
    bans_add(b, &a, BANS_BY_HAND, BANS_FOR_GOOD, 5);
    bans_add(b, &v6, BANS_BY_HAND, 100, 5);
    bans_add(b, &a, BANS_BY_HAND, BANS_FOR_GOOD, 9);
    ck_assert_int_eq(bans_count(b), 2);
    ck_assert_uint_eq(bans_find(b, &a)->since_ms, 5);
    ck_assert(bans_expire(b, UINT64_MAX - 1, &over));
    ck_assert_int_eq(over.addr.family, 6);
    ck_assert(!bans_expire(b, UINT64_MAX - 1, &over));
    ck_assert(bans_remove(b, &a));
    ck_assert_int_eq(bans_count(b), 0);
    bans_free(b);
}
END_TEST

/* Who becomes exempt is let go; a ban by hand only where the exemption is from everything. */
START_TEST(pardon) {
    struct bans *b = fresh();
    struct bans_entry freed;
    struct addr a = at("192.0.2.1"), hand = at("192.0.2.2");
    struct bans_exemption some = exempt("192.0.2.0/24", 1u << BANS_SIP_AUTH), all = exempt("192.0.2.0/24", BANS_ALL);

    bans_add(b, &a, BANS_SIP_AUTH, BANS_FOR_GOOD, 1);
    bans_add(b, &hand, BANS_BY_HAND, BANS_FOR_GOOD, 1);
    ck_assert(!bans_pardon(b, &freed));
    bans_exempt(b, &some, 1);
    ck_assert(bans_pardon(b, &freed));
    ck_assert(addr_same_ip(&freed.addr, &a));
    ck_assert(!bans_pardon(b, &freed));
    bans_exempt(b, &all, 1);
    ck_assert(bans_pardon(b, &freed));
    ck_assert(addr_same_ip(&freed.addr, &hand));
    bans_free(b);
}
END_TEST

static struct addr number(uint32_t n) {
    struct addr a = {.family = 4, .ip = {10}};

    memcpy(a.ip + 1, &n, 3);
    return a;
}

/* However many fail, the table stays as it is, and what an operator banned stays in it. */
START_TEST(table_is_bounded) {
    struct bans *b = fresh();
    struct addr hand = at("192.0.2.2");

    bans_add(b, &hand, BANS_BY_HAND, BANS_FOR_GOOD, 1);
    for (uint32_t i = 0; i < 3 * BANS_MAX; i++) {
        struct addr a = number(i);
        ck_assert_ptr_nonnull(bans_add(b, &a, BANS_SIP_AUTH, BANS_FOR_GOOD, 1));
        ck_assert_ptr_nonnull(bans_find(b, &a));
    }
    ck_assert_int_eq(bans_count(b), BANS_MAX);
    ck_assert_ptr_nonnull(bans_find(b, &hand));
    for (int i = 0; i < BANS_MAX; i++)
        ck_assert_ptr_eq(bans_find(b, &bans_at(b, i)->addr), bans_at(b, i));
    for (uint32_t i = 0; i < 3 * BANS_MAX; i++) {
        struct addr a = number(i);
        bool was = bans_find(b, &a) != NULL;
        ck_assert(bans_remove(b, &a) == was);
    }
    ck_assert_int_eq(bans_count(b), 1);
    bans_free(b);
}
END_TEST

START_TEST(nothing_but_hands_has_no_room) {
    struct bans *b = fresh();
    struct addr a;

    for (uint32_t i = 0; i < BANS_MAX; i++) {
        a = number(i);
        ck_assert_ptr_nonnull(bans_add(b, &a, BANS_BY_HAND, BANS_FOR_GOOD, 1));
    }
    a = number(BANS_MAX);
    ck_assert_ptr_null(bans_add(b, &a, BANS_BY_HAND, BANS_FOR_GOOD, 1));
    bans_free(b);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("bans");
    TCase *tc = tcase_create("bans");

    tcase_add_loop_test(tc, failures, 0, sizeof rows / sizeof *rows);
    tcase_add_test(tc, categories_count_apart);
    tcase_add_test(tc, ban_ends_and_counts_anew);
    tcase_add_test(tc, failures_0_is_off);
    tcase_add_test(tc, by_hand);
    tcase_add_test(tc, pardon);
    tcase_add_test(tc, table_is_bounded);
    tcase_add_test(tc, nothing_but_hands_has_no_room);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
