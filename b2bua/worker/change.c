#include "b2bua/worker/change.h"

void worker_change_start(struct worker_change *c, struct worker_shared *shared, enum worker_step step) {
    c->step = step;
    atomic_store(&c->left, shared->count);
    for (unsigned i = 0; i < shared->count; i++)
        worker_tell(shared->workers[i], c);
}

static void listen_anew(int *fds, struct net *net) {
    for (int i = 0; i < SETTINGS_LISTEN_SLOTS; i++) {
        if (fds[i] >= 0)
            net_add(net, i, fds[i]);
        fds[i] = -1;
    }
}

static void remove_all(const bool *which, struct net *net) {
    for (int i = 0; i < SETTINGS_LISTEN_SLOTS; i++)
        if (which[i])
            net_remove(net, i);
}

void worker_change_take(struct worker_change *c, unsigned worker, struct net *net, struct engine *engine) {
    switch (c->step) {
    case WORKER_STEP_TAKE:
        net_take(net, c->settings, c->tls);
        engine_set_settings(engine, c->settings);
        break;
    case WORKER_STEP_LISTEN:
        listen_anew(c->fds[worker], net);
        break;
    case WORKER_STEP_REMOVE:
        remove_all(c->remove, net);
        break;
    }
}

void worker_change_taken(struct worker_change *c) {
    uv_async_t *wake = c->wake;

    if (atomic_fetch_sub(&c->left, 1) == 1)
        uv_async_send(wake);
}
