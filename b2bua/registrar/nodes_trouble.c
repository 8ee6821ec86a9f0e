/* Why a node cannot be reached, in the words of whoever has tried. */
#include <stdio.h>

#include "b2bua/log/log.h"
#include "b2bua/registrar/nodes_impl.h"

/* A refusal has a reason of its own; a miss may have had one before. */
void nodes_reason(const struct member *m, char *out, size_t size) {
    const char *evidence = m->began ? "started" : node_evidence_name(m->evidence);
    bool is_silent = m->evidence == NODE_MISSED || m->evidence == NODE_TIMEOUT;

    if (m->began || m->trouble[0] == '\0' || (!is_silent && m->evidence != NODE_REFUSED))
        snprintf(out, size, "%s", evidence);
    else if (is_silent)
        snprintf(out, size, "%s (%s)", evidence, m->trouble);
    else
        snprintf(out, size, "%s", m->trouble);
}

/* While it is down nothing else would say that it is down for another reason. */
void nodes_trouble(struct nodes *n, uint32_t node, const char *why, uint64_t now_ms) {
    nodes_lock(n);
    struct member *m = nodes_find(n, node);
    bool is_news = m != NULL && strncmp(m->trouble, why, sizeof m->trouble - 1) != 0;
    if (is_news)
        snprintf(m->trouble, sizeof m->trouble, "%s", why);
    if (is_news && m->node.state == NODE_DOWN && now_ms - m->trouble_said_ms >= NODES_TROUBLE_MS) {
        m->trouble_said_ms = now_ms;
        log_warn("node=%s state=down trouble=\"%s\"", m->name, m->trouble);
    }
    nodes_unlock(n);
}
