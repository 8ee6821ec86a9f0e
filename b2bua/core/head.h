/*
 * head: the header lines of a message as it came from the wire, one after the other. No meaning, only borders; for
 * what has to be found or written anew without parsing the rest.
 */
#ifndef B2BUA_CORE_HEAD_H
#define B2BUA_CORE_HEAD_H

#include "b2bua/core/str.h"

/* One header: the whole of it with its line end, folded lines included; its name; its value without blanks around it.
 */
struct head_line {
    struct str all, name, value;
};

/* The start line with its line end; *rest gets what follows it. */
struct str head_start(struct str message, struct str *rest);

/* The next header; false at the empty line that ends the head, or where the bytes end. A line without a colon has no
 * name. Views into *rest, which moves on. */
bool head_next(struct str *rest, struct head_line *out);

/* Is it this header, by its long name or its one-letter form (0 = it has none)? */
bool head_is(const struct head_line *line, struct str name, char compact);

/* The next header of that name, as head_next. */
bool head_find(struct str *rest, struct str name, char compact, struct head_line *out);

/* Bytes of the head with the empty line that ends it, CRLF or bare LF; 0 when there is no such line. */
size_t head_length(struct str message);

/* How many headers of that name the message has. */
int head_count(struct str message, struct str name, char compact);

#endif
