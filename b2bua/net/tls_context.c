/* OpenSSL contexts: one as server and one as client for each entry of `tls`. */
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>

#include "b2bua/net/impl.h"
#include "b2bua/net/shared.h"

/* The first error says what it was; what followed from it says less. */
static const char *reason_of(unsigned long code) {
    if (ERR_SYSTEM_ERROR(code))
        return strerror((int)ERR_GET_REASON(code));
    if (ERR_GET_LIB(code) == ERR_LIB_PEM && ERR_GET_REASON(code) == PEM_R_NO_START_LINE)
        return "nothing of this kind is in it (PEM)";
    return ERR_reason_error_string(code);
}

static int failed(const char *what, const char *file, char *error, size_t size) {
    const char *reason = reason_of(ERR_peek_error());

    snprintf(error, size, "%s %s: %s", what, file, reason != NULL ? reason : "cannot be read");
    ERR_clear_error();
    return -1;
}

static int load_files(SSL_CTX *ctx, const struct settings_tls *t, char *error, size_t size) {
    if (t->certificate[0] != '\0' && SSL_CTX_use_certificate_chain_file(ctx, t->certificate) != 1)
        return failed("tls certificate", t->certificate, error, size);
    if (t->key[0] != '\0' && SSL_CTX_use_PrivateKey_file(ctx, t->key, SSL_FILETYPE_PEM) != 1)
        return failed("tls key", t->key, error, size);
    if (t->certificate[0] != '\0' && SSL_CTX_check_private_key(ctx) != 1)
        return failed("tls key does not fit the certificate:", t->key, error, size);
    if (t->ca[0] == '\0')
        return 0;
    if (SSL_CTX_load_verify_locations(ctx, t->ca, NULL) != 1)
        return failed("tls ca", t->ca, error, size);
    SSL_CTX_set_client_CA_list(ctx, SSL_load_client_CA_file(t->ca));
    return 0;
}

static SSL_CTX *context_new(const struct settings_tls *t, bool server, char *error, size_t size) {
    ERR_clear_error();
    SSL_CTX *ctx = SSL_CTX_new(server ? TLS_server_method() : TLS_client_method());

    if (ctx == NULL)
        return NULL;
    SSL_CTX_set_min_proto_version(ctx, strcmp(t->min_version, "1.3") == 0 ? TLS1_3_VERSION : TLS1_2_VERSION);
    SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_AUTO_RETRY);
    if (load_files(ctx, t, error, size) == 0) {
        if (t->ciphers[0] == '\0' || SSL_CTX_set_cipher_list(ctx, t->ciphers) == 1)
            return ctx;
        failed("tls ciphers", t->ciphers, error, size);
    }
    SSL_CTX_free(ctx);
    return NULL;
}

/* Shows the certificate of `chosen`; who may come in stays the matter of the listener's own entry. */
static void show(SSL *ssl, SSL_CTX *chosen) {
    const struct conn *c = SSL_get_app_data(ssl);
    SSL_CTX *own = SSL_get_SSL_CTX(ssl);

    SSL_set_SSL_CTX(ssl, chosen);
    SSL_set1_verify_cert_store(ssl, SSL_CTX_get_cert_store(own));
    tls_bind_sessions(ssl, c->net->tls, c->net->settings->listens[c->listen].tls);
}

/* The name that the client asks for chooses the entry whose certificate is for it; else the listener's own stays. */
static int on_server_name(SSL *ssl, int *alert, void *arg) {
    const struct net *n = ((const struct conn *)SSL_get_app_data(ssl))->net;
    const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);

    (void)alert;
    (void)arg;
    if (name == NULL)
        return SSL_TLSEXT_ERR_NOACK;
    X509 *own = SSL_CTX_get0_certificate(SSL_get_SSL_CTX(ssl));
    if (own != NULL && X509_check_host(own, name, 0, 0, NULL) == 1)
        return SSL_TLSEXT_ERR_OK;
    for (int i = 0; i < n->settings->tls_count; i++) {
        X509 *cert = SSL_CTX_get0_certificate(n->tls->server[i]);
        if (!n->settings->tls[i].kept && cert != NULL && X509_check_host(cert, name, 0, 0, NULL) == 1) {
            show(ssl, n->tls->server[i]);
            return SSL_TLSEXT_ERR_OK;
        }
    }
    return SSL_TLSEXT_ERR_NOACK;
}

uint64_t tls_session_key(const struct conn *c) {
    uint64_t entry = (uint64_t)c->net->settings->listens[c->listen].tls;

    return (addr_hash_ip(&c->peer) * 31 + c->peer.port) * 31 + entry + str_hash(str_of(c->host != NULL ? c->host : ""));
}

static void keep_session(struct net *n, uint64_t key, SSL_SESSION *session) {
    struct net_session *s = &n->sessions[key % NET_SESSIONS];

    SSL_SESSION_free(s->session);
    *s = (struct net_session){key, session};
}

static int on_new_session(SSL *ssl, SSL_SESSION *session) {
    struct conn *c = SSL_get_app_data(ssl);

    keep_session(c->net, tls_session_key(c), session);
    return 1; /* the reference is ours now */
}

static void set_server(SSL_CTX *ctx, const struct settings_tls *t, const struct net_shared *shared) {
    static const int modes[] = {[VERIFY_NONE] = SSL_VERIFY_NONE,
                                [VERIFY_OPTIONAL] = SSL_VERIFY_PEER,
                                [VERIFY_REQUIRE] = SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT};

    SSL_CTX_set_verify(ctx, modes[t->verify], NULL);
    SSL_CTX_set_tlsext_servername_callback(ctx, on_server_name);
    SSL_CTX_set_tlsext_ticket_keys(ctx, (void *)net_shared_ticket_key(shared), NET_TICKET_KEY);
}

static void set_client(SSL_CTX *ctx, const struct settings_tls *t) {
    SSL_CTX_set_verify(ctx, t->verify == VERIFY_REQUIRE ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, NULL);
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(ctx, on_new_session);
}

int tls_contexts_new(const struct settings_tls *t, const struct net_shared *shared, SSL_CTX **server, SSL_CTX **client,
                     char *error, size_t size) {
    *server = context_new(t, true, error, size);
    *client = *server != NULL ? context_new(t, false, error, size) : NULL;
    if (*client == NULL)
        return -1;
    set_server(*server, t, shared);
    set_client(*client, t);
    return 0;
}

int net_tls_check(const struct settings_tls *t, char *error, size_t size) {
    SSL_CTX *ctx = context_new(t, true, error, size);

    SSL_CTX_free(ctx);
    return ctx == NULL ? -1 : 0;
}

/* --- sessions, as client --- */

void tls_sessions_forget(struct net *n) {
    for (int i = 0; i < NET_SESSIONS; i++)
        SSL_SESSION_free(n->sessions[i].session);
    memset(n->sessions, 0, sizeof n->sessions);
}

SSL_SESSION *tls_session_find(const struct net *n, uint64_t key) {
    const struct net_session *s = &n->sessions[key % NET_SESSIONS];

    return s->session != NULL && s->key == key ? s->session : NULL;
}
