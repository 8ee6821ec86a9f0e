/*
 * bed_keep: a registration front without listeners, which keeps its registrations in a folder: it comes and goes as a
 * program would. bed_keep_settings, bed_keep_start, keep_follow; bed_keep_stop.
 */
#ifndef TESTS_ROOM_BED_KEEP_H
#define TESTS_ROOM_BED_KEEP_H

#include <stdio.h>

#include "b2bua/config/config.h"
#include "b2bua/keep.h"
#include "b2bua/registrar/nodes.h"

struct bed_keep {
    struct settings *settings;
    struct pool *pool;
    struct nodes *nodes;
    struct switches switches;
    struct registrar_shared *shared;
    struct keep *keep;
};

#define BED_KEEP_FRONT "registrar = { listen = \"x\"; };\n"

/* State is in `folder`/state. `more` is configuration. NULL: it does not load, and stderr has been told why. */
static inline struct settings *bed_keep_settings(const char *folder, const char *more) {
    static const char text[] =
        "node = { state_dir = \"state\"; };\n"
        "listen = ( { name = \"x\"; transport = \"udp\"; address = \"127.0.0.1\"; port = 5; } );\n";
    struct config_report report = {0};
    char path[128];

    snprintf(path, sizeof path, "%s/twinleg.cfg", folder);
    FILE *out = fopen(path, "w");
    if (out == NULL)
        return NULL;
    fprintf(out, "%s%s", text, more);
    fclose(out);
    struct settings *s = config_load(path, &report);
    if (s == NULL)
        config_report_print(&report, stderr);
    config_report_fini(&report);
    return s;
}

/* Takes `settings`; nothing has been read yet. */
static inline void bed_keep_start(struct bed_keep *b, struct settings *settings) {
    *b = (struct bed_keep){.settings = settings, .pool = pool_new(1)};
    b->nodes = nodes_new(b->pool, 1);
    b->keep = keep_new(settings);
    b->shared = registrar_shared_new(&(struct registrar_shared_config){
        .nodes = b->nodes, .switches = &b->switches, .boot = 1, .secret = keep_secret(b->keep)});
    keep_watch(b->keep, b->shared);
    registrar_shared_adopt(b->shared, settings);
}

static inline void bed_keep_stop(struct bed_keep *b) {
    keep_free(b->keep);
    registrar_shared_free(b->shared);
    nodes_free(b->nodes);
    pool_free(b->pool);
    settings_unref(b->settings);
}

#endif
