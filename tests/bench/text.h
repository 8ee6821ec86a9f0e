/*
 * text: as much of SIP as the load generator needs: lines of a message by name, and the messages of one plain call.
 */
#ifndef TESTS_BENCH_TEXT_H
#define TESTS_BENCH_TEXT_H

#include <stddef.h>
#include <stdint.h>

enum { TEXT_MESSAGE_MAX = 4096, TEXT_LINES_MAX = 8 };

struct span {
    const char *at;
    size_t size;
};

struct message {
    struct span start;
    struct span via[TEXT_LINES_MAX], record_route[TEXT_LINES_MAX]; /* whole lines, without their end */
    size_t vias, record_routes;
    struct span from, to, call_id, cseq, contact; /* whole lines */
    int status;                                   /* 0 = a request */
};

/* What stays the same for all calls of a run. */
struct run {
    const char *target; /* host:port */
    unsigned caller_port, callee_port, id;
    unsigned session_s; /* session timers of this length, refreshed by the element in between; 0 = none are asked for */
};

/* What the caller has learned of its dialog; strings of its own. */
struct dialog {
    char *target, *routes, *to;
};

/* Cuts `size` bytes at `bytes` into lines; spans point into it. */
void text_parse(const char *bytes, size_t size, struct message *out);

/* The number behind a mark such as ";tag=s" in a line; -1 = not there. */
long text_number_after(struct span line, const char *mark);

/* Fills `out` from a 2xx: remote target, route set (reversed), To with its tag. */
void dialog_learn(struct dialog *out, const struct message *answer);
void dialog_free(struct dialog *d);

/* Each prints one message into TEXT_MESSAGE_MAX bytes at `out` and returns its length. */
size_t text_invite(char *out, const struct run *run, unsigned call);
size_t text_in_dialog(char *out, const struct run *run, unsigned call, const struct dialog *d, const char *method,
                      unsigned cseq);
size_t text_response(char *out, const struct run *run, unsigned call, const struct message *request, const char *status,
                     int with_sdp);

/* The 200 to a request inside a dialog that keeps the session alive; `port` is where we are. */
size_t text_refreshed(char *out, const struct run *run, unsigned port, const struct message *request, int with_sdp);

#endif
