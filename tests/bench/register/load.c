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
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

enum { IDLE_MS = 1000 };

static uint64_t now_us(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static void open_clients(struct load *l) {
    unsigned places = (l->count + LOAD_SHARE - 1) / LOAD_SHARE;
    l->sockets = calloc(places, sizeof *l->sockets);
    l->watch = epoll_create1(0);
    if (!l->sockets || l->watch < 0)
        abort();
    for (unsigned i = 0; i < places; i++) {
        l->sockets[i] = end_open_at(load_address(i * LOAD_SHARE), l->client_port);
        struct epoll_event e = {.events = EPOLLIN, .data.fd = l->sockets[i]};
        epoll_ctl(l->watch, EPOLL_CTL_ADD, l->sockets[i], &e);
    }
}

static void send_next(struct load *l) {
    unsigned client = l->sent % l->count, cseq = 1 + l->sent / l->count;
    char *out = end_room(&l->clients);
    end_queue(&l->clients, load_register(out, l, client, cseq), &l->to);
    l->clients.fd = l->sockets[client / LOAD_SHARE];
    end_flush(&l->clients);
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

static void receive_clients(struct load *l) {
    struct epoll_event ready[LOAD_WINDOW];
    int count = epoll_wait(l->watch, ready, LOAD_WINDOW, 0);
    for (int i = 0; i < count; i++) {
        l->clients.fd = ready[i].data.fd;
        end_receive(&l->clients, to_client, l);
    }
}

static void turn(struct load *l, const struct pollfd *p) {
    if (p[0].revents)
        end_receive(&l->node, to_node, l);
    end_flush(&l->node);
    if (p[1].revents)
        receive_clients(l);
    if (!l->is_running)
        return;
    uint64_t now = now_us();
    while (l->sent < due(l, now))
        send_next(l);
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
        struct pollfd p[3] = {{l->node.fd, POLLIN, 0}, {l->watch, POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}};
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
    open_clients(&l);
    l.node.fd = end_open(node_port);
    run(&l);
    free(l.sockets);
    free(l.answered);
    return 0;
}
