#include "b2bua/admin/http_path.h"

static int hex(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The byte at the beginning of `text`, of which `n` bytes are taken; -1 when it is none that we want. */
static int byte_at(struct str text, size_t *n) {
    int c = (unsigned char)text.p[0];

    *n = 1;
    if (c == '%') {
        int high = text.n < 3 ? -1 : hex(text.p[1]), low = text.n < 3 ? -1 : hex(text.p[2]);
        *n = 3;
        c = high < 0 || low < 0 ? -1 : high * 16 + low;
    }
    return c < ' ' || c == 0x7f ? -1 : c;
}

int http_decode(struct str text, struct sbuf *out) {
    size_t n;

    for (; text.n > 0; text = str_from(text, n)) {
        int c = byte_at(text, &n);
        if (c < 0)
            return -1;
        sbuf_putc(out, (char)c);
    }
    return 0;
}

/* Up to the next slash, the first byte aside. */
static struct str first_of(struct str path) {
    return path.n == 0 ? path : str_upto(path, 1 + str_find(str_from(path, 1), '/'));
}

bool http_path_fits(const char *pattern, struct str path, struct str *segment) {
    struct str wanted = str_of(pattern), want, got;

    *segment = STR_NONE;
    for (; wanted.n > 0 && path.n > 0; wanted = str_from(wanted, want.n), path = str_from(path, got.n)) {
        want = first_of(wanted);
        got = first_of(path);
        if (str_eq(want, STR("/*")) && got.n > 1)
            *segment = str_from(got, 1);
        else if (!str_eq(want, got))
            return false;
    }
    return wanted.n == 0 && path.n == 0;
}
