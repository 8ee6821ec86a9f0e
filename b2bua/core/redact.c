#include "b2bua/core/redact.h"

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void cover(char *p, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (p[i] != '\r' && p[i] != '\n')
            p[i] = 'x';
}

/* --- credentials --- */

static bool is_told(struct str name) {
    static const char *const told[] = {"username", "username*", "realm", "uri", "algorithm", "qop", "nc", "userhash"};

    for (size_t i = 0; i < sizeof told / sizeof *told; i++)
        if (str_ieq(name, str_of(told[i])))
            return true;
    return false;
}

/* The end of a value: at a comma that is not in quotes. */
static size_t value_end(const char *p, size_t at, size_t n) {
    bool quoted = false;

    for (; at < n && (quoted || p[at] != ','); at++) {
        if (quoted && p[at] == '\\')
            at++;
        else if (p[at] == '"')
            quoted = !quoted;
    }
    return at < n ? at : n;
}

static void cover_value(char *p, size_t n) {
    while (n > 0 && is_blank(p[n - 1]))
        n--;
    while (n > 0 && is_blank(*p)) {
        p++;
        n--;
    }
    if (n >= 2 && p[0] == '"' && p[n - 1] == '"')
        cover(p + 1, n - 2);
    else
        cover(p, n);
}

static void cover_params(char *p, size_t n) {
    for (size_t at = 0; at < n; at++) {
        size_t start = at, end = value_end(p, at, n);
        size_t equals = start + str_find((struct str){p + start, end - start}, '=');
        struct str name = str_trim((struct str){p + start, equals - start});
        if (equals == end)
            cover_value(p + start, end - start); /* a token alone: whose it is nobody knows */
        else if (!is_told(name))
            cover_value(p + equals + 1, end - equals - 1);
        at = end;
    }
}

static void cover_credentials(char *p, size_t n) {
    size_t at = 0, end;

    while (at < n && is_blank(p[at]))
        at++;
    for (end = at; end < n && !is_blank(p[end]);)
        end++;
    if (str_ieq((struct str){p + at, end - at}, STR("Digest")))
        cover_params(p + end, n - end);
    else
        cover_value(p + end, n - end);
}

/* --- lines --- */

static const struct {
    const char *name;
    void (*cover)(char *p, size_t n);
} headers[] = {
    {"Authorization", cover_credentials},
    {"Proxy-Authorization", cover_credentials},
    {"Authentication-Info", cover_params},
    {"Proxy-Authentication-Info", cover_params},
};

static void header(char *line, size_t n) {
    size_t colon = str_find((struct str){line, n}, ':');
    struct str name = str_trim((struct str){line, colon});

    for (size_t i = 0; colon < n && i < sizeof headers / sizeof *headers; i++)
        if (str_ieq(name, str_of(headers[i].name)))
            headers[i].cover(line + colon + 1, n - colon - 1);
}

static bool begins(struct str s, struct str with) {
    return s.n >= with.n && str_ieq(str_upto(s, with.n), with);
}

/* Keys in a description: several may stand in one line. */
static void body_line(char *line, size_t n) {
    static const char *const marks[] = {"a=crypto:", "a=key-mgmt:"};
    struct str s = {line, n};

    if (begins(s, str_of(marks[1])))
        cover(line + strlen(marks[1]), n - strlen(marks[1]));
    if (!begins(s, str_of(marks[0])))
        return;
    for (size_t at = 0; at < n; at++) {
        if (!begins(str_from(s, at), STR("inline:")))
            continue;
        for (at += 7; at < n && !is_blank(line[at]) && line[at] != '|' && line[at] != ';'; at++)
            line[at] = 'x';
    }
}

static size_t line_end(const char *p, size_t at, size_t n) {
    size_t end = at + str_find((struct str){p + at, n - at}, '\n');

    return end < n ? end + 1 : n;
}

/* A header goes on in lines that begin with a blank. */
static size_t header_end(const char *p, size_t at, size_t n) {
    size_t end = line_end(p, at, n);

    while (end < n && (p[end] == ' ' || p[end] == '\t'))
        end = line_end(p, end, n);
    return end;
}

void redact_message(char *bytes, size_t n) {
    size_t at = line_end(bytes, 0, n), end;

    for (; at < n && bytes[at] != '\r' && bytes[at] != '\n'; at = end) {
        end = header_end(bytes, at, n);
        if ((bytes[at] | 0x20) == 'a' || (bytes[at] | 0x20) == 'p')
            header(bytes + at, end - at);
    }
    for (; at < n; at = end) {
        end = line_end(bytes, at, n);
        body_line(bytes + at, end - at);
    }
}
