/* TLS on one connection: bytes of the wire in and out through memory, so that the loop alone touches the socket. */
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>

#include "b2bua/log/log.h"
#include "b2bua/net/impl.h"

enum { PLAIN = 17 * 1024 };

/* Who we want to speak to: named in the hello, and, where the peer is verified, in its certificate. */
static void want_peer(struct conn *c, const struct settings_tls *t) {
    struct addr literal;
    char ip[ADDR_TEXT_MAX];
    bool named = c->host != NULL && addr_parse(&literal, str_of(c->host)) < 0;

    if (named)
        SSL_set_tlsext_host_name(c->ssl, c->host);
    if (t->verify != VERIFY_REQUIRE)
        return;
    if (named)
        SSL_set1_host(c->ssl, c->host);
    else
        X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(c->ssl), addr_format_ip(&c->peer, false, ip));
}

int tls_start(struct conn *c) {
    struct net *n = c->net;
    int index = n->settings->listens[c->listen].tls;

    if (index < 0)
        return -1;
    c->ssl = SSL_new(c->outgoing ? n->tls->client[index] : n->tls->server[index]);
    if (c->ssl == NULL)
        return -1;
    SSL_set_app_data(c->ssl, c);
    SSL_set_bio(c->ssl, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    if (!c->outgoing) {
        tls_bind_sessions(c->ssl, n->tls, index);
        SSL_set_accept_state(c->ssl);
        return 0;
    }
    want_peer(c, &n->settings->tls[index]);
    SSL_SESSION *old = tls_session_find(n, tls_session_key(c));
    if (old != NULL)
        SSL_set_session(c->ssl, old);
    SSL_set_connect_state(c->ssl);
    tls_bytes(c, NULL, 0);
    return 0;
}

void tls_fini(struct conn *c) {
    SSL_free(c->ssl);
    c->ssl = NULL;
}

/* Takes what OpenSSL wants on the wire; malloc'd, for the caller. */
void tls_drain(struct conn *c, char **bytes, size_t *n) {
    BIO *out = SSL_get_wbio(c->ssl);
    size_t pending = BIO_ctrl_pending(out);

    *bytes = NULL;
    *n = 0;
    if (pending == 0)
        return;
    *bytes = mem_alloc(pending);
    int got = BIO_read(out, *bytes, (int)pending);
    *n = got > 0 ? (size_t)got : 0;
}

static void send_pending(struct conn *c) {
    char *bytes;
    size_t n;

    tls_drain(c, &bytes, &n);
    out_raw(c, bytes, n);
    free(bytes);
}

static void fail(struct conn *c) {
    unsigned long code = ERR_peek_last_error();
    long verify = SSL_get_verify_result(c->ssl);
    char why[160];

    snprintf(why, sizeof why, "TLS: %s%s%s", code != 0 ? ERR_reason_error_string(code) : "protocol error",
             verify != X509_V_OK ? ": " : "", verify != X509_V_OK ? X509_verify_cert_error_string(verify) : "");
    ERR_clear_error();
    c->net->counts.tls_failed++;
    send_pending(c); /* the alert */
    conn_fail(c, why);
}

/* Returns true when the handshake is done. */
static bool handshake(struct conn *c) {
    int result = SSL_do_handshake(c->ssl);
    int error = SSL_get_error(c->ssl, result);

    if (result == 1) {
        send_pending(c);
        conn_ready(c);
        return true;
    }
    if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE)
        send_pending(c);
    else
        fail(c);
    return false;
}

void tls_bytes(struct conn *c, const char *bytes, size_t n) {
    char plain[PLAIN];
    int got = 0;

    ERR_clear_error();
    if (n > 0)
        BIO_write(SSL_get_rbio(c->ssl), bytes, (int)n);
    if (c->state == CONN_HANDSHAKE && !handshake(c))
        return;
    while (c->state == CONN_READY && (got = SSL_read(c->ssl, plain, sizeof plain)) > 0)
        stream_bytes(c, (struct str){plain, (size_t)got});
    if (c->state != CONN_READY)
        return;
    switch (SSL_get_error(c->ssl, got)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
        send_pending(c);
        break;
    case SSL_ERROR_ZERO_RETURN:
        conn_end(c);
        break;
    default:
        fail(c);
        break;
    }
}

/* Who refuses us says why, and closes: an alert that nobody has read yet tells more than the write that failed. */
void tls_last_words(struct conn *c) {
    uv_os_fd_t fd;
    ssize_t got;

    if (c->state == CONN_CLOSED || uv_fileno((uv_handle_t *)&c->tcp, &fd) < 0)
        return;
    while (c->state < CONN_FINISHING && (got = recv(fd, c->net->read, sizeof c->net->read, MSG_DONTWAIT)) > 0)
        tls_bytes(c, c->net->read, (size_t)got);
}

int tls_encrypt(struct conn *c, const char *bytes, size_t n) {
    ERR_clear_error();
    return SSL_write(c->ssl, bytes, (int)n) == (int)n ? 0 : -1;
}
