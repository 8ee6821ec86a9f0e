/* The contexts of a configuration, for the nets of all workers. */
#include <stdio.h>
#include <stdlib.h>

#include "b2bua/net/impl.h"

/* What one entry of `tls` let in is resumed under that entry alone, and while its authorities are the same: a session
 * tells nothing of who was asked for. */
static uint64_t session_id(const struct settings_tls *t) {
    enum { AUTHORITIES_MAX = 1 << 20 };
    FILE *f = t->ca[0] == '\0' ? NULL : fopen(t->ca, "r");
    char *text = mem_alloc(AUTHORITIES_MAX);
    size_t n = f == NULL ? 0 : fread(text, 1, AUTHORITIES_MAX, f);
    uint64_t parts[] = {str_hash(str_of(t->name)), str_hash((struct str){text, n}), (uint64_t)t->verify};

    if (f != NULL)
        fclose(f);
    free(text);
    return str_hash((struct str){(const char *)parts, sizeof parts});
}

/* Gone from the configuration: its files may be, too. */
static int keep(struct net_tls *new, int i, const struct net_tls *before) {
    for (int j = 0; before != NULL && j < before->count; j++) {
        if (strcmp(before->names[j], new->names[i]) != 0)
            continue;
        new->server[i] = before->server[j];
        new->client[i] = before->client[j];
        new->ids[i] = before->ids[j];
        SSL_CTX_up_ref(new->server[i]);
        SSL_CTX_up_ref(new->client[i]);
        return 0;
    }
    return -1;
}

static int load(struct net_tls *new, int i, const struct settings_tls *t, const struct net_shared *shared, char *error,
                size_t size) {
    new->ids[i] = session_id(t);
    return tls_contexts_new(t, shared, &new->server[i], &new->client[i], error, size);
}

struct net_tls *net_tls_new(const struct settings *s, const struct net_shared *shared, const struct net_tls *before,
                            char *error, size_t size) {
    struct net_tls *new = mem_zalloc(sizeof *new);
    size_t count = (size_t)s->tls_count;

    atomic_init(&new->refs, 1);
    new->names = mem_zalloc(count * sizeof *new->names);
    new->ids = mem_zalloc(count * sizeof *new->ids);
    new->server = mem_zalloc(count * sizeof(SSL_CTX *));
    new->client = mem_zalloc(count * sizeof(SSL_CTX *));
    while (new->count < s->tls_count) {
        const struct settings_tls *t = &s->tls[new->count];
        int i = new->count++;
        new->names[i] = str_dup(str_of(t->name));
        if (t->kept && keep(new, i, before) == 0)
            continue;
        if (load(new, i, t, shared, error, size) < 0) {
            net_tls_unref(new);
            return NULL;
        }
    }
    return new;
}

int64_t net_tls_left_s(const struct net_tls *t, int index) {
    const X509 *certificate = SSL_CTX_get0_certificate(t->server[index]);
    int days = 0, seconds = 0;

    if (certificate != NULL)
        ASN1_TIME_diff(&days, &seconds, NULL, X509_get0_notAfter(certificate));
    return (int64_t)days * 86400 + seconds;
}

struct net_tls *net_tls_ref(struct net_tls *t) {
    atomic_fetch_add(&t->refs, 1);
    return t;
}

void net_tls_unref(struct net_tls *t) {
    if (t == NULL || atomic_fetch_sub(&t->refs, 1) > 1)
        return;
    for (int i = 0; i < t->count; i++) {
        free(t->names[i]);
        SSL_CTX_free(t->server[i]);
        SSL_CTX_free(t->client[i]);
    }
    free(t->names);
    free(t->ids);
    free(t->server);
    free(t->client);
    free(t);
}

void tls_bind_sessions(SSL *ssl, const struct net_tls *t, int index) {
    SSL_set_session_id_context(ssl, (const unsigned char *)&t->ids[index], sizeof t->ids[index]);
}
