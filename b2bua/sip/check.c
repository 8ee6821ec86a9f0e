/* What RFC 3261 demands of a message before anything is done with it: one row a demand. */
#include <stdio.h>

#include "b2bua/sip/impl.h"

enum { URI_MAX = 8192, VIAS_MAX = 100, HEADERS_MAX = 400, CSEQ_MAX = 0x7fffffff };

typedef bool (*fault_fn)(const struct sip_msg *m, const sip_t *sip, bool stream);

static bool bad_version(const struct sip_msg *m, const sip_t *sip, bool stream) {
    (void)m;
    (void)stream;
    const char *version = sip->sip_request != NULL ? sip->sip_request->rq_version : sip->sip_status->st_version;
    return version == NULL || strcasecmp(version, "SIP/2.0") != 0;
}

static bool bad_via(const struct sip_msg *m, const sip_t *sip, bool stream) {
    (void)stream;
    return sip->sip_via == NULL || m->via_sent_by.n == 0 || m->via_count > VIAS_MAX;
}

static bool bad_from(const struct sip_msg *m, const sip_t *sip, bool stream) {
    (void)stream;
    return sip->sip_from == NULL || m->from_tag.n > SIP_TAG_MAX || sip->sip_from->a_url->url_type == url_invalid;
}

static bool bad_to(const struct sip_msg *m, const sip_t *sip, bool stream) {
    (void)stream;
    return sip->sip_to == NULL || m->to_tag.n > SIP_TAG_MAX || sip->sip_to->a_url->url_type == url_invalid;
}

static bool bad_call_id(const struct sip_msg *m, const sip_t *sip, bool stream) {
    (void)sip;
    (void)stream;
    return m->call_id.n == 0 || m->call_id.n > SIP_CALL_ID_MAX;
}

static bool bad_cseq(const struct sip_msg *m, const sip_t *sip, bool stream) {
    (void)stream;
    if (sip->sip_cseq == NULL || sip->sip_cseq->cs_seq > CSEQ_MAX)
        return true;
    return m->status == 0 && !str_eq(str_of(sip->sip_cseq->cs_method_name), m->method_name);
}

static bool bad_max_forwards(const struct sip_msg *m, const sip_t *sip, bool stream) {
    (void)m;
    (void)stream;
    return sip->sip_max_forwards != NULL && sip->sip_max_forwards->mf_count > 255;
}

/* Two numbers, which Sofia would let wrap, before the method. */
static bool bad_rack(const struct sip_msg *m, const sip_t *sip, bool stream) {
    struct sip_line line;
    uint64_t n;

    (void)m;
    (void)stream;
    if (!sip_line_of((const msg_header_t *)sip->sip_rack, &line))
        return false;
    struct str rest = line.value;
    for (int i = 0; i < 2; i++) {
        size_t end = 0;
        while (end < rest.n && memchr(" \t\r\n", rest.p[end], 4) == NULL)
            end++;
        if (str_number((struct str){rest.p, end}, UINT32_MAX, &n) < 0)
            return true;
        rest = str_trim(str_from(rest, end));
    }
    return false;
}

/* In a response it counts as absent: what it answers is worth more than its timer. */
static bool bad_session_expires(const struct sip_msg *m, const sip_t *sip, bool stream) {
    (void)sip;
    (void)stream;
    return m->status == 0 && m->session_faults & SIP_SESSION_BAD_EXPIRES;
}

static bool bad_min_se(const struct sip_msg *m, const sip_t *sip, bool stream) {
    (void)sip;
    (void)stream;
    return m->status == 0 && m->session_faults & SIP_SESSION_BAD_MIN_SE;
}

static bool bad_replaces(const struct sip_msg *m, const sip_t *sip, bool stream) {
    (void)sip;
    (void)stream;
    return m->method == METHOD_INVITE && m->status == 0 && m->replaces_again;
}

static bool bad_status(const struct sip_msg *m, const sip_t *sip, bool stream) {
    (void)stream;
    return sip->sip_status != NULL && (m->status < 100 || m->status > 699);
}

static bool bad_body_length(const struct sip_msg *m, const sip_t *sip, bool stream) {
    return m->short_body || (stream && sip->sip_content_length == NULL);
}

static bool bad_uri_scheme(const struct sip_msg *m, const sip_t *sip, bool stream) {
    struct sip_uri uri;

    (void)stream;
    if (sip->sip_request == NULL || sip->sip_request->rq_url->url_type == url_invalid)
        return false;
    sip_uri_split(m->uri, &uri);
    return !str_ieq(uri.scheme, STR("sip")) && !str_ieq(uri.scheme, STR("sips")) && !str_ieq(uri.scheme, STR("tel"));
}

/* Sofia lets pass what RFC 4475 3.1.2.7 and RFC 5118 4.2 call wrong: brackets around the URI, blanks in it, IPv6
 * without brackets. */
static bool bad_uri(const struct sip_msg *m, const sip_t *sip, bool stream) {
    struct sip_uri uri;
    uint64_t port;

    (void)stream;
    if (sip->sip_request == NULL)
        return false;
    if (m->uri.n == 0 || str_find(m->uri, ' ') < m->uri.n || str_find(m->uri, '<') < m->uri.n ||
        sip->sip_request->rq_url->url_type == url_invalid)
        return true;
    sip_uri_split(m->uri, &uri);
    if (!uri.has_host)
        return false;
    return uri.host.n == 0 || (uri.port.n > 0 && str_number(uri.port, 65535, &port) < 0);
}

static bool long_uri(const struct sip_msg *m, const sip_t *sip, bool stream) {
    (void)sip;
    (void)stream;
    return m->uri.n > URI_MAX;
}

static bool many_headers(const struct sip_msg *m, const sip_t *sip, bool stream) {
    int n = 0;

    (void)m;
    (void)stream;
    for (const msg_header_t *h = sip_first(sip); h != NULL; h = h->sh_succ)
        n++;
    return n > HEADERS_MAX;
}

static const struct {
    fault_fn wrong;
    int status;
    const char *phrase;
} demands[] = {
    {bad_version, 505, NULL}, /* RFC 3261 21.5.6 */
    {bad_status, 400, "Bad Status"},
    {bad_via, 400, "Bad Via header"}, /* 8.1.1 */
    {bad_from, 400, "Bad From header"},
    {bad_to, 400, "Bad To header"},
    {bad_call_id, 400, "Bad Call-ID header"},
    {bad_cseq, 400, "Bad CSeq header"},
    {bad_max_forwards, 400, "Bad Max-Forwards header"},
    {bad_rack, 400, "Bad RAck header"},                       /* RFC 3262 7.2 */
    {bad_body_length, 400, "Bad Content-Length header"},      /* 18.3 */
    {bad_session_expires, 400, "Bad Session-Expires header"}, /* RFC 4028 4 */
    {bad_min_se, 400, "Bad Min-SE header"},                   /* RFC 4028 5 */
    {bad_replaces, 400, "Bad Replaces header"},               /* RFC 3891 3: more than one */
    {long_uri, 414, NULL},
    {bad_uri_scheme, 416, NULL}, /* 8.2.2.1 */
    {bad_uri, 400, "Bad Request-URI"},
    {many_headers, 400, "Too many headers"},
};

/* Headers that must be right, or the message is not understood; a fault in any other one is not ours to judge. */
static const char *const needed[] = {"Via",
                                     "v",
                                     "From",
                                     "f",
                                     "To",
                                     "t",
                                     "Call-ID",
                                     "i",
                                     "CSeq",
                                     "Max-Forwards",
                                     "Content-Length",
                                     "l",
                                     "Content-Type",
                                     "c",
                                     "Contact",
                                     "m",
                                     "Require",
                                     "Proxy-Require",
                                     "Route",
                                     "Record-Route",
                                     "RAck",
                                     "RSeq"};

static const char *needed_name(struct str name) {
    for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++)
        if (str_ieq(name, str_of(needed[i])))
            return needed[i];
    return NULL;
}

/* Sofia's list of header lines that it could not read, or that stand twice where one may. */
static const char *bad_header(const sip_t *sip) {
    for (const msg_header_t *h = (const msg_header_t *)sip->sip_error; h != NULL; h = h->sh_next) {
        struct sip_line line;
        const char *name = sip_line_of(h, &line) ? needed_name(line.name) : NULL;
        if (name != NULL)
            return name;
    }
    return NULL;
}

static const char *phrase_for(const char *name) {
    static const struct {
        const char *name, *phrase;
    } phrases[] = {{"v", "Bad Via header"},
                   {"Via", "Bad Via header"},
                   {"f", "Bad From header"},
                   {"From", "Bad From header"},
                   {"t", "Bad To header"},
                   {"To", "Bad To header"},
                   {"i", "Bad Call-ID header"},
                   {"Call-ID", "Bad Call-ID header"},
                   {"CSeq", "Bad CSeq header"},
                   {"Max-Forwards", "Bad Max-Forwards header"},
                   {"m", "Bad Contact header"},
                   {"Contact", "Bad Contact header"},
                   {"l", "Bad Content-Length header"},
                   {"Content-Length", "Bad Content-Length header"}};

    for (size_t i = 0; i < sizeof phrases / sizeof phrases[0]; i++)
        if (strcmp(phrases[i].name, name) == 0)
            return phrases[i].phrase;
    return "Bad header";
}

int sip_check(const struct sip_msg *m, bool stream, struct sip_fault *fault) {
    const sip_t *sip = sip_parsed(m);

    for (size_t i = 0; i < sizeof demands / sizeof demands[0]; i++)
        if (demands[i].wrong(m, sip, stream)) {
            *fault = (struct sip_fault){.status = demands[i].status, .phrase = demands[i].phrase};
            return -1;
        }
    const char *name = bad_header(sip);
    if (name == NULL)
        return 0;
    *fault = (struct sip_fault){.status = 400, .phrase = phrase_for(name)};
    return -1;
}

static void unknown_tags(struct sbuf *b, const msg_list_t *list, unsigned known) {
    static const struct {
        const char *tag;
        unsigned bit;
    } tags[] = {{"100rel", SIP_OPTION_100REL},
                {"timer", SIP_OPTION_TIMER},
                {"replaces", SIP_OPTION_REPLACES},
                {"norefersub", SIP_OPTION_NOREFERSUB}};

    for (; list != NULL; list = list->k_next)
        for (msg_param_t *item = list->k_items; item != NULL && *item != NULL; item++) {
            unsigned bit = 0;
            for (size_t i = 0; i < sizeof tags / sizeof tags[0]; i++)
                if (strcasecmp(*item, tags[i].tag) == 0)
                    bit = tags[i].bit;
            if (bit & known)
                continue;
            sbuf_puts(b, b->n == 0 ? "Unsupported: " : ", ");
            sbuf_puts(b, *item);
        }
}

int sip_check_require(const struct sip_msg *m, unsigned known, struct sip_fault *fault) {
    const sip_t *sip = sip_parsed(m);
    char list[480];
    struct sbuf b = sbuf_on(list, sizeof list);

    if (m->method == METHOD_ACK || m->method == METHOD_CANCEL) /* RFC 3261 8.2.2.3 */
        return 0;
    unknown_tags(&b, sip->sip_require, known);
    if (b.n == 0) /* each list is answered in the role that it speaks to: first the user agent's, then the proxy's */
        unknown_tags(&b, sip->sip_proxy_require, known);
    if (b.n == 0)
        return 0;
    *fault = (struct sip_fault){.status = 420};
    snprintf(fault->extra, sizeof fault->extra, "%.*s\r\n", (int)b.n, b.p);
    return -1;
}
