/* Another configuration while calls are up: as the server does it, without its threads. */
#include "b2bua/config/config.h"
#include "b2bua/core/heir.h"
#include "tests/scenario/scenario.h"

static struct settings *load(struct world *w, const char *file) {
    struct config_report report = {0};
    struct settings *s = config_load(file, &report);

    if (s == NULL) {
        config_report_print(&report, stdout);
        fail(w, "%s does not load", file);
    }
    config_report_fini(&report);
    return s;
}

static void let_go(struct world *w) {
    int kept = 0;

    for (int i = 0; i < w->older_count; i++)
        if (settings_is_shared(w->older[i]))
            w->older[kept++] = w->older[i];
        else
            settings_unref(w->older[i]);
    w->older_count = kept;
}

void world_reload(struct world *w, const char *file) {
    struct settings *alive[OLDER_MAX + 1] = {w->settings}, *now;

    let_go(w);
    if (w->older_count == OLDER_MAX || (now = load(w, file)) == NULL)
        return;
    memcpy(alive + 1, w->older, (size_t)w->older_count * sizeof *alive);
    const char *wrong = heir_slots(now, &w->trunk_names);
    if (wrong == NULL)
        wrong = heir_listens(now, alive, w->older_count + 1);
    if (wrong != NULL)
        fail(w, "%s", wrong);
    pool_adopt(w->trunks, now, w->now_ms);
    nodes_adopt(w->nodes, now, w->now_ms);
    registrar_shared_adopt(w->registrar, now);
    engine_set_settings(w->engine, now);
    if (!w->probes)
        engine_stop_probes(w->engine);
    w->older[w->older_count++] = w->settings;
    w->settings = now;
}

void world_let_go(struct world *w) {
    let_go(w);
    if (w->older_count > 0)
        fail(w, "expected the calls to have let go of all older configurations, %d are held", w->older_count);
}

void world_forget(struct world *w) {
    while (w->older_count > 0)
        settings_unref(w->older[--w->older_count]);
    heir_names_fini(&w->trunk_names);
}
