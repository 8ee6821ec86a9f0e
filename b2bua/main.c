/* twinleg: a SIP session border element. */
#include <signal.h>
#include <stdio.h>

#include "b2bua/config/config.h"
#include "b2bua/config/version.h"
#include "b2bua/log/log.h"
#include "b2bua/net/net.h"
#include "b2bua/options.h"
#include "b2bua/server.h"
#include "b2bua/sip/sip.h"

/* What a start would stumble over, too: certificates and keys. Takes `settings`. */
static int test(const char *file, struct settings *settings) {
    char error[512];
    int status = 0;

    for (int i = 0; i < settings->tls_count; i++) {
        if (net_tls_check(&settings->tls[i], error, sizeof error) == 0)
            continue;
        fprintf(stderr, "%s: tls.%s: %s\n", file, settings->tls[i].name, error);
        status = 1;
    }
    if (status == 0)
        printf("%s: configuration is good\n", file);
    settings_unref(settings);
    return status;
}

static int run(const struct options *o) {
    struct config_report report = {0};
    struct settings *settings = config_load(o->config, &report);

    config_report_print(&report, stderr);
    config_report_fini(&report);
    if (settings == NULL)
        return 1;
    if (o->test)
        return test(o->config, settings);
    enum log_level level = LOG_LEVEL_DEBUG;
    if (!o->debug)
        log_level_parse(settings->admin.log_level, &level);
    log_level_set(level);
    return server_run(&(struct server_config){o->config, o->debug}, settings);
}

int main(int argc, char **argv) {
    struct options o;

    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is an error of its writer */
    if (options_parse(&o, argc, argv) < 0)
        return 1;
    if (o.help)
        return 0;
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
