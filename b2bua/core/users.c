#include "b2bua/core/users.h"

#include <stdlib.h>

struct user {
    struct str name, realm; /* views into text */
    enum digest_algorithm algorithm;
    char ha1[DIGEST_HEX_SIZE];
};

struct users {
    struct user *of;
    int count;
    char *text;
    bool has[DIGEST_SHA_512_256 + 1];
};

static int compare_text(struct str a, struct str b) {
    int order = memcmp(a.p, b.p, a.n < b.n ? a.n : b.n);

    return order != 0 ? order : (a.n > b.n) - (a.n < b.n);
}

static int compare(const void *a, const void *b) {
    const struct user *x = a, *y = b;
    int order = compare_text(x->name, y->name);

    if (order == 0)
        order = compare_text(x->realm, y->realm);
    return order != 0 ? order : (int)x->algorithm - (int)y->algorithm;
}

static enum digest_algorithm algorithm_of(struct str ha1) {
    for (size_t i = 0; i < ha1.n; i++)
        if (memchr("0123456789abcdefABCDEF", ha1.p[i], 22) == NULL)
            return DIGEST_NONE;
    return ha1.n == 32 ? DIGEST_MD5 : ha1.n == 64 ? DIGEST_SHA_256 : DIGEST_NONE;
}

/* Returns what is wrong, or NULL. */
static const char *read_line(struct str line, struct user *out) {
    size_t first = str_find(line, ':');
    struct str rest = str_from(line, first < line.n ? first + 1 : first);
    size_t last = rest.n;

    while (last > 0 && rest.p[last - 1] != ':')
        last--;
    if (first == line.n || last == 0)
        return "is not user:realm:HA1";
    struct str ha1 = str_from(rest, last);
    *out = (struct user){.name = str_upto(line, first), .realm = {rest.p, last - 1}, .algorithm = algorithm_of(ha1)};
    if (out->name.n == 0 || out->realm.n == 0)
        return "has no user, or no realm";
    if (out->algorithm == DIGEST_NONE)
        return "has no HA1 of 32 or 64 hex digits at its end";
    for (size_t i = 0; i < ha1.n; i++)
        out->ha1[i] = (char)(ha1.p[i] >= 'A' && ha1.p[i] <= 'F' ? ha1.p[i] | 0x20 : ha1.p[i]);
    return NULL;
}

static void add(struct users *u, int *room, const struct user *one) {
    if (u->count == *room) {
        *room = *room == 0 ? 16 : 2 * *room;
        u->of = mem_realloc(u->of, (size_t)*room * sizeof *u->of);
    }
    u->of[u->count++] = *one;
    u->has[one->algorithm] = true;
}

/* All lines of `rest`. Returns NULL, or what is wrong, with *line. */
static const char *read_lines(struct users *u, struct str rest, int *line) {
    const char *what;
    int room = 0;

    for (*line = 1; rest.n > 0; ++*line) {
        size_t n = str_find(rest, '\n');
        struct str one = str_trim(str_upto(rest, n));
        struct user user;
        rest = str_from(rest, n < rest.n ? n + 1 : n);
        if (one.n == 0 || one.p[0] == '#')
            continue;
        what = read_line(one, &user);
        if (what != NULL)
            return what;
        add(u, &room, &user);
    }
    return NULL;
}

/* Sorts them, for finding. */
static bool has_twins(struct users *u) {
    if (u->count > 0)
        qsort(u->of, (size_t)u->count, sizeof *u->of, compare);
    for (int i = 1; i < u->count; i++)
        if (compare(&u->of[i - 1], &u->of[i]) == 0)
            return true;
    return false;
}

struct users *users_read(struct str text, int *line, const char **what) {
    struct users *u = mem_zalloc(sizeof *u);

    u->text = str_dup(text);
    *what = read_lines(u, (struct str){u->text, text.n}, line);
    if (*what == NULL && has_twins(u)) {
        *what = "names a user twice in one realm";
        *line = 0;
    }
    if (*what == NULL)
        return u;
    users_free(u);
    return NULL;
}

void users_free(struct users *u) {
    if (u == NULL)
        return;
    free(u->of);
    free(u->text);
    free(u);
}

int users_count(const struct users *u) {
    return u->count;
}

const char *users_find(const struct users *u, struct str user, struct str realm, enum digest_algorithm algorithm) {
    struct user key = {.name = user, .realm = realm, .algorithm = algorithm};
    const struct user *found;

    if (u->count == 0 || user.n == 0 || realm.n == 0)
        return NULL;
    found = bsearch(&key, u->of, (size_t)u->count, sizeof *u->of, compare);
    return found == NULL ? NULL : found->ha1;
}

bool users_have(const struct users *u, enum digest_algorithm algorithm) {
    return u->has[algorithm];
}
