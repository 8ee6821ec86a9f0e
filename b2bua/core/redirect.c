#include "b2bua/core/redirect.h"

#include <stdlib.h>

#include "b2bua/core/contact.h"
#include "b2bua/core/derive.h"
#include "b2bua/core/head.h"
#include "b2bua/core/reissue.h"

enum { LINES_MAX = 8192 };

/* Somebody to try, and what his INVITE says. All owned. */
struct target {
    char *uri;
    uint32_t q;
    int from;
    char *diversions, *history; /* complete lines, or "" */
};

struct redirect {
    struct str invite; /* owned */
    char *host;        /* owned */
    int hops;
    int seen_count;
    uint64_t seen[REDIRECT_TARGETS_MAX + 1]; /* numbers that were called, or will be */
    int count;                               /* that wait; the last is the next */
    struct target waiting[REDIRECT_TARGETS_MAX];
    struct target current;
};

static void target_fini(struct target *t) {
    free(t->uri);
    free(t->diversions);
    free(t->history);
}

struct str redirect_number(struct str uri) {
    size_t colon = str_find(uri, ':'), at = str_find(uri, '@');
    bool is_tel = str_ieq(str_upto(uri, colon), STR("tel"));

    if (colon == uri.n || (at == uri.n && !is_tel))
        return uri;
    struct str user = str_from(str_upto(uri, is_tel ? uri.n : at), colon + 1);
    user = str_upto(user, str_find(user, ';'));
    return is_tel ? user : str_upto(user, str_find(user, ':'));
}

/* Was it called already? If not, it is now. */
static bool is_seen(struct redirect *r, struct str uri) {
    uint64_t hash = str_hash(redirect_number(uri));

    for (int i = 0; i < r->seen_count; i++)
        if (r->seen[i] == hash)
            return true;
    if (r->seen_count > REDIRECT_TARGETS_MAX)
        return true;
    r->seen[r->seen_count++] = hash;
    return false;
}

struct redirect *redirect_new(struct str invite, struct str uri, struct str host) {
    struct redirect *r = mem_zalloc(sizeof *r);

    r->invite = (struct str){str_dup(invite), invite.n};
    r->host = str_dup(host);
    r->current = (struct target){.uri = str_dup(uri), .diversions = str_dup(STR("")), .history = str_dup(STR(""))};
    is_seen(r, uri);
    return r;
}

void redirect_free(struct redirect *r) {
    if (r == NULL)
        return;
    while (r->count > 0)
        target_fini(&r->waiting[--r->count]);
    target_fini(&r->current);
    free((char *)r->invite.p);
    free(r->host);
    free(r);
}

static bool can_be_called(struct str uri) {
    struct str scheme = str_upto(uri, str_find(uri, ':'));

    for (size_t i = 0; i < uri.n; i++)
        if ((unsigned char)uri.p[i] <= ' ')
            return false;
    return str_ieq(scheme, STR("sip")) || str_ieq(scheme, STR("sips")) || str_ieq(scheme, STR("tel"));
}

/* In the order of q; equals as they stand. */
static void insert(struct redirect *r, int first, const struct target *t) {
    int at = r->count++;

    for (; at > first && r->waiting[at - 1].q < t->q; at--)
        r->waiting[at] = r->waiting[at - 1];
    r->waiting[at] = *t;
}

static struct str without_headers(struct str uri) {
    size_t at = str_find(uri, '@');

    at = at < uri.n ? at : 0;
    return str_upto(uri, at + str_find(str_from(uri, at), '?'));
}

static void take_line(struct redirect *r, int first, struct str value, const struct target *like) {
    struct contact c;

    while (r->count < REDIRECT_TARGETS_MAX && contact_next(&value, &c) == 1) {
        struct str uri = without_headers(c.uri);
        if (c.is_star || !can_be_called(uri) || is_seen(r, uri))
            continue;
        struct target t = {str_dup(uri), c.q, like->from, str_dup(str_of(like->diversions)),
                           str_dup(str_of(like->history))};
        insert(r, first, &t);
    }
}

/* The last is the next: those that were taken now stand behind the others, the best of them last. */
static void turn(struct redirect *r, int first) {
    for (int i = first, j = r->count - 1; i < j; i++, j--) {
        struct target t = r->waiting[i];
        r->waiting[i] = r->waiting[j];
        r->waiting[j] = t;
    }
}

/* --- what is said of it --- */

static bool is_token(struct str s) {
    for (size_t i = 0; i < s.n; i++)
        if (!((s.p[i] | 0x20) >= 'a' && (s.p[i] | 0x20) <= 'z') && s.p[i] != '-')
            return false;
    return s.n > 0 && s.n < 32;
}

/* What the 3xx itself says in a Diversion, else by its status. */
static struct str reason_of(int status, struct str message) {
    struct str value = derive_header(message, STR("Diversion"), 0), reason = STR_NONE;
    struct contact c;

    if (value.n > 0 && contact_next(&value, &c) == 1 && contact_param(c.params, "reason", &reason) && is_token(reason))
        return reason;
    return status == 301 || status == 302 ? STR("unconditional") : STR("unknown");
}

static void put_number(struct sbuf *out, const struct redirect *r, const char *uri) {
    sbuf_puts(out, "<sip:");
    sbuf_put(out, redirect_number(str_of(uri)));
    sbuf_putc(out, '@');
    sbuf_puts(out, r->host);
    sbuf_putc(out, '>');
}

/* The current one diverts: its line comes on top of those of the ones before (RFC 5806 5). To be freed. */
static char *diversions(const struct redirect *r, int status, struct str message) {
    struct sbuf b = sbuf_growing(LINES_MAX);

    sbuf_puts(&b, "Diversion: ");
    put_number(&b, r, r->current.uri);
    sbuf_puts(&b, ";reason=");
    sbuf_put(&b, reason_of(status, message));
    sbuf_puts(&b, ";counter=1\r\n");
    sbuf_puts(&b, r->current.diversions);
    char *text = str_dup(b.full ? STR("") : sbuf_str(&b));
    sbuf_fini(&b);
    return text;
}

/* The index of the last entry of History-Info in these lines; empty: there is none that can be read. */
static struct str last_index(struct str lines) {
    struct str index = STR_NONE, found;
    struct head_line line;
    struct contact c;

    while (head_next(&lines, &line))
        if (head_is(&line, STR("History-Info"), 0))
            for (struct str value = line.value; contact_next(&value, &c) == 1;)
                if (contact_param(c.params, "index", &found))
                    index = found;
    for (size_t i = 0; i < index.n; i++)
        if (index.p[i] != '.' && (index.p[i] < '0' || index.p[i] > '9'))
            return STR_NONE;
    return index;
}

/* One entry more, which the last one led to (RFC 7044 10.3). */
static void extend_history(struct redirect *r) {
    struct sbuf b = sbuf_growing(LINES_MAX);
    struct str index = last_index(str_of(r->current.history)), rest;

    head_start(r->invite, &rest);
    if (index.n == 0)
        index = last_index(rest);
    if (index.n > 0) {
        sbuf_puts(&b, r->current.history);
        sbuf_puts(&b, "History-Info: ");
        put_number(&b, r, r->current.uri);
        sbuf_puts(&b, ";index=");
        sbuf_put(&b, index);
        sbuf_puts(&b, ".1;mp=");
        sbuf_put(&b, index);
        sbuf_puts(&b, "\r\n");
    }
    char *text = str_dup(b.full ? STR("") : sbuf_str(&b));
    sbuf_fini(&b);
    free(r->current.history);
    r->current.history = text;
}

/* --- who is tried --- */

int redirect_take(struct redirect *r, int status, struct str message, int from) {
    struct head_line line;
    struct str rest;
    int first = r->count;

    if (status == 305 || r->hops >= REDIRECT_HOPS_MAX)
        return 0;
    r->hops++;
    struct target like = {.from = from, .diversions = diversions(r, status, message), .history = r->current.history};
    head_start(message, &rest);
    while (head_next(&rest, &line))
        if (head_is(&line, STR("Contact"), 'm'))
            take_line(r, first, line.value, &like);
    free(like.diversions);
    turn(r, first);
    return r->count - first;
}

bool redirect_has_next(const struct redirect *r) {
    return r != NULL && r->count > 0;
}

struct str redirect_next(struct redirect *r) {
    if (!redirect_has_next(r))
        return STR_NONE;
    target_fini(&r->current);
    r->current = r->waiting[--r->count];
    extend_history(r);
    return str_of(r->current.uri);
}

int redirect_from(const struct redirect *r) {
    return r->current.from;
}

int redirect_invite(const struct redirect *r, struct sbuf *out) {
    struct str uri = str_of(r->current.uri);
    char *to = mem_alloc(uri.n + 3);
    struct sbuf b = sbuf_on(to, uri.n + 3);

    sbuf_putc(&b, '<');
    sbuf_put(&b, uri);
    sbuf_putc(&b, '>');
    int done = reissue_invite(out, &(struct reissue){.message = r->invite,
                                                     .uri = uri,
                                                     .to = sbuf_str(&b),
                                                     .extra = str_of(r->current.diversions),
                                                     .last = str_of(r->current.history)});
    free(to);
    return done;
}
