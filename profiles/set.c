#include "profiles/set.h"

#include <stdlib.h>

static void list_free(struct set_list *l) {
    free(l->at);
    *l = (struct set_list){0};
}

static void list_add(struct set_list *l, int rule) {
    if ((l->count & (l->count - 1)) == 0) /* 0, 1, 2, 4, ... are full */
        l->at = mem_realloc(l->at, (size_t)(l->count == 0 ? 1 : 2 * l->count) * sizeof *l->at);
    l->at[l->count++] = (uint16_t)rule;
}

static void lists_free(struct profile *p) {
    for (int m = 0; m < RULE_METHODS; m++)
        list_free(&p->requests[m]);
    for (int i = 0; i < p->responses_count; i++)
        list_free(&p->responses[i]);
    free(p->responses);
    p->responses = NULL;
    p->responses_count = 0;
}

struct profile *profile_new(const char *name) {
    struct profile *p = mem_zalloc(sizeof *p);

    p->name = str_dup(str_of(name));
    set_index(p);
    return p;
}

void profile_free(struct profile *p) {
    if (p == NULL)
        return;
    for (int i = 0; i < p->count; i++) {
        rule_fini(p->rules[i]);
        free(p->rules[i]);
    }
    for (int i = 0; i < p->copylist_count; i++)
        free(p->copylist[i]);
    lists_free(p);
    free(p->rules);
    free(p->name);
    free(p);
}

const char *profile_name(const struct profile *p) {
    return p->name;
}

int profile_count(const struct profile *p) {
    return p->count;
}

struct str profile_rule(const struct profile *p, int i) {
    return str_of(p->rules[i]->text);
}

int profile_rule_line(const struct profile *p, int i) {
    return p->rules[i]->line;
}

int profile_rule_var(const struct profile *p, int i) {
    return p->rules[i]->var;
}

bool profile_keeps(const struct profile *p) {
    return p->peer || p->copylist_count > 0;
}

bool profile_has_vars(const struct profile *p) {
    return p->vars || profile_keeps(p);
}

bool profile_describes(const struct profile *p) {
    return p->describes;
}

struct set_list set_find(const struct profile *p, bool response, uint8_t method, uint16_t status) {
    if (!response)
        return p->requests[method];
    return p->responses[status < SET_CODES ? p->code_list[status] : 0];
}

static void insert(struct profile *p, int at, struct rule *r) {
    p->rules = mem_realloc(p->rules, (size_t)(p->count + 1) * sizeof(void *));
    memmove(p->rules + at + 1, p->rules + at, (size_t)(p->count - at) * sizeof(void *));
    p->rules[at] = r;
    p->count++;
}

struct rule *set_put(struct profile *p, struct rule *r) {
    int at = p->count;

    while (r->tag != 0 && at > 0 && p->rules[at - 1]->tag >= r->tag)
        at--;
    if (r->tag != 0 && at < p->count && p->rules[at]->tag == r->tag) {
        struct rule *before = p->rules[at];
        p->rules[at] = r;
        return before;
    }
    insert(p, at, r);
    return NULL;
}

void set_renumber(struct profile *p, int tag) {
    for (int i = 0; i < p->count; i++)
        if (p->rules[i]->tag >= tag)
            p->rules[i]->tag++;
}

struct rule *set_take(struct profile *p, int tag) {
    for (int i = 0; i < p->count; i++) {
        struct rule *r = p->rules[i];
        if (r->tag != tag)
            continue;
        memmove(p->rules + i, p->rules + i + 1, (size_t)(p->count - i - 1) * sizeof(void *));
        p->count--;
        return r;
    }
    return NULL;
}

/* A list of its own for each code that a rule names. */
static void number_codes(struct profile *p) {
    p->responses_count = 1;
    memset(p->code_list, 0, sizeof p->code_list);
    for (int i = 0; i < p->count; i++) {
        const struct rule *r = p->rules[i];
        if (r->response && r->status != 0 && p->code_list[r->status] == 0)
            p->code_list[r->status] = (uint16_t)p->responses_count++;
    }
    p->responses = mem_zalloc((size_t)p->responses_count * sizeof *p->responses);
}

void set_index(struct profile *p) {
    lists_free(p);
    number_codes(p);
    p->peer = p->vars = p->describes = false;
    for (int i = 0; i < p->count; i++) {
        const struct rule *r = p->rules[i];
        p->peer |= r->where == RULE_PEER_SIP || r->where == RULE_PEER_SDP;
        p->vars |= r->verb == RULE_COPY || strstr(r->text, "\\u") != NULL;
        p->describes |= r->where == RULE_SDP && r->verb != RULE_COPY;
        for (int m = 0; m < RULE_METHODS; m++)
            if (rule_is_for(r, false, (uint8_t)m, 0))
                list_add(&p->requests[m], i);
        for (int l = 0; l < p->responses_count; l++)
            if (r->response && (r->status == 0 || p->code_list[r->status] == l))
                list_add(&p->responses[l], i);
    }
}
