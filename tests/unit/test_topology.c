/* Which names of a side are not said to the other. */
#include "b2bua/core/topology.h"
#include "tests/suite.h"

static struct settings_listen listens[] = {{.host = "out.example.net"}, {.host = "in.example.net"}};
static struct settings_target carrier[] = {{.host = "sip.carrier.example"}, {.host = "shared.example"}},
                              manager[] = {{.host = "cm1.internal"}, {.host = "shared.example"}};
static struct settings_trunk trunks[] = {{.targets = carrier, .target_count = 2},
                                         {.targets = manager, .target_count = 2}};
static const struct settings config = {.listens = listens, .listen_count = 2, .trunks = trunks, .trunk_count = 2};

static const struct {
    const char *rule;
    int from, to;
    const char *host;
    bool hidden;
} table[] = {
    {"ours on that side", 0, 1, "out.example.net", true},
    {"ours on the other side", 0, 1, "in.example.net", true},
    {"RFC 3261 19.1.4: in any case", 0, 1, "OUT.Example.net", true},
    {"a target of the side that it comes from", 1, 0, "cm1.internal", true},
    {"a target of the side that it goes to", 1, 0, "sip.carrier.example", false},
    {"both are called so", 1, 0, "shared.example", false},
    {"somebody else", 0, 1, "example.com", false},
    {"the end of a name is another", 1, 0, "internal", false},
    {"nothing", 0, 1, "", false},
};

START_TEST(name_is_hidden) {
    ck_assert_msg(topology_hides(&config, table[_i].from, table[_i].to, str_of(table[_i].host)) == table[_i].hidden,
                  "%s", table[_i].rule);
}
END_TEST

int main(void) {
    Suite *s = suite_create("topology");
    TCase *t = tcase_create("names");

    tcase_add_loop_test(t, name_is_hidden, 0, sizeof table / sizeof *table);
    suite_add_tcase(s, t);
    return suite_run(s);
}
