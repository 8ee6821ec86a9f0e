/*
 * load: clients that register, and the node behind the element that takes it all, in one thread. Client N is
 * sip:rN@bench.example, which brings credentials. Ten clients share an address, 127.16.0.1 and up, with a socket of its
 * own, all at one port: no process has a hundred thousand sockets. The node answers every request with 200 at once and
 * grants what was asked for.
 */
#ifndef TESTS_BENCH_REGISTER_LOAD_H
#define TESTS_BENCH_REGISTER_LOAD_H

#include "tests/bench/end.h"

enum { LOAD_WINDOW = 64, LOAD_GIVE_UP_US = 5000000, LOAD_SHARE = 10 };

struct load {
    const char *target; /* host:port */
    struct sockaddr_in to;
    struct end clients, node; /* that of the clients has the socket of who is next */
    int *sockets, watch;      /* of the clients: all, and what epoll says of them */
    unsigned client_port, id, count;
    unsigned *answered; /* by client: CSeq of its last REGISTER that has a final answer */
    unsigned sent;      /* since the start: REGISTER I is the one of client I mod count, CSeq 1 + I / count */

    /* the round that is under way */
    unsigned rate, first, end, ok, refused; /* rate 0: LOAD_WINDOW are under way at a time */
    int is_running;
    uint64_t began_us, heard_us;
};

/* The text of a REGISTER, and of the node's 200; TEXT_MESSAGE_MAX bytes at `out`, returns the length. */
size_t load_register(char *out, const struct load *l, unsigned client, unsigned cseq);
size_t load_granted(char *out, const struct message *request);

/* Address of a client, in network order. */
in_addr_t load_address(unsigned client);

#endif
