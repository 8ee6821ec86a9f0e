/*
 * log: one line an event, facts as key=value, the object first: `call=ID leg=a state=ringing`. Goes to stderr (journal
 * prefixes <N> when JOURNAL_STREAM is set). Text from peers passes through log_safe. Never secrets.
 *
 * Each room of the tree has a level of its own (log/room.h); most of the time all have the same.
 */
#ifndef B2BUA_LOG_LOG_H
#define B2BUA_LOG_LOG_H

#include "b2bua/core/str.h"
#include "b2bua/log/room.h"

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARN, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG, LOG_LEVELS };

/* The one global of the program: an enum log_level of each room. Changed by log_level_set and log_room_set alone. */
extern unsigned char log_levels[LOG_ROOMS];

/* One line, with the time before it, whatever the level is: log_error and so on ask first. */
void log_write(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

#define log_at(level, ...)                                                                                             \
    do {                                                                                                               \
        if ((int)(level) <= (int)__atomic_load_n(&log_levels[LOG_ROOM_HERE], __ATOMIC_RELAXED))                        \
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
const char *log_level_name(enum log_level level);

/* Of all rooms. */
void log_level_set(enum log_level level);

/* Of the rooms that have had none of their own since. */
enum log_level log_level_common(void);

/* Of one room, until log_level_set. */
void log_room_set(enum log_room room, enum log_level level);
enum log_level log_room_level(enum log_room room);

#endif
