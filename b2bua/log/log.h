/*
 * log: one line an event, facts as key=value, the object first: `call=ID leg=a state=ringing`. Goes to stderr (journal
 * prefixes <N> when JOURNAL_STREAM is set). Text from peers passes through log_safe. Never secrets.
 */
#ifndef B2BUA_LOG_LOG_H
#define B2BUA_LOG_LOG_H

#include "b2bua/core/str.h"

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARN, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

/* The one global of the program. Once there are threads, set by log_level_set alone. */
extern enum log_level log_level;

void log_write(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

#define log_at(level, ...)                                                                                             \
    do {                                                                                                               \
        if ((int)(level) <= (int)__atomic_load_n(&log_level, __ATOMIC_RELAXED))                                        \
            log_write((level), __VA_ARGS__);                                                                           \
    } while (0)
#define log_error(...) log_at(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warn(...)  log_at(LOG_LEVEL_WARN, __VA_ARGS__)
#define log_info(...)  log_at(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...) log_at(LOG_LEVEL_DEBUG, __VA_ARGS__)

/* Peer text made safe for one line: quotes, controls and non-ASCII escaped, cut at `size`. Returns `buf`. */
const char *log_safe(struct str text, char *buf, size_t size);

/* "error", "warn", "info", "debug". Returns 0 or -1. */
int log_level_parse(const char *name, enum log_level *out);
void log_level_set(enum log_level level);

#endif
