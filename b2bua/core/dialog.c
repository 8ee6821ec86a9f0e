#include "b2bua/core/dialog.h"

#include <stdlib.h>

struct dialog *dialog_new(const char *local_tag, struct str remote_tag, uint32_t local_cseq) {
    struct dialog *d = mem_zalloc(sizeof *d);
    struct str tag = str_of(local_tag);

    if (tag.n >= sizeof d->local_tag)
        tag.n = sizeof d->local_tag - 1;
    memcpy(d->local_tag, tag.p, tag.n);
    d->remote_tag = str_dup(remote_tag);
    d->local_cseq = local_cseq;
    return d;
}

void dialog_free(struct dialog *d) {
    if (d == NULL)
        return;
    if (d->mate != NULL)
        d->mate->mate = NULL;
    free(d->remote_tag);
    free(d->target);
    free(d->route);
    offer_fini(&d->offer);
    free(d);
}

void dialog_free_list(struct dialog *first, struct dialog *keep) {
    while (first != NULL) {
        struct dialog *next = first->next;
        if (first != keep)
            dialog_free(first);
        first = next;
    }
    if (keep != NULL)
        keep->next = NULL;
}

struct dialog *dialog_find(struct dialog *first, struct str local, struct str remote) {
    for (struct dialog *d = first; d != NULL; d = d->next) {
        if (local.n > 0 && !str_eq(local, str_of(d->local_tag)))
            continue;
        if (remote.n > 0 && !str_eq(remote, str_of(d->remote_tag)))
            continue;
        return d;
    }
    return NULL;
}

static void replace(char **at, struct str value) {
    if (*at != NULL && str_eq(str_of(*at), value))
        return;
    free(*at);
    *at = str_dup(value);
}

void dialog_set_target(struct dialog *d, struct str contact) {
    if (contact.n > 0)
        replace(&d->target, contact);
}

void dialog_set_remote_tag(struct dialog *d, struct str tag) {
    replace(&d->remote_tag, tag);
}

void dialog_set_route(struct dialog *d, struct str route_lines) {
    replace(&d->route, route_lines);
}

int dialog_take_cseq(struct dialog *d, uint32_t cseq) {
    if (d->remote_cseq_known && cseq <= d->remote_cseq)
        return 500;
    d->remote_cseq = cseq;
    d->remote_cseq_known = true;
    return 0;
}

bool dialog_take_rseq(struct dialog *d, uint32_t rseq) {
    if (rseq == 0 || (d->rseq != 0 && rseq != d->rseq + 1))
        return false;
    d->rseq = rseq;
    return true;
}
