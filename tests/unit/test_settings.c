/* A snapshot lives as long as somebody holds it; its memory is what AddressSanitizer watches here. */
#include <check.h>
#include <pthread.h>
#include <stdlib.h>

#include "b2bua/core/settings.h"
#include "tests/suite.h"

enum { HOLDERS = 4, TURNS = 20000 };

/* "" = not given: readers need not ask for NULL. */
START_TEST(fresh) {
    struct settings *s = settings_new();
    const char *const strings[] = {s->node.name,    s->node.user, s->node.state_dir, s->admin.http,
                                   s->admin.socket, s->admin.cdr, s->admin.log,      s->admin.log_level};

    for (size_t i = 0; i < sizeof strings / sizeof *strings; i++)
        ck_assert_str_eq(strings[i], "");
    ck_assert_int_eq(s->refs, 1);
    ck_assert_int_eq(s->listen_count + s->tls_count + s->trunk_count + s->route_count, 0);
    settings_unref(s);
}
END_TEST

static char *text(void) {
    return str_dup(STR("text"));
}

static void fill_listens(struct settings *s) {
    s->listens = mem_zalloc(2 * sizeof *s->listens);
    s->listen_count = 2;
    s->listens[0] = (struct settings_listen){
        .name = text(), .address = text(), .advertise = text(), .tls_name = text(), .sent_by = text(), .host = text()};
    s->tls = mem_zalloc(2 * sizeof *s->tls);
    s->tls_count = 2;
    s->tls[0] = (struct settings_tls){
        .name = text(), .certificate = text(), .key = text(), .ca = text(), .min_version = text(), .ciphers = text()};
}

static void fill_trunks(struct settings *s) {
    s->trunks = mem_zalloc(2 * sizeof *s->trunks);
    s->trunk_count = 2;
    s->trunks[0] = (struct settings_trunk){.name = text(),
                                           .sources = mem_zalloc(sizeof(struct addr_range)),
                                           .source_count = 1,
                                           .targets = mem_zalloc(2 * sizeof(struct settings_target)),
                                           .target_count = 2};
    s->trunks[0].targets[0] = (struct settings_target){.uri = text(), .host = text()};
    s->routes = mem_zalloc(2 * sizeof *s->routes);
    s->route_count = 2;
    s->routes[0] = (struct settings_route){.name = text(),
                                           .from = mem_zalloc(sizeof(int)),
                                           .from_count = 1,
                                           .to = {mem_zalloc(sizeof(struct settings_route_to)), 1}};
}

/* The last reference frees every part; the second entry of each array is one that loading left half done. */
START_TEST(full) {
    struct settings *s = settings_new();

    fill_listens(s);
    fill_trunks(s);
    ck_assert_ptr_eq(settings_ref(s), s);
    settings_unref(s);
    ck_assert_str_eq(s->trunks[0].targets[0].uri, "text");
    settings_unref(s);
    settings_unref(NULL);
}
END_TEST

static void *hold(void *arg) {
    struct settings *s = arg;

    for (int i = 0; i < TURNS; i++)
        settings_unref(settings_ref(s));
    settings_unref(s);
    return NULL;
}

/* Calls of several workers come and go while a new configuration takes over: the count does not lose any. */
START_TEST(shared) {
    struct settings *s = settings_new();
    pthread_t threads[HOLDERS];

    for (int i = 0; i < HOLDERS; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, hold, settings_ref(s)), 0);
    for (int i = 0; i < HOLDERS; i++)
        pthread_join(threads[i], NULL);
    ck_assert_int_eq(s->refs, 1);
    settings_unref(s);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("settings");
    TCase *tc = tcase_create("settings");

    tcase_add_test(tc, fresh);
    tcase_add_test(tc, full);
    tcase_add_test(tc, shared);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
