/*
 * flow: where a message came from or should go, as a plain value (RFC 5626 speaks of flows; here UDP has them, too).
 *
 * A flow holds no pointer: a connection that is gone is found to be gone by its number. `worker` owns the connection;
 * any other worker reaches it by handing bytes over.
 */
#ifndef B2BUA_CORE_FLOW_H
#define B2BUA_CORE_FLOW_H

#include "b2bua/core/addr.h"

enum flow_proto { FLOW_UDP, FLOW_TCP, FLOW_TLS, FLOW_PROTOS };

struct flow {
    enum flow_proto proto;
    uint16_t listen;        /* index of the listener (settings) whose address is ours on this flow */
    uint16_t worker;        /* owner of the connection; not meaningful for UDP */
    uint16_t fallback_port; /* where to connect when the connection is gone: the sent-by port of a request's Via
                               (RFC 3261 18.2.2); 0 = peer.port */
    uint32_t conn;          /* connection number on that worker; 0 = none yet, or UDP */
    bool bound;             /* to a client: this way or none, no connection is ever opened for it */
    struct addr peer;
};

/* "UDP", "TCP", "TLS": as it stands in a Via. */
static inline const char *flow_proto_name(enum flow_proto p) {
    static const char *const names[FLOW_PROTOS] = {"UDP", "TCP", "TLS"};
    return names[p];
}

static inline bool flow_is_stream(enum flow_proto p) {
    return p != FLOW_UDP;
}

/*
 * What carries bytes, given to the rooms above by whoever owns sockets (and by tests, which own none).
 */
struct flow_ops {
    /*
     * Sends `n` borrowed bytes. UDP leaves at the end of the loop's turn at the latest. For streams the connection
     * `flow->conn` is used while it lives; otherwise one to flow->peer is found or opened (with fallback_port, if
     * given), and flow->conn and flow->worker are set to it; not so where the flow is bound. `host` is the name that
     * TLS asks for and verifies (SNI), or NULL. Returns 0 when the bytes are on their way, or -1 when they cannot be
     * (no such listener, limits). What fails later is reported with the bytes through the owner's error callback.
     */
    int (*send)(void *ctx, struct flow *flow, const char *host, const char *bytes, size_t n);
    void *ctx;
};

#endif
