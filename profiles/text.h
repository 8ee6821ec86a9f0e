/*
 * text: the replacement of a rule, or what it adds: literal bytes, groups, variables.
 */
#ifndef PROFILES_TEXT_H
#define PROFILES_TEXT_H

#include "profiles/pattern.h"

enum text_part_kind { TEXT_LITERAL, TEXT_GROUP, TEXT_VARIABLE };

struct text_part {
    enum text_part_kind kind;
    int number;         /* of the group or variable */
    struct str literal; /* line breaks in it are CRLF */
};

struct text {
    char *bytes; /* owns the literals */
    struct text_part *parts;
    int count;
    int group_max; /* the highest group named; -1 = none */
};

/* Compiles `source`, the text between the quotes. Returns 0, or -1 with *why filled. */
int text_compile(struct text *t, struct str source, struct problem *why);
void text_fini(struct text *t);

/* The literal that it begins with; empty when it begins with a group or variable. */
struct str text_start(const struct text *t);

#endif
