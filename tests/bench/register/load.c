/*
 * load: what `make bench` registers with.
 *
 *     load -t HOST:PORT -c CLIENTPORT -s NODEPORT -n CLIENTS
 *
 * Each line "COUNT RATE" of standard input is a round: COUNT REGISTERs, client after client and from the first one
 * again, at RATE a second; with RATE 0 as fast as answers come. What it counted is a line of key=value. Between rounds
 * the node goes on answering; it all ends with standard input. Nothing is sent twice: `missing` have no answer.
 */
#include "tests/bench/register/load.h"

#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { IDLE_MS = 1000 };

static uint64_t now_us(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

/* All addresses of the loopback interface, and of no other. */
static int open_clients(unsigned port) {
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    int fd = socket(AF_INET, SOCK_DGRAM, 0), size = 8 << 20;
    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "lo", sizeof "lo") != 0 ||
        bind(fd, (struct sockaddr *)&here, sizeof here) != 0) {
        perror("load: socket of the clients");
        exit(2);
    }
    return fd;
}

static void send_from(struct load *l, uint32_t address) {
    unsigned n = l->clients.queued - 1;
    struct msghdr *h = &l->clients.head[n].msg_hdr;
    struct in_pktinfo info = {.ipi_spec_dst = {address}};
    h->msg_control = l->source[n].bytes;
    h->msg_controllen = sizeof l->source[n].bytes;
    struct cmsghdr *c = CMSG_FIRSTHDR(h);
    *c = (struct cmsghdr){.cmsg_level = IPPROTO_IP, .cmsg_type = IP_PKTINFO, .cmsg_len = CMSG_LEN(sizeof info)};
    memcpy(CMSG_DATA(c), &info, sizeof info);
}

static void send_next(struct load *l) {
    unsigned client = l->sent % l->count, cseq = 1 + l->sent / l->count;
    char *out = end_room(&l->clients);
    end_queue(&l->clients, load_register(out, l, client, cseq), &l->to);
    send_from(l, load_address(client));
    l->sent++;
}

static unsigned due(const struct load *l, uint64_t now) {
    uint64_t most = l->end - l->first, by_now = (now - l->began_us) * l->rate / 1000000 + 1;
    if (!l->rate)
        by_now = (uint64_t)l->ok + l->refused + LOAD_WINDOW;
    return l->first + (unsigned)(by_now < most ? by_now : most);
}

static void to_node(void *ctx, const struct message *m, const struct sockaddr_in *from) {
    struct load *l = ctx;
    if (m->status)
        return;
    char *out = end_room(&l->node);
    size_t size = load_granted(out, m);
    if (size)
        end_queue(&l->node, size, from);
}

static void to_client(void *ctx, const struct message *m, const struct sockaddr_in *from) {
    struct load *l = ctx;
    long client = text_number_after(m->call_id, ": r"), cseq = text_number_after(m->cseq, ": ");
    (void)from;
    if (m->status < 200 || client < 0 || client >= (long)l->count || cseq <= (long)l->answered[client])
        return;
    l->answered[client] = (unsigned)cseq;
    l->heard_us = now_us();
    if (m->status < 300)
        l->ok++;
    else
        l->refused++;
}

static void finish_if_over(struct load *l, uint64_t now) {
    unsigned all = l->end - l->first, done = l->ok + l->refused;
    if (done < all && now < l->heard_us + LOAD_GIVE_UP_US)
        return;
    printf("ok=%u refused=%u missing=%u wall_us=%llu\n", l->ok, l->refused, all - done,
           (unsigned long long)(l->heard_us - l->began_us));
    fflush(stdout);
    l->is_running = 0;
}

static void begin(struct load *l, const char *line) {
    char *rest;
    unsigned count = (unsigned)strtoul(line, &rest, 10);
    l->rate = (unsigned)strtoul(rest, NULL, 10);
    l->first = l->sent;
    l->end = l->sent + count;
    l->ok = l->refused = 0;
    l->is_running = 1;
    l->began_us = l->heard_us = now_us();
}

static void turn(struct load *l, const struct pollfd *p) {
    if (p[0].revents)
        end_receive(&l->node, to_node, l);
    end_flush(&l->node);
    if (p[1].revents)
        end_receive(&l->clients, to_client, l);
    if (!l->is_running)
        return;
    uint64_t now = now_us();
    while (l->sent < due(l, now))
        send_next(l);
    end_flush(&l->clients);
    finish_if_over(l, now);
}

/* Whoever asks waits for the answer before the next line: a line is read as a whole. */
static int read_round(struct load *l) {
    char line[64];
    ssize_t n = read(STDIN_FILENO, line, sizeof line - 1);
    if (n <= 0)
        return 0;
    line[n] = '\0';
    begin(l, line);
    return 1;
}

static void run(struct load *l) {
    for (int more = 1; more;) {
        struct pollfd p[3] = {{l->node.fd, POLLIN, 0}, {l->clients.fd, POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}};
        poll(p, 3, l->is_running ? 1 : IDLE_MS);
        turn(l, p);
        if (p[2].revents)
            more = read_round(l);
    }
}

static int options(struct load *l, unsigned *node_port, int argc, char **argv) {
    for (int o; (o = getopt(argc, argv, "t:c:s:n:")) != -1;) {
        unsigned number = optarg ? (unsigned)strtoul(optarg, NULL, 10) : 0;
        if (o == 't')
            l->target = optarg;
        else if (o == 'c')
            l->client_port = number;
        else if (o == 's')
            *node_port = number;
        else if (o == 'n')
            l->count = number;
    }
    const char *port = l->target ? strchr(l->target, ':') : NULL;
    l->to = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    l->to.sin_port = htons((uint16_t)(port ? strtoul(port + 1, NULL, 10) : 0));
    return port && l->client_port && *node_port && l->count ? 0 : -1;
}

int main(int argc, char **argv) {
    static struct load l;
    unsigned node_port = 0;
    if (options(&l, &node_port, argc, argv) != 0) {
        fprintf(stderr, "usage: load -t HOST:PORT -c CLIENTPORT -s NODEPORT -n CLIENTS\n");
        return 2;
    }
    l.id = (unsigned)getpid();
    l.answered = calloc(l.count, sizeof *l.answered);
    if (!l.answered)
        abort();
    l.clients.fd = open_clients(l.client_port);
    l.node.fd = end_open(node_port);
    run(&l);
    free(l.answered);
    return 0;
}
