/*
 * net: the sockets of one worker: UDP, TCP, TLS; framing; STUN (where its owner wants that) and CRLF keepalives
 * answered on the spot; connections opened, reused, capped and timed out. Everything else about SIP is somebody else's
 * business: whole messages go up as bytes, bytes come down (struct flow_ops).
 *
 * Order of use: net_new, net_listen, (run the loop), net_close, run the loop until net_idle, net_free. One thread.
 */
#ifndef B2BUA_NET_NET_H
#define B2BUA_NET_NET_H

#include <uv.h>

#include "b2bua/core/settings.h"
#include "b2bua/core/timerq.h"
#include "b2bua/guard/guard.h"

struct net;

struct net_ops {
    /* A whole SIP message (one FRAME_SIP or datagram), or the head of something that cannot be taken: then `broken` is
     * the status that it deserves (400 not framed, 513 too large), else 0. A connection is closed after a broken one,
     * when what was answered has left. `bytes` may be written to and are valid until this returns. */
    void (*message)(void *ctx, const struct flow *from, char *bytes, size_t n, int broken, uint64_t now_ms);
    /* These bytes, given to net_send for `to`, will not arrive: connection refused, reset, timed out, TLS failure,
     * ICMP. For ICMP `bytes` may be cut short. */
    void (*undelivered)(void *ctx, const struct flow *to, struct str bytes, uint64_t now_ms);
    /* The flow belongs to another worker: take these bytes there (net_send on that worker). Returns 0 or -1. */
    int (*other_worker)(void *ctx, const struct flow *to, struct str bytes);
    /* A whole STUN message. Returns true when the net is to answer it, if it is a request. NULL: it always is. */
    bool (*stun)(void *ctx, const struct flow *from, struct str bytes, uint64_t now_ms);
    /* A connection has ended, from whichever side. Nothing may be sent from here. NULL: nobody cares. */
    void (*closed)(void *ctx, const struct flow *flow, uint64_t now_ms);
    /* Why a connection that we have opened, or wanted to, is no more; what is undelivered is said afterwards. NULL:
     * nobody cares. */
    void (*trouble)(void *ctx, const struct flow *to, const char *why, uint64_t now_ms);
};

struct net_counts {
    uint64_t received, sent;                            /* SIP messages */
    uint64_t stun_answered, stun_refused, stun_dropped; /* success, 420, silence */
    uint64_t pings;
    uint64_t garbage, too_big; /* dropped datagrams and closed connections */
    uint64_t banned;           /* likewise, for who sent them */
    uint64_t lost;             /* datagrams that the kernel had no room for */
    uint64_t conn_refused;     /* accepts beyond the caps */
    uint64_t timeouts;         /* handshake, partial message, idle */
    uint64_t tls_failed;
    uint64_t send_failed;
    uint32_t connections; /* open now, both directions */
};

/* What the nets of all workers share (net/shared.h): made once, outlives them. */
struct net_shared;
struct net_shared *net_shared_new(int max_connections, int max_connections_per_ip);
void net_shared_free(struct net_shared *l);

/* Whom nobody listens to: borrowed. Before the first net. */
void net_shared_guard(struct net_shared *l, struct guard *guard);

/* `settings` is referenced, `shared` borrowed. `q` is the worker's timer queue, run by the worker. */
struct net *net_new(uv_loop_t *loop, struct timerq *q, struct settings *settings, struct net_shared *shared,
                    unsigned worker, const struct net_ops *ops, void *ctx);

/* Opens the listening sockets of all listeners (SO_REUSEPORT). Returns 0, or -1 with a message that names the socket or
 * file in `error`. */
int net_listen(struct net *n, char *error, size_t size);

/* --- another configuration ---
 *
 * What can fail is done first, by whoever has loaded it: net_tls_new and net_socket. Then all nets net_take it, and
 * when they have, they net_add what is new: nobody hears of a listener before everybody knows it. A listener that is
 * draining goes on until net_remove. */

/* Certificates, keys and authorities as the files are now, for any number of nets. What is `kept` in the settings comes
 * from `before`. NULL with what is wrong in `error`, file named. */
struct net_tls;
struct net_tls *net_tls_new(const struct settings *s, const struct net_shared *shared, const struct net_tls *before,
                            char *error, size_t size);
struct net_tls *net_tls_ref(struct net_tls *t);

/* In how many seconds does the certificate end that this entry of `tls` shows? Negative: it has ended. */
int64_t net_tls_left_s(const struct net_tls *t, int index);
void net_tls_unref(struct net_tls *t); /* NULL is fine */

/* A bound socket for a listener, for net_add. -1 with what is wrong in `error`, listener and socket named. */
int net_socket(const struct settings_listen *l, char *error, size_t size);

/* For what comes from now on, or, before net_listen, from the start; both are referenced. Connections that there are go
 * on. */
void net_take(struct net *n, struct settings *s, struct net_tls *tls);

/* Listens with this socket, which is taken. */
void net_add(struct net *n, int listen, int fd);

/* Nobody uses this listener any more: its socket and its connections are closed. */
void net_remove(struct net *n, int listen);

/* Other limits of connections, from the next one on. Any thread. */
void net_shared_limit(struct net_shared *l, int max_connections, int max_connections_per_ip);

/* See struct flow_ops.send. */
int net_send(struct net *n, struct flow *flow, const char *host, const char *bytes, size_t size);

/* Sends what UDP has queued; called by the worker at the end of each turn of its loop. */
void net_flush(struct net *n);

/* Asks the kernel how many datagrams it had no room for (counts.lost): now and then. */
void net_look(struct net *n);

/* Stops listening and closes all connections once what they have queued is written. */
void net_close(struct net *n);
bool net_idle(const struct net *n);
void net_free(struct net *n);

struct net_counts net_counts(const struct net *n);

/* Milliseconds of the monotonic clock. */
uint64_t net_now_ms(void);

/* Checks that certificate, key and CA of a TLS setting load and fit. Returns 0, or -1 with what is wrong, file named.
 */
int net_tls_check(const struct settings_tls *t, char *error, size_t size);

#endif
