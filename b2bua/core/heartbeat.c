#include "b2bua/core/heartbeat.h"

#include <assert.h>

/* What is signed begins with words of its own: a flow token of the same secret is no heartbeat. */
#define CONTEXT "twinleg heartbeat "
#define FORMAT  "1;"
#define MAC     ";mac="

enum { MAC_HEX = 2 * HASH_MAC_SIZE, HEX64 = 16 };

static const char *const states[HEARTBEAT_STATES] = {
    [HEARTBEAT_ACTIVE] = "active", [HEARTBEAT_MAINTENANCE] = "maintenance", [HEARTBEAT_DRAINING] = "draining"};
static const char *const kinds[HEARTBEAT_KINDS] = {[HEARTBEAT_QUESTION] = "question", [HEARTBEAT_ANSWER] = "answer"};
static const char *const switched[] = {"off", "on"};
static const char *const verdicts[HEARTBEAT_VERDICTS] = {[HEARTBEAT_GOOD] = "good",
                                                         [HEARTBEAT_FORMAT] = "format",
                                                         [HEARTBEAT_CLOCK] = "clock",
                                                         [HEARTBEAT_WRONG_SECRET] = "wrong-secret",
                                                         [HEARTBEAT_REPLAYED] = "replayed",
                                                         [HEARTBEAT_WRONG_NAME] = "wrong-name",
                                                         [HEARTBEAT_UNSIGNED] = "no-heartbeat"};

const char *heartbeat_verdict_name(enum heartbeat_verdict v) {
    return verdicts[v];
}

const char *heartbeat_state_name(enum heartbeat_state s) {
    return states[s];
}

/* --- the fields --- */

enum type { WORD, NUMBER, LONG_NUMBER, HEX, TEXT };

#define AT(field) offsetof(struct heartbeat, field)

/* WORD: one of `words`, stored as its index. TEXT: `size` bytes with the terminator. */
static const struct field {
    const char *name;
    enum type type;
    size_t at, size;
    const char *const *words;
} fields[] = {
    {"kind", WORD, AT(kind), HEARTBEAT_KINDS, kinds},
    {"from", TEXT, AT(from), HEARTBEAT_NAME_SIZE, NULL},
    {"to", TEXT, AT(to), HEARTBEAT_NAME_SIZE, NULL},
    {"at", LONG_NUMBER, AT(at_ms), 0, NULL},
    {"number", HEX, AT(number), 0, NULL},
    {"state", WORD, AT(facts.state), HEARTBEAT_STATES, states},
    {"registrations", NUMBER, AT(facts.registrations), 0, NULL},
    {"calls", NUMBER, AT(facts.calls), 0, NULL},
    {"busy", NUMBER, AT(facts.busy_percent), 0, NULL},
    {"stun", WORD, AT(facts.stun), 2, switched},
    {"config", HEX, AT(facts.config), 0, NULL},
    {"version", TEXT, AT(facts.version), HEARTBEAT_VERSION_SIZE, NULL},
};

enum { FIELDS = sizeof fields / sizeof *fields };

static_assert(sizeof(enum heartbeat_kind) == sizeof(int) && sizeof(enum heartbeat_state) == sizeof(int), "of words");

static bool is_switch(const struct field *f) {
    return f->words == switched;
}

static void put_value(struct sbuf *out, const struct field *f, const struct heartbeat *h) {
    const char *at = (const char *)h + f->at;

    switch (f->type) {
    case WORD:
        sbuf_puts(out, f->words[is_switch(f) ? *(const bool *)at : *(const int *)at]);
        break;
    case NUMBER:
        sbuf_number(out, *(const uint32_t *)at);
        break;
    case LONG_NUMBER:
        sbuf_number(out, *(const uint64_t *)at);
        break;
    case HEX:
        sbuf_hex(out, *(const uint64_t *)at);
        break;
    case TEXT:
        sbuf_puts(out, at);
        break;
    }
}

static int read_word(struct str text, const struct field *f, char *at) {
    for (size_t i = 0; i < f->size; i++) {
        if (!str_eq(text, str_of(f->words[i])))
            continue;
        if (is_switch(f))
            *(bool *)at = i == 1;
        else
            *(int *)at = (int)i;
        return 0;
    }
    return -1;
}

static int read_hex(struct str text, uint64_t *out) {
    static const char digits[] = "0123456789abcdef";
    uint64_t value = 0;

    if (text.n != HEX64)
        return -1;
    for (size_t i = 0; i < text.n; i++) {
        const char *at = memchr(digits, text.p[i], sizeof digits - 1);
        if (at == NULL)
            return -1;
        value = value << 4 | (uint64_t)(at - digits);
    }
    *out = value;
    return 0;
}

static int read_small(struct str text, uint32_t *out) {
    uint64_t value;

    if (str_number(text, UINT32_MAX, &value) < 0)
        return -1;
    *out = (uint32_t)value;
    return 0;
}

/* What names of nodes and versions are made of; it goes into logs as it is. */
static int read_text(struct str text, const struct field *f, char *at) {
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_+~";

    if (text.n == 0 || text.n >= f->size)
        return -1;
    for (size_t i = 0; i < text.n; i++)
        if (memchr(letters, text.p[i], sizeof letters - 1) == NULL)
            return -1;
    memcpy(at, text.p, text.n);
    at[text.n] = '\0';
    return 0;
}

static int read_value(struct str text, const struct field *f, struct heartbeat *h) {
    char *at = (char *)h + f->at;

    switch (f->type) {
    case WORD:
        return read_word(text, f, at);
    case NUMBER:
        return read_small(text, (uint32_t *)at);
    case LONG_NUMBER:
        return str_number(text, UINT64_MAX, (uint64_t *)at);
    case HEX:
        return read_hex(text, (uint64_t *)at);
    case TEXT:
        return read_text(text, f, at);
    }
    return -1;
}

/* --- the whole --- */

/* Of the text without its mark. */
static void mac_of(const struct token_key *key, struct str text, char *hex) {
    static const char digits[] = "0123456789abcdef";
    char room[sizeof CONTEXT + HEARTBEAT_TEXT_MAX];
    struct sbuf b = sbuf_on(room, sizeof room);
    uint8_t mac[HASH_MAC_SIZE];

    sbuf_puts(&b, CONTEXT);
    sbuf_put(&b, text);
    hash_mac(key->bytes, sbuf_str(&b), mac);
    for (int i = 0; i < HASH_MAC_SIZE; i++) {
        *hex++ = digits[mac[i] >> 4];
        *hex++ = digits[mac[i] & 15];
    }
}

void heartbeat_put(struct sbuf *out, const struct token_key *key, const struct heartbeat *h) {
    char text[HEARTBEAT_TEXT_MAX], mac[MAC_HEX];
    struct sbuf b = sbuf_on(text, sizeof text - sizeof MAC - MAC_HEX);

    sbuf_putc(&b, FORMAT[0]);
    for (int i = 0; i < FIELDS; i++) {
        sbuf_putc(&b, ';');
        sbuf_puts(&b, fields[i].name);
        sbuf_putc(&b, '=');
        put_value(&b, &fields[i], h);
    }
    mac_of(key, sbuf_str(&b), mac);
    sbuf_put(out, sbuf_str(&b));
    sbuf_puts(out, MAC);
    sbuf_put(out, (struct str){mac, MAC_HEX});
}

static const struct field *field_of(struct str name) {
    for (int i = 0; i < FIELDS; i++)
        if (str_eq(name, str_of(fields[i].name)))
            return &fields[i];
    return NULL;
}

/* A field that we do not know is a newer version's; the ones that we do are all there, once. */
static int read_fields(struct str rest, struct heartbeat *h) {
    unsigned seen = 0;

    while (rest.n > 0) {
        struct str one = str_upto(rest, str_find(rest, ';'));
        size_t equals = str_find(one, '=');
        const struct field *f = field_of(str_upto(one, equals));
        unsigned bit = f == NULL ? 0 : 1u << (f - fields);
        rest = str_from(rest, one.n < rest.n ? one.n + 1 : one.n);
        if (f == NULL)
            continue;
        if (equals == one.n || (seen & bit) != 0 || read_value(str_from(one, equals + 1), f, h) < 0)
            return -1;
        seen |= bit;
    }
    return seen == (1u << FIELDS) - 1 ? 0 : -1;
}

static bool begins(struct str s, struct str with) {
    return s.n >= with.n && memcmp(s.p, with.p, with.n) == 0;
}

static enum heartbeat_verdict read_refusal(struct str why) {
    for (int i = HEARTBEAT_FORMAT; i < HEARTBEAT_VERDICTS; i++)
        if (str_eq(why, str_of(verdicts[i])))
            return (enum heartbeat_verdict)i;
    return HEARTBEAT_FORMAT;
}

enum heartbeat_verdict heartbeat_read(struct str value, const struct token_key *key, struct heartbeat *out) {
    static const struct str refusal = {FORMAT "refused=", sizeof FORMAT "refused=" - 1};
    const size_t tail = sizeof MAC - 1 + MAC_HEX;
    struct heartbeat h = {.kind = HEARTBEAT_QUESTION};
    char mac[MAC_HEX];

    if (begins(value, refusal))
        return read_refusal(str_from(value, refusal.n));
    if (value.n >= HEARTBEAT_TEXT_MAX || value.n < sizeof FORMAT - 1 + tail || !begins(value, STR(FORMAT)) ||
        !begins(str_from(value, value.n - tail), STR(MAC)))
        return HEARTBEAT_FORMAT;
    struct str text = str_upto(value, value.n - tail);
    mac_of(key, text, mac);
    if (!hash_same((const uint8_t *)mac, (const uint8_t *)value.p + value.n - MAC_HEX, MAC_HEX))
        return HEARTBEAT_WRONG_SECRET;
    if (read_fields(str_from(text, sizeof FORMAT - 1), &h) < 0)
        return HEARTBEAT_FORMAT;
    *out = h;
    return HEARTBEAT_GOOD;
}

void heartbeat_put_refusal(struct sbuf *out, enum heartbeat_verdict why) {
    sbuf_puts(out, FORMAT "refused=");
    sbuf_puts(out, verdicts[why]);
}
