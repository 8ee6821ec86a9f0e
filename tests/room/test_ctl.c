/* What twinlegctl makes of an answer: values as text, text in columns. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "b2bua/ctl/show.h"
#include "b2bua/ctl/table.h"
#include "b2bua/ctl/value.h"
#include "tests/suite.h"

static const struct {
    const char *rule, *json;
    enum ctl_kind kind;
    const char *text;
} values[] = {
    {"seconds", "59", CTL_SECONDS, "59s"},
    {"none yet", "0", CTL_SECONDS, "0s"},
    {"minutes", "872", CTL_SECONDS, "14m32s"},
    {"a full minute", "60", CTL_SECONDS, "1m00s"},
    {"hours", "3661", CTL_SECONDS, "1h01m"},
    {"days", "183600", CTL_SECONDS, "2d03h"},
    {"milliseconds", "61999", CTL_MS, "1m01s"},
    {"null is none", "null", CTL_SECONDS, "-"},
    {"an interval of 0 is none", "0", CTL_INTERVAL, "-"},
    {"an interval", "1800", CTL_INTERVAL, "30m00s"},
    {"a number", "18446744", CTL_NUMBER, "18446744"},
    {"an empty text", "\"\"", CTL_TEXT, "-"},
    {"words may be empty", "\"\"", CTL_WORDS, " "},
    {"a time", "\"2026-01-31T12:00:01.123Z\"", CTL_TIME, "2026-01-31 12:00:01"},
    {"never", "null", CTL_TIME, "-"},
    {"a party with a name", "\"\\\"A <b>\\\" <sip:10@h:5060;user=phone>\"", CTL_PARTY, "10@h:5060"},
    {"a party without brackets", "\"sip:10@h;tag=x\"", CTL_PARTY, "10@h"},
    {"a number's uri", "\"<tel:+4930;phone-context=x>\"", CTL_PARTY, "+4930"},
    {"a user with a colon", "\"<sip:10:secret@h>\"", CTL_PARTY, "10:secret@h"},
    {"trunks of both legs", "[{\"trunk\":\"a\"},{\"trunk\":\"b\"}]", CTL_TRUNKS, "a > b"},
    {"targets", "[{\"uri\":\"sip:x\"},{\"uri\":\"sip:y\"}]", CTL_URIS, "sip:x, sip:y"},
    {"names", "[\"udp\",\"tcp\"]", CTL_LIST, "udp, tcp"},
    {"no names", "[]", CTL_LIST, "-"},
    {"another type than thought", "{}", CTL_TEXT, "-"},
};

START_TEST(value) {
    json_t *json = json_loads(values[_i].json, JSON_DECODE_ANY, NULL);
    char text[64];

    ck_assert_ptr_nonnull(json);
    ctl_value(json, values[_i].kind, text, sizeof text);
    ck_assert_msg(strcmp(text, values[_i].text) == 0, "%s: %s", values[_i].rule, text);
    json_decref(json);
}
END_TEST

START_TEST(no_value) {
    char text[8];

    ck_assert_str_eq(ctl_value(NULL, CTL_TEXT, text, sizeof text), "-");
}
END_TEST

static const struct {
    const char *rule, *in;
    size_t size;
    const char *out;
} safes[] = {
    {"plain", "abc", 8, "abc"},
    {"an escape sequence", "\x1b[31mred", 16, "?[31mred"},
    {"one of a single character in UTF-8",
     "a\xc2\x9b"
     "b",
     8, "a?b"},
    {"a line feed and DEL", "a\nb\x7f", 8, "a?b?"},
    {"UTF-8 stays", "\xc3\xa4\xe2\x82\xac", 8, "\xc3\xa4\xe2\x82\xac"},
    {"cut", "abcdef", 4, "abc"},
    {"never within a character", "ab\xe2\x82\xac", 5, "ab"},
    {"a whole character before the cut stays out, too",
     "\xc3\xa4"
     "b",
     3, ""},
};

START_TEST(safe) {
    char out[16];

    ctl_safe(safes[_i].in, out, safes[_i].size);
    ck_assert_msg(strcmp(out, safes[_i].out) == 0, "%s: %s", safes[_i].rule, out);
}
END_TEST

/* What is printed of an answer. */
static char *shown(const char *answer) {
    json_t *json = json_loads(answer, 0, NULL);
    char *text = NULL;
    size_t n;
    FILE *out = open_memstream(&text, &n);

    ck_assert_ptr_nonnull(json);
    ctl_show(json, out);
    fclose(out);
    json_decref(json);
    return text;
}

static const struct {
    const char *rule, *answer, *text;
} answers[] = {
    {"numbers stand to the right, words to the left",
     "{\"timers\":[{\"call_id\":\"b\",\"interval_s\":7},{\"call_id\":\"a longer name\",\"interval_s\":1234567}]}",
     "CALL           LEG  TRUNK  STATE  INTERVAL  MIN-SE  REFRESHER  WHY  METHOD  REFRESH IN  EXPIRES IN  LAST\n"
     "b              -    -      -            7s       -  -          -    -                -           -  -\n"
     "a longer name  -    -      -        14d06h       -  -          -    -                -           -  -\n"},
    {"a line for each place of a trunk",
     "{\"trunks\":[{\"name\":\"t\",\"state\":\"degraded\",\"calls\":3,\"detection_s\":88,\"targets\":["
     "{\"uri\":\"sip:a\",\"places\":[{\"address\":\"127.0.0.1:5060\",\"state\":\"down\",\"since_s\":61,\"evidence\":"
     "\"options-silent\",\"calls\":0,\"last_error\":\"options-silent\",\"last_error_s\":5,\"next_probe_s\":25}]},"
     "{\"uri\":\"sip:b\",\"reason\":\"no such name\",\"places\":[]}]},"
     "{\"name\":\"in\",\"state\":\"inbound\",\"calls\":0,\"targets\":[],\"limits\":{\"calls\":{\"now\":3,\"most\":9},"
     "\"calls_per_second\":{\"now\":1,\"most\":null}},\"success\":{\"in\":{\"recent\":{\"calls\":0},\"since_start\":"
     "{\"calls\":50,\"answered_percent\":90,\"effective_percent\":96}}},\"refreshes\":{\"sent_ok\":4},"
     "\"errors\":[{\"direction\":\"in\",\"status\":503,\"reason\":\"Gone\",\"count\":2,\"ago_s\":61}]}]}",
     "TRUNK  STATE     CALLS  TARGET  ADDRESS         IS    SINCE  BY              CARRIES  LAST ERROR      AGO  "
     "PROBE IN  DOWN WITHIN\n"
     "t      degraded      3  sip:a   127.0.0.1:5060  down  1m01s  options-silent        0  options-silent   5s  "
     "     25s        1m28s\n"
     "                     -  sip:b   no such name    -         -  -                     -  -                 -  "
     "       -            -\n"
     "in     inbound       0  -       -               -         -  -                     -  -                 -  "
     "       -            -\n\n"
     "answered (effective: or busy, away, declined), of the calls of the last 15 minutes\n"
     "TRUNK  CALLS   CALLS/S  ANSWERED IN  SINCE START        ANSWERED OUT  SINCE START  REFRESHES OK  FAILED  "
     "RECEIVED\n"
     "t      -       -        -            -                  -             -                       -       -  "
     "       -\n"
     "in     3 of 9  1        -            90 % (96 %) of 50  -             -                       4       -  "
     "       -\n\n"
     "TRUNK  DIRECTION  STATUS  ERROR  CAUSE  BY  TIMES    AGO  LAST CALL\n"
     "in     in            503  Gone   -      -       2  1m01s  -\n"},
    {"a character is one place, however many bytes",
     "{\"log_level\":\"info\",\"rooms\":[{\"room\":\"\xc3\xa4\xc3\xa4\",\"level\":\"x\",\"tells_of\":\"y\"}]}",
     "ROOM  LEVEL  \n\xc3\xa4\xc3\xa4    x      y\n"},
    {"only titles of an empty list", "{\"log_level\":\"info\",\"rooms\":[]}", "ROOM  LEVEL  \n"},
    {"a command whose arguments are long has its help below",
     "{\"commands\":[{\"command\":\"a\",\"arguments\":\"ID\",\"help\":\"h\"},{\"command\":\"route test\",\"arguments\":"
     "\"NUMBER [--from TRUNK] [--calling NUMBER] ...\",\"help\":\"which\"}]}",
     "a ID                                              h\n"
     "route test NUMBER [--from TRUNK] [--calling NUMBER] ...\n"
     "                                                  which\n"
     "twinlegctl -h lists what needs no daemon: explain, profile test\n"},
    {"no call managers are said", "{\"nodes\":[]}", "no call managers: cluster.nodes names none\n"},
    {"no ban is said", "{\"bans\":[]}", "nobody is banned\n"},
    {"registrations at a provider have columns only where there is one",
     "{\"trunks\":[{\"name\":\"t\",\"state\":\"up\",\"calls\":0,\"targets\":[],\"registration\":"
     "{\"state\":\"Failed\",\"reason\":\"503 Busy\"}}]}",
     "TRUNK  STATE  CALLS  TARGET  ADDRESS  IS  SINCE  BY  CARRIES  LAST ERROR  AGO  PROBE IN  DOWN WITHIN  "
     "REGISTRATION  REASON\n"
     "t      up         0  -       -        -       -  -         -  -             -         -            -  "
     "Failed        503 Busy\n\n"
     "answered (effective: or busy, away, declined), of the calls of the last 15 minutes\n"
     "TRUNK  CALLS  CALLS/S  ANSWERED IN  SINCE START  ANSWERED OUT  SINCE START  REFRESHES OK  FAILED  RECEIVED\n"
     "t      -      -        -            -            -             -                       -       -         -\n"},
    {"metrics as they are", "{\"metrics\":\"x 1\\ny 2\\n\"}", "x 1\ny 2\n"},
    {"an ended call", "{\"ended\":\"00ff\"}", "call 00ff: BYE to both sides\n"},
    {"what is not known is JSON", "{\"later\":[1]}", "{\n  \"later\": [\n    1\n  ]\n}\n"},
    {"a known name of another type is JSON", "{\"calls\":1}", "{\n  \"calls\": 1\n}\n"},
};

START_TEST(answer) {
    char *text = shown(answers[_i].answer);

    ck_assert_msg(strcmp(text, answers[_i].text) == 0, "%s:\n%s", answers[_i].rule, text);
    free(text);
}
END_TEST

/* A call is asked for alone, or in the list of all: the list has no legs of its own. */
START_TEST(both_legs_of_a_call_beside_each_other) {
    char *text =
        shown("{\"call_id\":\"00ff\",\"state\":\"up\",\"legs\":[{\"leg\":\"a\",\"trunk\":\"carrier\","
              "\"timer\":{\"interval_s\":90}},{\"leg\":\"b\",\"trunk\":\"cm\",\"timer\":{\"interval_s\":0}}]}");

    ck_assert_ptr_nonnull(strstr(text, "trunk                carrier  cm\n"));
    ck_assert_ptr_nonnull(strstr(text, "timer: interval      1m30s    -\n"));
    free(text);
}
END_TEST

/* The caller's side on the left, the called one's on the right; each line ends where the others do. */
START_TEST(a_ladder) {
    char *text = shown(
        "{\"call_id\":\"00ff\",\"whole\":false,\"legs\":[{\"leg\":\"a\",\"trunk\":\"carrier\",\"sip_call_id\":"
        "\"near\"},{\"leg\":\"b\",\"trunk\":\"cm\",\"sip_call_id\":\"far\\u001b\"}],\"ladder\":["
        "{\"at_us\":1000000,\"time\":\"T\",\"leg\":\"a\",\"direction\":\"in\",\"transport\":\"UDP\","
        "\"peer\":\"192.0.2.1:5060\",\"repeat\":false,\"message\":\"INVITE sip:x SIP/2.0\\r\\nx: 90\\r\\n\\r\\nv=0\"},"
        "{\"at_us\":1000001,\"leg\":\"a\",\"note\":\"route in\\u001b[2J\"},"
        "{\"at_us\":2500002,\"leg\":\"b\",\"direction\":\"out\",\"transport\":\"TLS\",\"peer\":\"[::1]:5061\","
        "\"repeat\":true,\"message\":\"BYE sip:x SIP/2.0\\r\\n\"},"
        "{\"at_us\":2500003,\"leg\":\"b\",\"direction\":\"in\",\"repeat\":false,\"transport\":\"TLS\",\"peer\":"
        "\"[::1]:5061\",\"message\":\"SIP/2.0 422 A Phrase That Is Long\\r\\nCSeq: 1 UPDATE\\r\\nMin-SE: 3600\"}]}");
    const char *lines[] = {
        "call 00ff, from T (what came before is not kept any more)\n",
        "     0.000000 | INVITE +SDP SE 90 -----------------------> |                                            |\n",
        "     0.000001 |    * a: route in?[2J\n",
        "     1.500002 |                                            | again: BYE ------------------------------> |\n",
        "     1.500003 |                                            | <--- 422 UPDATE Min-SE 3600 -------------- |\n",
        "leg a  Call-ID near\nleg b  Call-ID far?\n"};

    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        ck_assert_msg(strstr(text, lines[i]) != NULL, "%s is missing:\n%s", lines[i], text);
    free(text);
}
END_TEST

#define ROWS(table) (int)(sizeof(table) / sizeof(table)[0])

int main(void) {
    Suite *s = suite_create("ctl");
    TCase *c = tcase_create("ctl");

    suite_add_tcase(s, c);
    tcase_add_loop_test(c, value, 0, ROWS(values));
    tcase_add_test(c, no_value);
    tcase_add_loop_test(c, safe, 0, ROWS(safes));
    tcase_add_loop_test(c, answer, 0, ROWS(answers));
    tcase_add_test(c, a_ladder);
    tcase_add_test(c, both_legs_of_a_call_beside_each_other);
    return suite_run(s);
}
