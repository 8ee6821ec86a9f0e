/* From bytes to struct sip_msg. Sofia parses the head alone; bodies are not its business and are not copied. */
#include <stdlib.h>

#include "b2bua/core/head.h"
#include "b2bua/core/sdp.h"
#include "b2bua/sip/impl.h"

static unsigned option_bit(const char *tag) {
    static const struct {
        const char *tag;
        unsigned bit;
    } known[] = {{"100rel", SIP_OPTION_100REL},
                 {"timer", SIP_OPTION_TIMER},
                 {"replaces", SIP_OPTION_REPLACES},
                 {"norefersub", SIP_OPTION_NOREFERSUB}};

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (str_ieq(str_of(tag), str_of(known[i].tag)))
            return known[i].bit;
    return SIP_OPTION_OTHER;
}

static unsigned options(const msg_list_t *list) {
    unsigned bits = 0;

    for (; list != NULL; list = list->k_next)
        for (msg_param_t *item = list->k_items; item != NULL && *item != NULL; item++)
            bits |= option_bit(*item);
    return bits;
}

static unsigned allowed(const msg_list_t *list) {
    unsigned bits = 0;

    for (; list != NULL; list = list->k_next)
        for (msg_param_t *item = list->k_items; item != NULL && *item != NULL; item++)
            bits |= METHOD_BIT(method_of(str_of(*item)));
    return bits;
}

static struct str value_of(const void *header) {
    struct sip_line line;

    return header != NULL && sip_line_of(header, &line) ? line.value : STR_NONE;
}

static void start_line(struct sip_msg *m, const sip_t *sip) {
    if (sip->sip_status != NULL) {
        m->status = sip->sip_status->st_status;
        m->phrase = str_of(sip->sip_status->st_phrase);
        return;
    }
    struct str line = str_trim((struct str){sip->sip_request->rq_common->h_data, sip->sip_request->rq_common->h_len});
    size_t space = str_find(line, ' ');
    struct str rest = str_trim(str_from(line, space));
    size_t end = rest.n;
    while (end > 0 && rest.p[end - 1] != ' ')
        end--;
    m->uri = str_trim((struct str){rest.p, end});
    m->method_name = (struct str){line.p, space};
    m->method = method_of(m->method_name);
    struct sip_uri uri;
    sip_uri_split(m->uri, &uri);
    m->uri_user = uri.user;
}

static struct str behind(struct str s, char c) {
    size_t at = str_find(s, c);

    return at < s.n ? str_trim(str_from(s, at + 1)) : STR_NONE;
}

/* "SIP/2.0/UDP host:port;params": blanks may stand around each '/' and ':' (RFC 3261 25.1). */
static struct str sent_by(struct str via) {
    struct str rest = behind(behind(via, '/'), '/');
    size_t blank = 0;

    while (blank < rest.n && memchr(" \t\r\n", rest.p[blank], 4) == NULL)
        blank++;
    rest = str_from(rest, blank);
    return str_trim((struct str){rest.p, str_find(rest, ';')});
}

static void top_via(struct sip_msg *m, const sip_t *sip) {
    struct str rest, value = value_of(sip->sip_via);

    for (const sip_via_t *v = sip->sip_via; v != NULL; v = v->v_next)
        m->via_count++;
    if (sip->sip_via == NULL || value.n == 0)
        return;
    m->branch = str_of(sip->sip_via->v_branch);
    m->is_rfc2543 = m->branch.n < 7 || memcmp(m->branch.p, "z9hG4bK", 7) != 0;
    m->via = sip_list_first(value, &rest);
    m->via_sent_by = sent_by(m->via);
}

static void identity(struct sip_msg *m, const sip_t *sip) {
    struct sip_addr a;
    struct sip_uri uri;
    struct str rest;

    if (sip->sip_call_id != NULL)
        m->call_id = str_of(sip->sip_call_id->i_id);
    if (sip->sip_from != NULL) {
        m->from_tag = str_of(sip->sip_from->a_tag);
        sip_addr_split(value_of(sip->sip_from), &a);
        sip_uri_split(a.uri, &uri);
        m->from_uri = a.uri;
        m->from_user = uri.user;
    }
    if (sip->sip_to != NULL) {
        m->to_tag = str_of(sip->sip_to->a_tag);
        m->to_line = (struct str){sip->sip_to->a_common->h_data, sip->sip_to->a_common->h_len};
    }
    if (sip->sip_cseq != NULL) {
        m->cseq = sip->sip_cseq->cs_seq;
        if (m->status != 0) {
            m->method_name = str_of(sip->sip_cseq->cs_method_name);
            m->method = method_of(m->method_name);
        }
    }
    if (sip->sip_contact != NULL) {
        sip_addr_split(sip_list_first(value_of(sip->sip_contact), &rest), &a);
        m->contact = a.uri;
    }
}

static void extensions(struct sip_msg *m, const sip_t *sip) {
    m->max_forwards = sip->sip_max_forwards != NULL ? (int)sip->sip_max_forwards->mf_count : -1;
    m->has_record_route = sip->sip_record_route != NULL;
    m->supported = options(sip->sip_supported);
    m->required = options(sip->sip_require);
    m->allow = allowed((const msg_list_t *)sip->sip_allow);
    m->expires = sip->sip_expires != NULL ? (uint32_t)sip->sip_expires->ex_delta : UINT32_MAX;
    if (sip->sip_retry_after != NULL)
        m->retry_after_s = (uint32_t)sip->sip_retry_after->af_delta;
    m->session_faults = sip_session(sip, &m->timer);
    m->timer.timer = (m->supported | m->required) & SIP_OPTION_TIMER;
    m->timer.has_allow = m->allow != 0;
    m->timer.has_update = m->allow & METHOD_BIT(METHOD_UPDATE);
    if (sip->sip_rseq != NULL)
        m->rseq = (uint32_t)sip->sip_rseq->rs_response;
    if (sip->sip_rack != NULL) {
        m->rack_rseq = sip->sip_rack->ra_response;
        m->rack_cseq = sip->sip_rack->ra_cseq;
        m->rack_method = method_of(str_of(sip->sip_rack->ra_method_name));
    }
}

static void body(struct sip_msg *m, const sip_t *sip, struct str rest) {
    m->body = rest;
    if (sip->sip_content_length != NULL) {
        m->short_body = sip->sip_content_length->l_length > rest.n;
        if (!m->short_body)
            m->body.n = sip->sip_content_length->l_length;
    }
    if (m->body.n == 0)
        return;
    m->content_type = value_of(sip->sip_content_type);
    m->sdp = sdp_find(m->content_type, m->body);
}

/* Sofia takes a CR alone for a line end, and others do not: what they would read differs, so it is not SIP. */
static bool has_bare_cr(struct str head) {
    for (size_t at = str_find(head, '\r'); at < head.n; at += 1 + str_find(str_from(head, at + 1), '\r'))
        if (at + 1 == head.n || head.p[at + 1] != '\n')
            return true;
    return false;
}

/*
 * Sofia ends a header at a NUL, which may stand in a quoted pair (RFC 3261 25.1, RFC 4475 3.1.1.2). It parses a copy
 * with another byte in its place; the lines of the result, which are what crosses, get it back.
 */
static msg_t *make_with_nul(struct str head) {
    char *copy = str_dup(head);
    msg_t *msg;

    for (size_t i = 0; i < head.n; i++)
        if (copy[i] == '\0')
            copy[i] = '\1';
    msg = msg_make(sip_grammar(), MSG_FLG_EXTRACT_COPY, copy, (ssize_t)head.n);
    free(copy);
    return msg;
}

static void restore_nul(const sip_t *sip) {
    for (msg_header_t *h = sip_first(sip); h != NULL; h = h->sh_succ)
        for (size_t i = 0; i < h->sh_len; i++)
            if (((char *)h->sh_data)[i] == '\1')
                ((char *)h->sh_data)[i] = '\0';
}

/* A quoted pair cannot stand in the start line, nor a NUL without a backslash anywhere. */
static bool has_stray_nul(struct str head) {
    if (memchr(head.p, '\0', str_find(head, '\n')) != NULL)
        return true;
    for (size_t at = str_find(head, '\0'); at < head.n; at += 1 + str_find(str_from(head, at + 1), '\0'))
        if (at == 0 || head.p[at - 1] != '\\')
            return true;
    return false;
}

static msg_t *make(struct str head, bool has_nul) {
    if (!has_nul)
        return msg_make(sip_grammar(), MSG_FLG_EXTRACT_COPY, head.p, (ssize_t)head.n);
    return has_stray_nul(head) || memchr(head.p, '\1', head.n) != NULL ? NULL : make_with_nul(head);
}

int sip_parse(struct sip_msg *m, struct str bytes) {
    size_t head = head_length(bytes);
    sip_t *sip;

    *m = (struct sip_msg){.raw = bytes};
    if (head == 0 || has_bare_cr((struct str){bytes.p, head}))
        return -1;
    bool has_nul = memchr(bytes.p, '\0', head) != NULL;
    msg_t *msg = make((struct str){bytes.p, head}, has_nul);
    if (msg == NULL)
        return -1;
    sip = sip_object(msg);
    if (sip == NULL || (sip->sip_request == NULL && sip->sip_status == NULL)) {
        msg_destroy(msg);
        return -1;
    }
    m->parsed = msg;
    msg_serialize(msg, msg_object(msg));
    if (has_nul)
        restore_nul(sip);
    start_line(m, sip);
    top_via(m, sip);
    identity(m, sip);
    extensions(m, sip);
    sip_take_unread(m, sip);
    body(m, sip, str_from(bytes, head));
    return 0;
}

static bool is_token(struct str s) {
    for (size_t i = 0; i < s.n; i++)
        if (!((s.p[i] | 0x20) >= 'a' && (s.p[i] | 0x20) <= 'z') && !(s.p[i] >= '0' && s.p[i] <= '9') &&
            memchr("-.!%*_+`'~", s.p[i], 10) == NULL)
            return false;
    return s.n > 0;
}

int sip_unparsed_status(struct str bytes) {
    struct str line = str_trim((struct str){bytes.p, str_find(bytes, '\n')});
    struct str method = {line.p, str_find(line, ' ')};
    static const struct str version = {" SIP/2.0", 8};

    if (line.n < version.n || !str_ieq(str_from(line, line.n - version.n), version))
        return 400;
    return is_token(method) && method_of(method) == METHOD_UNKNOWN ? 501 : 400;
}

void sip_fini(struct sip_msg *m) {
    if (m->parsed != NULL)
        msg_destroy(m->parsed);
    m->parsed = NULL;
}
