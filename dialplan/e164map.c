#include "dialplan/e164map.h"

#include <stdio.h>
#include <stdlib.h>

#include "dialplan/trie.h"

struct entry {
    struct dial *dial;  /* NULL: all that begins with the key */
    struct str key;     /* view into the text */
    struct str replace; /* likewise */
    int to, line;
};

struct e164_map {
    char *text; /* a copy of the file */
    struct entry *entries;
    int count, room, literals;
    struct trie *trie;
};

struct reading {
    struct e164_map *m;
    const struct e164_reader *out;
    int line;
    struct str whole; /* the line */
};

static void note(const struct reading *r, const char *at, bool error, const char *what) {
    r->out->note(r->out->arg, r->line, (int)(at - r->whole.p) + 1, error, what);
}

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r';
}

/* The next word of *rest; empty at the end, or where a comment begins. */
static struct str next_word(struct str *rest) {
    size_t start = 0, end;

    while (start < rest->n && is_blank(rest->p[start]))
        start++;
    for (end = start; end < rest->n && !is_blank(rest->p[end]);)
        end++;
    struct str word = {rest->p + start, end - start};
    *rest = str_from(*rest, end);
    if (word.n > 0 && word.p[0] == '#')
        word.n = 0;
    return word;
}

static bool is_number(struct str s) {
    return s.n > 0 && s.n <= DIAL_TEXT_MAX && dial_is_number(s);
}

/* What a pattern is found by: its literal beginning stands in the text as it is, unless something in it is escaped. */
static bool set_pattern(struct reading *r, struct entry *e, struct str word) {
    struct dial_problem why;

    if (is_number(word) && memchr(word.p + 1, '+', word.n - 1) == NULL) {
        e->key = word;
        return true;
    }
    e->dial = dial_new(word, &why);
    if (e->dial == NULL) {
        note(r, word.p + why.at, true, why.wrong);
        return false;
    }
    e->key = dial_prefix(e->dial);
    return true;
}

static bool set_value(struct reading *r, struct entry *e, struct str word) {
    if (word.p[0] != '@') {
        e->replace = word;
        if (!is_number(word))
            note(r, word.p, true, "neither a number nor @ and the name of a trunk or group");
        return is_number(word);
    }
    e->to = r->out->target(r->out->arg, str_from(word, 1));
    if (e->to < 0)
        note(r, word.p, true, "no trunk or group has this name");
    return e->to >= 0;
}

static void add(struct reading *r, const struct entry *e) {
    struct e164_map *m = r->m;
    int literals = e->dial == NULL ? (int)e->key.n : dial_literals(e->dial);

    if (m->count == m->room) {
        m->room = m->room == 0 ? 64 : 2 * m->room;
        m->entries = mem_realloc(m->entries, sizeof *m->entries * (size_t)m->room);
    }
    m->entries[m->count++] = *e;
    if (literals > m->literals)
        m->literals = literals;
}

static void read_line(struct reading *r) {
    struct entry e = {.to = -1, .line = r->line};
    struct str rest = r->whole, word = next_word(&rest);
    bool right;

    if (word.n == 0)
        return;
    if (r->m->count == E164_ENTRIES_MAX) {
        note(r, word.p, true, "more than 2,000,000 entries");
        return;
    }
    right = set_pattern(r, &e, word);
    while ((word = next_word(&rest)).n > 0) {
        if ((word.p[0] == '@' && e.to >= 0) || (word.p[0] != '@' && e.replace.p != NULL)) {
            note(r, word.p, true, "one value too many");
            right = false;
            break;
        }
        right &= set_value(r, &e, word);
    }
    if (right)
        add(r, &e);
    else
        dial_free(e.dial);
}

static void read_all(struct reading *r, struct str text) {
    for (r->line = 1; text.n > 0; r->line++) {
        size_t end = str_find(text, '\n');
        r->whole = str_upto(text, end);
        read_line(r);
        text = str_from(text, end < text.n ? end + 1 : end);
    }
}

/* Of two equal beginnings the first is taken. */
static void look_for_twins(struct reading *r, const struct trie_key *keys) {
    char text[80];

    for (int i = 1; i < r->m->count; i++) {
        const struct entry *e = &r->m->entries[keys[i].id], *before = &r->m->entries[keys[i - 1].id];
        if (e->dial != NULL || before->dial != NULL || !str_eq(e->key, before->key))
            continue;
        snprintf(text, sizeof text, "never taken: line %d has the same number", before->line);
        r->out->note(r->out->arg, e->line, 1, false, text);
    }
}

struct e164_map *e164_map_new(struct str text, const struct e164_reader *reader) {
    struct e164_map *m = mem_zalloc(sizeof *m);
    struct reading r = {.m = m, .out = reader};

    m->text = str_dup(text);
    read_all(&r, (struct str){m->text, text.n});
    struct trie_key *keys = mem_alloc(sizeof *keys * ((size_t)m->count + 1));
    for (int i = 0; i < m->count; i++)
        keys[i] =
            (struct trie_key){m->entries[i].dial == NULL ? m->entries[i].key : dial_prefix(m->entries[i].dial), i};
    m->trie = trie_new(keys, m->count);
    look_for_twins(&r, keys);
    free(keys);
    return m;
}

void e164_map_free(struct e164_map *m) {
    if (m == NULL)
        return;
    for (int i = 0; i < m->count; i++)
        dial_free(m->entries[i].dial);
    free(m->entries);
    trie_free(m->trie);
    free(m->text);
    free(m);
}

/* The best of the entries of one key, if it is better than what was found. */
static void take_best(const struct e164_map *m, const struct trie_hit *at, struct str number, struct e164_hit *hit) {
    for (int i = 0; i < at->count; i++) {
        const struct entry *e = &m->entries[at->ids[i]];
        int literals = e->dial == NULL ? at->length : dial_match(e->dial, number, NULL);
        if (literals < hit->literals || (literals == hit->literals && e->line > hit->line))
            continue;
        *hit = (struct e164_hit){literals, (size_t)at->length, e->replace, e->to, e->line};
    }
}

bool e164_map_find(const struct e164_map *m, struct str number, struct e164_hit *hit) {
    struct trie_hit hits[TRIE_KEY_MAX + 1];
    struct e164_hit best = {.literals = -1};
    int count = dial_is_number(number) ? trie_find(m->trie, number, hits) : 0;

    while (count-- > 0)
        take_best(m, &hits[count], number, &best);
    if (best.literals < 0)
        return false;
    *hit = best;
    return true;
}

int e164_map_literals(const struct e164_map *m) {
    return m->literals;
}
