/* Messages as the peers read them: with other eyes than the element's, so that both do not err alike. */
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "tests/scenario/scenario.h"

static const char *line_after(const char *at) {
    const char *end = strstr(at, "\r\n");

    return end == NULL ? NULL : end + 2;
}

/* The line of that header at or after `at`, inside the head; NULL: none. */
static const char *find_line(const char *at, const char *name) {
    size_t n = strlen(name);

    while (at != NULL && *at != '\0' && *at != '\r') {
        if (strncasecmp(at, name, n) == 0 && at[n] == ':')
            return at;
        at = line_after(at);
    }
    return NULL;
}

const char *text_header(struct scrap *p, const char *message, const char *name) {
    const char *at = find_line(line_after(message), name);

    if (at == NULL)
        return NULL;
    at += strlen(name) + 1;
    at += strspn(at, " ");
    return scrap_copy(p, at, strcspn(at, "\r"));
}

const char *text_lines(struct scrap *p, const char *message, const char *name) {
    const char *all = "", *at = find_line(line_after(message), name);

    while (at != NULL) {
        const char *next = line_after(at);
        all = scrap_print(p, "%s%.*s", all, (int)(next - at), at);
        at = find_line(next, name);
    }
    return all;
}

const char *text_tag(struct scrap *p, const char *value) {
    const char *at = value == NULL ? NULL : strstr(value, ";tag=");

    return at == NULL ? NULL : scrap_copy(p, at + 5, strcspn(at + 5, ";\r\n"));
}

const char *text_bare(struct scrap *p, const char *value) {
    const char *at = strstr(value, ";tag=");

    return scrap_copy(p, value, at == NULL ? strlen(value) : (size_t)(at - value));
}

const char *text_uri(struct scrap *p, const char *value) {
    const char *at = value == NULL ? NULL : strchr(value, '<');

    return at == NULL ? NULL : scrap_copy(p, at + 1, strcspn(at + 1, ">"));
}

int text_number(const char *text) {
    return (int)strtol(text, NULL, 10);
}

int text_status(const char *message) {
    return strncmp(message, "SIP/2.0 ", 8) == 0 ? text_number(message + 8) : 0;
}

const char *text_method(struct scrap *p, const char *message) {
    const char *cseq = text_header(p, message, "CSeq");

    if (text_status(message) == 0)
        return scrap_copy(p, message, strcspn(message, " "));
    return cseq == NULL || strchr(cseq, ' ') == NULL ? "" : strchr(cseq, ' ') + 1;
}

const char *text_branch(struct scrap *p, const char *message) {
    const char *via = text_header(p, message, "Via");
    const char *at = via == NULL ? NULL : strstr(via, ";branch=");

    return at == NULL ? NULL : scrap_copy(p, at + 8, strcspn(at + 8, ";,"));
}

unsigned text_cseq(struct scrap *p, const char *message) {
    const char *cseq = text_header(p, message, "CSeq");

    return cseq == NULL ? 0 : (unsigned)strtoul(cseq, NULL, 10);
}
