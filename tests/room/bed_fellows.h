/*
 * bed_fellows: two nodes of ours that know each other, sbc1 at 127.0.0.1 and sbc2 at 127.0.0.2, without sockets; time
 * is a number.
 */
#ifndef TESTS_ROOM_BED_FELLOWS_H
#define TESTS_ROOM_BED_FELLOWS_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "b2bua/config/config.h"
#include "b2bua/core/heir.h"
#include "b2bua/registrar/fellows.h"

enum { NOW = 1000000, WALL = 1700000000, NODES = 2, A = 0, B = 1 };

#define CONFIG                                                                                                         \
    "node = { name = \"sbc%d\"; };\n"                                                                                  \
    "listen = ( { name = \"edge\"; address = \"127.0.0.%d\"; port = 5060; },\n"                                        \
    "           { name = \"in\"; address = \"127.0.0.%d\"; port = 5062; } );\n"                                        \
    "registrar = { listen = \"edge\"; flow_secret = \"%s\"; %s };\n"                                                   \
    "cluster = { listen = \"in\"; nodes = ( { name = \"cm\"; uri = \"sip:127.0.0.9:5080\"; } );\n"                     \
    "            peers = ( { name = \"%s\"; uri = \"sip:127.0.0.%d:5062\"; } ); };\n"

/* One of the two. */
struct us {
    struct settings *s;
    struct pool *pool;
    struct fellows *fellows;
    struct heartbeat_facts own;
};

static struct us nodes[NODES];
static uint64_t now_ms, wall_ms;

static inline struct settings *load(int i, const char *secret, const char *registrar, const char *other) {
    char path[] = "/tmp/twinleg-fellows-XXXXXX";
    struct config_report report = {0};
    struct heir_names names = {0};
    FILE *f = fdopen(mkstemp(path), "w");

    fprintf(f, CONFIG, i + 1, i + 1, i + 1, secret, registrar, other, NODES - i);
    fclose(f);
    struct settings *s = config_load(path, &report);
    unlink(path);
    ck_assert_msg(s != NULL, "%s", report.errors.count > 0 ? report.errors.items[0].text : "");
    heir_slots(s, &names);
    heir_names_fini(&names);
    config_report_fini(&report);
    return s;
}

static inline const char *name_of(int i) {
    return i == A ? "sbc1" : "sbc2";
}

static inline void tell(int i) {
    fellows_tell(nodes[i].fellows, &nodes[i].own, now_ms);
}

/* Another configuration, the first one too. */
static inline void take(int i, const char *secret, const char *registrar, const char *other) {
    struct us *n = &nodes[i];

    settings_unref(n->s);
    n->s = load(i, secret, registrar, other);
    pool_adopt(n->pool, n->s, now_ms);
    fellows_adopt(n->fellows, n->s, now_ms);
}

static inline void setup(void) {
    now_ms = NOW;
    wall_ms = WALL;
    for (int i = 0; i < NODES; i++) {
        nodes[i] = (struct us){.pool = pool_new(1), .own = {.stun = true}};
        nodes[i].fellows = fellows_new(nodes[i].pool, "0.9");
        take(i, "secret", "", name_of(1 - i));
        tell(i);
    }
}

static inline void teardown(void) {
    for (int i = 0; i < NODES; i++) {
        fellows_free(nodes[i].fellows);
        pool_free(nodes[i].pool);
        settings_unref(nodes[i].s);
    }
}

static inline struct addr address(int i) {
    struct addr a;

    ck_assert_int_eq(addr_parse(&a, i == A ? STR("127.0.0.1:5062") : STR("127.0.0.2:5062")), 0);
    return a;
}

static inline struct fellows_look look(int i) {
    struct fellows_look out[SETTINGS_PEERS_MAX];
    struct fellows_summary sum;

    ck_assert_int_eq(fellows_look(nodes[i].fellows, out, &sum), 1);
    return out[0];
}

static inline const char *reason(int i) {
    struct fellows_look l = look(i);

    return fellow_reason(&l.fellow);
}

#endif
