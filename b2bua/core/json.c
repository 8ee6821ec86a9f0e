#include "b2bua/core/json.h"

static const char hex[] = "0123456789abcdef";

static void put_control(struct sbuf *out, unsigned char c) {
    static const char letters[] = "btn\0fr"; /* from 0x08 on */
    char text[6] = {'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]};

    if (c >= 0x08 && c <= 0x0d && letters[c - 0x08] != '\0') {
        text[1] = letters[c - 0x08];
        sbuf_put(out, (struct str){text, 2});
        return;
    }
    sbuf_put(out, (struct str){text, sizeof text});
}

/* Lead bytes of UTF-8 with the range of their second byte (RFC 3629 section 4); the rest are 80..bf. */
static const struct {
    unsigned char from, to, second_from, second_to;
    size_t length;
} leads[] = {
    {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3}, {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3},
    {0xee, 0xef, 0x80, 0xbf, 3}, {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
};

/* Bytes of the UTF-8 character that `s` begins with; 0 when it begins with none. */
static size_t character(struct str s) {
    const unsigned char *p = (const unsigned char *)s.p;

    for (size_t i = 0; i < sizeof leads / sizeof *leads; i++) {
        if (p[0] < leads[i].from || p[0] > leads[i].to)
            continue;
        if (s.n < leads[i].length || p[1] < leads[i].second_from || p[1] > leads[i].second_to)
            return 0;
        for (size_t j = 2; j < leads[i].length; j++)
            if ((p[j] & 0xc0) != 0x80)
                return 0;
        return leads[i].length;
    }
    return 0;
}

/* What cannot stand as it is. Returns how many bytes of `s` that was. */
static size_t put_special(struct sbuf *out, struct str s) {
    unsigned char c = (unsigned char)s.p[0];
    size_t n;

    if (c < 0x20) {
        put_control(out, c);
        return 1;
    }
    if (c < 0x80) {
        sbuf_putc(out, '\\');
        sbuf_putc(out, (char)c);
        return 1;
    }
    if ((n = character(s)) > 0) {
        sbuf_put(out, (struct str){s.p, n});
        return n;
    }
    sbuf_putc(out, (char)(0xc0 | c >> 6));
    sbuf_putc(out, (char)(0x80 | (c & 0x3f)));
    return 1;
}

static bool is_plain(unsigned char c) {
    return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

void json_text(struct sbuf *out, struct str text) {
    sbuf_putc(out, '"');
    while (text.n > 0) {
        size_t n = 0;
        while (n < text.n && is_plain((unsigned char)text.p[n]))
            n++;
        sbuf_put(out, (struct str){text.p, n});
        if (n < text.n)
            n += put_special(out, str_from(text, n));
        text.p += n;
        text.n -= n;
    }
    sbuf_putc(out, '"');
}

static void put_digits(char *at, unsigned value, int digits) {
    while (digits-- > 0) {
        at[digits] = (char)('0' + value % 10);
        value /= 10;
    }
}

/* Days since 1970 to a date, in years that begin in March, so that the leap day comes last. */
static void put_date(char *at, unsigned days) {
    unsigned since_0000 = days + 719468, era = since_0000 / 146097, of_era = since_0000 % 146097;
    unsigned year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    unsigned of_year = of_era - (365 * year + year / 4 - year / 100);
    unsigned month = (5 * of_year + 2) / 153;

    put_digits(at, era * 400 + year + (month >= 10), 4);
    put_digits(at + 5, month < 10 ? month + 3 : month - 9, 2);
    put_digits(at + 8, of_year - (153 * month + 2) / 5 + 1, 2);
}

void json_time(struct sbuf *out, uint64_t ms) {
    char text[] = "\"0000-00-00T00:00:00.000Z\"";
    unsigned of_day = (unsigned)(ms % 86400000);

    if (ms == 0) {
        sbuf_put(out, STR("null"));
        return;
    }
    put_date(text + 1, (unsigned)(ms / 86400000));
    put_digits(text + 12, of_day / 3600000, 2);
    put_digits(text + 15, of_day / 60000 % 60, 2);
    put_digits(text + 18, of_day / 1000 % 60, 2);
    put_digits(text + 21, of_day % 1000, 3);
    sbuf_put(out, (struct str){text, sizeof text - 1});
}

void json_name(struct sbuf *out, const char *name) {
    if (out->n > 0 && out->p[out->n - 1] != '{')
        sbuf_putc(out, ',');
    sbuf_putc(out, '"');
    sbuf_puts(out, name);
    sbuf_put(out, STR("\":"));
}

void json_item(struct sbuf *out) {
    if (out->n > 0 && out->p[out->n - 1] != '[')
        sbuf_putc(out, ',');
}

void json_put_text(struct sbuf *out, const char *name, struct str text) {
    json_name(out, name);
    json_text(out, text);
}

void json_put_number(struct sbuf *out, const char *name, uint64_t value) {
    json_name(out, name);
    sbuf_number(out, value);
}

void json_put_time(struct sbuf *out, const char *name, uint64_t ms) {
    json_name(out, name);
    json_time(out, ms);
}

void json_put_hex(struct sbuf *out, const char *name, uint64_t value) {
    json_name(out, name);
    sbuf_putc(out, '"');
    sbuf_hex(out, value);
    sbuf_putc(out, '"');
}
