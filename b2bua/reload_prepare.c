/* What a reload has to do before it is sure that nothing stands in its way. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "b2bua/reload_impl.h"

static void add(struct reload *r, const struct facts_change *c) {
    int count = r->change_count++;

    if ((count & (count - 1)) == 0)
        r->changes = mem_realloc(r->changes, (count == 0 ? 1 : 2 * (size_t)count) * sizeof *r->changes);
    r->changes[count] = *c;
}

static void note_change(void *ctx, const struct facts_change *c) {
    if (!(c->marks & FACTS_RESTART))
        add(ctx, c);
}

static void note_restart(void *ctx, const struct facts_change *c) {
    struct reload *r = ctx;

    if (!(c->marks & FACTS_RESTART))
        return;
    add(r, c);
    r->restart_count++;
}

/* What wants a restart is compared with what the program has started with: that is what it still does. */
void reload_compare(struct reload *r) {
    facts_diff(r->settings->facts, r->next->facts, note_change, r);
    facts_diff(r->started, r->next->facts, note_restart, r);
}

static void keep_text(char **now, const char *was) {
    free(*now);
    *now = str_dup(str_of(was));
}

static void keep_what_cannot_change(struct settings *now, const struct settings *was) {
    now->node.workers = was->node.workers;
    keep_text(&now->node.user, was->node.user);
    keep_text(&now->node.state_dir, was->node.state_dir);
    keep_text(&now->admin.http, was->admin.http);
    keep_text(&now->admin.socket, was->admin.socket);
    keep_text(&now->admin.cdr, was->admin.cdr);
    keep_text(&now->admin.log, was->admin.log);
    keep_text(&now->admin.hep, was->admin.hep);
    now->admin.ladder_mb = was->admin.ladder_mb;
}

static const char *inherit(struct reload *r) {
    struct settings *alive[RELOAD_OLDER_MAX + 1] = {r->settings};
    const char *wrong = heir_slots(r->next, &r->names);

    for (int i = 0; i < r->older_count; i++)
        alive[i + 1] = r->older[i];
    keep_what_cannot_change(r->next, r->settings);
    return wrong != NULL ? wrong : heir_listens(r->next, alive, r->older_count + 1);
}

/* A socket for each worker. */
static int open_listener(struct reload *r, int listen) {
    for (unsigned i = 0; i < r->config.shared->count; i++) {
        int fd = net_socket(&r->next->listens[listen], r->error, sizeof r->error);
        if (fd < 0)
            return -1;
        r->change.fds[i][listen] = fd;
    }
    return 0;
}

static int open_new(struct reload *r) {
    unsigned workers = r->config.shared->count;

    r->change.fds = mem_alloc(workers * sizeof *r->change.fds);
    memset(r->change.fds, 0xff, workers * sizeof *r->change.fds); /* -1 each */
    for (int i = 0; i < r->next->listen_count; i++)
        if (r->next->listens[i].state == LISTEN_OPEN && !r->open[i] && open_listener(r, i) < 0)
            return -1;
    return 0;
}

int reload_prepare(struct reload *r) {
    const char *wrong =
        r->older_count == RELOAD_OLDER_MAX ? "too many older configurations are still held by calls" : inherit(r);

    if (wrong != NULL) {
        snprintf(r->error, sizeof r->error, "%s", wrong);
        return -1;
    }
    r->change.settings = r->next;
    r->change.tls = net_tls_new(r->next, r->config.shared->net, r->tls, r->error, sizeof r->error);
    return r->change.tls == NULL ? -1 : open_new(r);
}

static void close_all(struct reload *r) {
    for (unsigned i = 0; r->change.fds != NULL && i < r->config.shared->count; i++)
        for (int j = 0; j < SETTINGS_LISTEN_SLOTS; j++)
            if (r->change.fds[i][j] >= 0)
                close(r->change.fds[i][j]);
    free(r->change.fds);
    r->change.fds = NULL;
}

void reload_discard(struct reload *r) {
    close_all(r);
    net_tls_unref(r->change.tls);
    r->change.tls = NULL;
    settings_unref(r->next);
    r->next = NULL;
    free(r->changes);
    r->changes = NULL;
    r->change_count = r->restart_count = 0;
    config_report_fini(&r->report);
    r->error[0] = '\0';
}
