#include "b2bua/keep_row.h"

/* A moment on the wall clock; none stays none. */
static uint64_t wall_of(uint64_t ms, const struct keep_clock *c) {
    return ms == 0 ? 0 : ms + c->wall_ms - c->now_ms;
}

/* What was before the machine started is its first moment. */
static uint64_t moment_of(uint64_t wall_ms, const struct keep_clock *c) {
    if (wall_ms == 0)
        return 0;
    return wall_ms + c->now_ms > c->wall_ms ? wall_ms + c->now_ms - c->wall_ms : 1;
}

static void numbers_of(uint64_t *numbers, const struct binding_facts *f, const struct keep_clock *c) {
    const struct flow *flow = &f->via.flow;
    const uint64_t all[STORE_NUMBERS] = {[STORE_TOLD_MS] = wall_of(f->told_ms, c),
                                         [STORE_GRANTED_MS] = wall_of(f->granted_ms, c),
                                         [STORE_SINCE_MS] = wall_of(f->since_ms, c),
                                         [STORE_MOVED_MS] = wall_of(f->moved_ms, c),
                                         [STORE_WRITTEN_MS] = c->wall_ms,
                                         [STORE_NODE] = f->node,
                                         [STORE_REG_ID] = f->reg_id,
                                         [STORE_Q] = f->q,
                                         [STORE_CSEQ] = f->cseq,
                                         [STORE_CAPS] = f->caps,
                                         [STORE_OUTBOUND] = f->outbound,
                                         [STORE_PROTO] = (uint64_t)flow->proto,
                                         [STORE_LISTEN_ID] = f->via.listen_id,
                                         [STORE_BOOT] = f->via.boot,
                                         [STORE_WORKER] = flow->worker,
                                         [STORE_CONN] = flow->conn};

    memcpy(numbers, all, sizeof all);
}

void keep_row_of(struct store_row *row, const struct binding *b, const struct keep_clock *clock, char *peer) {
    const struct str texts[STORE_TEXTS] = {[STORE_PEER] = str_of(addr_format(&b->f.via.flow.peer, peer)),
                                           [STORE_AOR] = b->aor,
                                           [STORE_CONTACT] = b->contact,
                                           [STORE_INSTANCE] = b->instance,
                                           [STORE_CALL_ID] = b->call_id,
                                           [STORE_SERVICE_ROUTE] = b->service_route,
                                           [STORE_PATH] = b->path,
                                           [STORE_USER_AGENT] = b->user_agent};

    row->id = b->f.id;
    numbers_of(row->numbers, &b->f, clock);
    memcpy(row->texts, texts, sizeof texts);
}

static void facts_of(struct binding_facts *f, const struct store_row *row, const struct keep_clock *c) {
    const uint64_t *n = row->numbers;
    /* as of when it was written, where that is still to come: the wall clock was put back */
    struct keep_clock then = {c->now_ms, n[STORE_WRITTEN_MS] > c->wall_ms ? n[STORE_WRITTEN_MS] : c->wall_ms};

    *f = (struct binding_facts){.id = row->id,
                                .via = {.boot = (uint32_t)n[STORE_BOOT],
                                        .listen_id = (uint16_t)n[STORE_LISTEN_ID],
                                        .flow = {.proto = (enum flow_proto)n[STORE_PROTO],
                                                 .worker = (uint16_t)n[STORE_WORKER],
                                                 .conn = (uint32_t)n[STORE_CONN]}},
                                .node = (uint32_t)n[STORE_NODE],
                                .reg_id = (uint32_t)n[STORE_REG_ID],
                                .q = (uint32_t)n[STORE_Q],
                                .cseq = (uint32_t)n[STORE_CSEQ],
                                .caps = (unsigned)n[STORE_CAPS],
                                .outbound = n[STORE_OUTBOUND] != 0,
                                .since_ms = moment_of(n[STORE_SINCE_MS], &then),
                                .told_ms = moment_of(n[STORE_TOLD_MS], &then),
                                .granted_ms = moment_of(n[STORE_GRANTED_MS], &then),
                                .moved_ms = moment_of(n[STORE_MOVED_MS], &then)};
}

int keep_row_read(const struct store_row *row, const struct keep_clock *clock, struct binding *b) {
    const struct str *t = row->texts;
    size_t n = 0;

    for (int i = 0; i < STORE_TEXTS; i++)
        n += row->texts[i].n;
    if (row->numbers[STORE_PROTO] >= FLOW_PROTOS || n > BINDING_TEXT_MAX || t[STORE_AOR].n == 0 ||
        t[STORE_CONTACT].n == 0)
        return -1;
    facts_of(&b->f, row, clock);
    if (addr_parse(&b->f.via.flow.peer, t[STORE_PEER]) < 0)
        return -1;
    b->aor = t[STORE_AOR];
    b->contact = t[STORE_CONTACT];
    b->instance = t[STORE_INSTANCE];
    b->call_id = t[STORE_CALL_ID];
    b->service_route = t[STORE_SERVICE_ROUTE];
    b->path = t[STORE_PATH];
    b->user_agent = t[STORE_USER_AGENT];
    return 0;
}
