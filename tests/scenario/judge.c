/* When all is told: everything has ended, every leg has its record, and neither side has heard of the other. */
#include <ctype.h>

#include "tests/scenario/scenario.h"

enum { AFTER_MS = 300000 };

/* --- what must not cross --- */

/* Where media goes is the peers' own business; the origin line is not. */
static bool media_line(const char *line) {
    return line[1] == '=' && (line[0] == 'c' || line[0] == 'm' || line[0] == 'a');
}

/* The Vias of a response are what its receiver has sent. */
static bool own_line(const char *bytes, const char *line) {
    return text_status(bytes) != 0 && strncmp(line, "Via:", 4) == 0;
}

/* As text, but for the lines that may name the other side. */
static const char *suspect_lines(struct world *w, const char *bytes) {
    char *out = scrap_copy(&w->scrap, bytes, strlen(bytes)), *to = out;

    for (const char *line = bytes; *line != '\0';) {
        size_t n = strcspn(line, "\n");
        n += line[n] == '\n' ? 1 : 0;
        if (!media_line(line) && !own_line(bytes, line)) {
            memmove(to, line, n);
            to += n;
        }
        line += n;
    }
    *to = '\0';
    return out;
}

/* "127.0.1.1" is not in "127.0.1.12". */
static bool has_word(const char *text, const char *word) {
    size_t n = strlen(word);

    for (const char *at = text; (at = strstr(at, word)) != NULL; at += n)
        if (!isdigit((unsigned char)at[n]))
            return true;
    return false;
}

static void must_lack(struct world *w, const struct peer *p, const char *text, const char *what) {
    if (what != NULL && what[0] != '\0' && has_word(text, what))
        fail(w, "\"%s\" of the other side is said to %s:\n%s", what, p->name, text);
}

/* What every peer marks as its own. */
static void lacks_marks(struct world *w, const struct peer *to, const struct peer *other, const char *text) {
    static const char *const marks[] = {"cid%s", "tag=tag%s", "z9hG4bKbr%s", "ct%s@", "orig%s"};

    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
        const char *mark = scrap_print(&w->scrap, "%.*s%s%s", (int)(strchr(marks[i], '%') - marks[i]), marks[i],
                                       other->name, strchr(marks[i], '%') + 2);
        if (strstr(text, mark) != NULL)
            fail(w, "\"%s\" of %s is said to %s:\n%s", mark, other->name, to->name, text);
    }
    must_lack(w, to, text, other->ip);
    if (strcmp(other->our_ip, to->our_ip) != 0)
        must_lack(w, to, text, other->our_ip);
}

/* Nor is what a side calls us, where that is a name. */
static void lacks_listeners(struct world *w, const struct peer *to, const char *text) {
    for (int i = 0; i < w->settings->listen_count; i++) {
        const struct settings_listen *l = &w->settings->listens[i];
        if (strcmp(l->address, to->our_ip) != 0 && strcmp(l->address, l->host) != 0)
            must_lack(w, to, text, l->host);
    }
}

/* What we called things towards one peer is not said to another. */
static void lacks_names(struct world *w, const struct message *m, const struct message *other, const char *text) {
    const struct peer *to = &w->peers[m->peer];

    must_lack(w, to, text, text_header(&w->scrap, other->bytes, "Call-ID"));
    must_lack(w, to, text, text_tag(&w->scrap, text_header(&w->scrap, other->bytes, "From")));
    must_lack(w, to, text, text_tag(&w->scrap, text_header(&w->scrap, other->bytes, "To")));
    must_lack(w, to, text, text_branch(&w->scrap, other->bytes));
}

/* A registration is passed on: From, To, Call-ID and Contact are the client's on both sides. But no Via crosses, nor
 * what we are called on the other side, and a client never hears where the nodes are. */
static bool is_registration(struct world *w, const struct message *m) {
    return strcmp(text_method(&w->scrap, m->bytes), "REGISTER") == 0;
}

/* So is what clients and nodes say to each other outside of calls: no Via crosses, nor what the other side calls us. */
static bool is_passed(struct world *w, const struct message *m) {
    static const char *const methods[] = {"MESSAGE", "SUBSCRIBE", "NOTIFY", "PUBLISH", "OPTIONS"};

    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++)
        if (w->settings->registrar.on && strcmp(text_method(&w->scrap, m->bytes), methods[i]) == 0)
            return true;
    return is_registration(w, m);
}

static void passed_lacks(struct world *w, const struct message *m, const struct peer *other, const char *text) {
    const struct peer *to = &w->peers[m->peer];
    const char *mark = scrap_print(&w->scrap, "z9hG4bKbr%s", other->name);

    if (strstr(text, mark) != NULL)
        fail(w, "\"%s\" of %s is said to %s:\n%s", mark, other->name, to->name, text);
    if (strcmp(other->our_ip, to->our_ip) == 0)
        return;
    must_lack(w, to, text, other->our_ip);
    if (text_status(m->bytes) != 0 && is_registration(w, m))
        must_lack(w, to, text, other->ip);
}

/* Our clients (all but A) are of one side, wherever they are. */
static bool strangers(const struct world *w, int peer, int other) {
    if (w->clients_together && peer > 0 && other > 0)
        return false;
    return peer != other && !(w->together && strcmp(w->peers[peer].our_ip, w->peers[other].our_ip) == 0);
}

static void check_leaks(struct world *w) {
    for (const struct message *m = w->sent; m != NULL; m = m->next) {
        const char *text = suspect_lines(w, m->bytes);
        lacks_listeners(w, &w->peers[m->peer], text);
        for (int i = 0; i < PEERS; i++)
            if (strangers(w, m->peer, i) && is_passed(w, m))
                passed_lacks(w, m, &w->peers[i], text);
            else if (strangers(w, m->peer, i))
                lacks_marks(w, &w->peers[m->peer], &w->peers[i], text);
        for (const struct message *other = w->sent; other != NULL && w->failures == 0; other = other->next)
            if (strangers(w, m->peer, other->peer) && !is_passed(w, m))
                lacks_names(w, m, other, text);
        if (w->failures > 0)
            return;
    }
}

/* --- what must be over --- */

static void check_records(struct world *w, uint64_t started) {
    unsigned calls = 0;

    for (int i = 0; i < w->record_count; i++) {
        const struct heard_record *r = &w->records[i];
        calls += r->leg == 'a' ? 1 : 0;
        bool paired = r->leg == 'a';
        for (int j = 0; j < w->record_count; j++) {
            const struct heard_record *other = &w->records[j];
            if (i != j && r->call_id == other->call_id && r->leg == other->leg)
                fail(w, "two records of leg %c", r->leg);
            paired |= r->call_id == other->call_id && other->leg == 'a';
            if (r->call_id == other->call_id && other->leg == 'a' && r->start_ms < other->start_ms)
                fail(w, "leg %c began before leg a", r->leg);
        }
        if (!paired)
            fail(w, "a record of leg %c without its leg a", r->leg);
    }
    if (calls != started)
        fail(w, "expected records of %llu calls, got %u", (unsigned long long)started, calls);
}

static bool was_invited(const struct world *w) {
    for (const struct message *m = w->sent; m != NULL; m = m->next)
        if (strncmp(m->bytes, "INVITE ", 7) == 0)
            return true;
    return false;
}

/* What limits go by has to be given back, however a call has ended. */
static void check_carried(struct world *w) {
    struct pool_place_look places[POOL_PLACES_MAX];
    char reason[64];

    if (pool_calls(w->trunks) != 0)
        fail(w, "expected no calls to be counted at the end, got %u", pool_calls(w->trunks));
    for (int i = 0; i < w->settings->trunk_count; i++) {
        const struct settings_trunk *t = &w->settings->trunks[i];
        struct pool_look look;
        pool_look(w->trunks, t->slot, &look);
        if (look.calls != 0)
            fail(w, "expected %s to carry nothing at the end, got %u", t->name, look.calls);
        for (int target = 0; target < t->target_count; target++)
            for (int n = pool_look_target(w->trunks, t, target, places, reason, sizeof reason); n-- > 0;)
                if (places[n].calls != 0)
                    fail(w, "expected %s to carry nothing at the end, got %u", t->targets[target].uri, places[n].calls);
    }
}

void judge(struct world *w) {
    for (int i = 0; i < PEERS; i++)
        expect_nothing(w, &w->peers[i]);
    w->over = true;
    engine_stop_probes(w->engine);
    world_elapse(w, AFTER_MS);
    struct engine_counts c = engine_counts(w->engine);
    if (c.calls.calls != 0 || c.calls.legs != 0)
        fail(w, "expected no calls at the end, got %u with %u legs", c.calls.calls, c.calls.legs);
    if (c.ua.txn.active != 0 || c.ua.txn.open != 0)
        fail(w, "expected no transactions at the end, got %u, %u open", c.ua.txn.active, c.ua.txn.open);
    uint32_t ticks = w->settings->registrar.on ? 1 : 0;
    if (w->timers.count != ticks)
        fail(w, "expected %u timers at the end, got %u", ticks, w->timers.count);
    if (c.registrar.pending != 0)
        fail(w, "expected no REGISTER under way at the end, got %u", c.registrar.pending);
    world_let_go(w);
    check_records(w, c.calls.started);
    check_carried(w);
    bool has_b = false;
    for (int i = 0; i < w->record_count; i++)
        has_b |= w->records[i].leg == 'b';
    if (was_invited(w) && !has_b)
        fail(w, "expected a record of leg b, got none");
    check_leaks(w);
}
