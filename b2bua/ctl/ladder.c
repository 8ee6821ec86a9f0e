#include "b2bua/ctl/ladder.h"

#include "b2bua/core/str.h"
#include "b2bua/ctl/table.h"

/* A side has WIDTH characters: an arrow, and on it a label of at most LABEL_MAX - 1. */
enum { WIDTH = 44, LABEL_MAX = WIDTH - 8, TEXT_MAX = 160 };

static const char *text_of(const json_t *object, const char *key) {
    const char *text = json_string_value(json_object_get(object, key));

    return text == NULL ? "" : text;
}

static bool is_leg(const json_t *object, char leg) {
    return text_of(object, "leg")[0] == leg;
}

/* --- what stands at an arrow --- */

static struct str first_line(struct str message) {
    return str_trim(str_upto(message, str_find(message, '\n')));
}

/* The value of a header, by its long or its short name; empty when absent. */
static struct str value_of(struct str message, const char *name, const char *compact) {
    struct str line;

    for (struct str rest = message; rest.n > 0; rest = str_from(rest, line.n < rest.n ? line.n + 1 : line.n)) {
        line = str_upto(rest, str_find(rest, '\n'));
        struct str key = str_trim(str_upto(line, str_find(line, ':')));
        if (str_trim(line).n == 0)
            break;
        if (key.n < line.n && (str_ieq(key, str_of(name)) || str_ieq(key, str_of(compact))))
            return str_trim(str_from(line, str_find(line, ':') + 1));
    }
    return STR_NONE;
}

static bool has_line(struct str message, struct str begin) {
    for (size_t at = 0; at + begin.n <= message.n; at++) {
        if (str_eq(str_upto(str_from(message, at), begin.n), begin))
            return true;
        at += str_find(str_from(message, at), '\n');
    }
    return false;
}

/* "INVITE", "180 Ringing", and of which request it is where that is not plain. */
static void put_start(struct sbuf *b, struct str message, bool phrase) {
    struct str line = first_line(message), cseq = value_of(message, "CSeq", "CSeq");
    struct str method = str_trim(str_from(cseq, str_find(cseq, ' ')));

    if (line.n < 8 || memcmp(line.p, "SIP/2.0 ", 8) != 0) {
        sbuf_put(b, str_upto(line, str_find(line, ' ')));
        return;
    }
    sbuf_put(b, phrase ? str_from(line, 8) : str_upto(str_from(line, 8), 3));
    if (!str_eq(method, STR("INVITE"))) {
        sbuf_putc(b, ' ');
        sbuf_put(b, method);
    }
}

static void put_header(struct sbuf *b, struct str message, const char *name, const char *compact, const char *as) {
    struct str value = value_of(message, name, compact);

    if (value.n == 0)
        return;
    sbuf_puts(b, as);
    sbuf_put(b, value);
}

static void put_label(struct sbuf *b, const json_t *step, bool phrase) {
    struct str message = str_of(text_of(step, "message"));

    if (json_is_true(json_object_get(step, "repeat")))
        sbuf_puts(b, "again: ");
    put_start(b, message, phrase);
    if (has_line(message, STR("v=0")))
        sbuf_puts(b, " +SDP");
    put_header(b, message, "Session-Expires", "x", " SE ");
    put_header(b, message, "Min-SE", "Min-SE", " Min-SE ");
}

/* Rather the numbers than the phrase. */
static const char *label(const json_t *step, char *buf, size_t size) {
    char text[TEXT_MAX];
    struct sbuf b = sbuf_on(text, sizeof text - 1);

    put_label(&b, step, true);
    if (b.n >= size) {
        b = sbuf_on(text, sizeof text - 1);
        put_label(&b, step, false);
    }
    text[b.n] = '\0';
    return ctl_safe(text, buf, size);
}

/* --- lines --- */

static void put_time(FILE *out, json_int_t us) {
    fprintf(out, "%6lld.%06lld", (long long)(us / 1000000), (long long)(us % 1000000));
}

/* Characters, not bytes: what follows shall stand in its column. */
static int width_of(const char *text) {
    int n = 0;

    for (; *text != '\0'; text++)
        n += (*text & 0xc0) != 0x80;
    return n;
}

static void repeat(FILE *out, char c, int n) {
    for (; n > 0; n--)
        fputc(c, out);
}

static void put_arrow(FILE *out, const char *name, bool to_right) {
    fputs(to_right ? " " : " <", out);
    if (!to_right)
        repeat(out, '-', 3);
    fprintf(out, "%s%s ", to_right ? "" : " ", name);
    repeat(out, '-', WIDTH - width_of(name) - (to_right ? 4 : 8));
    fputs(to_right ? "> " : " ", out);
}

/* Which of several targets or devices leg b is here, as text; empty: there is but one. */
static const char *attempt_of(const json_t *one, bool many, char *buf, size_t size) {
    const json_t *attempt = json_object_get(one, "attempt");

    buf[0] = '\0';
    if (many && attempt != NULL)
        snprintf(buf, size, "%lld", (long long)json_integer_value(attempt));
    return buf;
}

static bool has_many(const json_t *legs) {
    const json_t *one;
    size_t i;

    json_array_foreach(legs, i, one) {
        if (json_integer_value(json_object_get(one, "attempt")) > 1)
            return true;
    }
    return false;
}

static void put_message(const json_t *step, bool many, FILE *out) {
    bool is_a = is_leg(step, 'a'), in = text_of(step, "direction")[0] == 'i';
    char name[LABEL_MAX], attempt[24];

    label(step, name, sizeof name);
    fputs(" |", out);
    if (!is_a)
        fprintf(out, "%*s|", WIDTH, "");
    put_arrow(out, name, in == is_a);
    fputc('|', out);
    if (is_a)
        fprintf(out, "%*s|", WIDTH, "");
    attempt_of(step, many, attempt, sizeof attempt);
    fprintf(out, "%s%s", attempt[0] == '\0' ? "" : " ", attempt);
}

static void put_note(const json_t *step, bool many, FILE *out) {
    char note[256], attempt[24];

    fprintf(out, " |%*s* %s%s: %s", is_leg(step, 'a') ? 4 : WIDTH + 1 - 12, "", text_of(step, "leg"),
            attempt_of(step, many, attempt, sizeof attempt), ctl_safe(text_of(step, "note"), note, sizeof note));
}

/* The transport and peer of the first message of a leg, or of the last one. */
static const json_t *message_of(const json_t *steps, char leg) {
    const json_t *step, *found = NULL;
    size_t i;

    json_array_foreach(steps, i, step) {
        if (is_leg(step, leg) && json_object_get(step, "message") != NULL && (found == NULL || leg == 'b'))
            found = step;
    }
    return found;
}

static const char *trunk_of(const json_t *legs, char leg) {
    const char *found = "";
    const json_t *one;
    size_t i;

    json_array_foreach(legs, i, one) {
        if (is_leg(one, leg))
            found = text_of(one, "trunk");
    }
    return found;
}

static void put_heads(const json_t *answer, FILE *out) {
    const json_t *steps = json_object_get(answer, "ladder"), *legs = json_object_get(answer, "legs");
    const json_t *a = message_of(steps, 'a'), *b = message_of(steps, 'b');
    char left[64], right[64];

    fprintf(out, "%14s%-*s%*s\n", "", WIDTH - 2, ctl_safe(trunk_of(legs, 'a'), left, sizeof left), WIDTH + 5,
            ctl_safe(trunk_of(legs, 'b'), right, sizeof right));
    snprintf(left, sizeof left, "%s %s", text_of(a, "peer"), text_of(a, "transport"));
    snprintf(right, sizeof right, "%s %s", text_of(b, "peer"), text_of(b, "transport"));
    fprintf(out, "%14s%-*s%s%*s\n", "", WIDTH - 2, left, "twinleg", WIDTH - 2, right);
}

/* Where the messages of that attempt went. */
static const char *peer_of(const json_t *answer, const json_t *leg) {
    const json_t *steps = json_object_get(answer, "ladder"), *step;
    size_t i;

    json_array_foreach(steps, i, step) {
        if (json_object_get(step, "message") != NULL &&
            json_equal(json_object_get(step, "attempt"), json_object_get(leg, "attempt")))
            return text_of(step, "peer");
    }
    return "";
}

static void put_names(const json_t *answer, bool many, FILE *out) {
    const json_t *legs = json_object_get(answer, "legs"), *one;
    char text[256], attempt[24];
    size_t i;

    json_array_foreach(legs, i, one) {
        attempt_of(one, many, attempt, sizeof attempt);
        fprintf(out, "leg %s%s  Call-ID %s", text_of(one, "leg"), attempt,
                ctl_safe(text_of(one, "sip_call_id"), text, sizeof text));
        if (attempt[0] != '\0')
            fprintf(out, "  %s", peer_of(answer, one));
        fputc('\n', out);
    }
}

void ctl_ladder_show(const json_t *answer, FILE *out) {
    const json_t *steps = json_object_get(answer, "ladder"), *step;
    json_int_t first = json_integer_value(json_object_get(json_array_get(steps, 0), "at_us"));
    bool many = has_many(json_object_get(answer, "legs"));
    size_t i;

    if (json_is_string(json_object_get(answer, "call_id")))
        fprintf(out, "call %s", text_of(answer, "call_id"));
    else
        fputs("no call: messages of one Call-ID", out);
    fprintf(out, ", from %s%s\n\n", text_of(json_array_get(steps, 0), "time"),
            json_is_true(json_object_get(answer, "whole")) ? "" : " (what came before is not kept any more)");
    put_heads(answer, out);
    json_array_foreach(steps, i, step) {
        put_time(out, json_integer_value(json_object_get(step, "at_us")) - first);
        if (json_object_get(step, "note") != NULL)
            put_note(step, many, out);
        else
            put_message(step, many, out);
        fputc('\n', out);
    }
    fputc('\n', out);
    put_names(answer, many, out);
}
