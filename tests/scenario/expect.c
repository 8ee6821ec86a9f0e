/* What a peer hears is what the step says. */
#include <ctype.h>
#include <regex.h>
#include <stdlib.h>

#include "tests/scenario/scenario.h"

/* Without CR, so that patterns need not know line ends. */
static char *plain(struct world *w, const char *bytes) {
    char *copy = scrap_copy(&w->scrap, bytes, strlen(bytes)), *to = copy;

    for (const char *from = copy; *from != '\0'; from++)
        if (*from != '\r')
            *to++ = *from;
    *to = '\0';
    return copy;
}

static void name_put(struct world *w, const char *name, const char *value) {
    int i = 0;

    while (i < w->name_count && strcmp(w->names[i].name, name) != 0)
        i++;
    if (i == NAMES_MAX) {
        fail(w, "too many names");
        return;
    }
    w->names[i].name = name;
    w->names[i].value = value;
    if (i == w->name_count)
        w->name_count++;
}

/* $name becomes what was taken under that name. */
const char *names_expand(struct world *w, const char *text) {
    const char *out = "";

    for (const char *dollar; (dollar = strchr(text, '$')) != NULL;) {
        size_t n = 1;
        while (isalnum((unsigned char)dollar[n]))
            n++;
        const char *name = scrap_copy(&w->scrap, dollar + 1, n - 1), *value = NULL;
        for (int i = 0; i < w->name_count; i++)
            if (strcmp(w->names[i].name, name) == 0)
                value = w->names[i].value;
        out = scrap_print(&w->scrap, "%s%.*s%s", out, (int)(dollar - text), text, value != NULL ? value : "$");
        text = value != NULL ? dollar + n : dollar + 1;
    }
    return scrap_print(&w->scrap, "%s%s", out, text);
}

/* Does it match? *group is what the first pair of parentheses caught. */
static bool matches(struct world *w, const char *pattern, const char *text, const char **group) {
    regex_t re;
    regmatch_t m[2];

    if (regcomp(&re, pattern, REG_EXTENDED | REG_NEWLINE) != 0) {
        fail(w, "bad pattern %s", pattern);
        return false;
    }
    bool found = regexec(&re, text, 2, m, 0) == 0;
    if (found && group != NULL && m[1].rm_so >= 0)
        *group = scrap_copy(&w->scrap, text + m[1].rm_so, (size_t)(m[1].rm_eo - m[1].rm_so));
    regfree(&re);
    return found;
}

static void take_name(struct world *w, const char *word, const char *text) {
    const char *equal = strchr(word, '='), *group = NULL;

    if (equal == NULL || !matches(w, equal + 1, text, &group) || group == NULL) {
        fail(w, "nothing for %s in:\n%s", word, text);
        return;
    }
    name_put(w, scrap_copy(&w->scrap, word, (size_t)(equal - word)), group);
}

/* ~has !has-not ^pattern @name=pattern proto=tcp, or a method */
static void check_word(struct world *w, const struct message *m, const char *word, const char *text) {
    switch (word[0]) {
    case '~':
        if (strstr(text, word + 1) == NULL)
            fail(w, "expected \"%s\" in:\n%s", word + 1, text);
        break;
    case '!':
        if (strstr(text, word + 1) != NULL)
            fail(w, "expected no \"%s\" in:\n%s", word + 1, text);
        break;
    case '^':
        if (!matches(w, word, text, NULL))
            fail(w, "expected %s in:\n%s", word, text);
        break;
    case '@':
        take_name(w, word + 1, text);
        break;
    default:
        if (strcmp(word, "tcp") == 0 || strcmp(word, "udp") == 0) {
            if ((m->flow.proto == FLOW_TCP) != (word[0] == 't'))
                fail(w, "expected it by %s, got it by %s", word, flow_proto_name(m->flow.proto));
        } else if (strcmp(text_method(&w->scrap, m->bytes), word) != 0) {
            fail(w, "expected CSeq method %s, got %s", word, text_method(&w->scrap, m->bytes));
        }
    }
}

static const char *first_line(struct world *w, const struct message *m) {
    return scrap_copy(&w->scrap, m->bytes, strcspn(m->bytes, "\r"));
}

static bool starts_as(struct world *w, const struct message *m, const char *word) {
    int status = text_status(m->bytes);

    if (status != 0)
        return text_number(word) == status;
    return strcmp(text_method(&w->scrap, m->bytes), word) == 0;
}

void expect(struct world *w, struct peer *p, const struct words *words) {
    struct message *m = p->heard;

    if (m == NULL) {
        fail(w, "expected %s< %s, got nothing", p->name, words->at[0]);
        return;
    }
    p->heard = m->next_heard;
    if (p->heard == NULL)
        p->heard_end = &p->heard;
    if (!starts_as(w, m, words->at[0])) {
        fail(w, "expected %s< %s, got: %s (CSeq %s)", p->name, words->at[0], first_line(w, m),
             text_header(&w->scrap, m->bytes, "CSeq"));
        return;
    }
    char *text = plain(w, m->bytes);
    for (int i = 1; i < words->count; i++)
        check_word(w, m, names_expand(w, words->at[i]), text);
}

void expect_nothing(struct world *w, struct peer *p) {
    for (struct message *m = p->heard; m != NULL; m = m->next_heard)
        fail(w, "expected nothing to %s, got: %s (CSeq %s)", p->name, first_line(w, m),
             text_header(&w->scrap, m->bytes, "CSeq"));
    p->heard = NULL;
    p->heard_end = &p->heard;
}

static void compare(struct world *w, const struct words *words, const char *key, const char *got) {
    const char *want = words_get(words, key);

    if (want != NULL && strcmp(want, got) != 0)
        fail(w, "expected a record with %s=%s, got %s", key, want, got);
}

/* The last record of that leg. */
void expect_record(struct world *w, const struct words *words) {
    const struct heard_record *r = NULL;

    for (int i = 0; i < w->record_count; i++)
        if (w->records[i].leg == words->at[0][0])
            r = &w->records[i];
    if (r == NULL) {
        fail(w, "expected a record of leg %s, got none", words->at[0]);
        return;
    }
    compare(w, words, "cause", r->cause);
    compare(w, words, "ended_by", r->ended_by);
    compare(w, words, "trunk", r->trunk);
    compare(w, words, "status", scrap_print(&w->scrap, "%d", r->status));
    compare(w, words, "attempts", scrap_print(&w->scrap, "%u", r->attempts));
    compare(w, words, "waited", scrap_print(&w->scrap, "%llu", (unsigned long long)r->waited_ms));
    compare(w, words, "consumed", scrap_print(&w->scrap, "%u", r->consumed));
    compare(w, words, "refreshes", scrap_print(&w->scrap, "%u/%u", r->refreshes_sent, r->refreshes_received));
    compare(w, words, "midcalls", scrap_print(&w->scrap, "%u", r->midcalls));
    compare(w, words, "ring", scrap_print(&w->scrap, "%lld", r->ring));
    compare(w, words, "answer", scrap_print(&w->scrap, "%lld", r->answer));
    compare(w, words, "end", scrap_print(&w->scrap, "%lld", r->end));
}
