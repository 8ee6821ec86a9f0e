/*
 * end: one UDP socket of the load generator, messages sent and received in batches.
 */
#ifndef TESTS_BENCH_END_H
#define TESTS_BENCH_END_H

#include <netinet/in.h>
#include <stddef.h>
#include <sys/socket.h>

#include "tests/bench/text.h"

enum { END_BATCH = 32 };

struct end {
    int fd;
    unsigned queued;
    struct mmsghdr head[END_BATCH];
    struct iovec io[END_BATCH];
    struct sockaddr_in to[END_BATCH];
    char text[END_BATCH][TEXT_MESSAGE_MAX];
};

/* A socket at this port of 127.0.0.1, or of another address of the network 127 (network order); says why and ends the
 * program when it is not to be had. */
int end_open(unsigned port);
int end_open_at(in_addr_t address, unsigned port);

/* Room for one message of TEXT_MESSAGE_MAX bytes; end_queue() puts it into the batch, end_flush() sends the batch. What
 * the kernel refuses is lost: the timers bring it again. */
char *end_room(struct end *e);
void end_queue(struct end *e, size_t size, const struct sockaddr_in *to);
void end_flush(struct end *e);

/* Hands what has come to `got`, parsed; it may queue on any end. */
void end_receive(struct end *e, void (*got)(void *ctx, const struct message *m, const struct sockaddr_in *from),
                 void *ctx);

#endif
