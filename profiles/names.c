#include "profiles/names.h"

static const char *const kinds[NAMES_KINDS] = {
    [NAMES_OTHER] = "",
    [NAMES_VIA] = "Via",
    [NAMES_FROM] = "From",
    [NAMES_TO] = "To",
    [NAMES_CALL_ID] = "Call-ID",
    [NAMES_CSEQ] = "CSeq",
    [NAMES_MAX_FORWARDS] = "Max-Forwards",
    [NAMES_CONTENT_LENGTH] = "Content-Length",
    [NAMES_CONTENT_TYPE] = "Content-Type",
};

static const char *const letters[26] = {
    ['a' - 'a'] = "Accept-Contact",
    ['b' - 'a'] = "Referred-By",
    ['c' - 'a'] = "Content-Type",
    ['d' - 'a'] = "Request-Disposition",
    ['e' - 'a'] = "Content-Encoding",
    ['f' - 'a'] = "From",
    ['i' - 'a'] = "Call-ID",
    ['j' - 'a'] = "Reject-Contact",
    ['k' - 'a'] = "Supported",
    ['l' - 'a'] = "Content-Length",
    ['m' - 'a'] = "Contact",
    ['n' - 'a'] = "Identity-Info",
    ['o' - 'a'] = "Event",
    ['r' - 'a'] = "Refer-To",
    ['s' - 'a'] = "Subject",
    ['t' - 'a'] = "To",
    ['u' - 'a'] = "Allow-Events",
    ['v' - 'a'] = "Via",
    ['x' - 'a'] = "Session-Expires",
    ['y' - 'a'] = "Identity",
};

/* Names whose usual spelling matters to a pattern; any other header is shown to it as it stands. */
static const char *const usual[] = {
    "Accept",
    "Accept-Contact",
    "Accept-Encoding",
    "Accept-Language",
    "Accept-Resource-Priority",
    "Alert-Info",
    "Allow",
    "Allow-Events",
    "Authentication-Info",
    "Authorization",
    "Call-ID",
    "Call-Info",
    "CC-Diversion",
    "CC-Redirect",
    "Cisco-Gcid",
    "Cisco-Guid",
    "Contact",
    "Content-Disposition",
    "Content-Encoding",
    "Content-ID",
    "Content-Language",
    "Content-Length",
    "Content-Type",
    "CSeq",
    "Date",
    "Diversion",
    "Error-Info",
    "Event",
    "Expires",
    "From",
    "Geolocation",
    "History-Info",
    "Identity",
    "In-Reply-To",
    "Join",
    "Max-Forwards",
    "MIME-Version",
    "Min-Expires",
    "Min-SE",
    "Organization",
    "P-Access-Network-Info",
    "P-Asserted-Identity",
    "P-Called-Party-ID",
    "P-Charging-Vector",
    "P-Early-Media",
    "P-Preferred-Identity",
    "Path",
    "Priority",
    "Privacy",
    "Proxy-Authenticate",
    "Proxy-Authorization",
    "Proxy-Require",
    "RAck",
    "Reason",
    "Record-Route",
    "Refer-To",
    "Referred-By",
    "Reject-Contact",
    "Remote-Party-ID",
    "Replaces",
    "Reply-To",
    "Request-Disposition",
    "Require",
    "Resource-Priority",
    "Retry-After",
    "Route",
    "RSeq",
    "Server",
    "Service-Route",
    "Session",
    "Session-Expires",
    "SIP-ETag",
    "SIP-If-Match",
    "Subject",
    "Subscription-State",
    "Supported",
    "Timestamp",
    "To",
    "Unsupported",
    "User-Agent",
    "User-to-User",
    "Via",
    "Warning",
    "WWW-Authenticate",
};

/* Where the vendor's parser has a word of its own. */
static const struct {
    const char *theirs, *ours;
} vendor[] = {
    {"Accept-Header", "Accept"},
    {"Allow-Header", "Allow"},
    {"Session-Header", "Session"},
    {"Supported-Header", "Supported"},
};

struct str names_of_letter(char letter) {
    unsigned at = (unsigned)((letter | 0x20) - 'a');

    return at < 26 && letters[at] != NULL ? str_of(letters[at]) : STR_NONE;
}

struct str names_long(struct str name) {
    struct str full = name.n == 1 ? names_of_letter(name.p[0]) : STR_NONE;

    if (full.n > 0)
        return full;
    for (size_t i = 0; i < sizeof vendor / sizeof vendor[0]; i++)
        if (str_ieq(name, str_of(vendor[i].theirs)))
            return str_of(vendor[i].ours);
    for (size_t i = 0; i < sizeof usual / sizeof usual[0]; i++)
        if (str_ieq(name, str_of(usual[i])))
            return str_of(usual[i]);
    return name;
}

enum names_kind names_kind(struct str long_name) {
    for (int k = NAMES_VIA; k < NAMES_KINDS; k++)
        if (str_ieq(long_name, str_of(kinds[k])))
            return (enum names_kind)k;
    return NAMES_OTHER;
}

struct str names_of_kind(enum names_kind kind) {
    return str_of(kinds[kind]);
}

uint32_t names_key(struct str long_name) {
    if (long_name.n == 0)
        return 0;
    uint32_t first = (unsigned char)long_name.p[0] | 0x20u, last = (unsigned char)long_name.p[long_name.n - 1] | 0x20u;
    return (((uint32_t)long_name.n * 31 + first) * 31 + last) * 0x9e3779b1u;
}

bool names_is_token(struct str s) {
    static const char marks[] = "-.!%*_+`'~";

    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool alnum = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (!alnum && (c == '\0' || strchr(marks, c) == NULL))
            return false;
    }
    return s.n > 0;
}

static const struct {
    const char *name;
    char letter;
} sdp_names[] = {
    {"Attribute", 'a'},
    {"Bandwidth-Info", 'b'},
    {"Bandwidth-Key", 'b'},
    {"Connection-Info", 'c'},
    {"Email-Address", 'e'},
    {"Encryption-Key", 'k'},
    {"Encrypt-Key", 'k'},
    {"Media", 'm'},
    {"Phone-Number", 'p'},
    {"Repeat-Times", 'r'},
    {"Session-Info", 'i'},
    {"Session-Name", 's'},
    {"Session-Owner", 'o'},
    {"Time-Adjust-Key", 'z'},
    {"Time-Header", 't'},
    {"URI-Descriptor", 'u'},
    {"Url-Descriptor", 'u'},
    {"Version", 'v'},
    {"ANY", 0},
};

static const char *const media_names[] = {
    [NAMES_MEDIA_NONE] = "",        [NAMES_MEDIA_AUDIO] = "Audio-",
    [NAMES_MEDIA_VIDEO] = "Video-", [NAMES_MEDIA_APPLICATION] = "Application-",
    [NAMES_MEDIA_IMAGE] = "Image-",
};

enum { MEDIA = sizeof media_names / sizeof media_names[0] };

int names_sdp(struct str name, struct names_sdp *out) {
    enum names_media media = NAMES_MEDIA_NONE;

    for (int i = NAMES_MEDIA_AUDIO; i < MEDIA; i++) {
        size_t n = strlen(media_names[i]);
        if (name.n > n && str_ieq(str_upto(name, n), str_of(media_names[i]))) {
            media = (enum names_media)i;
            name = str_from(name, n);
            break;
        }
    }
    for (size_t i = 0; i < sizeof sdp_names / sizeof sdp_names[0]; i++) {
        char letter = sdp_names[i].letter;
        bool of_media = letter != 0 && strchr("abcikm", letter) != NULL;
        if (!str_ieq(name, str_of(sdp_names[i].name)) || (media != NAMES_MEDIA_NONE ? !of_media : letter == 'm'))
            continue;
        *out = (struct names_sdp){.letter = letter, .media = media};
        return 0;
    }
    return -1;
}

enum names_media names_media_of(struct str line) {
    if (line.n < 2 || line.p[0] != 'm')
        return NAMES_MEDIA_NONE;
    struct str type = str_from(line, 2);
    type.n = str_find(type, ' ');
    for (int i = NAMES_MEDIA_AUDIO; i < MEDIA; i++)
        if (str_ieq(type, (struct str){media_names[i], strlen(media_names[i]) - 1}))
            return (enum names_media)i;
    return NAMES_MEDIA_NONE;
}

bool names_is_framework(char letter) {
    return letter != '\0' && strchr("vostcm", letter) != NULL;
}

int names_rank(char letter) {
    static const char order[] = "vosiuepcbtrzka";
    const char *at = letter == '\0' ? NULL : strchr(order, letter);

    return at == NULL ? (int)sizeof order : (int)(at - order);
}
