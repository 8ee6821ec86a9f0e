/*
 * message: a SIP message from a file, as it would come from the wire.
 */
#ifndef B2BUA_CTL_MESSAGE_H
#define B2BUA_CTL_MESSAGE_H

#include "b2bua/core/str.h"

enum { CTL_MESSAGE_NOTES = 4, CTL_MESSAGE_NOTE_MAX = 256 };

struct ctl_message {
    struct str text; /* owned */
    int note_count;
    char notes[CTL_MESSAGE_NOTES][CTL_MESSAGE_NOTE_MAX]; /* what was put right, and what is odd */
};

/* Reads `file` ("-": standard input). Editors save lines that end in LF and no empty line at the end: where the head
 * is such a text, all ends become CRLF, and a missing empty line is added, each with a note. Returns 0, or -1 with what
 * is wrong in `error`. */
int ctl_message_read(struct ctl_message *m, const char *file, char *error, size_t size);

/* The same in two steps. ctl_message_file: all bytes of a file of at most `max`; *out is the caller's to free on
 * success. ctl_message_take: what they are as a message; `file` is for the error. */
int ctl_message_file(const char *file, size_t max, struct sbuf *out, char *error, size_t size);
int ctl_message_take(struct ctl_message *m, struct str raw, const char *file, char *error, size_t size);

/* One more note; beyond CTL_MESSAGE_NOTES they are left out. */
void ctl_message_note(struct ctl_message *m, const char *format, ...) __attribute__((format(printf, 2, 3)));
void ctl_message_fini(struct ctl_message *m);

#endif
