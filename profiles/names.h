/*
 * names: the names of headers (long, compact, the vendor's) and of SDP lines, and what rules may do to them.
 */
#ifndef PROFILES_NAMES_H
#define PROFILES_NAMES_H

#include "b2bua/core/str.h"

/* What the guard knows about a header. */
enum names_kind {
    NAMES_OTHER,
    NAMES_VIA,
    NAMES_FROM,
    NAMES_TO,
    NAMES_CALL_ID,
    NAMES_CSEQ,
    NAMES_MAX_FORWARDS,
    NAMES_CONTENT_LENGTH,
    NAMES_CONTENT_TYPE,
    NAMES_KINDS
};

/* The usual long form of a header name, from any case, compact form or name of the vendor's; `name` itself when it is
 * none that we know. */
struct str names_long(struct str name);

/* The long name of a one-letter name; empty when there is none (RFC 3261 7.3.3 and the registry of IANA). */
struct str names_of_letter(char letter);

enum names_kind names_kind(struct str long_name);

/* "Content-Length". */
struct str names_of_kind(enum names_kind kind);

/* A number for a long name, the same for any case; different names may share one: it is of their length and two
 * letters, and counted for every line of every message. */
uint32_t names_key(struct str long_name);

/* Letters, digits and the marks of a token (RFC 3261 25.1). */
bool names_is_token(struct str s);

/* Where an SDP line must be for a name of the vendor's. */
enum names_media { NAMES_MEDIA_NONE, NAMES_MEDIA_AUDIO, NAMES_MEDIA_VIDEO, NAMES_MEDIA_APPLICATION, NAMES_MEDIA_IMAGE };

struct names_sdp {
    char letter;            /* 0 = any line */
    enum names_media media; /* NONE: the session part */
};

/* "Audio-Attribute": a, audio. Returns 0, or -1 for a name that does not exist. */
int names_sdp(struct str name, struct names_sdp *out);

/* The media of an m= line. */
enum names_media names_media_of(struct str line);

/* Lines that a description cannot be without or have twice: v o s t c m. */
bool names_is_framework(char letter);

/* Place of a line's letter in its part of a description (RFC 8866 5); m= and what is unknown come last. */
int names_rank(char letter);

#endif
