/*
 * impl: what the files of this room share.
 *
 * net.c makes and ends; change.c takes another configuration; socket.c opens sockets; udp.c moves datagrams,
 * udp_error.c reads what ICMP says; conn.c is a connection's life, conn_table.c finds it again, stream.c turns its
 * bytes into messages, out.c queues and writes; tls_context.c and tls_conn.c are OpenSSL; shared.c is what all workers
 * have in common.
 */
#ifndef B2BUA_NET_IMPL_H
#define B2BUA_NET_IMPL_H

#include <netinet/in.h>
#include <openssl/ssl.h>
#include <stdatomic.h>

#include "b2bua/net/net.h"

enum {
    NET_BATCH = 32,  /* datagrams read or sent by one system call */
    NET_SLOT = 2048, /* a datagram up to this size waits in place */
    NET_DATAGRAM = 65536,
    NET_READ = 65536,
    NET_QUEUE_MAX = 1 << 20, /* bytes that wait on a connection before its peer counts as dead */
    NET_CONNECT_MS = 4000,
    NET_BUCKETS = 4096,
    NET_SESSIONS = 64, /* TLS sessions kept for reuse as client */
};

/* One listening socket; gone when its handle is closed. */
struct net_socket {
    struct net *net;
    int listen; /* index into the settings */
    enum flow_proto proto;
    int fd;
    uint32_t lost; /* UDP: as the kernel counts */
    union {
        uv_poll_t poll; /* UDP */
        uv_tcp_t tcp;
    } h;
};

struct net_slot {
    struct net_socket *socket;
    struct sockaddr_storage to;
    socklen_t to_size;
    size_t n;
    char *big; /* owned; for what does not fit */
    char bytes[NET_SLOT];
};

/* A message that waits to be written, or is being written. */
struct net_out {
    struct net_out *next;
    uv_write_t write;
    struct conn *conn;
    bool sip;     /* to be reported when it is lost */
    char *cipher; /* TLS: what is on the wire in its place; owned */
    size_t cipher_n, n;
    char bytes[];
};

enum conn_state { CONN_CONNECTING, CONN_HANDSHAKE, CONN_READY, CONN_FINISHING, CONN_CLOSED };

struct conn {
    struct conn *next_id, *next_peer;
    struct conn *next, *prev; /* all of this net */
    struct net *net;
    uint32_t id;
    enum conn_state state;
    enum flow_proto proto;
    uint16_t listen;
    bool outgoing, counted;
    struct addr peer;
    char *host; /* outgoing TLS: who we want; owned, may be NULL */
    uv_tcp_t tcp;
    uv_connect_t connect;
    SSL *ssl;
    char *partial; /* the start of a message that is not complete */
    size_t partial_n, partial_cap, scanned;
    struct net_out *waiting, **waiting_last; /* until the connection is ready */
    size_t queued;                           /* bytes waiting or being written */
    struct timer timer;
    uint64_t started_ms, active_ms, partial_ms; /* partial_ms 0: no partial message */
};

struct net_session {
    uint64_t key;
    SSL_SESSION *session;
};

struct net {
    uv_loop_t *loop;
    struct timerq *timers;
    struct settings *settings;
    unsigned worker;
    struct net_shared *shared; /* borrowed */
    struct net_ops ops;
    void *ctx;
    bool closing;
    int handles;                                       /* that libuv still has */
    struct net_socket *sockets[SETTINGS_LISTEN_SLOTS]; /* by listener */
    /* UDP */
    struct net_slot slots[NET_BATCH];
    int slot_count;
    char *datagrams; /* NET_BATCH of NET_DATAGRAM */
    /* streams */
    char read[NET_READ];
    struct conn *conns;
    struct conn *by_id[NET_BUCKETS], *by_peer[NET_BUCKETS];
    uint32_t next_id;
    struct net_tls *tls;
    struct net_session sessions[NET_SESSIONS];
    struct net_counts counts;
};

/* One context for each entry of the snapshot's tls. Nobody writes to it once it is made. */
struct net_tls {
    atomic_int refs;
    int count;
    char **names;
    uint64_t *ids; /* who may resume a session */
    SSL_CTX **server, **client;
};

/* socket.c: a bound socket with SO_REUSEPORT; -1 with errno. */
int socket_open(const struct addr *bind_to, int type);

/* udp.c: takes s->fd. */
int udp_watch(struct net *n, struct net_socket *s);
int udp_send(struct net *n, const struct flow *flow, const char *bytes, size_t size);
void udp_flush(struct net *n);

void udp_look(struct net_socket *s);

/* udp_error.c */
void udp_read_errors(struct net_socket *s);

/* change.c: stops listening there. */
void change_close(struct net *n, int listen);

/* conn.c */
int conn_watch(struct net *n, struct net_socket *s);
struct conn *conn_connect(struct net *n, const struct flow *flow, const char *host);
void conn_ready(struct conn *c);
void conn_arm(struct conn *c);
void conn_fail(struct conn *c, const char *why);
void conn_end(struct conn *c);
void conn_finish(struct conn *c);
struct flow conn_flow(const struct conn *c);

/* conn_table.c */
void conn_table_add(struct conn *c);
void conn_table_remove(struct conn *c);
struct conn *conn_by_id(const struct net *n, uint32_t id);
struct conn *conn_by_peer(const struct net *n, const struct flow *flow, const char *host);

/* stun.c: what is to be answered now; 0 = nothing. `reply` holds STUN_REPLY_MAX bytes. */
size_t stun_reply(struct net *n, const struct flow *from, struct str message, uint8_t *reply);

/* stream.c */
void stream_bytes(struct conn *c, struct str bytes);

/* out.c */
int out_send(struct conn *c, const char *bytes, size_t n, bool sip);
void out_flush_waiting(struct conn *c);
void out_raw(struct conn *c, const char *bytes, size_t n);
void out_lost(struct net *n, const struct flow *flow, struct net_out *o);

/* tls_set.c: a session goes on under the entry alone that it began under. */
void tls_bind_sessions(SSL *ssl, const struct net_tls *t, int index);

/* tls_context.c */
int tls_contexts_new(const struct settings_tls *t, const struct net_shared *shared, SSL_CTX **server, SSL_CTX **client,
                     char *error, size_t size);
uint64_t tls_session_key(const struct conn *c);

/* tls_conn.c */
int tls_start(struct conn *c);
void tls_bytes(struct conn *c, const char *bytes, size_t n);
int tls_encrypt(struct conn *c, const char *bytes, size_t n);
void tls_last_words(struct conn *c);
void tls_drain(struct conn *c, char **bytes, size_t *n);
void tls_fini(struct conn *c);
void tls_sessions_forget(struct net *n);
SSL_SESSION *tls_session_find(const struct net *n, uint64_t key);
#endif
