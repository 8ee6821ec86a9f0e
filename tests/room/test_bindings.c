/* Who is registered, found by number, AoR and flow. */
#include <stdio.h>
#include <stdlib.h>

#include "b2bua/registrar/bindings.h"
#include "tests/suite.h"

static struct bindings *table;

static void make(uint32_t max) {
    struct token_key key = token_key_of(STR("secret"));

    table = bindings_new(&key, max);
}

static struct token udp(uint16_t port) {
    struct token t = {.listen_id = 7, .flow = {.proto = FLOW_UDP}};

    addr_parse(&t.flow.peer, STR("192.0.2.1"));
    t.flow.peer.port = port;
    return t;
}

static struct token tcp(uint32_t boot, uint16_t worker, uint32_t conn) {
    return (struct token){.boot = boot, .flow = {.proto = FLOW_TCP, .worker = worker, .conn = conn}};
}

static struct binding one(const char *aor, const char *uri, struct token via, uint64_t told_ms) {
    struct binding b = {.f = {.via = via, .told_ms = told_ms}, .aor = str_of(aor), .contact = str_of(uri)};

    b.f.id = bindings_id(table, b.aor, STR_NONE, 0, b.contact);
    return b;
}

/* RFC 5626 6: instance and reg-id name a binding, whatever the Contact; RFC 3261 10.3: else its URI does. */
START_TEST(names) {
    static const struct {
        const char *row, *aor, *instance;
        uint32_t reg_id;
        const char *uri;
        bool same;
    } rows[] = {
        {"the same", "a@x", "i", 1, "sip:1", true},
        {"another Contact of the same flow", "a@x", "i", 1, "sip:2", true},
        {"another reg-id", "a@x", "i", 2, "sip:1", false},
        {"another instance", "a@x", "j", 1, "sip:1", false},
        {"another AoR", "b@x", "i", 1, "sip:1", false},
        {"no reg-id: the URI counts", "a@x", "i", 0, "sip:1", false},
    };

    make(10);
    uint64_t first = bindings_id(table, STR("a@x"), STR("i"), 1, STR("sip:1"));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint64_t id =
            bindings_id(table, str_of(rows[i].aor), str_of(rows[i].instance), rows[i].reg_id, str_of(rows[i].uri));
        ck_assert_msg((id == first) == rows[i].same, "%s", rows[i].row);
    }
    bindings_free(table);
}
END_TEST

START_TEST(found_again) {
    struct binding b, got;
    uint64_t ids[BINDINGS_OF_AOR_MAX];
    struct token via = udp(5060), other = udp(5061), wrong_listener = udp(5060);

    make(10);
    wrong_listener.listen_id = 8;
    b = one("a@x", "<sip:a@1>", via, 60000);
    b.call_id = STR("cid");
    b.user_agent = STR("phone");
    ck_assert_int_eq(bindings_put(table, &b, 1000), BINDINGS_NEW);
    ck_assert(bindings_get(table, b.f.id, &got));
    ck_assert(str_eq(got.aor, STR("a@x")) && str_eq(got.contact, STR("<sip:a@1>")) && str_eq(got.call_id, STR("cid")) &&
              got.instance.n == 0 && str_eq(got.user_agent, STR("phone")));
    ck_assert_int_eq(bindings_of_aor(table, STR("a@x"), ids), 1);
    ck_assert_uint_eq(ids[0], b.f.id);
    ck_assert_int_eq(bindings_of_aor(table, STR("b@x"), ids), 0);
    ck_assert_int_eq(bindings_of_flow(table, &via, ids, 4), 1);
    ck_assert_uint_eq(ids[0], b.f.id);
    ck_assert_int_eq(bindings_of_flow(table, &other, ids, 4), 0);
    ck_assert_int_eq(bindings_of_flow(table, &wrong_listener, ids, 4), 0);
    ck_assert(bindings_remove(table, b.f.id));
    ck_assert(!bindings_remove(table, b.f.id));
    ck_assert(!bindings_get(table, b.f.id, NULL));
    ck_assert_int_eq(bindings_of_flow(table, &via, ids, 4), 0);
    bindings_free(table);
}
END_TEST

/* A connection is its number, its worker and the process. */
START_TEST(streams) {
    uint64_t ids[4];
    struct token via = tcp(1, 0, 9), rows[] = {tcp(2, 0, 9), tcp(1, 1, 9), tcp(1, 0, 8)};

    make(10);
    struct binding b = one("a@x", "<sip:a@1>", via, 60000);
    bindings_put(table, &b, 0);
    ck_assert_int_eq(bindings_of_flow(table, &via, ids, 4), 1);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        ck_assert_int_eq(bindings_of_flow(table, &rows[i], ids, 4), 0);
    bindings_free(table);
}
END_TEST

START_TEST(renewed) {
    uint64_t ids[4];
    struct binding got;
    struct token first = udp(1), second = udp(2);

    make(10);
    struct binding b = one("a@x", "<sip:a@1>", first, 60000);
    b.f.since_ms = 5;
    b.f.node = 1;
    bindings_put(table, &b, 0);
    bindings_call(table, b.f.id, true);
    b.f.since_ms = 9;
    b.f.via = second;
    ck_assert_int_eq(bindings_put(table, &b, 10), BINDINGS_RENEWED);
    ck_assert_int_eq(bindings_of_flow(table, &first, ids, 4), 0);
    ck_assert_int_eq(bindings_of_flow(table, &second, ids, 4), 1);
    bindings_get(table, b.f.id, &got);
    ck_assert_uint_eq(got.f.since_ms, 5);
    ck_assert_uint_eq(got.f.calls, 1);
    ck_assert_uint_eq(got.f.moved_ms, 0);
    b.f.node = 2; /* moved: its call goes along in the count */
    bindings_put(table, &b, 20);
    bindings_get(table, b.f.id, &got);
    ck_assert_uint_eq(got.f.moved_ms, 20);
    ck_assert_uint_eq(bindings_load(table, 1).registrations + bindings_load(table, 1).calls, 0);
    ck_assert_uint_eq(bindings_load(table, 2).registrations, 1);
    ck_assert_uint_eq(bindings_load(table, 2).calls, 1);
    bindings_call(table, b.f.id, false);
    bindings_call(table, b.f.id, false);
    ck_assert_uint_eq(bindings_load(table, 2).calls, 0);
    ck_assert_uint_eq(bindings_counts(table).current, 1);
    bindings_free(table);
}
END_TEST

static void gone(void *ctx, uint64_t id) {
    (void)id;
    ++*(int *)ctx;
}

START_TEST(ends) {
    int n = 0;

    make(10);
    bindings_set_ops(table, &(struct bindings_ops){.gone = gone, .ctx = &n});
    struct binding brief = one("a@x", "<sip:a@1>", udp(1), 60000), longer = one("a@x", "<sip:a@2>", udp(1), 120000);
    bindings_put(table, &brief, 0);
    bindings_put(table, &longer, 0);
    bindings_tick(table, 0, 1, 59000);
    ck_assert_uint_eq(bindings_counts(table).current, 2);
    bindings_tick(table, 0, 1, 60000);
    ck_assert_uint_eq(bindings_counts(table).current, 1);
    ck_assert(!bindings_get(table, brief.f.id, NULL));
    longer.f.told_ms = 180000; /* refreshed */
    bindings_put(table, &longer, 100000);
    bindings_tick(table, 0, 1, 130000);
    ck_assert_uint_eq(bindings_counts(table).current, 1);
    bindings_tick(table, 0, 1, 180000);
    struct bindings_counts c = bindings_counts(table);
    ck_assert_uint_eq(c.current, 0);
    ck_assert_uint_eq(c.peak, 2);
    ck_assert_uint_eq(c.expired, 2);
    ck_assert_int_eq(n, 2);
    bindings_free(table);
}
END_TEST

/* Every shard belongs to one worker, whichever has put it there. */
START_TEST(ends_by_workers) {
    char uri[32];

    make(1000);
    for (int i = 0; i < 500; i++) {
        snprintf(uri, sizeof uri, "<sip:a@%d>", i);
        struct binding b = one(uri, uri, udp((uint16_t)i), 60000);
        ck_assert_int_eq(bindings_put(table, &b, 0), BINDINGS_NEW);
    }
    for (unsigned w = 0; w < 3; w++)
        bindings_tick(table, w, 3, 61000);
    ck_assert_uint_eq(bindings_counts(table).current, 0);
    bindings_free(table);
}
END_TEST

static bool count_up(void *arg, const struct binding *b) {
    ck_assert(b->contact.n > 0);
    return ++*(int *)arg < 150;
}

START_TEST(bounded) {
    char uri[32];
    uint64_t ids[BINDINGS_OF_AOR_MAX];
    int walked = 0;

    make(200);
    for (int i = 0; i < BINDINGS_OF_AOR_MAX + 1; i++) {
        snprintf(uri, sizeof uri, "<sip:a@%d>", i);
        struct binding b = one("a@x", uri, udp(1), 60000);
        ck_assert_int_eq(bindings_put(table, &b, 0), i < BINDINGS_OF_AOR_MAX ? BINDINGS_NEW : BINDINGS_FULL);
    }
    ck_assert_int_eq(bindings_of_aor(table, STR("a@x"), ids), BINDINGS_OF_AOR_MAX);
    for (int i = BINDINGS_OF_AOR_MAX; i < 201; i++) {
        snprintf(uri, sizeof uri, "<sip:a@%d>", i);
        struct binding b = one(uri, uri, udp(1), 60000);
        ck_assert_int_eq(bindings_put(table, &b, 0), i < 200 ? BINDINGS_NEW : BINDINGS_FULL);
    }
    ck_assert_uint_eq(bindings_counts(table).refused, 2);
    bindings_walk(table, count_up, &walked);
    ck_assert_int_eq(walked, 150);
    char *big = mem_zalloc(BINDING_TEXT_MAX + 1);
    struct binding b = one("a@x", "<sip:a@1>", udp(1), 60000);
    b.path = (struct str){big, BINDING_TEXT_MAX + 1};
    ck_assert_int_eq(bindings_put(table, &b, 0), BINDINGS_TOO_LONG);
    free(big);
    bindings_free(table);
}
END_TEST

static void believe(struct binding_facts *f, void *until_ms) {
    f->credential = 1;
    f->credential_ms = *(uint64_t *)until_ms;
}

START_TEST(credentials) {
    uint64_t until_ms = 5000;

    make(10);
    struct binding b = one("a@x", "<sip:a@1>", udp(1), 60000);
    bindings_put(table, &b, 0);
    bindings_change(table, b.f.id, believe, &until_ms);
    ck_assert_uint_eq(bindings_counts(table).credentials, 1);
    bindings_cleanup(table, 0, 1, 4999);
    ck_assert_uint_eq(bindings_counts(table).credentials, 1);
    bindings_cleanup(table, 0, 1, 5000);
    ck_assert_uint_eq(bindings_counts(table).credentials, 0);
    bindings_free(table);
}
END_TEST

static void heard(struct binding_facts *f, void *now_ms) {
    f->stun_ms = *(const uint64_t *)now_ms;
}

START_TEST(keepalives) {
    struct binding got;
    uint64_t heard_ms = 777;
    struct token via = udp(1);

    make(10);
    struct binding b = one("a@x", "<sip:a@1>", via, 60000);
    bindings_put(table, &b, 0);
    bindings_change(table, b.f.id, heard, &heard_ms);
    bindings_get(table, b.f.id, &got);
    ck_assert_uint_eq(got.f.stun_ms, 777);
    bindings_put(table, &b, 800); /* a refresh does not forget it */
    bindings_get(table, b.f.id, &got);
    ck_assert_uint_eq(got.f.stun_ms, 777);
    bindings_free(table);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("bindings");
    TCase *tc = tcase_create("table");

    tcase_add_test(tc, names);
    tcase_add_test(tc, found_again);
    tcase_add_test(tc, streams);
    tcase_add_test(tc, renewed);
    tcase_add_test(tc, ends);
    tcase_add_test(tc, ends_by_workers);
    tcase_add_test(tc, bounded);
    tcase_add_test(tc, credentials);
    tcase_add_test(tc, keepalives);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
