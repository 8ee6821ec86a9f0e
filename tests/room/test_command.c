/* Command lines that are answered without asking a worker: what is wrong with them, and what was meant. */
#include <check.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "b2bua/command/command.h"
#include "b2bua/log/log.h"
#include "tests/suite.h"

static uv_loop_t loop;
static struct commands *commands;
static struct settings *settings;
static struct worker_shared shared;
static char got[65536];

static const char *state(void *ctx) {
    (void)ctx;
    return "running";
}

static void set_up(void) {
    settings = settings_new();
    settings->trunks = mem_zalloc(2 * sizeof *settings->trunks);
    settings->trunk_count = 2;
    settings->trunks[0].name = str_dup(STR("carrier"));
    settings->trunks[1].name = str_dup(STR("callmanager"));
    settings->trunks[0].sources = mem_zalloc(sizeof *settings->trunks[0].sources);
    settings->trunks[0].source_count = 1;
    ck_assert_int_eq(addr_range_parse(settings->trunks[0].sources, STR("192.0.2.0/24")), 0);
    shared.guard = guard_new(1);
    char error[128];
    shared.tap = tap_new("", "n", error, sizeof error);
    guard_configure(shared.guard, settings, NULL, 0);
    uv_loop_init(&loop);
    commands =
        commands_new(&(struct commands_config){.loop = &loop, .shared = &shared, .settings = settings, .state = state});
}

static void tear_down(void) {
    commands_free(commands);
    uv_run(&loop, UV_RUN_DEFAULT);
    ck_assert_int_eq(uv_loop_close(&loop), 0);
    settings_unref(settings);
    guard_free(shared.guard);
    tap_free(shared.tap);
}

static void done(void *ctx, char *json, size_t n) {
    int *answers = ctx;

    (*answers)++;
    snprintf(got, sizeof got, "%.*s", (int)n, json);
    free(json);
}

static json_t *run(struct str line) {
    int answers = 0;

    commands_run(commands, line, done, &answers);
    ck_assert_int_eq(answers, 1);
    ck_assert_int_eq(got[strlen(got) - 1], '\n');
    json_t *json = json_loads(got, 0, NULL);
    ck_assert_msg(json != NULL, "not JSON: %s", got);
    return json;
}

static const struct {
    const char *rule, *line, *error;
} refusals[] = {
    {"no command", "", "no command \"\"; the nearest is \"help\""},
    {"a mistyped one", "statsu", "no command \"statsu\"; the nearest is \"status\""},
    {"with its arguments", "cals", "no command \"cals\"; the nearest is \"calls [--trunk T] [--limit N]\""},
    {"the second word", "call edn x", "no command \"call edn\"; the nearest is \"call end ID\""},
    {"half a command", "log", "\"log\" wants more words: log level [[ROOM] LEVEL]"},
    {"half of several", "call", "\"call\" wants more words: call show ID | call ladder ID | call end ID"},
    {"case counts", "STATUS", "no command \"STATUS\"; the nearest is \"status\""},
    {"too few", "call show", "too few arguments; it is \"call show ID\""},
    {"too many", "call end a b", "too many arguments; it is \"call end ID\""},
    {"none wanted", "trunks carrier", "too many arguments; it is \"trunks\""},
    {"another option", "calls --trnk carrier", "no argument \"--trnk\"; it is \"calls [--trunk T] [--limit N]\""},
    {"a path from nowhere", "trace start x.pcap", "\"x.pcap\": the whole path of the file is wanted, from / on"},
    {"a folder that is not there", "trace start /nowhere/x", "/nowhere/x: No such file or directory"},
    {"a filter that is none", "trace start /x --filter a=b",
     "a filter is trunk=T, number=N or call-id=C; it is \"trace start FILE [--filter trunk=T|number=N|call-id=C] ... "
     "[--max-mb N]\""},
    {"a trunk to trace", "trace start /x --filter trunk=carier", "no trunk \"carier\"; the nearest is \"carrier\""},
    {"no size", "trace start /x --max-mb 0",
     "--max-mb is outside 1..100000; it is \"trace start FILE [--filter trunk=T|number=N|call-id=C] ... [--max-mb "
     "N]\""},
    {"no trace", "trace stop", "there is no trace"},
    {"an option without value", "calls --trunk", "--trunk wants the name of a trunk"},
    {"another trunk", "calls --trunk carier", "no trunk \"carier\"; the nearest is \"carrier\""},
    {"no limit", "calls --trunk carrier --limit 0", "--limit wants a number, 1..1048576"},
    {"a limit that is none", "timers --limit many", "--limit wants a number, 1..1048576"},
    {"two calls", "timers a b", "no argument \"b\"; it is \"timers [ID] [--trunk T] [--limit N]\""},
    {"another level", "log level inf", "no log level \"inf\"; the nearest is \"info\""},
    {"another level of a room", "log level net wran", "no log level \"wran\"; the nearest is \"warn\""},
    {"another room", "log level cal debug", "no room \"cal\"; the nearest is \"call\""},
    {"another word than --plan", "reload now", "no argument \"now\"; it is \"reload [--plan]\""},
    {"a quote without end", "call show \"x", "a quote does not end"},
    {"no address", "ban add carrier", "\"carrier\" is no IPv4 or IPv6 address"},
    {"an address with a port", "ban add 203.0.113.1:5060", "\"203.0.113.1:5060\" is no IPv4 or IPv6 address"},
    {"too long a ban", "ban add 203.0.113.1 315360001",
     "\"315360001\" is outside 1..315360000 seconds; -1 or nothing: for good"},
    {"no time at all", "ban add 203.0.113.1 0", "\"0\" is outside 1..315360000 seconds; -1 or nothing: for good"},
    {"an address of a trunk", "ban add 192.0.2.9",
     "192.0.2.9 is exempt: a trunk's, or one that security.exempt names for all categories"},
    {"not banned", "ban remove 203.0.113.1", "203.0.113.1 is not banned"},
    {"an odd text comes back whole", "call \"\\\"\x01\"", "no command \"call \"\x01\"; the nearest is \"call end ID\""},
};

START_TEST(refused) {
    json_t *json = run(str_of(refusals[_i].line));
    const char *error = json_string_value(json_object_get(json, "error"));

    ck_assert_msg(error != NULL && strcmp(error, refusals[_i].error) == 0, "%s: %s", refusals[_i].rule, got);
    json_decref(json);
}
END_TEST

START_TEST(bytes_that_are_no_text) {
    json_decref(run(STR("\xff\xfe \0x")));
    json_decref(run(STR("call show \"\0\"x y")));
}
END_TEST

START_TEST(help_names_every_command) {
    static const char *const names[] = {
        "status",      "calls",         "call show",  "call ladder", "call end",         "timers",
        "trunks",      "registrations", "route test", "nodes",       "node maintenance", "peers",
        "maintenance", "metrics",       "reload",     "log level",   "trace start",      "trace stop",
        "trace show",  "help",          "stun",       "bans",        "ban add",          "ban remove"};
    json_t *json = run(STR("help")), *list = json_object_get(json, "commands");

    ck_assert_uint_eq(json_array_size(list), sizeof names / sizeof *names);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        ck_assert_str_eq(json_string_value(json_object_get(json_array_get(list, i), "command")), names[i]);
    json_decref(json);
}
END_TEST

static void says(const char *line, const char *answer) {
    json_t *json = run(str_of(line));

    ck_assert_str_eq(got, answer);
    json_decref(json);
}

/* The levels, as the answer has them: "daemon=info ...". */
static void levels_are(const char *line, const char *common, const char *room, const char *level) {
    json_t *json = run(str_of(line)), *rooms = json_object_get(json, "rooms"), *one;
    size_t i;

    ck_assert_str_eq(json_string_value(json_object_get(json, "log_level")), common);
    ck_assert_uint_eq(json_array_size(rooms), LOG_ROOMS);
    json_array_foreach(rooms, i, one) {
        const char *name = json_string_value(json_object_get(one, "room"));
        ck_assert_str_eq(name, log_room_name(i));
        ck_assert_str_eq(json_string_value(json_object_get(one, "level")), strcmp(name, room) == 0 ? level : common);
    }
    json_decref(json);
}

START_TEST(log_levels_of_rooms) {
    log_level_set(LOG_LEVEL_INFO);
    levels_are("log level", "info", "", "");
    levels_are("log level call debug", "info", "call", "debug");
    levels_are("log level", "info", "call", "debug");
    levels_are("log level warn", "warn", "", "");
    levels_are("log level net error", "warn", "net", "error");
}
END_TEST

START_TEST(bans_are_made_and_ended) {
    says("bans", "{\"bans\":[]}\n");
    says("ban add 203.0.113.1 -1", "{\"banned\":\"203.0.113.1\"}\n");
    says("ban add 2001:db8::1", "{\"banned\":\"2001:db8::1\"}\n");
    says("bans", "{\"bans\":[{\"address\":\"203.0.113.1\",\"category\":\"manual\",\"since_s\":0,\"dropped\":0},"
                 "{\"address\":\"2001:db8::1\",\"category\":\"manual\",\"since_s\":0,\"dropped\":0}]}\n");
    says("ban remove 203.0.113.1", "{\"unbanned\":\"203.0.113.1\"}\n");
    says("ban add 2001:db8::1 3600", "{\"banned\":\"2001:db8::1\"}\n");
    json_t *json = run(STR("bans"));
    ck_assert_int_ge(json_integer_value(json_object_get(json_array_get(json_object_get(json, "bans"), 0), "left_s")),
                     1);
    json_decref(json);
    says("ban remove 2001:db8::1", "{\"unbanned\":\"2001:db8::1\"}\n");
    says("bans", "{\"bans\":[]}\n");
}
END_TEST

/* Without a worker there is nobody to answer; who still waits at the end is told so. */
START_TEST(who_waits_at_the_end_gets_an_answer) {
    int answers = 0;

    commands_run(commands, STR("status"), done, &answers);
    commands_run(commands, STR("calls"), done, &answers);
    ck_assert_int_eq(answers, 0);
    commands_free(commands);
    ck_assert_int_eq(answers, 2);
    ck_assert_str_eq(got, "{\"error\":\"twinleg is stopping\"}\n");
    commands = NULL;
}
END_TEST

int main(void) {
    Suite *s = suite_create("command");
    TCase *c = tcase_create("command");

    suite_add_tcase(s, c);
    tcase_add_checked_fixture(c, set_up, tear_down);
    tcase_add_loop_test(c, refused, 0, (int)(sizeof refusals / sizeof *refusals));
    tcase_add_test(c, bytes_that_are_no_text);
    tcase_add_test(c, help_names_every_command);
    tcase_add_test(c, bans_are_made_and_ended);
    tcase_add_test(c, log_levels_of_rooms);
    tcase_add_test(c, who_waits_at_the_end_gets_an_answer);
    return suite_run(s);
}
