/* How many bindings there are, in all and on each node. */
#include "b2bua/registrar/bindings_impl.h"

static struct bindings_load *load_of(struct bindings *b, uint32_t node) {
    int i = 0;

    while (i < b->node_count && b->nodes[i].node != node)
        i++;
    if (i == BINDINGS_NODES_MAX)
        return NULL;
    if (i == b->node_count)
        b->nodes[b->node_count++] = (struct bindings_node_load){.node = node};
    return &b->nodes[i].load;
}

/* Counts a binding in (sign 1) or out (-1, as unsigned numbers wrap). */
static void count(struct bindings *b, const struct binding_facts *f, uint32_t sign) {
    struct bindings_load *load = load_of(b, f->node);

    if (load != NULL) {
        load->registrations += sign;
        load->calls += sign * f->calls;
    }
    b->counts.credentials += f->credential != 0 ? sign : 0;
}

bool bindings_total_add(struct bindings *b, const struct binding_facts *f) {
    pthread_mutex_lock(&b->lock);
    bool fits = b->counts.current < b->max;
    if (fits) {
        count(b, f, 1);
        b->counts.current++;
        if (b->counts.current > b->counts.peak)
            b->counts.peak = b->counts.current;
    } else {
        b->counts.refused++;
    }
    pthread_mutex_unlock(&b->lock);
    return fits;
}

void bindings_total_remove(struct bindings *b, const struct binding_facts *f) {
    pthread_mutex_lock(&b->lock);
    count(b, f, UINT32_MAX);
    b->counts.current--;
    pthread_mutex_unlock(&b->lock);
}

void bindings_total_change(struct bindings *b, const struct binding_facts *before, const struct binding_facts *after) {
    if (before->node == after->node && before->calls == after->calls &&
        (before->credential != 0) == (after->credential != 0))
        return;
    pthread_mutex_lock(&b->lock);
    count(b, before, UINT32_MAX);
    count(b, after, 1);
    pthread_mutex_unlock(&b->lock);
}

void bindings_total_expired(struct bindings *b, uint32_t expired) {
    pthread_mutex_lock(&b->lock);
    b->counts.expired += expired;
    pthread_mutex_unlock(&b->lock);
}

void bindings_total_refused(struct bindings *b) {
    pthread_mutex_lock(&b->lock);
    b->counts.refused++;
    pthread_mutex_unlock(&b->lock);
}

struct bindings_counts bindings_counts(struct bindings *b) {
    pthread_mutex_lock(&b->lock);
    struct bindings_counts c = b->counts;
    pthread_mutex_unlock(&b->lock);
    return c;
}

struct bindings_load bindings_load(struct bindings *b, uint32_t node) {
    struct bindings_load load = {0};

    pthread_mutex_lock(&b->lock);
    for (int i = 0; i < b->node_count; i++)
        if (b->nodes[i].node == node)
            load = b->nodes[i].load;
    pthread_mutex_unlock(&b->lock);
    return load;
}

void bindings_set_max(struct bindings *b, uint32_t max) {
    pthread_mutex_lock(&b->lock);
    b->max = max;
    pthread_mutex_unlock(&b->lock);
}
