/* Traces: what goes where is admin/tap's business; here its words are read. */
#include <stdlib.h>

#include "b2bua/admin/tap.h"
#include "b2bua/command/impl.h"
#include "b2bua/core/json.h"

enum { MB = 1000000, MB_STANDARD = 100, MB_MAX = 100000 };

const char command_trace_usage[] = "FILE [--filter trunk=T|number=N|call-id=C] ... [--max-mb N]";

static struct tap *tap_of(const struct command_run *r) {
    return r->commands->config.shared->tap;
}

static void put_state(struct command_run *r) {
    struct tap_state s = tap_state(tap_of(r));
    struct sbuf out = sbuf_growing(COMMAND_ANSWER_MAX);

    sbuf_putc(&out, '{');
    json_put_text(&out, "trace", s.tracing ? STR("on") : STR("off"));
    json_put_text(&out, "file", str_of(s.path));
    json_put_number(&out, "messages", s.messages);
    json_put_number(&out, "bytes", s.bytes);
    json_put_text(&out, "ended", str_of(s.why));
    json_put_number(&out, "dropped", s.dropped);
    sbuf_putc(&out, '}');
    run_finish(r, &out);
}

/* One option and its value. False after run_error. */
static bool take_option(struct command_run *r, int i, struct select_filter *f, uint64_t *mb) {
    const char *wrong = NULL;

    if (i + 1 == r->arg_count)
        wrong = "an option needs a value";
    else if (str_eq(r->args[i], STR("--filter")))
        wrong = select_filter_add(f, r->args[i + 1]);
    else if (!str_eq(r->args[i], STR("--max-mb")))
        wrong = "the options are --filter and --max-mb";
    else if (str_number(r->args[i + 1], MB_MAX, mb) < 0 || *mb == 0)
        wrong = "--max-mb is outside 1..100000";
    if (wrong != NULL)
        run_error(r, "%s; it is \"%s %s\"", wrong, r->command->name, command_trace_usage);
    return wrong == NULL;
}

static bool is_trunk(struct command_run *r, const struct select_filter *f) {
    return f->trunk[0] == '\0' || run_trunk(r, str_of(f->trunk)) >= 0;
}

void command_trace_start(struct command_run *r) {
    struct select_filter f = {.trunk = ""};
    uint64_t mb = MB_STANDARD;
    char error[TAP_PATH_MAX + 128];

    for (int i = 1; i < r->arg_count; i += 2)
        if (!take_option(r, i, &f, &mb))
            return;
    if (!is_trunk(r, &f))
        return;
    if (r->args[0].n == 0 || r->args[0].p[0] != '/' || r->args[0].n >= TAP_PATH_MAX)
        run_error(r, "\"%s\": the whole path of the file is wanted, from / on", r->args[0].p);
    else if (tap_trace_start(tap_of(r), r->args[0].p, &f, mb * MB, error, sizeof error) < 0)
        run_error(r, "%s", error);
    else
        put_state(r);
}

void command_trace_stop(struct command_run *r) {
    if (tap_trace_stop(tap_of(r)))
        put_state(r);
    else
        run_error(r, "there is no trace");
}

void command_trace_show(struct command_run *r) {
    put_state(r);
}
