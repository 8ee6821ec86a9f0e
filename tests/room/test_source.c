/* Which trunk sent it, where targets are names: what the pool knows at the moment. */
#include <check.h>
#include <stdlib.h>

#include "b2bua/trunk/trunk.h"
#include "tests/suite.h"

static struct settings *settings;
static struct pool *pool;
static struct source_table table;

static struct addr at(const char *text) {
    struct addr a;

    ck_assert_int_eq(addr_parse(&a, str_of(text)), 0);
    return a;
}

static void add_trunk(const char *name, const char *const *uris, bool follow) {
    int slot = settings->trunk_count++;
    struct settings_trunk *t = &settings->trunks[slot];

    *t = (struct settings_trunk){
        .name = str_dup(str_of(name)), .listen_count = 1, .sources_follow = follow, .slot = slot};
    t->keepalive = (struct settings_keepalive){.up_interval_s = 60, .down_interval_s = 30, .retries = 5};
    t->targets = mem_zalloc(4 * sizeof *t->targets);
    for (; uris[t->target_count] != NULL; t->target_count++)
        t->targets[t->target_count] =
            (struct settings_target){.uri = str_dup(str_of(uris[t->target_count])), .host = str_dup(STR("x"))};
}

static void set_up(void) {
    settings = settings_new();
    settings->listens = mem_zalloc(sizeof *settings->listens);
    settings->listen_count = 1;
    settings->trunks = mem_zalloc(4 * sizeof *settings->trunks);
    add_trunk("a", (const char *const[]){"sip:a1", "sip:a2", NULL}, true);
    add_trunk("b", (const char *const[]){"sip:b", NULL}, true);
    add_trunk("closed", (const char *const[]){"sip:c", NULL}, false);
    pool = pool_new(1);
    pool_adopt(pool, settings, 1000);
    table = (struct source_table){.known = false};
}

static void tear_down(void) {
    source_fini(&table);
    pool_free(pool);
    settings_unref(settings);
}

static void publish(int trunk, const char *uri, const char *one, const char *other) {
    struct pool_address list[2];
    const char *const texts[] = {one, other};
    int n = 0;

    for (int i = 0; i < 2; i++)
        if (texts[i] != NULL)
            list[n++] = (struct pool_address){.addr = at(texts[i])};
    pool_publish(pool, settings->trunks[trunk].slot, uri, list, n, n == 0 ? "gone" : NULL, 1000);
}

static int found(const char *peer) {
    struct flow from = {.peer = at(peer)};

    source_fresh(&table, pool, settings);
    return trunk_find(settings, &table, &from);
}

START_TEST(follows_the_pool) {
    ck_assert_msg(found("127.0.0.1:5060") == -1, "nothing is known yet");
    publish(0, "sip:a1", "127.0.0.1:5060", "[::1]:5060");
    publish(0, "sip:a2", "127.0.0.7:5060", NULL);
    publish(1, "sip:b", "127.0.0.2:5060", NULL);
    ck_assert_int_eq(found("127.0.0.1:5060"), 0);
    ck_assert_msg(found("127.0.0.1:49152") == 0, "from any port: a stream has one of its own");
    ck_assert_int_eq(found("[::1]:5060"), 0);
    ck_assert_int_eq(found("127.0.0.7:5060"), 0);
    ck_assert_int_eq(found("127.0.0.2:5060"), 1);
    ck_assert_int_eq(found("127.0.0.3:5060"), -1);
    publish(0, "sip:a1", "127.0.0.3:5060", NULL);
    ck_assert_msg(found("127.0.0.1:5060") == -1, "it has moved");
    ck_assert_int_eq(found("127.0.0.3:5060"), 0);
    publish(0, "sip:a1", NULL, NULL);
    ck_assert_msg(found("127.0.0.3:5060") == -1, "it has gone");
}
END_TEST

START_TEST(told_apart_by_port) {
    publish(0, "sip:a1", "127.0.0.1:5060", NULL);
    publish(1, "sip:b", "127.0.0.1:5070", NULL);
    ck_assert_int_eq(found("127.0.0.1:5060"), 0);
    ck_assert_int_eq(found("127.0.0.1:5070"), 1);
    ck_assert_msg(found("127.0.0.1:5099") == 0, "neither: the order of the configuration");
}
END_TEST

START_TEST(written_sources_alone) {
    struct addr there = at("127.0.0.1:49152"), elsewhere = at("127.0.0.2:5060");

    publish(2, "sip:c", "127.0.0.1:5060", NULL);
    ck_assert_int_eq(found("127.0.0.1:5060"), -1);
    ck_assert_msg(trunk_has_target(&settings->trunks[2], &table, &there), "it may not send, but it is a target");
    ck_assert(!trunk_has_target(&settings->trunks[2], &table, &elsewhere));
    ck_assert(!trunk_has_target(&settings->trunks[0], &table, &there));
}
END_TEST

START_TEST(without_a_pool) {
    struct flow from = {.peer = at("127.0.0.1:5060")};

    publish(0, "sip:a1", "127.0.0.1:5060", NULL);
    source_fresh(&table, NULL, settings);
    ck_assert_int_eq(trunk_find(settings, &table, &from), -1);
    source_forget(&table);
    ck_assert_int_eq(found("127.0.0.1:5060"), 0);
}
END_TEST

int main(void) {
    Suite *s = suite_create("source");
    TCase *t = tcase_create("all");

    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, follows_the_pool);
    tcase_add_test(t, told_apart_by_port);
    tcase_add_test(t, written_sources_alone);
    tcase_add_test(t, without_a_pool);
    suite_add_tcase(s, t);
    return suite_run(s);
}
