/*
 * lines: a message as a list of lines that can be replaced, taken out and added, and written out again. Lines that
 * nobody touches keep their bytes, ends and folds included.
 */
#ifndef PROFILES_LINES_H
#define PROFILES_LINES_H

#include "profiles/names.h"

enum { LINES_HEAD_MAX = 400, LINES_SDP_MAX = 2000 };

struct line {
    struct str text; /* without its end; folded lines are one, with the ends inside */
    struct str end;  /* CRLF, LF, or nothing at the end of the message */
    struct str name; /* of a header; empty for the start line and what has no colon */
    uint32_t key;    /* names_key of the long name */
    uint8_t section; /* of an SDP line: 0 or the number of its m= line */
    enum names_media media;
};

struct lines {
    struct line *at;
    int count, max;
    uint64_t keys; /* lines_bit of every header's key, and perhaps of some that have gone */
};

/* Most rules are about headers that a message does not have: one bit says so without a look at the lines. */
static inline uint64_t lines_bit(uint32_t key) {
    return 1ULL << (key >> 26);
}

/* A message in its parts. */
struct parts {
    struct str lead;        /* blank lines before the start line */
    struct lines head;      /* at[0] is the start line */
    struct str blank;       /* the empty line */
    struct str body;        /* as long as Content-Length says, as far as it is there; until it is needed: all */
    struct str tail;        /* bytes behind it */
    bool body_ended;        /* the two are known */
    struct lines sdp;       /* filled by lines_read_sdp */
    struct str description; /* what the SDP lines were made from: a view into body */
    bool sdp_read;
};

/* Memory for the lines. */
void lines_init(struct parts *parts);
void lines_fini(struct parts *parts);

/* Cuts a message up; views into `message`. Returns 0, or -1 when it has too many lines. */
int lines_read(struct parts *parts, struct str message);

/* Cuts up the description in the body, if there is one. Returns 0, or -1 when it has too many lines. */
int lines_read_sdp(struct parts *parts);

/* The first header of that kind; NULL when there is none. */
const struct line *lines_header(const struct parts *parts, enum names_kind kind);

/* The value of a header line, trimmed. */
struct str lines_value(const struct line *line);

/* Name and key of a line that has been given another text. */
void lines_name_header(struct line *line);

/* Sections and media of all SDP lines, after some have changed. */
void lines_sort_sdp(struct lines *sdp);

/* Puts `count` lines at `at`, where `gone` lines were (0 or 1). Returns 0, or -1 when there are too many. */
int lines_splice(struct lines *lines, int at, int gone, const struct line *fresh, int count);

/* What the message's lines end in; the description's. */
struct str lines_end(const struct lines *lines);

/* Writes the message with the right Content-Length. */
void lines_write(struct parts *parts, struct sbuf *out);

#endif
