#include "b2bua/trunk/registration.h"

#include <pthread.h>
#include <stdlib.h>

struct entry {
    struct entry *next;
    char *trunk, *route;
    struct registration reg;
};

struct registrations {
    pthread_mutex_t lock;
    struct entry *all;
};

struct registrations *registrations_new(void) {
    struct registrations *r = mem_zalloc(sizeof *r);

    pthread_mutex_init(&r->lock, NULL);
    return r;
}

static struct entry **place_of(struct registrations *r, const char *trunk) {
    struct entry **at = &r->all;

    while (*at != NULL && strcmp((*at)->trunk, trunk) != 0)
        at = &(*at)->next;
    return at;
}

static void drop(struct entry **at) {
    struct entry *e = *at;

    *at = e->next;
    free(e->trunk);
    free(e->route);
    free(e);
}

void registrations_free(struct registrations *r) {
    if (r == NULL)
        return;
    while (r->all != NULL)
        drop(&r->all);
    pthread_mutex_destroy(&r->lock);
    free(r);
}

void registrations_put(struct registrations *r, const char *trunk, const struct registration *reg, struct str route) {
    pthread_mutex_lock(&r->lock);
    struct entry **at = place_of(r, trunk);
    if (*at == NULL) {
        *at = mem_zalloc(sizeof **at);
        (*at)->trunk = str_dup(str_of(trunk));
    }
    (*at)->reg = *reg;
    free((*at)->route);
    (*at)->route = str_dup(route);
    pthread_mutex_unlock(&r->lock);
}

void registrations_drop(struct registrations *r, const char *trunk) {
    pthread_mutex_lock(&r->lock);
    struct entry **at = place_of(r, trunk);
    if (*at != NULL)
        drop(at);
    pthread_mutex_unlock(&r->lock);
}

bool registrations_get(struct registrations *r, const char *trunk, struct registration *out) {
    pthread_mutex_lock(&r->lock);
    const struct entry *e = *place_of(r, trunk);
    if (e != NULL)
        *out = e->reg;
    pthread_mutex_unlock(&r->lock);
    return e != NULL;
}

void registrations_route(struct registrations *r, const char *trunk, struct sbuf *out) {
    pthread_mutex_lock(&r->lock);
    const struct entry *e = *place_of(r, trunk);
    if (e != NULL)
        sbuf_puts(out, e->route);
    pthread_mutex_unlock(&r->lock);
}
