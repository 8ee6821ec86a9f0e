#include "profiles/guard.h"

/* Fields between blanks that a line of its letter has at least (RFC 8866 5); 0 = any. */
static int fields_min(char letter) {
    return letter == 'o' ? 6 : letter == 'c' ? 3 : letter == 'm' ? 4 : letter == 't' ? 2 : 0;
}

static int fields(struct str line) {
    int n = 0;

    for (size_t i = 2; i < line.n; i++)
        n += line.p[i] != ' ' && (i == 2 || line.p[i - 1] == ' ');
    return n;
}

static char letter_of(const struct line *line) {
    return line->text.n >= 2 && line->text.p[1] == '=' ? line->text.p[0] : '\0';
}

const char *guard_sdp(const struct line *before, const struct line *after, int count) {
    char letter = before == NULL ? '\0' : letter_of(before);
    bool kept = !names_is_framework(letter);

    for (int i = 0; i < count; i++) {
        char now = letter_of(&after[i]);
        if (now < 'a' || now > 'z')
            return "it would not be an SDP line";
        if (!names_is_framework(now))
            continue;
        if (kept || now != letter) {
            if (now == 'c') /* one for the media is no harm */
                continue;
            return "an SDP line that may be there only once, or is not to be added";
        }
        kept = true;
        if (fields(before->text) >= fields_min(letter) && fields(after[i].text) < fields_min(letter))
            return "the SDP line would be unreadable";
    }
    return kept ? NULL : "an SDP line that must be there would be lost";
}
