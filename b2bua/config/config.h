/*
 * config: from a libconfig file to an immutable snapshot of settings, or to a list of everything that is wrong with it.
 *
 * One table of rows (rows.c) says every key with its type, range, default, unit and help; loading, checking and
 * the template all follow it. A new key is a new row. Loading is all or nothing; all errors are found, not only the
 * first. What this version knows but does not do yet is a warning, except in a route, where ignoring a condition would
 * send calls to the wrong place.
 *
 * Order of use: config_load, config_report_print, config_report_fini. Nothing is looked up: names of
 * targets stay names.
 */
#ifndef B2BUA_CONFIG_CONFIG_H
#define B2BUA_CONFIG_CONFIG_H

#include <stdio.h>

#include "b2bua/core/settings.h"

enum { CONFIG_NOTES_MAX = 1000 }; /* notes kept of each kind; beyond, they are only counted */

struct config_note {
    char *file; /* for order */
    int line;   /* 0 = none */
    char *text; /* "file:line: key: what is wrong" */
};

/* In the order of file and line. */
struct config_notes {
    struct config_note *items;
    int kept;
    int count; /* with those not kept */
};

struct config_report {
    struct config_notes errors, warnings;
};

/*
 * Reads `file` and the files that it names. `report` must be zero (or finished) before and is filled either way.
 * Returns a snapshot with one reference, or NULL when report->errors.count > 0.
 */
struct settings *config_load(const char *file, struct config_report *report);

/* Where profiles stand: in the files that a configuration names, in a file of profiles, or as the text of one. */
enum config_profiles { CONFIG_PROFILES_NAMED, CONFIG_PROFILES_FILE, CONFIG_PROFILES_TEXT };

/* The same for profiles alone, for tools: of a configuration nothing else is looked at. The profile of a text is named
 * like its file. */
struct settings *config_load_profiles(const char *file, enum config_profiles where, struct config_report *report);

/* Errors, then warnings, one a line; nothing when there are none. */
void config_report_print(const struct config_report *report, FILE *out);

/* Frees what the report holds and makes it zero. */
void config_report_fini(struct config_report *report);

/* A commented configuration with every key, its default, range and unit. It loads as it stands. */
void config_template(FILE *out);

/* The manual page twinleg.cfg(5): every key with its type, range, unit, default and help, in roff. */
void config_manual(FILE *out);

#endif
