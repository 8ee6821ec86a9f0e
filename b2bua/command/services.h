/*
 * services: services in `status`: is each of them configured, does it work, and if not, which key of the
 * configuration is to be looked at. A service is a row of the table in services.c: a function that says how it
 * is configured (NULL: it is), and one that looks at it and tells what it finds.
 */
#ifndef B2BUA_COMMAND_SERVICES_H
#define B2BUA_COMMAND_SERVICES_H

#include "b2bua/command/impl.h"

enum { SERVICE_DETAIL_MAX = 2048 };

/* One service while it is looked at. */
struct service_look {
    const struct commands *c;
    const struct settings *s;
    struct sbuf *problems; /* JSON values with commas between them */
    int problem_count;
    struct sbuf detail;
    int details;
    char text[SERVICE_DETAIL_MAX];
};

/* Something is wrong; `see` is the key that it is about. The first fifty of a service are kept, and all are counted. */
void service_problem(struct service_look *l, const char *see, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* One of the things that it consists of, in a few words; the first twenty are kept. */
void service_detail(struct service_look *l, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The rows: service_no_X says how the service would be configured, NULL where it is; service_look_at_X tells of it. */
const char *service_no_trunks(const struct service_look *l);
void service_look_at_trunks(struct service_look *l);
const char *service_no_trunk_registers(const struct service_look *l);
void service_look_at_registering(struct service_look *l);
const char *service_no_front(const struct service_look *l);
void service_look_at_front(struct service_look *l);
const char *service_no_nodes(const struct service_look *l);
void service_look_at_nodes(struct service_look *l);
const char *service_no_fellows(const struct service_look *l);
void service_look_at_fellows(struct service_look *l);
const char *service_no_local(const struct service_look *l);
void service_look_at_local(struct service_look *l);
const char *service_no_stun(const struct service_look *l);
void service_look_at_stun(struct service_look *l);
const char *service_no_limit(const struct service_look *l);
void service_look_at_limit(struct service_look *l);
const char *service_no_cache(const struct service_look *l);
void service_look_at_cache(struct service_look *l);
const char *service_no_keep(const struct service_look *l);
void service_look_at_keep(struct service_look *l);
const char *service_no_bans(const struct service_look *l);
void service_look_at_bans(struct service_look *l);
const char *service_no_tls(const struct service_look *l);
void service_look_at_tls(struct service_look *l);
const char *service_no_records(const struct service_look *l);
void service_look_at_records(struct service_look *l);
const char *service_no_http(const struct service_look *l);
void service_look_at_http(struct service_look *l);
const char *service_no_hep(const struct service_look *l);
void service_look_at_hep(struct service_look *l);

#endif
