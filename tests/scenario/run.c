/* Runs scenarios: run [-v] [FILE.scn ...] (none: all beside base.cfg), and RANDOM random ones unless one file is named;
 * run [-v] -r FIRST COUNT [NAME.cfg]: random ones alone, all of them with that configuration. */
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>

#include "b2bua/log/log.h"
#include "tests/scenario/scenario.h"

enum { RANDOM = 300 };

/* "CONFIG name.cfg" anywhere in the file; else base.cfg. */
static const char *config_of(struct world *w, const char *file) {
    FILE *f = fopen(file, "r");
    char line[4096], name[256] = "base.cfg";

    while (f != NULL && fgets(line, sizeof line, f) != NULL)
        if (sscanf(line, "CONFIG %200s", name) == 1)
            break;
    if (f != NULL)
        fclose(f);
    return scrap_print(&w->scrap, SCENARIO_HOME "%s", name);
}

static bool passes(const char *file) {
    struct world *w = mem_zalloc(sizeof *w);

    if (world_verbose)
        printf("--- %s\n", file);
    w->file = file;
    if (world_open(w, config_of(w, file)) < 0) {
        fail(w, "its configuration does not load");
    } else {
        steps_play(w, file);
        judge(w);
    }
    bool good = w->failures == 0;
    world_close(w);
    free(w);
    return good;
}

static void take(struct world *w, const char *line) {
    w->line++;
    if (world_verbose)
        printf("- %s\n", line);
    steps_take(w, line, NULL);
}

/* `only` that configuration; NULL: one after the other. */
static bool passes_random(uint64_t seed, const char *only) {
    static const char *const configs[] = {"base.cfg",
                                          "timer.cfg",
                                          "rel_require.cfg",
                                          "rel_off.cfg",
                                          "timer.cfg",
                                          "early_offer.cfg",
                                          "passthru.cfg",
                                          "timer_update.cfg",
                                          "privacy_rpid.cfg",
                                          "rel_off_carrier.cfg",
                                          "privacy_doubted.cfg",
                                          "privacy_carrier_doubted.cfg",
                                          "names.cfg",
                                          "headers.cfg",
                                          "errors.cfg",
                                          "transfer.cfg",
                                          "redirect.cfg",
                                          "refer_passthru.cfg",
                                          "transfer.cfg",
                                          "limits.cfg",
                                          "ring.cfg",
                                          "ring_redirected.cfg",
                                          "ring.cfg"};
    const char *config = only != NULL ? only : configs[seed % (sizeof configs / sizeof configs[0])];
    struct world *w = mem_zalloc(sizeof *w);

    w->file = scrap_print(&w->scrap, "random %llu", (unsigned long long)seed);
    if (world_open(w, scrap_print(&w->scrap, SCENARIO_HOME "%s", config)) == 0) {
        random_play(w, seed, take);
        judge(w);
    } else {
        fail(w, "its configuration does not load");
    }
    bool good = w->failures == 0;
    world_close(w);
    free(w);
    return good;
}

int main(int argc, char **argv) {
    int passed = 0, failed = 0, first = 1;
    uint64_t seed = 1, seeds = 0;
    const char *only = NULL;
    glob_t all = {0};

    log_level_set(LOG_LEVEL_ERROR);
    if (first < argc && strcmp(argv[first], "-v") == 0) {
        world_verbose = true;
        log_level_set(LOG_LEVEL_DEBUG);
        first++;
    }
    sip_init();
    if (first + 2 < argc && strcmp(argv[first], "-r") == 0) {
        seed = strtoull(argv[first + 1], NULL, 10);
        seeds = strtoull(argv[first + 2], NULL, 10);
        first += 3;
        only = first < argc ? argv[first++] : NULL;
    } else if (first == argc) {
        glob(SCENARIO_HOME "*.scn", 0, NULL, &all);
    }
    if (seeds == 0 && argc - first != 1)
        seeds = RANDOM;
    for (int i = first; i < argc; i++)
        *(passes(argv[i]) ? &passed : &failed) += 1;
    for (size_t i = 0; i < all.gl_pathc; i++)
        *(passes(all.gl_pathv[i]) ? &passed : &failed) += 1;
    for (uint64_t i = 0; i < seeds; i++)
        *(passes_random(seed + i, only) ? &passed : &failed) += 1;
    globfree(&all);
    printf("%d passed, %d failed\n", passed, failed);
    return failed > 0 || passed == 0;
}
