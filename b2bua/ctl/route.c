#include "b2bua/ctl/route.h"

#include "b2bua/config/config.h"
#include "b2bua/core/words.h"
#include "b2bua/ctl/profile_find.h"
#include "b2bua/ctl/show.h"
#include "b2bua/ctl/table.h"
#include "b2bua/route_test.h"

enum { ERROR_MAX = 1024, ANSWER_MAX = 1 << 20 };

static int run(const struct ctl_how *how, const struct route_test *t) {
    struct config_report report = {.errors.count = 0};
    struct sbuf json = sbuf_growing(ANSWER_MAX);
    char error[ERROR_MAX];
    int status = 1;
    struct settings *s = config_load(ctl_configuration(how), &report);

    if (s == NULL) {
        config_report_print(&report, how->err);
    } else if (route_test_run(s, t, &json, error, sizeof error) < 0) {
        ctl_wrong(how->err, error);
    } else {
        ctl_print(how, &json, ctl_route_show);
        status = 0;
    }
    sbuf_fini(&json);
    settings_unref(s);
    config_report_fini(&report);
    return status;
}

int ctl_route(const struct ctl_how *how, char *const *words) {
    struct str args[WORDS_MAX];
    struct route_test t;
    const char *wrong = route_test_usage;
    int count = 0;

    words++;
    if (*words != NULL && strcmp(*words, "test") == 0) {
        for (words++; *words != NULL && count < WORDS_MAX; words++)
            args[count++] = str_of(*words);
        wrong = *words != NULL ? route_test_usage : route_test_read(&t, args, count);
    }
    if (wrong == NULL)
        return run(how, &t);
    if (wrong != route_test_usage)
        return ctl_wrong(how->err, wrong);
    fprintf(how->err, "usage: twinlegctl [-c FILE] [-j] route test %s\n", wrong);
    return 1;
}
