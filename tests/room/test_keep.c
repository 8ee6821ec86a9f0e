/* What is kept for the time after a restart: registrations in times of the wall clock, and the secret. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "b2bua/keep_row.h"
#include "b2bua/net/net.h"
#include "tests/room/bed_folder.h"
#include "tests/room/bed_keep.h"
#include "tests/suite.h"

static void in_folder(const char *command) {
    char line[256];

    snprintf(line, sizeof line, "cd %s && %s", bed_folder, command);
    ck_assert_int_eq(system(line), 0);
}

static struct binding example(enum flow_proto proto, uint64_t now_ms) {
    struct binding b = {.f = {.via = {.boot = 77, .listen_id = 7, .flow = {.proto = proto, .worker = 3, .conn = 9}},
                              .node = 0xfedcba98,
                              .reg_id = 2,
                              .q = 500,
                              .cseq = 4000000000,
                              .caps = CONTACT_AR | CONTACT_SK,
                              .outbound = true,
                              .since_ms = now_ms - 5000,
                              .told_ms = now_ms + 60000,
                              .granted_ms = now_ms + 120000},
                        .aor = STR("alice@example.com"),
                        .contact = STR("\"A\" <sip:alice@192.0.2.1:5062>;+sip.instance=\"<urn:uuid:1>\";reg-id=2"),
                        .instance = STR("<urn:uuid:1>"),
                        .call_id = STR("1@phone"),
                        .service_route = STR("Route: <sip:n1;lr>\r\n"),
                        .path = STR("Route: <sip:p1;lr>\r\n"),
                        .user_agent = STR("phone/1")};

    addr_parse(&b.f.via.flow.peer, STR("[2001:db8::1]:5062"));
    b.f.id = 0xf000000000000001;
    return b;
}

/* --- rows --- */

/* Written at 10,000,000 on the wall, 50,000 since the machine started. */
START_TEST(times) {
    static const struct {
        const char *row;
        uint64_t now_ms, wall_ms;
        uint64_t told_ms, granted_ms, since_ms; /* as read back then */
    } rows[] = {
        {"at once", 50000, 10000000, 110000, 170000, 45000},
        {"10 s later", 60000, 10010000, 110000, 170000, 45000},
        {"after the machine has started anew", 1000, 10030000, 31000, 91000, 1},
        {"the wall clock was put back: it lasts as long as it did when written", 60000, 10000000 - 86400, 120000,
         180000, 55000},
    };
    struct binding b = example(FLOW_UDP, 50000), got;
    struct store_row row;
    char peer[ADDR_TEXT_MAX];

    keep_row_of(&row, &b, &(struct keep_clock){50000, 10000000}, peer);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ck_assert_int_eq(keep_row_read(&row, &(struct keep_clock){rows[i].now_ms, rows[i].wall_ms}, &got), 0);
        ck_assert_msg(got.f.told_ms == rows[i].told_ms && got.f.granted_ms == rows[i].granted_ms &&
                          got.f.since_ms == rows[i].since_ms && got.f.moved_ms == 0,
                      "%s: %llu %llu %llu", rows[i].row, (unsigned long long)got.f.told_ms,
                      (unsigned long long)got.f.granted_ms, (unsigned long long)got.f.since_ms);
    }
}
END_TEST

START_TEST(row_is_the_binding) {
    struct binding b = example(FLOW_TLS, 50000), got;
    struct keep_clock clock = {50000, 10000000};
    struct store_row row;
    char peer[ADDR_TEXT_MAX];

    b.f.calls = 1;
    b.f.pending = true;
    b.f.stun_ms = 40000;
    b.f.credential = 5;
    keep_row_of(&row, &b, &clock, peer);
    ck_assert_int_eq(keep_row_read(&row, &clock, &got), 0);
    ck_assert(got.f.id == b.f.id && got.f.node == b.f.node && got.f.reg_id == 2 && got.f.q == 500 &&
              got.f.cseq == b.f.cseq && got.f.caps == b.f.caps && got.f.outbound);
    ck_assert(got.f.via.boot == 77 && got.f.via.listen_id == 7 && got.f.via.flow.proto == FLOW_TLS &&
              got.f.via.flow.worker == 3 && got.f.via.flow.conn == 9 &&
              addr_eq(&got.f.via.flow.peer, &b.f.via.flow.peer));
    ck_assert(str_eq(got.aor, b.aor) && str_eq(got.contact, b.contact) && str_eq(got.instance, b.instance) &&
              str_eq(got.call_id, b.call_id) && str_eq(got.service_route, b.service_route) &&
              str_eq(got.path, b.path) && str_eq(got.user_agent, b.user_agent));
    ck_assert_msg(got.f.calls == 0 && !got.f.pending && got.f.stun_ms == 0 && got.f.credential == 0, "of a process");
}
END_TEST

START_TEST(no_row_of_ours) {
    static char long_text[BINDING_TEXT_MAX];
    struct binding b = example(FLOW_UDP, 50000), got;
    struct keep_clock clock = {50000, 10000000};
    struct store_row good, row;
    char peer[ADDR_TEXT_MAX];

    keep_row_of(&good, &b, &clock, peer);
    row = good;
    row.numbers[STORE_PROTO] = FLOW_PROTOS;
    ck_assert_int_eq(keep_row_read(&row, &clock, &got), -1);
    row = good;
    row.texts[STORE_PEER] = STR("nowhere");
    ck_assert_int_eq(keep_row_read(&row, &clock, &got), -1);
    row = good;
    row.texts[STORE_AOR] = STR_NONE;
    ck_assert_int_eq(keep_row_read(&row, &clock, &got), -1);
    row = good;
    row.texts[STORE_CONTACT] = STR_NONE;
    ck_assert_int_eq(keep_row_read(&row, &clock, &got), -1);
    row = good;
    row.texts[STORE_PATH] = (struct str){long_text, sizeof long_text};
    ck_assert_int_eq(keep_row_read(&row, &clock, &got), -1);
}
END_TEST

/* --- a front that comes and goes --- */

static struct bed_keep front;

static void start(const char *more) {
    struct settings *s = bed_keep_settings(bed_folder, more);

    ck_assert_ptr_nonnull(s);
    bed_keep_start(&front, s);
    keep_follow(front.keep, front.settings);
}

static void stop(void) {
    bed_keep_stop(&front);
}

static uint64_t put(const char *aor, enum flow_proto proto) {
    uint64_t now_ms = net_now_ms();
    struct bindings *all = registrar_bindings(front.shared);
    struct binding b = example(proto, now_ms);

    b.aor = str_of(aor);
    b.f.since_ms = now_ms;
    b.f.id = bindings_id(all, b.aor, b.instance, b.f.reg_id, STR_NONE);
    ck_assert_int_eq(bindings_put(all, &b, now_ms), BINDINGS_NEW);
    return b.f.id;
}

static bool is_there(uint64_t id) {
    return bindings_get(registrar_bindings(front.shared), id, NULL);
}

START_TEST(restart) {
    char token[TOKEN_TEXT_MAX], again[TOKEN_TEXT_MAX];
    struct token via = {.listen_id = 7}, read;
    struct binding b;

    start(BED_KEEP_FRONT);
    uint64_t alice = put("alice@x", FLOW_UDP), bob = put("bob@x", FLOW_TCP), carol = put("carol@x", FLOW_UDP);
    bindings_remove(registrar_bindings(front.shared), carol);
    addr_parse(&via.flow.peer, STR("192.0.2.1:5060"));
    struct str text = registrar_token(front.shared, &via, token);
    stop();
    start(BED_KEEP_FRONT);
    ck_assert(is_there(alice) && is_there(bob) && !is_there(carol));
    ck_assert(bindings_get(registrar_bindings(front.shared), alice, &b));
    uint64_t left_ms = b.f.told_ms - net_now_ms();
    ck_assert(left_ms > 0 && left_ms <= 60000);
    ck_assert_int_eq(registrar_token_read(front.shared, text, &read), 0);
    ck_assert(str_eq(registrar_token(front.shared, &via, again), text));
    ck_assert_uint_eq(keep_counts(front.keep).loaded, 2);
    ck_assert_int_eq(keep_counts(front.keep).state, KEEP_OK);
    stop();
}
END_TEST

/* The secret that made the numbers is lost: the same clients, by new numbers, and in the file, too. */
START_TEST(secret_lost) {
    start(BED_KEEP_FRONT);
    uint64_t before = put("alice@x", FLOW_UDP);
    put("bob@x", FLOW_UDP);
    stop();
    in_folder("rm state/flow_secret");
    for (int i = 0; i < 2; i++) {
        uint64_t ids[BINDINGS_OF_AOR_MAX];
        start(BED_KEEP_FRONT);
        ck_assert(!is_there(before));
        ck_assert_int_eq(bindings_of_aor(registrar_bindings(front.shared), STR("alice@x"), ids), 1);
        ck_assert_uint_eq(bindings_counts(registrar_bindings(front.shared)).current, 2);
        ck_assert_uint_eq(keep_counts(front.keep).loaded, 2);
        stop();
    }
}
END_TEST

/* Who has no registration front needs no folder. */
START_TEST(no_front) {
    start("");
    in_folder("! test -e state");
    ck_assert(!keep_counts(front.keep).wanted);
    stop();
}
END_TEST

/* The file cannot be had, then it can: a reload takes what is there, and what has come meanwhile is newer. */
START_TEST(file_comes_later) {
    struct binding b;

    start(BED_KEEP_FRONT);
    uint64_t alice = put("alice@x", FLOW_UDP), bob = put("bob@x", FLOW_UDP);
    stop();
    in_folder("mkdir away && mv state/registrations.db away && mkdir state/registrations.db");
    start(BED_KEEP_FRONT);
    ck_assert_int_eq(keep_counts(front.keep).state, KEEP_OFF);
    ck_assert_uint_eq(put("alice@x", FLOW_TCP), alice);
    uint64_t carol = put("carol@x", FLOW_UDP);
    in_folder("rmdir state/registrations.db && mv away/registrations.db state");
    keep_follow(front.keep, front.settings);
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(keep_counts(front.keep).state, KEEP_OK);
        ck_assert(bindings_get(registrar_bindings(front.shared), alice, &b));
        ck_assert_int_eq(b.f.via.flow.proto, FLOW_TCP);
        ck_assert(is_there(bob) && is_there(carol));
        stop();
        start(BED_KEEP_FRONT);
    }
    stop();
}
END_TEST

int main(void) {
    Suite *s = suite_create("keep");
    TCase *t = tcase_create("keep");

    tcase_add_checked_fixture(t, bed_folder_make, bed_folder_remove);
    tcase_add_test(t, times);
    tcase_add_test(t, row_is_the_binding);
    tcase_add_test(t, no_row_of_ours);
    tcase_add_test(t, restart);
    tcase_add_test(t, secret_lost);
    tcase_add_test(t, no_front);
    tcase_add_test(t, file_comes_later);
    suite_add_tcase(s, t);
    return suite_run(s);
}
