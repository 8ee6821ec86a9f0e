/* What a peer answers. */
#include "tests/scenario/scenario.h"

/* The dialog that a response to an INVITE speaks in: `tag=` names it, f1 by default. */
static struct side *side_for(struct world *w, struct peer *p, const struct words *words) {
    const char *label = words_get(words, "tag");
    struct side *s = peer_side(w, p, label == NULL && p->side_count == 0 ? "f1" : label);

    if (s != NULL)
        return s;
    s = peer_new_side(w, p, label == NULL ? "f1" : label);
    if (s == NULL)
        return NULL;
    s->local_tag = scrap_print(&w->scrap, "tag%s%u", p->name, ++w->serial);
    s->remote_tag = text_tag(&w->scrap, text_header(&w->scrap, lasts_get(&p->asked, "INVITE"), "From"));
    s->target = text_uri(&w->scrap, text_header(&w->scrap, lasts_get(&p->asked, "INVITE"), "Contact"));
    return s;
}

static const char *reliable(struct world *w, struct peer *p, const struct words *words) {
    const char *rseq = words_get(words, "rseq");

    if (words_get(words, "reliable") == NULL)
        return "";
    p->rseq = rseq != NULL ? (unsigned)text_number(rseq) : p->rseq + 1;
    return scrap_print(&w->scrap, "Require: 100rel\r\nRSeq: %u\r\n", p->rseq);
}

static const char *to_line(struct world *w, struct peer *p, const struct words *words, const char *request) {
    const char *to = text_header(&w->scrap, request, "To");
    struct side *s;

    if (text_tag(&w->scrap, to) != NULL || strncmp(words->at[0], "100", 3) == 0)
        return to;
    if (strncmp(request, "INVITE ", 7) != 0)
        return scrap_print(&w->scrap, "%s;tag=tag%s%u", to, p->name, ++w->serial);
    s = side_for(w, p, words);
    return s == NULL ? to : scrap_print(&w->scrap, "%s;tag=%s", to, s->local_tag);
}

void say_response(struct world *w, struct peer *p, const struct words *words) {
    const char *method = words->count > 1 && words->at[1][0] >= 'A' && words->at[1][0] <= 'Z' ? words->at[1] : "INVITE";
    const char *request = lasts_get(&p->asked, method);
    int status = text_number(words->at[0]);

    if (request == NULL) {
        cannot(w, "%s was asked no %s", p->name, method);
        return;
    }
    w->serial++;
    bool forms = (strcmp(method, "INVITE") == 0 || strcmp(method, "UPDATE") == 0) && status > 100 && status < 300;
    const char *text =
        scrap_print(&w->scrap, "SIP/2.0 %d %s\r\n%sFrom: %s\r\nTo: %s\r\nCall-ID: %s\r\nCSeq: %s\r\n%s%s%s%s", status,
                    words_or(words, "phrase", "Told"), text_lines(&w->scrap, request, "Via"),
                    text_header(&w->scrap, request, "From"), to_line(w, p, words, request),
                    text_header(&w->scrap, request, "Call-ID"), text_header(&w->scrap, request, "CSeq"),
                    forms ? text_lines(&w->scrap, request, "Record-Route") : "", forms ? say_contact(w, p, words) : "",
                    reliable(w, p, words), say_granted(w, request, words));
    enum flow_proto proto = strstr(request, "Via: SIP/2.0/TCP") != NULL ? FLOW_TCP : FLOW_UDP;
    say_bytes(w, p, proto, scrap_print(&w->scrap, "%s%s", text, say_tail(w, p, words)));
}
