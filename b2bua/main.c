/* twinleg: a SIP session border element. */
#include <signal.h>
#include <stdio.h>

#include "b2bua/config/config.h"
#include "b2bua/config/version.h"
#include "b2bua/log/log.h"
#include "b2bua/options.h"
#include "b2bua/server.h"
#include "b2bua/sip/sip.h"

static int run(const struct options *o) {
    struct config_report report = {0};
    struct settings *settings = config_load(o->config, &report);
    int status = settings == NULL ? 1 : 0;

    config_report_print(&report, stderr);
    config_report_fini(&report);
    if (settings == NULL)
        return 1;
    if (!o->test) {
        enum log_level level = LOG_LEVEL_DEBUG;
        if (!o->debug)
            log_level_parse(settings->admin.log_level, &level);
        log_level_set(level);
        return server_run(&(struct server_config){o->config, o->debug}, settings);
    }
    printf("%s: configuration is good\n", o->config);
    settings_unref(settings);
    return status;
}

int main(int argc, char **argv) {
    struct options o;

    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is an error of its writer */
    if (options_parse(&o, argc, argv) < 0)
        return 1;
    if (o.version) {
        printf("twinleg %s\n", TWINLEG_VERSION);
        return 0;
    }
    if (o.template) {
        config_template(stdout);
        return 0;
    }
    if (o.manual) {
        config_manual(stdout);
        return 0;
    }
    sip_init();
    return run(&o);
}
