/* What the running dial plan makes of a number. */
#include "b2bua/command/impl.h"
#include "b2bua/route_test.h"

void command_route_test(struct command_run *r) {
    struct sbuf out = sbuf_growing(COMMAND_ANSWER_MAX);
    char error[512];
    struct route_test t;
    const char *wrong = route_test_read(&t, r->args, r->arg_count);

    if (wrong == route_test_usage)
        run_error(r, "it is \"route test %s\"", wrong);
    else if (wrong != NULL)
        run_error(r, "%s", wrong);
    else if (route_test_run(r->commands->config.settings, &t, &out, error, sizeof error) < 0)
        run_error(r, "%s", error);
    else {
        run_finish(r, &out);
        return;
    }
    sbuf_fini(&out);
}
