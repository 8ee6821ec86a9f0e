#include "b2bua/core/enrol.h"

#include "b2bua/core/digest.h"
#include "b2bua/core/head.h"

bool enrol_line_next(struct enrol_lines *l, struct str message, struct str name, char compact, struct str *value) {
    struct head_line line;

    if (!l->begun)
        head_start(message, &l->rest);
    l->begun = true;
    if (!head_find(&l->rest, name, compact, &line))
        return false;
    *value = line.value;
    return true;
}

/* The first element of a list, trimmed; *list moves on. */
static struct str element(struct str *list) {
    size_t n = str_find(*list, ',');
    struct str one = str_trim(str_upto(*list, n));

    *list = str_from(*list, n < list->n ? n + 1 : n);
    return one;
}

static bool has_tag(struct str list, const char *tag) {
    while (list.n > 0)
        if (str_ieq(element(&list), str_of(tag)))
            return true;
    return false;
}

static bool says(struct str message, struct str name, char compact, const char *tag) {
    struct enrol_lines lines = {0};
    struct str value;

    while (enrol_line_next(&lines, message, name, compact, &value))
        if (has_tag(value, tag))
            return true;
    return false;
}

/* --- what is asked --- */

/* As an option tag: "AR_SK", "x-cisco-mra-ha=AR_SK" or "X-cisco-supports-AR_SK". */
static unsigned caps_of(struct str tag) {
    static const struct str fronts[] = {{"x-cisco-mra-ha=", 15}, {"x-cisco-supports-", 17}};

    for (size_t i = 0; i < sizeof fronts / sizeof *fronts; i++)
        if (tag.n > fronts[i].n && str_ieq(str_upto(tag, fronts[i].n), fronts[i]))
            return contact_caps(str_from(tag, fronts[i].n));
    return str_ieq(tag, STR("AR_SK")) ? CONTACT_AR | CONTACT_SK : 0;
}

static void read_supported(struct enrol_ask *a, struct str message) {
    struct enrol_lines lines = {0};
    struct str value;

    while (enrol_line_next(&lines, message, STR("Supported"), 'k', &value)) {
        a->outbound |= has_tag(value, "outbound");
        a->path |= has_tag(value, "path");
        while (value.n > 0)
            a->caps |= caps_of(element(&value));
    }
}

static void read_credentials(struct enrol_ask *a, struct str message) {
    static const struct str names[] = {{"Authorization", 13}, {"Proxy-Authorization", 19}};
    struct str value, name, text;

    for (size_t i = 0; i < 2 && !a->has_credentials; i++) {
        struct enrol_lines lines = {0};
        if (!enrol_line_next(&lines, message, names[i], 0, &value))
            continue;
        a->has_credentials = true;
        value = str_trim(str_from(value, str_find(value, ' ')));
        while (digest_param_next(&value, &name, &text)) {
            if (str_ieq(name, STR("username")))
                a->user = text;
            else if (str_ieq(name, STR("realm")))
                a->realm = text;
            else if (str_ieq(name, STR("nonce")))
                a->nonce = text;
        }
    }
}

/* RFC 3261 20.19: what is no number counts as an hour; more than fits as the most that does. */
static uint32_t expires_of(struct str value) {
    uint64_t n;

    if (str_number(value, UINT32_MAX - 1, &n) == 0)
        return (uint32_t)n;
    return ENROL_EXPIRES_UNSAID_S;
}

static uint32_t read_expires(struct str message) {
    struct enrol_lines lines = {0};
    struct str value;

    return enrol_line_next(&lines, message, STR("Expires"), 0, &value) ? expires_of(value) : CONTACT_UNSAID;
}

static int wrong(const char **phrase, int status, const char *what) {
    *phrase = what;
    return status;
}

static int take_contact(struct enrol_ask *a, const struct contact *c, uint32_t expires_s, const char **phrase) {
    struct str said;

    if (c->is_star) {
        if (a->star || a->count > 0 || expires_s != 0)
            return wrong(phrase, 400, "Bad Contact header");
        a->star = a->has_farewell = true;
        return 0;
    }
    if (a->star)
        return wrong(phrase, 400, "Bad Contact header");
    if (a->count == ENROL_CONTACTS_MAX)
        return wrong(phrase, 403, "Too Many Contacts");
    struct enrol_contact *e = &a->contacts[a->count++];
    e->c = *c;
    if (contact_param(c->params, "expires", &said))
        e->asked_s = expires_of(said);
    else
        e->asked_s = expires_s == CONTACT_UNSAID ? ENROL_EXPIRES_UNSAID_S : expires_s;
    a->has_farewell |= e->asked_s == 0;
    a->caps |= c->caps;
    return 0;
}

static int read_contacts(struct enrol_ask *a, struct str message, const char **phrase) {
    uint32_t expires_s = read_expires(message);
    struct enrol_lines lines = {0};
    struct contact c;
    struct str value;
    int more, status;

    while (enrol_line_next(&lines, message, STR("Contact"), 'm', &value)) {
        while ((more = contact_next(&value, &c)) > 0)
            if ((status = take_contact(a, &c, expires_s, phrase)) != 0)
                return status;
        if (more < 0)
            return wrong(phrase, 400, "Bad Contact header");
    }
    return 0;
}

int enrol_ask_read(struct enrol_ask *a, struct str message, const char **phrase) {
    struct enrol_lines lines = {0};
    bool is_flow = false;

    *a = (struct enrol_ask){0};
    int status = read_contacts(a, message, phrase);
    if (status != 0)
        return status;
    read_supported(a, message);
    for (int i = 0; i < a->count; i++)
        is_flow |= a->contacts[i].c.instance.n > 0 && contact_param(a->contacts[i].c.params, "reg-id", NULL);
    a->outbound &= is_flow;
    read_credentials(a, message);
    enrol_line_next(&lines, message, STR("User-Agent"), 0, &a->user_agent);
    return 0;
}

uint32_t enrol_least_s(const struct enrol_ask *a) {
    uint32_t least = UINT32_MAX;

    for (int i = 0; i < a->count; i++)
        if (a->contacts[i].asked_s > 0 && a->contacts[i].asked_s < least)
            least = a->contacts[i].asked_s;
    return least;
}

int enrol_match(const struct enrol_ask *a, const struct contact *c) {
    for (int i = 0; i < a->count; i++)
        if (str_eq(a->contacts[i].c.uri, c->uri))
            return i;
    for (int i = 0; i < a->count && c->instance.n > 0; i++) {
        const struct contact *own = &a->contacts[i].c;
        if (own->reg_id > 0 && own->reg_id == c->reg_id && str_eq(own->instance, c->instance))
            return i;
    }
    return -1;
}

/* --- what is granted --- */

void enrol_answer_read(struct enrol_answer *a, struct str message) {
    struct enrol_lines contacts = {0}, paths = {0};
    struct str value;

    a->expires_s = read_expires(message);
    a->has_contacts = enrol_line_next(&contacts, message, STR("Contact"), 'm', &value);
    a->has_path = enrol_line_next(&paths, message, STR("Path"), 0, &value);
    a->ar_sk = says(message, STR("Supported"), 'k', "X-cisco-supports-AR_SK");
    a->outbound = says(message, STR("Require"), 0, "outbound");
}

/* --- lines --- */

void enrol_put_without(struct sbuf *out, struct str message, struct str name, char compact, const char *tag) {
    struct enrol_lines lines = {0};
    struct str value;
    bool has_any = false;

    while (enrol_line_next(&lines, message, name, compact, &value))
        while (value.n > 0) {
            struct str one = element(&value);
            if (one.n == 0 || str_ieq(one, str_of(tag)))
                continue;
            if (has_any)
                sbuf_puts(out, ", ");
            else
                sbuf_put(out, name);
            sbuf_puts(out, has_any ? "" : ": ");
            sbuf_put(out, one);
            has_any = true;
        }
    if (has_any)
        sbuf_puts(out, "\r\n");
}

void enrol_put_routes(struct sbuf *out, struct str message, struct str name) {
    struct enrol_lines lines = {0};
    struct str value;

    while (enrol_line_next(&lines, message, name, 0, &value)) {
        sbuf_puts(out, "Route: ");
        for (size_t i = 0; i < value.n; i++) /* folded lines become one */
            sbuf_putc(out, value.p[i] == '\r' || value.p[i] == '\n' ? ' ' : value.p[i]);
        sbuf_puts(out, "\r\n");
    }
}
