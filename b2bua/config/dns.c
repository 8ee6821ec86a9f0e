#include <stdlib.h>

#include "b2bua/config/row.h"

/* "a" to "a,b". */
static void append(char **list, const char *text) {
    struct sbuf b = sbuf_growing(1 << 20);

    sbuf_puts(&b, *list);
    if (b.n > 0)
        sbuf_putc(&b, ',');
    sbuf_puts(&b, text);
    free(*list);
    *list = str_dup(sbuf_str(&b));
    sbuf_fini(&b);
}

void config_dns_take_server(struct config_loader *l, const struct config_value *v, void *object) {
    struct settings *s = object;
    char text[ADDR_TEXT_MAX];
    struct addr a;

    if (addr_parse(&a, str_of(v->text)) < 0) {
        config_fault(l, v->where, NULL, "must be \"address\" or \"address:port\"");
        return;
    }
    if (a.port == 0)
        a.port = 53;
    append(&s->dns.servers, addr_format(&a, text));
}

void config_dns_take_search(struct config_loader *l, const struct config_value *v, void *object) {
    struct settings *s = object;

    if (v->text[strspn(v->text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")] != '\0' ||
        v->text[0] == '\0' || strlen(v->text) > 253)
        config_fault(l, v->where, NULL, "must be a domain");
    else
        append(&s->dns.search, v->text);
}
