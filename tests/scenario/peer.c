/* What a peer remembers: its dialogs, the last of each kind that it said and was asked. */
#include "tests/scenario/scenario.h"

void peer_init(struct peer *p, int index) {
    static const struct {
        const char *name, *ip, *our_ip;
    } rows[PEERS] = {
        {"A", "127.0.1.1", "127.0.0.1"}, /* the carrier */
        {"B", "127.0.2.1", "127.0.0.2"}, /* call managers: targets of one trunk, in this order */
        {"C", "127.0.2.2", "127.0.0.2"},
        {"X", "127.0.9.9", "127.0.0.1"}, /* nobody we know */
    };

    *p = (struct peer){.name = rows[index].name, .ip = rows[index].ip, .our_ip = rows[index].our_ip};
    p->heard_end = &p->heard;
    p->reflex = "200";
}

const char *lasts_get(const struct lasts *l, const char *method) {
    for (int i = 0; i < l->count; i++)
        if (strcmp(l->of[i].method, method) == 0)
            return l->of[i].bytes;
    return NULL;
}

void lasts_put(struct lasts *l, const char *method, const char *bytes) {
    int i = 0;

    while (i < l->count && strcmp(l->of[i].method, method) != 0)
        i++;
    if (i == KINDS_MAX)
        return;
    l->of[i].method = method;
    l->of[i].bytes = bytes;
    if (i == l->count)
        l->count++;
}

struct side *peer_side(struct world *w, struct peer *p, const char *label) {
    (void)w;
    if (label == NULL)
        return p->side_count == 0 ? NULL : &p->sides[p->current];
    for (int i = 0; i < p->side_count; i++)
        if (strcmp(p->sides[i].label, label) == 0)
            return &p->sides[i];
    return NULL;
}

/* `label` NULL: f1, f2 ... in the order of appearance. */
struct side *peer_new_side(struct world *w, struct peer *p, const char *label) {
    if (p->side_count == SIDES_MAX)
        return NULL;
    p->current = p->side_count++;
    struct side *s = &p->sides[p->current];
    *s = (struct side){.cseq = p->cseq, .local_tag = p->local_tag};
    s->label = label != NULL ? label : scrap_print(&w->scrap, "f%d", p->side_count);
    return s;
}

static struct side *by_remote_tag(struct peer *p, const char *tag) {
    for (int i = 0; i < p->side_count; i++)
        if (p->sides[i].remote_tag != NULL && strcmp(p->sides[i].remote_tag, tag) == 0)
            return &p->sides[i];
    return NULL;
}

/* A response to an INVITE of the peer opens or refreshes a dialog. */
static void hears_response(struct world *w, struct peer *p, const char *m) {
    const char *tag = text_tag(&w->scrap, text_header(&w->scrap, m, "To"));
    const char *contact = text_uri(&w->scrap, text_header(&w->scrap, m, "Contact"));
    int status = text_status(m);

    if (strcmp(text_method(&w->scrap, m), "INVITE") != 0)
        return;
    if (status >= 200)
        p->final = m;
    if (text_header(&w->scrap, m, "RSeq") != NULL)
        p->reliable = m;
    if (tag == NULL || status >= 300)
        return;
    struct side *s = by_remote_tag(p, tag);
    if (s == NULL)
        s = peer_new_side(w, p, NULL);
    if (s == NULL)
        return;
    p->current = (int)(s - p->sides);
    s->remote_tag = tag;
    if (contact != NULL)
        s->target = contact;
}

/* An INVITE outside any dialog: the peer is called. */
static void is_called(struct world *w, struct peer *p, const char *m) {
    const char *from = text_header(&w->scrap, m, "From"), *to = text_header(&w->scrap, m, "To");
    const char *call_id = text_header(&w->scrap, m, "Call-ID");

    if (from == NULL || to == NULL || call_id == NULL || text_tag(&w->scrap, to) != NULL)
        return;
    if (p->call_id != NULL && strcmp(p->call_id, call_id) == 0)
        return; /* the same again */
    p->call_id = call_id;
    p->local = text_bare(&w->scrap, to);
    p->remote = text_bare(&w->scrap, from);
    p->local_tag = NULL;
    p->side_count = p->current = 0;
    p->cseq = 100;
    p->rseq = 0;
}

void peer_hears(struct world *w, struct peer *p, struct message *m) {
    const char *method = text_method(&w->scrap, m->bytes);

    *p->heard_end = m;
    p->heard_end = &m->next_heard;
    p->last_heard = m;
    if (text_status(m->bytes) != 0) {
        hears_response(w, p, m->bytes);
        return;
    }
    lasts_put(&p->asked, method, m->bytes);
    if (strcmp(method, "INVITE") == 0)
        is_called(w, p, m->bytes);
    const char *contact = text_uri(&w->scrap, text_header(&w->scrap, m->bytes, "Contact"));
    struct side *s = peer_side(w, p, NULL);
    if (s != NULL && contact != NULL)
        s->target = contact;
}
