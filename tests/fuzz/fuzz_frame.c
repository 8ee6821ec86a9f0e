/*
 * A stream comes in pieces as it likes: the messages found in it must not depend on the pieces. The first byte of the
 * input draws the sizes of the pieces, the rest is the stream. Blank lines may be told apart differently (a ping in
 * pieces looks like two pongs), and a stream may be given up for its size before it is seen to be garbage.
 */
#include <assert.h>
#include <stdlib.h>

#include "b2bua/core/frame.h"

enum { LIMIT = 2048, FRAMES_MAX = 256 };

struct found {
    size_t start[FRAMES_MAX], n[FRAMES_MAX];
    enum frame_kind kind[FRAMES_MAX];
    int count;
};

static bool gives_up(enum frame_kind kind) {
    return kind == FRAME_TOO_BIG || kind == FRAME_GARBAGE;
}

static void note(struct found *f, enum frame_kind kind, size_t start, size_t n) {
    if (f->count == FRAMES_MAX)
        return;
    f->kind[f->count] = gives_up(kind) ? FRAME_GARBAGE : kind;
    f->start[f->count] = start;
    f->n[f->count++] = gives_up(kind) ? 0 : n;
}

/* Looks at s[start, end) as it would lie in memory; returns how far it got, or s.n + 1 when it gave up. */
static size_t look(struct found *f, struct str s, size_t start, size_t end, size_t *scanned) {
    while (start < end) {
        char *copy = str_dup((struct str){s.p + start, end - start});
        struct frame got = frame_next((struct str){copy, end - start}, LIMIT, scanned);
        free(copy);
        assert(got.n <= end - start);
        if (got.kind == FRAME_MORE)
            return start;
        note(f, got.kind, start, got.n);
        if (gives_up(got.kind))
            return s.n + 1;
        assert(got.n > 0 && got.n <= LIMIT);
        *scanned = 0;
        start += got.n;
    }
    return start;
}

static void feed(struct found *f, struct str s, unsigned pieces) {
    size_t start = 0, scanned = 0;

    for (size_t end = 0; end < s.n && start <= s.n;) {
        pieces = pieces * 1103515245 + 12345;
        end += 1 + (pieces >> 16) % 40;
        end = end > s.n ? s.n : end;
        start = look(f, s, start, end, &scanned);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct found whole, parts;
    size_t scanned = 0;

    if (size < 2 || size > 2 * LIMIT)
        return 0;
    struct str s = {(const char *)data + 1, size - 1};
    whole.count = parts.count = 0;
    look(&whole, s, 0, s.n, &scanned);
    feed(&parts, s, data[0]);
    assert(whole.count == parts.count);
    for (int i = 0; i < whole.count; i++)
        assert(whole.kind[i] == parts.kind[i] && whole.start[i] == parts.start[i] && whole.n[i] == parts.n[i]);
    frame_datagram(s);
    struct str id = frame_call_id(s), branch = frame_branch(s);
    assert(id.n <= s.n && branch.n <= s.n);
    return 0;
}
