#include "b2bua/core/select.h"

#include <stdlib.h>

#include "b2bua/core/frame.h"

enum { TRUNK = 1, NUMBER = 2, CALL_ID = 4, ALL = 7, NAMES_MAX = 2 * SELECT_CALLS_MAX };

struct known {
    uint64_t key; /* hash of a Call-ID; or the call itself */
    uint64_t call;
    unsigned holds; /* of a call: conditions that hold of a leg of it */
};

struct select {
    struct select_filter filter;
    struct known names[NAMES_MAX], calls[SELECT_CALLS_MAX];
};

struct select *select_new(void) {
    return mem_zalloc(sizeof(struct select));
}

void select_free(struct select *s) {
    free(s);
}

void select_set(struct select *s, const struct select_filter *f) {
    memset(s, 0, sizeof *s);
    s->filter = *f;
}

/* --- what is wanted --- */

static const struct {
    const char *key;
    size_t at;
} keys[] = {
    {"trunk=", offsetof(struct select_filter, trunk)},
    {"number=", offsetof(struct select_filter, number)},
    {"call-id=", offsetof(struct select_filter, call_id)},
};

const char *select_filter_add(struct select_filter *f, struct str text) {
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        size_t n = strlen(keys[i].key);
        char *to = (char *)f + keys[i].at;
        if (text.n < n || memcmp(text.p, keys[i].key, n) != 0)
            continue;
        if (text.n == n || text.n - n >= SELECT_TEXT_MAX)
            return "a filter needs a value, of 255 characters at most";
        memcpy(to, text.p + n, text.n - n);
        to[text.n - n] = '\0';
        return NULL;
    }
    return "a filter is trunk=T, number=N or call-id=C";
}

/* --- numbers --- */

static bool begins(struct str user, const char *number) {
    size_t n = strlen(number);

    if (number[0] != '+' && user.n > 0 && user.p[0] == '+')
        user = str_from(user, 1);
    return user.n >= n && memcmp(user.p, number, n) == 0;
}

/* The user of the first URI in a text. */
static bool has_number(struct str text, const char *number) {
    for (size_t at = 0; at + 4 < text.n; at++) {
        struct str rest = str_from(text, at);
        if (memcmp(rest.p, "sip:", 4) == 0 || memcmp(rest.p, "tel:", 4) == 0)
            return begins(str_from(rest, 4), number);
        if (memcmp(rest.p, "sips:", 5) == 0)
            return begins(str_from(rest, 5), number);
    }
    return false;
}

/* In the start line, From or To. */
static bool message_has_number(struct str message, const char *number) {
    static const char *const starts[] = {"from:", "f:", "to:", "t:"};
    struct str line = str_upto(message, str_find(message, '\n'));
    bool found = has_number(line, number);

    for (size_t at = line.n + 1; !found && at < message.n; at += line.n + 1) {
        line = str_upto(str_from(message, at), str_find(str_from(message, at), '\n'));
        if (str_trim(line).n == 0)
            break;
        for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
            size_t n = strlen(starts[i]);
            if (line.n > n && str_ieq(str_upto(line, n), str_of(starts[i])))
                found = found || has_number(line, number);
        }
    }
    return found;
}

/* --- asking --- */

static struct known *name_slot(const struct select *s, uint64_t hash) {
    return (struct known *)&s->names[hash % NAMES_MAX];
}

static struct known *call_slot(const struct select *s, uint64_t call) {
    return (struct known *)&s->calls[call % SELECT_CALLS_MAX];
}

static unsigned not_given(const struct select_filter *f) {
    return (f->trunk[0] == '\0' ? TRUNK : 0) | (f->number[0] == '\0' ? NUMBER : 0) |
           (f->call_id[0] == '\0' ? CALL_ID : 0);
}

void select_learn(struct select *s, const struct ladder_names *n) {
    const struct select_filter *f = &s->filter;
    uint64_t hash = str_hash(n->call_id);
    struct known *call = call_slot(s, n->call);
    unsigned holds = not_given(f);

    holds |= str_eq(n->trunk, str_of(f->trunk)) ? TRUNK : 0;
    holds |= str_eq(n->call_id, str_of(f->call_id)) ? CALL_ID : 0;
    holds |= has_number(n->from, f->number) || has_number(n->to, f->number) ? NUMBER : 0;
    if (call->key != n->call)
        *call = (struct known){.key = n->call};
    call->holds |= holds;
    *name_slot(s, hash) = (struct known){.key = hash, .call = n->call};
}

bool select_wants(const struct select *s, struct str message, uint64_t *call) {
    const struct select_filter *f = &s->filter;
    struct str call_id = frame_call_id(message);
    uint64_t hash = str_hash(call_id);
    const struct known *name = name_slot(s, hash);
    unsigned holds = not_given(f);

    *call = name->key == hash ? name->call : 0;
    if (*call != 0 && call_slot(s, *call)->key == *call)
        return call_slot(s, *call)->holds == ALL;
    if (holds == ALL)
        return true;
    holds |= str_eq(call_id, str_of(f->call_id)) ? CALL_ID : 0;
    holds |= (holds & NUMBER) == 0 && message_has_number(message, f->number) ? NUMBER : 0;
    return holds == ALL;
}
