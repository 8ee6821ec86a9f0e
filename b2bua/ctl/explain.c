#include "b2bua/ctl/explain.h"

#include <stdlib.h>

#include "b2bua/config/config.h"
#include "b2bua/ctl/explain_front.h"
#include "b2bua/ctl/explain_source.h"
#include "b2bua/ctl/profile_find.h"
#include "b2bua/ctl/show.h"
#include "b2bua/ctl/table.h"

enum { ERROR_MAX = 4096, ANSWER_MAX = 1 << 28, FILE_MAX = 1 << 28 };

static const char CLIENTS[] = "registrar"; /* the trunk that clients are */

const char ctl_explain_usage[] = "explain FILE [--from TRUNK]";

/* What is explained. */
struct job {
    const struct ctl_how *how;
    const char *file, *from;
    bool has_packet;
    struct pcap_message packet;
    struct ctl_message message;
    struct explain_known known;
    char error[ERROR_MAX];
};

/* --- the command line --- */

static int read_words(struct job *j, char *const *words) {
    for (words++; *words != NULL; words++) {
        if (strcmp(*words, "--from") == 0 && words[1] != NULL && j->from == NULL)
            j->from = *++words;
        else if (j->file == NULL && strncmp(*words, "--", 2) != 0)
            j->file = *words;
        else
            return -1;
    }
    return j->file == NULL ? -1 : 0;
}

/* --- the message --- */

static int take_packets(struct job *j, struct str bytes) {
    if (pcap_invite(bytes, &j->packet) < 0) {
        snprintf(j->error, sizeof j->error, "%s: no INVITE in these packets", j->file);
        return -1;
    }
    j->has_packet = true;
    return ctl_message_take(&j->message, j->packet.text, j->file, j->error, sizeof j->error);
}

static int read_message(struct job *j) {
    struct sbuf raw;
    int status;

    if (ctl_message_file(j->file, FILE_MAX, &raw, j->error, sizeof j->error) < 0)
        return -1;
    if (pcap_is(sbuf_str(&raw)))
        status = take_packets(j, sbuf_str(&raw));
    else
        status = ctl_message_take(&j->message, sbuf_str(&raw), j->file, j->error, sizeof j->error);
    sbuf_fini(&raw);
    if (status < 0 || strncmp(j->message.text.p, "SIP/", 4) != 0)
        return status;
    snprintf(j->error, sizeof j->error, "%s: a response: where it goes is known to the call that it belongs to alone",
             j->file);
    return -1;
}

/* The transport of the top Via. */
static int proto_of(struct str message) {
    struct sip_msg m;
    int found = -1;

    if (sip_parse(&m, message) < 0)
        return -1;
    for (int p = 0; p < FLOW_PROTOS; p++) {
        struct str name = str_of(flow_proto_name((enum flow_proto)p));
        struct str via = str_upto(m.via, str_find(m.via, ' '));
        if (via.n > name.n && str_ieq(str_from(via, via.n - name.n), name))
            found = p;
    }
    sip_fini(&m);
    return found;
}

static int find_source(struct job *j, const struct explain_world *w, struct flow *from) {
    if (j->from != NULL && strcmp(j->from, CLIENTS) == 0 && explain_front_source(w, &j->known, from) == 0)
        return 0;
    if (j->from != NULL)
        return explain_source_trunk(w, j->from, proto_of(j->message.text), from, j->error, sizeof j->error);
    if (j->has_packet)
        return explain_source_packet(w, &j->packet, from, j->error, sizeof j->error);
    snprintf(j->error, sizeof j->error, "which trunk does it come from? say so by --from TRUNK");
    return -1;
}

/* --- the run --- */

static int exit_status(enum explain_result r) {
    return r == EXPLAIN_ROUTED || r == EXPLAIN_ANSWERED ? EXPLAIN_EXIT_GOES : EXPLAIN_EXIT_REFUSED;
}

static int play(struct job *j, struct explain_world *w, const char *configuration) {
    struct explain_view v = {
        .world = w, .known = &j->known, .message = &j->message, .file = j->file, .configuration = configuration};
    struct sbuf json;

    if (find_source(j, w, &v.from) < 0)
        return ctl_wrong(j->how->err, j->error);
    v.ban = explain_front_ban(&j->known, &v.from.peer);
    if (v.ban == NULL)
        explain_world_play(w, &v.from, j->message.text);
    json = sbuf_growing(ANSWER_MAX);
    explain_put(&v, &json);
    ctl_print(j->how, &json, ctl_explain_show);
    sbuf_fini(&json);
    explain_view_fini(&v);
    return exit_status(v.result);
}

static int run_with(struct job *j, struct settings *s, const char *configuration) {
    struct explain_world world;

    explain_front_ask(&j->known, j->how, s, j->message.text);
    const char *wrong = explain_world_open(&world, s, &j->known);

    if (wrong != NULL)
        return ctl_wrong(j->how->err, wrong);
    int status = play(j, &world, configuration);
    explain_world_close(&world);
    return status;
}

static int run(struct job *j) {
    struct config_report report = {.errors.count = 0};
    const char *file = explain_known_file(&j->known);
    int status = EXPLAIN_EXIT_WRONG;

    if (file == NULL)
        file = ctl_configuration(j->how);
    struct settings *s = config_load(file, &report);
    if (s == NULL)
        config_report_print(&report, j->how->err);
    else
        status = run_with(j, s, file);
    settings_unref(s);
    config_report_fini(&report);
    return status;
}

int ctl_explain(const struct ctl_how *how, char *const *words) {
    struct job j = {.how = how};
    int status = EXPLAIN_EXIT_WRONG;

    if (read_words(&j, words) < 0) {
        fprintf(how->err, "usage: twinlegctl [-s SOCKET] [-c FILE] [-j] %s\n", ctl_explain_usage);
        return status;
    }
    sip_init();
    if (read_message(&j) < 0 || explain_known_ask(&j.known, how, j.error, sizeof j.error) < 0)
        ctl_wrong(how->err, j.error);
    else
        status = run(&j);
    explain_known_fini(&j.known);
    ctl_message_fini(&j.message);
    free((char *)j.packet.text.p);
    return status;
}
