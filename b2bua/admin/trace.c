#include "b2bua/admin/trace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "b2bua/core/packet.h"

enum { RECORD_MAX = 66 << 10, OVER_MAX = 128 };

struct trace {
    FILE *file;
    uint64_t bytes, bytes_max;
    char over[OVER_MAX]; /* why nothing more is written; "" = it is */
    char record[RECORD_MAX];
};

static void fail(struct trace *t) {
    if (t->over[0] == '\0')
        snprintf(t->over, sizeof t->over, "%s", strerror(errno));
}

static void write_out(struct trace *t, struct str bytes) {
    if (fwrite(bytes.p, 1, bytes.n, t->file) < bytes.n)
        fail(t);
    else
        t->bytes += bytes.n;
}

struct trace *trace_new(const char *path, uint64_t bytes_max, char *error, size_t size) {
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

    if (fd < 0) {
        snprintf(error, size, "%s: %s", path, strerror(errno));
        return NULL;
    }
    struct trace *t = mem_zalloc(sizeof *t);
    struct sbuf header = sbuf_on(t->record, sizeof t->record);
    t->file = fdopen(fd, "wb");
    t->bytes_max = bytes_max;
    packet_pcap_header(&header);
    write_out(t, sbuf_str(&header));
    fflush(t->file);
    return t;
}

void trace_free(struct trace *t) {
    if (t != NULL)
        fclose(t->file);
    free(t);
}

void trace_put(struct trace *t, const struct ladder_entry *e, struct str text) {
    struct sbuf b = sbuf_on(t->record, sizeof t->record);

    if (t->over[0] != '\0')
        return;
    if (e->way == LADDER_IN)
        packet_pcap(&b, e->at_us, &e->peer, &e->local, text);
    else
        packet_pcap(&b, e->at_us, &e->local, &e->peer, text);
    if (t->bytes + b.n > t->bytes_max)
        snprintf(t->over, sizeof t->over, "it has its size of %llu MB", (unsigned long long)(t->bytes_max / 1000000));
    else
        write_out(t, sbuf_str(&b));
}

const char *trace_flush(struct trace *t) {
    if (fflush(t->file) != 0)
        fail(t);
    return t->over[0] == '\0' ? NULL : t->over;
}

uint64_t trace_bytes(const struct trace *t) {
    return t->bytes;
}
