/*
 * bed_dns: a name server on loopback, UDP and TCP, on the loop of the test. Its zone is text: "NAME TYPE TTL VALUE..."
 * records separated by ';', where VALUE is an address (A, AAAA), a name (CNAME), "priority weight port target" (SRV) or
 * "order preference flag service replacement" (NAPTR). Negative answers hold for 30 s.
 */
#ifndef TESTS_ROOM_BED_DNS_H
#define TESTS_ROOM_BED_DNS_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <uv.h>

#include "b2bua/core/dns.h"

enum bed_dns_mood { BED_DNS_ANSWERS, BED_DNS_SILENT, BED_DNS_CUT, BED_DNS_BROKEN, BED_DNS_REFUSES };

struct bed_dns {
    const char *zone;
    enum bed_dns_mood mood;
    int asked, asked_tcp; /* questions so far */
    char last[300];       /* "TYPE name" */
    struct addr at;
    uv_udp_t udp;
    uv_tcp_t tcp, client;
    char in[65536], out[65536];
};

static inline void bed_dns_u16(struct sbuf *b, unsigned v) {
    sbuf_putc(b, (char)(v >> 8));
    sbuf_putc(b, (char)v);
}

static inline void bed_dns_name(struct sbuf *b, const char *name) {
    while (*name != '\0' && *name != '.') {
        size_t n = strcspn(name, ".");
        sbuf_putc(b, (char)n);
        sbuf_put(b, (struct str){name, n});
        name += n + (name[n] == '.');
    }
    sbuf_putc(b, '\0');
}

static inline void bed_dns_text(struct sbuf *b, const char *text) {
    sbuf_putc(b, (char)strlen(text));
    sbuf_puts(b, text);
}

static inline void bed_dns_data(struct sbuf *b, const char *type, const char *value) {
    unsigned x, y, z;
    char name[64], flag[8], service[32];
    struct addr a;

    if (strcmp(type, "CNAME") == 0) {
        bed_dns_name(b, value);
    } else if (strcmp(type, "SRV") == 0 && sscanf(value, "%u %u %u %63s", &x, &y, &z, name) == 4) {
        bed_dns_u16(b, x);
        bed_dns_u16(b, y);
        bed_dns_u16(b, z);
        bed_dns_name(b, name);
    } else if (strcmp(type, "NAPTR") == 0 && sscanf(value, "%u %u %7s %31s %63s", &x, &y, flag, service, name) == 5) {
        bed_dns_u16(b, x);
        bed_dns_u16(b, y);
        bed_dns_text(b, flag);
        bed_dns_text(b, service);
        bed_dns_text(b, "");
        bed_dns_name(b, name);
    } else {
        ck_assert_msg(addr_parse(&a, str_of(value)) == 0, "%s %s", type, value);
        sbuf_put(b, (struct str){(const char *)a.ip, a.family == 4 ? 4 : 16});
    }
}

static inline unsigned bed_dns_type(const char *word) {
    static const enum dns_type types[] = {DNS_A, DNS_AAAA, DNS_CNAME, DNS_SRV, DNS_NAPTR};

    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strcmp(dns_type_name(types[i]), word) == 0)
            return types[i];
    ck_abort_msg("%s", word);
    return 0;
}

static inline void bed_dns_rr(struct sbuf *b, const char *name, const char *type, unsigned ttl_s, const char *value) {
    bed_dns_name(b, name);
    bed_dns_u16(b, bed_dns_type(type));
    bed_dns_u16(b, 1);
    bed_dns_u16(b, ttl_s >> 16);
    bed_dns_u16(b, ttl_s);
    size_t at = b->n;
    bed_dns_u16(b, 0);
    bed_dns_data(b, type, value);
    b->p[at] = (char)((b->n - at - 2) >> 8);
    b->p[at + 1] = (char)(b->n - at - 2);
}

/* The records of a name, or its alias and that one's. Returns how many; `*known`: the name is in the zone. */
static inline int bed_dns_records(const struct bed_dns *d, struct sbuf *b, const char *name, unsigned type,
                                  bool *known) {
    int count = 0;

    for (const char *at = d->zone; *at != '\0';) {
        char owner[64], word[16], value[128];
        unsigned ttl_s;
        int used = 0;
        size_t n = strcspn(at, ";");
        ck_assert_int_eq(sscanf(at, " %63s %15s %u %n", owner, word, &ttl_s, &used), 3);
        snprintf(value, sizeof value, "%.*s", (int)n - used, at + used);
        at += n + (at[n] == ';');
        if (strcmp(owner, name) != 0)
            continue;
        *known = true;
        bool alias = strcmp(word, "CNAME") == 0;
        if (!alias && bed_dns_type(word) != type)
            continue;
        bed_dns_rr(b, name, word, ttl_s, value);
        count += alias ? 1 + bed_dns_records(d, b, value, type, known) : 1;
    }
    return count;
}

/* The question's name as text; returns the offset behind the question. */
static inline size_t bed_dns_question(struct str q, char *name, size_t size, unsigned *type) {
    size_t at = 12, n = 0;

    while (at < q.n && q.p[at] != 0) {
        n += (size_t)snprintf(name + n, size - n, "%s%.*s", n > 0 ? "." : "", q.p[at], q.p + at + 1);
        at += (size_t)q.p[at] + 1;
    }
    *type = (unsigned char)q.p[at + 2];
    return at + 5;
}

static inline struct str bed_dns_answer(struct bed_dns *d, struct str q, bool tcp) {
    struct sbuf b = sbuf_on(d->out, sizeof d->out);
    char name[256] = "";
    unsigned type;
    bool known = false;
    size_t behind = bed_dns_question(q, name, sizeof name, &type);

    d->asked++;
    d->asked_tcp += tcp;
    snprintf(d->last, sizeof d->last, "%s %s", dns_type_name((enum dns_type)type), name);
    sbuf_put(&b, (struct str){q.p, behind});
    size_t first = b.n;
    int count = bed_dns_records(d, &b, name, type, &known);
    bool cut = d->mood == BED_DNS_CUT && !tcp, refused = d->mood == BED_DNS_REFUSES;
    if (cut || refused)
        b.n = first, count = 0;
    if (d->mood == BED_DNS_BROKEN)
        b.n = first + 5, count = 1;
    d->out[2] = (char)(cut ? 0x83 : 0x81);
    d->out[3] = (char)(0x80 | (refused ? 5 : known ? 0 : 3));
    d->out[6] = 0;
    d->out[7] = (char)count;
    d->out[8] = d->out[10] = d->out[11] = 0;
    d->out[9] = (char)(count == 0 && !cut);
    if (d->out[9])
        sbuf_put(&b, STR("\0\0\6\0\1\0\0\0\x1e\0\x16\0\0"
                         "0000"
                         "0000"
                         "0000"
                         "0000"
                         "\0\0\0\x1e"));
    ck_assert(!b.full);
    return sbuf_str(&b);
}

static inline void bed_dns_room(uv_handle_t *h, size_t hint, uv_buf_t *out) {
    struct bed_dns *d = h->data;

    (void)hint;
    *out = uv_buf_init(d->in, sizeof d->in);
}

static inline void bed_dns_datagram(uv_udp_t *udp, ssize_t n, const uv_buf_t *in, const struct sockaddr *from,
                                    unsigned flags) {
    struct bed_dns *d = udp->data;

    (void)flags;
    if (n <= 0 || from == NULL)
        return;
    if (d->mood == BED_DNS_SILENT) {
        d->asked++;
        return;
    }
    struct str answer = bed_dns_answer(d, (struct str){in->base, (size_t)n}, false);
    uv_buf_t out = uv_buf_init((char *)answer.p, (unsigned)answer.n);
    uv_udp_try_send(udp, &out, 1, from);
}

static inline void bed_dns_stream(uv_stream_t *s, ssize_t n, const uv_buf_t *in) {
    struct bed_dns *d = s->data;

    if (n <= 2) {
        if (n < 0 && !uv_is_closing((uv_handle_t *)s))
            uv_close((uv_handle_t *)s, NULL);
        return;
    }
    for (ssize_t at = 0, size; at + 2 < n; at += 2 + size) {
        size = (unsigned char)in->base[at] << 8 | (unsigned char)in->base[at + 1];
        ck_assert_msg(at + 2 + size <= n, "a question in two pieces");
        struct str answer = bed_dns_answer(d, (struct str){in->base + at + 2, (size_t)size}, true);
        char head[2] = {(char)(answer.n >> 8), (char)answer.n};
        uv_buf_t out[2] = {uv_buf_init(head, 2), uv_buf_init((char *)answer.p, (unsigned)answer.n)};
        uv_try_write(s, out, 2);
    }
}

static inline void bed_dns_connection(uv_stream_t *server, int status) {
    struct bed_dns *d = server->data;

    ck_assert_int_eq(status, 0);
    uv_tcp_init(server->loop, &d->client);
    d->client.data = d;
    ck_assert_int_eq(uv_accept(server, (uv_stream_t *)&d->client), 0);
    uv_read_start((uv_stream_t *)&d->client, bed_dns_room, bed_dns_stream);
}

/* On a free port. */
static inline void bed_dns_start(struct bed_dns *d, uv_loop_t *loop, const char *zone) {
    struct sockaddr_storage ss;
    int size = sizeof ss;

    *d = (struct bed_dns){.zone = zone};
    ck_assert_int_eq(addr_parse(&d->at, STR("127.0.0.1")), 0);
    addr_to_sockaddr(&d->at, &ss);
    uv_udp_init(loop, &d->udp);
    uv_tcp_init(loop, &d->tcp);
    d->udp.data = d->tcp.data = d;
    ck_assert_int_eq(uv_tcp_bind(&d->tcp, (struct sockaddr *)&ss, 0), 0);
    ck_assert_int_eq(uv_tcp_getsockname(&d->tcp, (struct sockaddr *)&ss, &size), 0);
    addr_from_sockaddr(&d->at, (struct sockaddr *)&ss);
    ck_assert_int_eq(uv_udp_bind(&d->udp, (struct sockaddr *)&ss, 0), 0);
    ck_assert_int_eq(uv_listen((uv_stream_t *)&d->tcp, 5, bed_dns_connection), 0);
    ck_assert_int_eq(uv_udp_recv_start(&d->udp, bed_dns_room, bed_dns_datagram), 0);
}

static inline void bed_dns_stop(struct bed_dns *d) {
    uv_close((uv_handle_t *)&d->udp, NULL);
    uv_close((uv_handle_t *)&d->tcp, NULL);
    if (d->client.data != NULL && !uv_is_closing((uv_handle_t *)&d->client))
        uv_close((uv_handle_t *)&d->client, NULL);
}

#endif
