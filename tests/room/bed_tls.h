/*
 * bed_tls: certificates made for one run, and peers that speak TLS, for a bed.
 */
#ifndef TESTS_ROOM_BED_TLS_H
#define TESTS_ROOM_BED_TLS_H

#include <signal.h>

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "tests/room/bed.h"

static char bed_folder[64];

/* ca signs mid, which signs a.example, b.example and client; foreign is signed by itself. a.pem and b.pem hold the
 * chain. */
static const char bed_recipe[] =
    "set -e; cd \"$1\"; exec 2>make.log\n"
    "new='-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes'\n"
    "openssl req -x509 $new -days 30 -subj /CN=ca -keyout ca.key -out ca.pem\n"
    "openssl req -x509 $new -days 30 -subj /CN=foreign -keyout foreign.key -out foreign.pem\n"
    "sign() { openssl req $new -subj /CN=$1 -keyout $1.key -out $1.csr; echo \"$3\" >$1.ext\n"
    "  openssl x509 -req -in $1.csr -CA $2.pem -CAkey $2.key -CAcreateserial -days 30 -extfile $1.ext -out $1.pem; }\n"
    "sign mid ca basicConstraints=critical,CA:TRUE\n"
    "sign a mid subjectAltName=DNS:a.example,IP:127.0.0.1,IP:::1\n"
    "sign b mid subjectAltName=DNS:b.example\n"
    "sign client mid subjectAltName=DNS:client.example\n"
    "for name in a b client; do cat mid.pem >>$name.pem; done\n";

static inline void bed_certificates_make(void) {
    char command[128];

    snprintf(bed_folder, sizeof bed_folder, "/tmp/twinleg-tls-XXXXXX");
    if (mkdtemp(bed_folder) == NULL)
        exit(1);
    snprintf(command, sizeof command, "sh -s %s", bed_folder);
    FILE *f = popen(command, "w");
    fputs(bed_recipe, f);
    if (pclose(f) != 0) {
        fprintf(stderr, "openssl failed: see %s/make.log\n", bed_folder);
        exit(1);
    }
}

static inline void bed_certificates_remove(void) {
    char command[128];

    snprintf(command, sizeof command, "rm -r %s", bed_folder);
    if (system(command) != 0)
        fprintf(stderr, "%s is left\n", bed_folder);
}

/* The path of "a.pem"; "" of "". */
static inline char *bed_file(const char *name) {
    char path[128] = "";

    if (name[0] != '\0')
        snprintf(path, sizeof path, "%s/%s", bed_folder, name);
    return str_dup(str_of(path));
}

/* `who` names the certificate; the CA is ours. */
static inline struct settings_tls bed_tls(const char *who, const char *ca, int verify) {
    char certificate[64], key[64];

    snprintf(certificate, sizeof certificate, "%s.pem", who);
    snprintf(key, sizeof key, "%s.key", who);
    return (struct settings_tls){.name = str_dup(str_of(who)),
                                 .certificate = bed_file(certificate),
                                 .key = bed_file(key),
                                 .ca = bed_file(ca),
                                 .verify = verify,
                                 .min_version = str_dup(STR("1.2")),
                                 .ciphers = str_dup(STR(""))};
}

static inline void bed_add_tls(struct settings *s, struct settings_tls t) {
    s->tls = mem_realloc(s->tls, (size_t)(s->tls_count + 1) * sizeof *s->tls);
    s->tls[s->tls_count++] = t;
}

/* --- a peer that speaks TLS, as client or server --- */

struct bed_peer {
    SSL_CTX *ctx;
    SSL *ssl;
    int fd;
    bool up, failed; /* the handshake is over, one way or the other */
    struct bed_inbox in;
};

/* What a peer is like; zero is a client without certificate that trusts everyone. */
struct bed_manner {
    bool server;
    const char *who; /* its certificate */
    const char *ca;  /* whom it verifies against; as server, it asks for a certificate */
    const char *sni;
    int version; /* the only one; 0 = any */
    SSL_SESSION *session;
    SSL_CTX *ctx; /* borrowed, in place of all the above but sni and session */
};

static inline SSL_CTX *bed_context(const struct bed_manner *m) {
    SSL_CTX *ctx = SSL_CTX_new(m->server ? TLS_server_method() : TLS_client_method());
    char *ca = bed_file(m->ca != NULL ? m->ca : "");
    struct settings_tls files = bed_tls(m->who != NULL ? m->who : "", "", VERIFY_NONE);

    if (m->who != NULL) {
        ck_assert_int_eq(SSL_CTX_use_certificate_chain_file(ctx, files.certificate), 1);
        ck_assert_int_eq(SSL_CTX_use_PrivateKey_file(ctx, files.key, SSL_FILETYPE_PEM), 1);
    }
    if (m->ca != NULL) {
        ck_assert_int_eq(SSL_CTX_load_verify_locations(ctx, ca, NULL), 1);
        SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
    }
    if (m->version != 0) {
        SSL_CTX_set_min_proto_version(ctx, m->version);
        SSL_CTX_set_max_proto_version(ctx, m->version);
        if (m->version < TLS1_2_VERSION)
            SSL_CTX_set_cipher_list(ctx, "DEFAULT@SECLEVEL=0");
    }
    SSL_CTX_set_session_id_context(ctx, (const unsigned char *)"peer", 4);
    char *const owned[] = {ca, files.name, files.certificate, files.key, files.ca, files.min_version, files.ciphers};
    for (size_t i = 0; i < sizeof owned / sizeof *owned; i++)
        free(owned[i]);
    return ctx;
}

/* Takes `fd`, which is connected. */
static inline struct bed_peer *bed_peer_on(int fd, const struct bed_manner *m) {
    struct bed_peer *p = mem_zalloc(sizeof *p);

    signal(SIGPIPE, SIG_IGN); /* OpenSSL writes to sockets that their peer has closed */
    p->fd = fd;
    p->ctx = m->ctx != NULL ? m->ctx : bed_context(m);
    if (m->ctx != NULL)
        SSL_CTX_up_ref(p->ctx);
    p->ssl = SSL_new(p->ctx);
    SSL_set_fd(p->ssl, fd);
    if (m->sni != NULL)
        SSL_set_tlsext_host_name(p->ssl, m->sni);
    if (m->session != NULL)
        SSL_set_session(p->ssl, m->session);
    if (m->server)
        SSL_set_accept_state(p->ssl);
    else
        SSL_set_connect_state(p->ssl);
    return p;
}

static inline bool bed_again(struct bed_peer *p, int result) {
    int error = SSL_get_error(p->ssl, result);

    return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE;
}

/* A step of the handshake; true when it is over. */
static inline bool bed_shake(struct bed_peer *p) {
    if (!p->up && !p->failed) {
        int result = SSL_do_handshake(p->ssl);
        p->up = result == 1;
        p->failed = !p->up && !bed_again(p, result);
    }
    return p->up || p->failed;
}

static inline size_t bed_hear(struct bed_peer *p) {
    int got;

    while ((got = SSL_read(p->ssl, p->in.text + p->in.n, (int)(sizeof p->in.text - 1 - p->in.n))) > 0)
        p->in.n += (size_t)got;
    p->in.ended = p->in.ended || !bed_again(p, got);
    p->in.text[p->in.n] = '\0';
    return p->in.n;
}

static inline bool bed_over(struct bed_peer *p) {
    bed_hear(p);
    return p->in.ended;
}

static inline bool bed_say(struct bed_peer *p, const char *bytes, size_t n) {
    return SSL_write(p->ssl, bytes, (int)n) == (int)n;
}

static inline void bed_peer_free(struct bed_peer *p) {
    SSL_free(p->ssl);
    SSL_CTX_free(p->ctx);
    close(p->fd);
    free(p);
}

/* A client of the listener, its handshake over. */
static inline struct bed_peer *bed_client(struct bed *b, int listen, const struct bed_manner *m) {
    char ip[ADDR_TEXT_MAX];
    struct bed_peer *p = bed_peer_on(bed_connect(b, listen, addr_format_ip(&b->s->listens[listen].bind, false, ip)), m);

    BED_UNTIL(b, bed_shake(p));
    return p;
}

#endif
