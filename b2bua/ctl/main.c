/* twinlegctl: asks a running twinleg and shows the answer. */
#include <getopt.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "b2bua/config/version.h"
#include "b2bua/core/words.h"
#include "b2bua/ctl/ask.h"
#include "b2bua/ctl/explain.h"
#include "b2bua/ctl/http.h"
#include "b2bua/ctl/profile.h"
#include "b2bua/ctl/route.h"
#include "b2bua/ctl/show.h"
#include "b2bua/ctl/socket.h"
#include "b2bua/ctl/table.h"

enum { ERROR_MAX = 4096 };

/* What needs no daemon. One that listens is asked all the same where that says more, unless -c names a configuration.
 */
static const struct {
    const char *name, *usage;
    int (*run)(const struct ctl_how *how, char *const *words);
    bool asks;
} locals[] = {
    {"profile", ctl_profile_usage, ctl_profile, false},
    {"explain", ctl_explain_usage, ctl_explain, false},
    {"route", "route test NUMBER [--from TRUNK] [--calling NUMBER] ...", ctl_route, true},
};

static void usage(FILE *out) {
    fputs("usage: twinlegctl [-s SOCKET|URL] [-c FILE] [-j] COMMAND [ARGUMENT ...]\n"
          "  -s SOCKET  admin.socket of the daemon; without it the first of these where one listens:\n"
          "            ",
          out);
    for (int i = 0; ctl_socket_places[i] != NULL; i++)
        fprintf(out, " %s", ctl_socket_places[i]);
    fputs("\n"
          "  -s URL     http://HOST:PORT, its admin.http; admin.token stands in the environment as " CTL_HTTP_TOKEN "\n"
          "  -c FILE    configuration, for the commands that need no daemon; without it ./twinleg.cfg, then that in\n"
          "             /etc/twinleg\n"
          "  -j         the answer as JSON\n"
          "  -V         the version\n"
          "  -h         this text; the command \"help\" lists the commands that the daemon knows\n"
          "without a daemon:\n",
          out);
    for (size_t i = 0; i < sizeof locals / sizeof *locals; i++)
        fprintf(out, "  %s\n", locals[i].usage);
    fputs("exit: 0, or 1 with one line that says what is wrong; explain: 2 when the message would be refused\n", out);
}

static int wrong(const char *what) {
    return ctl_wrong(stderr, what);
}

/* What makes up an error, a line each. */
static void show_problems(const json_t *list) {
    size_t i;
    json_t *one;

    json_array_foreach(list, i, one) {
        fprintf(stderr, "%s\n", json_string_value(one));
    }
}

static int show(const struct sbuf *answer, bool as_json) {
    json_error_t error;
    json_t *json = json_loadb(answer->p, answer->n, 0, &error);
    const char *refused = json_string_value(json_object_get(json, "error"));
    int status = 0;

    if (json == NULL)
        status = wrong("the answer is not JSON");
    else if (as_json)
        fwrite(answer->p, 1, answer->n, stdout);
    else if (refused == NULL)
        ctl_show(json, stdout);
    else {
        show_problems(json_object_get(json, "problems"));
        wrong(refused);
    }
    if (refused != NULL)
        status = 1;
    json_decref(json);
    return status;
}

static int ask(const char *where, struct str line, bool as_json) {
    char error[ERROR_MAX];
    struct sbuf answer = {.p = NULL};
    int status = ctl_ask(where, line, &answer, error, sizeof error);

    if (status < 0)
        return wrong(error);
    status = show(&answer, as_json);
    sbuf_fini(&answer);
    return status;
}

/* A file is named from where we are: the daemon is somewhere else. */
static const char *from_here(const char *path, char *buf, size_t size) {
    char *here = *path == '/' ? NULL : getcwd(NULL, 0);

    if (here == NULL)
        return path;
    snprintf(buf, size, "%s/%s", here, path);
    free(here);
    return buf;
}

/* The command as one line. Returns -1 when it cannot be one. */
static int put_line(struct sbuf *line, char *const *words) {
    bool trace = words[1] != NULL && strcmp(words[0], "trace") == 0 && strcmp(words[1], "start") == 0;
    char path[WORDS_BYTES_MAX];

    for (int i = 0; words[i] != NULL; i++) {
        const char *word = trace && i == 2 ? from_here(words[i], path, sizeof path) : words[i];
        if (strchr(word, '\n') != NULL)
            return -1;
        words_put(line, str_of(word));
    }
    sbuf_putc(line, '\n');
    return line->full ? -1 : 0;
}

static bool is_asked(const struct ctl_how *how) {
    char error[ERROR_MAX];

    if (ctl_http_is_url(how->socket))
        return how->config == NULL;
    int fd = how->config != NULL ? -1 : ctl_socket_open(how->socket, error, sizeof error);

    if (fd >= 0)
        close(fd);
    return fd >= 0 || (how->socket != NULL && how->config == NULL);
}

static int run(const struct ctl_how *how, char *const *words) {
    char text[2 * WORDS_BYTES_MAX];
    struct sbuf line = sbuf_on(text, sizeof text);

    for (size_t i = 0; i < sizeof locals / sizeof *locals; i++)
        if (strcmp(locals[i].name, words[0]) == 0 && !(locals[i].asks && is_asked(how)))
            return locals[i].run(how, words);
    if (put_line(&line, words) < 0)
        return wrong("the command is too long, or more than one line");
    return ask(how->socket, sbuf_str(&line), how->as_json);
}

/* What ends it. Returns the exit status. */
static int other_option(int c) {
    char text[64];

    if (c == 'h')
        usage(stdout);
    if (c == 'V')
        printf("twinlegctl %s\n", TWINLEG_VERSION);
    if (c == 'h' || c == 'V')
        return 0;
    if (c == ':')
        snprintf(text, sizeof text, "-%c wants something behind it; -h lists the options", optopt);
    else
        snprintf(text, sizeof text, "unknown option; -h lists them");
    return wrong(text);
}

int main(int argc, char **argv) {
    static const struct option words[] = {
        {"help", no_argument, NULL, 'h'}, {"version", no_argument, NULL, 'V'}, {NULL, 0, NULL, 0}};
    struct ctl_how how = {.out = stdout, .err = stderr};
    int c;

    opterr = 0;
    while ((c = getopt_long(argc, argv, "+:s:c:jhV", words, NULL)) != -1) {
        if (c == 's')
            how.socket = optarg;
        else if (c == 'c')
            how.config = optarg;
        else if (c == 'j')
            how.as_json = true;
        else
            return other_option(c);
    }
    if (optind == argc) {
        usage(stderr);
        return 1;
    }
    return run(&how, argv + optind);
}
