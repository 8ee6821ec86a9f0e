#include "b2bua/log/log.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 4096 };

unsigned char log_levels[LOG_ROOMS] = {[0 ... LOG_ROOMS - 1] = LOG_LEVEL_INFO};
static unsigned char common_level = LOG_LEVEL_INFO;

/* The number is syslog's severity, which journald reads from "<N>" at the start of a line. */
static const struct {
    const char *name;
    const char *severity;
} levels[] = {
    [LOG_LEVEL_ERROR] = {"error", "<3>"},
    [LOG_LEVEL_WARN] = {"warn", "<4>"},
    [LOG_LEVEL_INFO] = {"info", "<6>"},
    [LOG_LEVEL_DEBUG] = {"debug", "<7>"},
};

static bool under_journal;
static pthread_once_t journal_once = PTHREAD_ONCE_INIT;

static void journal_look(void) {
    under_journal = getenv("JOURNAL_STREAM") != NULL;
}

/* "2026-01-31T12:00:00.123Z info " or "<6>": the journal has its own clock. */
static size_t put_head(char *line, size_t size, enum log_level level) {
    struct timespec now;
    struct tm utc;
    size_t n;

    pthread_once(&journal_once, journal_look);
    if (under_journal)
        return (size_t)snprintf(line, size, "%s", levels[level].severity);
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &utc);
    n = strftime(line, size, "%Y-%m-%dT%H:%M:%S", &utc);
    return n + (size_t)snprintf(line + n, size - n, ".%03dZ %s ", (int)(now.tv_nsec / 1000000), levels[level].name);
}

/* A line that cannot be written is lost: there is nobody to tell. */
static void put_line(const char *line, size_t n) {
    while (n > 0) {
        ssize_t wrote = write(STDERR_FILENO, line, n);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0)
            return;
        line += wrote;
        n -= (size_t)wrote;
    }
}

void log_write(enum log_level level, const char *format, ...) {
    char line[LINE_MAX_BYTES];
    int saved = errno;
    size_t n = put_head(line, sizeof line, level);
    va_list args;
    int wanted;

    va_start(args, format);
    wanted = vsnprintf(line + n, sizeof line - n, format, args);
    va_end(args);
    if (wanted > 0) {
        size_t room = sizeof line - n - 1;
        n += (size_t)wanted < room ? (size_t)wanted : room;
    }
    line[n++] = '\n'; /* in the place of vsnprintf's terminator */
    put_line(line, n);
    errno = saved;
}

/* Quote and backslash too, so that key="value" ends where it seems to end. */
static bool plain(unsigned char c) {
    return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

const char *log_safe(struct str text, char *buf, size_t size) {
    static const char hex[] = "0123456789abcdef";
    size_t n = 0;

    if (size == 0)
        return "";
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        size_t need = plain(c) ? 1 : 4;
        if (n + need >= size)
            break;
        if (need == 1) {
            buf[n++] = (char)c;
            continue;
        }
        memcpy(buf + n, (char[]){'\\', 'x', hex[c >> 4], hex[c & 15]}, 4);
        n += 4;
    }
    buf[n] = '\0';
    return buf;
}

int log_level_parse(const char *name, enum log_level *out) {
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++) {
        if (strcmp(levels[i].name, name) != 0)
            continue;
        *out = (enum log_level)i;
        return 0;
    }
    return -1;
}

const char *log_level_name(enum log_level level) {
    return levels[level].name;
}

void log_level_set(enum log_level level) {
    __atomic_store_n(&common_level, (unsigned char)level, __ATOMIC_RELAXED);
    for (int i = 0; i < LOG_ROOMS; i++)
        log_room_set(i, level);
}

enum log_level log_level_common(void) {
    return __atomic_load_n(&common_level, __ATOMIC_RELAXED);
}

void log_room_set(enum log_room room, enum log_level level) {
    __atomic_store_n(&log_levels[room], (unsigned char)level, __ATOMIC_RELAXED);
}

enum log_level log_room_level(enum log_room room) {
    return __atomic_load_n(&log_levels[room], __ATOMIC_RELAXED);
}
