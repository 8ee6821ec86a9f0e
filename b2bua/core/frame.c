#include "b2bua/core/frame.h"

#include "b2bua/core/derive.h"

enum { STUN_HEADER_SIZE = 20, START_LINE_MAX = 16384 };

/* In *scanned: the head is known, and the rest of the number is the size of the whole message. */
#define WANTED (SIZE_MAX / 2 + 1)

/* The first two bits of STUN are zero and its second word is the magic cookie (RFC 8489 section 5); no SIP message
 * starts so. */
static bool is_stun(struct str s) {
    static const unsigned char cookie[4] = {0x21, 0x12, 0xa4, 0x42};

    if (s.n == 0 || ((unsigned char)s.p[0] & 0xfc) != 0)
        return false;
    return s.n < 8 || memcmp(s.p + 4, cookie, 4) == 0;
}

static size_t stun_size(struct str s) {
    return STUN_HEADER_SIZE + ((size_t)(unsigned char)s.p[2] << 8 | (unsigned char)s.p[3]);
}

static struct frame stun_frame(struct str s, size_t max) {
    if (s.n < STUN_HEADER_SIZE)
        return (struct frame){FRAME_MORE, 0};
    if (stun_size(s) % 4 != 0)
        return (struct frame){FRAME_GARBAGE, s.n};
    if (stun_size(s) > max)
        return (struct frame){FRAME_TOO_BIG, 0};
    return s.n < stun_size(s) ? (struct frame){FRAME_MORE, 0} : (struct frame){FRAME_STUN, stun_size(s)};
}

/* CRLFCRLF is a ping; CRLF alone a pong, or the blank lines that RFC 3261 7.5 wants passed over. */
static struct frame crlf_frame(struct str s) {
    if (s.p[0] == '\n')
        return (struct frame){FRAME_SKIP, 1};
    if (s.n < 2)
        return (struct frame){FRAME_MORE, 0};
    if (s.p[1] != '\n')
        return (struct frame){FRAME_GARBAGE, s.n};
    if (s.n > 2 && s.p[2] != '\r')
        return (struct frame){FRAME_SKIP, 2};
    if (s.n < 4) /* a pong, or half a ping */
        return (struct frame){FRAME_MORE, 0};
    return s.p[3] == '\n' ? (struct frame){FRAME_PING, 4} : (struct frame){FRAME_SKIP, 2};
}

/* Where the head ends (behind its empty line), looking from *scanned on; 0 = not there yet. */
static size_t head_end(struct str s, size_t *scanned) {
    size_t at = *scanned > 3 ? *scanned - 3 : 0;

    for (;;) {
        size_t nl = at + str_find(str_from(s, at), '\n');
        if (nl >= s.n) {
            *scanned = s.n;
            return 0;
        }
        if (nl + 1 < s.n && s.p[nl + 1] == '\n')
            return nl + 2;
        if (nl + 2 < s.n && s.p[nl + 1] == '\r' && s.p[nl + 2] == '\n')
            return nl + 3;
        if (nl + 2 >= s.n) {
            *scanned = s.n;
            return 0;
        }
        at = nl + 1;
    }
}

static bool starts_token(struct str s) {
    static const char others[] = "-.!%*_+`'~/ ";

    for (size_t i = 0; i < s.n && i < 4; i++) {
        char c = s.p[i];
        bool alnum = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (!alnum && (c == '\0' || strchr(others, c) == NULL))
            return false;
    }
    return true;
}

/* All Content-Length lines of a head must agree (RFC 4475 3.3.9). Returns 0, or -1: none, or no number, or several that
 * differ. */
static int content_length(struct str head, uint64_t *out) {
    struct str rest = head;
    bool found = false;

    for (;;) {
        struct str value = derive_header(rest, STR("Content-Length"), 'l');
        uint64_t n;
        if (value.p == NULL)
            return found ? 0 : -1;
        if (str_number(value, 0x7fffffff, &n) < 0 || (found && n != *out))
            return -1;
        *out = n;
        found = true;
        /* derive_header passes over the first line of what it is given: the one just read */
        const char *line = value.p;
        while (line > rest.p && line[-1] != '\n')
            line--;
        rest = (struct str){line, rest.n - (size_t)(line - rest.p)};
    }
}

struct frame frame_next(struct str unread, size_t max, size_t *scanned) {
    uint64_t length = 0;

    if (unread.n == 0 || unread.n < (*scanned & ~WANTED))
        return (struct frame){FRAME_MORE, 0};
    if ((*scanned & WANTED) != 0)
        *scanned = 0;
    if (is_stun(unread))
        return stun_frame(unread, max);
    if (unread.p[0] == '\r' || unread.p[0] == '\n')
        return crlf_frame(unread);
    if (!starts_token(unread))
        return (struct frame){FRAME_GARBAGE, unread.n};
    size_t head = head_end(unread, scanned);
    if (head == 0) {
        bool endless = unread.n > START_LINE_MAX && str_find(unread, '\n') == unread.n;
        if (endless)
            return (struct frame){FRAME_GARBAGE, unread.n};
        return (struct frame){unread.n >= max ? FRAME_TOO_BIG : FRAME_MORE, 0};
    }
    if (content_length((struct str){unread.p, head}, &length) < 0)
        return (struct frame){FRAME_GARBAGE, head};
    if (head + length > max)
        return (struct frame){FRAME_TOO_BIG, head};
    if (unread.n >= head + length)
        return (struct frame){FRAME_SIP, head + (size_t)length};
    *scanned = (head + (size_t)length) | WANTED;
    return (struct frame){FRAME_MORE, 0};
}

enum frame_kind frame_datagram(struct str bytes) {
    if (bytes.n == 0)
        return FRAME_SKIP;
    if (is_stun(bytes) && bytes.n >= STUN_HEADER_SIZE)
        return stun_size(bytes) == bytes.n ? FRAME_STUN : FRAME_GARBAGE;
    if (bytes.p[0] == '\r' || bytes.p[0] == '\n')
        return str_trim(bytes).n > 0 ? FRAME_SIP : str_eq(bytes, STR("\r\n\r\n")) ? FRAME_PING : FRAME_SKIP;
    return bytes.n >= 16 && starts_token(bytes) ? FRAME_SIP : FRAME_GARBAGE;
}

struct str frame_call_id(struct str message) {
    return derive_header(message, STR("Call-ID"), 'i');
}

/* The value of `;branch=` up to the comma that ends the first Via. */
struct str frame_branch(struct str message) {
    struct str via = derive_header(message, STR("Via"), 'v');

    via.n = str_find(via, ',');
    for (size_t at = str_find(via, ';'); at < via.n; at += 1 + str_find(str_from(via, at + 1), ';')) {
        struct str one = str_from(via, at + 1);
        one.n = str_find(one, ';');
        size_t equal = str_find(one, '=');
        if (equal < one.n && str_ieq(str_trim((struct str){one.p, equal}), STR("branch")))
            return str_trim(str_from(one, equal + 1));
    }
    return STR_NONE;
}
