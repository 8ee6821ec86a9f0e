#include "b2bua/config/row.h"
#include "dialplan/rules.h"

static void warn_of_nothing(struct config_loader *l) {
    static const char *const idle[] = {"trunks: none, so every request comes from an unknown source",
                                       "routes: none, so every call gets 404",
                                       "registrar: neither a cluster nor local domains, so every REGISTER gets 403"};
    char text[512];
    const bool is_idle[] = {l->s->trunk_count == 0,
                            l->s->trunk_count > 0 && l->s->route_count == 0 && !l->s->cluster.on,
                            l->s->registrar.on && !l->s->cluster.on && l->s->registrar.local_count == 0};

    for (size_t i = 0; i < sizeof idle / sizeof *idle; i++) {
        if (!is_idle[i])
            continue;
        snprintf(text, sizeof text, "%s: %s", l->file, idle[i]);
        config_note_add(&l->report->warnings, l->file, 0, text);
    }
}

struct settings *config_load(const char *file, struct config_report *report) {
    struct config_loader l = {.s = settings_new(), .report = report, .file = file};

    l.s->dialplan_free = rules_free_all;
    config_file_load(&l, file, NULL, &config_root);
    config_routes_check(&l);
    if (report->errors.count > 0) {
        settings_unref(l.s);
        return NULL;
    }
    config_routes_done(&l);
    warn_of_nothing(&l);
    return l.s;
}
