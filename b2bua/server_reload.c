#include "b2bua/server_reload.h"

#include "b2bua/log/log.h"

static void log_notes(const struct config_notes *notes, bool error) {
    for (int i = 0; i < notes->kept; i++)
        if (error)
            log_error("%s", notes->items[i].text);
        else
            log_warn("%s", notes->items[i].text);
}

static void log_change(const struct facts_change *change) {
    char text[2048];
    struct sbuf b = sbuf_on(text, sizeof text - 1);

    facts_put_change(&b, change);
    text[b.n] = '\0';
    if (change->marks & FACTS_RESTART)
        log_warn("%s", text);
    else
        log_info("%s", text);
}

void server_reload_log(const struct reload *r, const struct reload_outcome *o) {
    static const char *const results[] = {
        [RELOAD_DONE] = "done", [RELOAD_SAME] = "same", [RELOAD_PLANNED] = "planned", [RELOAD_FAILED] = "failed"};

    log_notes(&o->report->errors, true);
    log_notes(&o->report->warnings, false);
    if (o->result == RELOAD_FAILED) {
        log_error("twinleg reload=failed errors=%d error=\"%s\"", o->report->errors.count, o->error);
        return;
    }
    for (int i = 0; i < o->change_count; i++)
        log_change(&o->changes[i]);
    log_info("twinleg reload=%s changes=%d snapshots=%d took_ms=%llu", results[o->result], o->change_count,
             reload_counts(r).snapshots, (unsigned long long)o->took_ms);
}

static void over(void *ctx, const struct reload_outcome *o) {
    struct server_hangup *h = ctx;

    h->over(h->ctx, o);
    h->waits = false;
    if (h->again)
        server_hang_up(h);
}

void server_hang_up(struct server_hangup *h) {
    h->again = h->waits;
    if (h->waits)
        return;
    h->waits = true;
    reload_ask(h->reload, false, over, h);
}
