/*
 * row: the shape of the table, and what the files config_*.c share. Only they include this.
 *
 * A row describes one key of one group. Its value is checked by type, range, names and `check`, in this order, then
 * stored at `at` in the object of the group, or handed to `take`. A list of groups makes one object an item with `add`
 * and, when all rows of the item were right, calls `done` for what concerns several keys.
 */
#ifndef B2BUA_CONFIG_ROW_H
#define B2BUA_CONFIG_ROW_H

#include <libconfig.h>

#include "b2bua/config/config.h"
#include "b2bua/core/facts.h"
#include "b2bua/core/nearest.h"

struct config_loader {
    struct settings *s;
    struct config_report *report;
    const char *file;                   /* being read */
    bool quiet;                         /* inside a list that this version ignores: check, but neither store nor warn */
    const struct config_group *partial; /* keys that this group has no row for are somebody else's; may be NULL */
};

enum config_type {
    CONFIG_END, /* of a group's rows */
    CONFIG_INT,
    CONFIG_BOOL,
    CONFIG_STRING, /* with `names`: one of them, stored as text */
    CONFIG_ENUM,   /* one of `names`, stored as its index */
    CONFIG_PATH,   /* a string, stored absolute; "" stays */
    CONFIG_INTS,   /* a list of numbers; `take` gets each */
    CONFIG_NAMES,  /* a string or a list of strings; `take` gets each */
    CONFIG_GROUP,  /* { } of `group`, same object */
    CONFIG_GROUPS, /* ( { }, ... ) of `group` */
    CONFIG_OPAQUE  /* not looked into */
};

enum config_support {
    CONFIG_NOW,
    CONFIG_LATER,  /* checked, then ignored with a warning unless it says the default */
    CONFIG_REFUSED /* checked, then an error unless it says the default */
};

/* One element handed to `take`; borrowed. */
struct config_value {
    const config_setting_t *where;
    const char *text; /* CONFIG_STRING, CONFIG_NAMES */
    int number;       /* CONFIG_INTS */
};

struct config_row {
    const char *key;
    enum config_type type;
    const char *standard; /* the default, as text without quotes; NULL: the key must be given */
    int min, max;         /* of numbers; of lists, the most elements */
    const char *unit;
    const char *const *names; /* NULL-terminated */
    size_t at;
    enum config_support support;
    const char *(*check)(const char *text); /* what is wrong with it, or NULL */
    void (*take)(struct config_loader *l, const struct config_value *v, void *object);
    const struct config_group *group;
    unsigned marks;      /* of what a reload tells (core/facts.h) */
    bool content;        /* names a file that is read: what it holds matters, too */
    bool one_will_do;    /* a list of groups may be written as one group */
    bool template_off;   /* the template shows it as a comment: it would need files, or another key */
    const char *example; /* what the template shows where the default says too little */
    const char *help;
};

struct config_group {
    const struct config_row *rows; /* ends with CONFIG_END */
    void *(*add)(struct config_loader *l, void *parent);
    void (*done)(struct config_loader *l, const config_setting_t *where, void *object);
};

/* rows.c: the whole file. config_rows_*.c: one trunk, parts of security, a routes file, a profile file, and of
 * the whole file only the profiles that it names. */
extern const struct config_group config_root;
extern const struct config_group config_trunk;
extern const struct config_group config_translate_in, config_translate_out; /* of a trunk; rows_route.c */
extern const struct config_group config_overload;
extern const struct config_group config_bans;
extern const struct config_group config_exempt;
extern const struct config_group config_routes_file;
extern const struct config_group config_profiles_file;
extern const struct config_group config_profiles_named;
extern const struct config_group config_registrar; /* rows_front.c */
extern const struct config_group config_cluster;
extern const struct config_group config_maintenance;

/* What most rows share; the rest follows as designated initializers. */
#define CONFIG_TEXT_ROW(name, default_text) .key = (name), .type = CONFIG_STRING, .standard = (default_text)
#define CONFIG_BOOL_ROW(name, default_text) .key = (name), .type = CONFIG_BOOL, .standard = (default_text)
#define CONFIG_GROUP_ROW(name, rows_of)     .key = (name), .type = CONFIG_GROUP, .group = (rows_of)
#define CONFIG_OPAQUE_ROW(name)             .key = (name), .type = CONFIG_OPAQUE, .standard = ""
#define CONFIG_INT_ROW(name, default_text, least, most)                                                                \
    .key = (name), .type = CONFIG_INT, .standard = (default_text), .min = (least), .max = (most)

/* walk.c: checks `where` (NULL: absent) against the rows and fills `object`. */
void config_walk(struct config_loader *l, const config_setting_t *where, const struct config_group *group,
                 void *object);

/* The defaults of a group for an object that nobody has written; what would have to be given is left as it is. */
void config_defaults(struct config_loader *l, const struct config_group *group, void *object);

/* fact.c: notes what was written for a key. */
void config_fact(struct config_loader *l, const config_setting_t *where, const struct config_row *row);

/* scalar.c: what a handler of one type returns. */
enum config_outcome { CONFIG_WRONG = -1, CONFIG_STANDARD, CONFIG_OTHER };

enum config_outcome config_read_int(struct config_loader *l, const config_setting_t *where,
                                    const struct config_row *row, void *object);
enum config_outcome config_read_bool(struct config_loader *l, const config_setting_t *where,
                                     const struct config_row *row, void *object);
enum config_outcome config_read_text(struct config_loader *l, const config_setting_t *where,
                                     const struct config_row *row, void *object);

/* The number or text of one element after its checks; false when it was reported. */
bool config_number_of(struct config_loader *l, const config_setting_t *where, const struct config_row *row, int *out);
bool config_text_of(struct config_loader *l, const config_setting_t *where, const struct config_row *row,
                    const char **out);

/* Stores the row's default; "" for a text that has none. */
void config_standard(struct config_loader *l, const struct config_row *row, void *object);

/* file.c */

/* Reads `file` (libconfig) and walks it; syntax errors are reported. `named_at` names the file, NULL for the first. */
void config_file_load(struct config_loader *l, const char *file, const config_setting_t *named_at,
                      const struct config_group *group);

/* What is wrong with a whole file; `named_at` names it, NULL for the first. */
void config_file_fault(struct config_loader *l, const char *file, const config_setting_t *named_at, const char *wrong);

/* All that is in `file`, which `named_at` names, into `out`, to be given to sbuf_fini. False, and reported: it cannot
 * be read, or is longer than `max_mib` MiB; `out` is empty then. */
bool config_file_text(struct config_loader *l, const char *file, const config_setting_t *named_at, size_t max_mib,
                      struct sbuf *out);

/* `path` as seen from the file that `where` stands in, to be freed. `absolute`: without symbolic links in the folder.
 */
char *config_file_beside(const struct config_loader *l, const config_setting_t *where, const char *path, bool absolute);

/* report.c: `key` is a member of `where`, or NULL for `where` itself. */
void config_fault(struct config_loader *l, const config_setting_t *where, const char *key, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void config_warn(struct config_loader *l, const config_setting_t *where, const char *key, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void config_note_add(struct config_notes *notes, const char *file, int line, const char *text);

/* value.c: checks of strings, for the rows. */
const char *config_check_name(const char *text);
const char *config_check_host_token(const char *text);
const char *config_check_address(const char *text);
const char *config_check_advertise(const char *text);
const char *config_check_http(const char *text);
const char *config_check_token(const char *text);
const char *config_check_unquoted(const char *text);

/* The array with room for one item more, which is zero; it had `count`. Grown by this alone. */
void *config_grow(void *items, int count, size_t size);

/* admin.c */
void config_admin_done(struct config_loader *l, const config_setting_t *where, void *object);

/* listen.c */
void *config_listen_add(struct config_loader *l, void *parent);
void config_listen_done(struct config_loader *l, const config_setting_t *where, void *object);
void *config_tls_add(struct config_loader *l, void *parent);
void config_tls_done(struct config_loader *l, const config_setting_t *where, void *object);

/* trunk.c */
void *config_trunk_add(struct config_loader *l, void *parent);
void config_trunk_done(struct config_loader *l, const config_setting_t *where, void *object);
void *config_target_add(struct config_loader *l, void *parent);
void config_trunk_targets_as_sources(struct settings_trunk *t);
void config_trunk_take_listen(struct config_loader *l, const struct config_value *v, void *object);
void config_trunk_take_source(struct config_loader *l, const struct config_value *v, void *object);
void config_trunk_take_hunt(struct config_loader *l, const struct config_value *v, void *object);
void config_trunk_take_hold(struct config_loader *l, const struct config_value *v, void *object);
void config_trunk_take_codec(struct config_loader *l, const struct config_value *v, void *object);
void config_session_timer_done(struct config_loader *l, const config_setting_t *where, void *object);

/* headers.c: one more rule of a list, which is made with its first; a bad one is reported. */
void config_header_rule(struct config_loader *l, const struct config_value *v, struct header_rules **rules,
                        enum header_rules_list list);
void config_trunk_take_pass(struct config_loader *l, const struct config_value *v, void *object);
void config_trunk_take_strip(struct config_loader *l, const struct config_value *v, void *object);
void config_headers_done(struct config_loader *l, const config_setting_t *where, void *object);

/* auth.c */
const char *config_check_aor(const char *text);
const char *config_check_user(const char *text);
void config_register_done(struct config_loader *l, const config_setting_t *where, void *object);
void *config_auth_add(struct config_loader *l, void *parent);
void config_auth_done(struct config_loader *l, const config_setting_t *where, void *object);
void config_auth_tidy(struct config_loader *l, const config_setting_t *where, struct settings_trunk *t);

/* target.c: the check of its uri, for the row, and what fills the target from its uri, for a trunk whose
 * listeners are known. */
const char *config_check_uri(const char *text);
const char *config_check_probe(const char *text);
void config_target_read(struct config_loader *l, const config_setting_t *where, const struct settings_trunk *t,
                        struct settings_target *target);

/* front.c */
void config_front_take_listen(struct config_loader *l, const struct config_value *v, void *object);
void config_maintenance_take_agent(struct config_loader *l, const struct config_value *v, void *object);
void config_registrar_take_domain(struct config_loader *l, const struct config_value *v, void *object);
void *config_local_add(struct config_loader *l, void *parent);
void config_local_done(struct config_loader *l, const config_setting_t *where, void *object);
void *config_node_add(struct config_loader *l, void *parent);
void config_node_keepalive_done(struct config_loader *l, const config_setting_t *where, void *object);
void config_registrar_done(struct config_loader *l, const config_setting_t *where, void *object);
void config_cluster_done(struct config_loader *l, const config_setting_t *where, void *object);

/* front_peers.c */
const char *config_check_peer_name(const char *text);
void *config_peer_add(struct config_loader *l, void *parent);
void config_peers_done(struct config_loader *l, const config_setting_t *where, struct settings_cluster *c);
/* front.c: a trunk of that name with the listeners of `where` and all else at its default. Its index, or -1. */
int config_front_trunk(struct config_loader *l, const config_setting_t *where, const char *name);
/* A target more for it, from its uri. Its index. */
int config_front_target(struct config_loader *l, const config_setting_t *where, int trunk, const char *uri);

/* dns.c */
void config_dns_take_server(struct config_loader *l, const struct config_value *v, void *object);
void config_dns_take_search(struct config_loader *l, const struct config_value *v, void *object);

/* security.c */
void *config_ban_add(struct config_loader *l, void *parent);
void config_ban_done(struct config_loader *l, const config_setting_t *where, void *object);
void config_overload_done(struct config_loader *l, const config_setting_t *where, void *object);
void config_overload_take_emergency(struct config_loader *l, const struct config_value *v, void *object);
void *config_exempt_add(struct config_loader *l, void *parent);
void config_exempt_take_source(struct config_loader *l, const struct config_value *v, void *object);
void config_exempt_take_category(struct config_loader *l, const struct config_value *v, void *object);

/* profile.c */
void config_profile_take_file(struct config_loader *l, const struct config_value *v, void *object);
void *config_profile_add(struct config_loader *l, void *parent);
void config_profile_take_name(struct config_loader *l, const struct config_value *v, void *object);
void config_profile_take_rule(struct config_loader *l, const struct config_value *v, void *object);
void config_profile_take_text(struct config_loader *l, const struct config_value *v, void *object);
void config_profile_read(struct config_loader *l, const char *file, const config_setting_t *named_at,
                         struct settings_profile *p);
void config_trunk_take_profile_in(struct config_loader *l, const struct config_value *v, void *object);
void config_trunk_take_profile_out(struct config_loader *l, const struct config_value *v, void *object);

/* route.c */
void config_route_take_file(struct config_loader *l, const struct config_value *v, void *object);
void *config_route_add(struct config_loader *l, void *parent);
void config_route_done(struct config_loader *l, const config_setting_t *where, void *object);
void config_route_take_from(struct config_loader *l, const struct config_value *v, void *object);
void *config_route_to_add(struct config_loader *l, void *parent);
void config_route_to_done(struct config_loader *l, const config_setting_t *where, void *object);
void config_route_take_trunk(struct config_loader *l, const struct config_value *v, void *object);
void config_route_take_group(struct config_loader *l, const struct config_value *v, void *object);
void *config_group_add(struct config_loader *l, void *parent);
void config_group_done(struct config_loader *l, const config_setting_t *where, void *object);
void *config_group_to_add(struct config_loader *l, void *parent);
void config_routes_check(struct config_loader *l); /* when all files are read */
void config_routes_done(struct config_loader *l);  /* when all files are read, and right */

/* route_rules.c */
extern const char *const config_translated[];
void config_route_take_called(struct config_loader *l, const struct config_value *v, void *object);
void config_route_take_calling(struct config_loader *l, const struct config_value *v, void *object);
void config_route_take_request_uri(struct config_loader *l, const struct config_value *v, void *object);
void config_route_take_to_uri(struct config_loader *l, const struct config_value *v, void *object);
void config_route_take_from_uri(struct config_loader *l, const struct config_value *v, void *object);
void config_route_take_header_name(struct config_loader *l, const struct config_value *v, void *object);
void config_route_take_header_value(struct config_loader *l, const struct config_value *v, void *object);
void config_route_take_translated(struct config_loader *l, const struct config_value *v, void *object);
void config_route_translate_called(struct config_loader *l, const struct config_value *v, void *object);
void config_route_translate_calling(struct config_loader *l, const struct config_value *v, void *object);
void config_route_translate_redirecting(struct config_loader *l, const struct config_value *v, void *object);
void config_trunk_in_called(struct config_loader *l, const struct config_value *v, void *object);
void config_trunk_in_calling(struct config_loader *l, const struct config_value *v, void *object);
void config_trunk_in_redirecting(struct config_loader *l, const struct config_value *v, void *object);
void config_trunk_out_called(struct config_loader *l, const struct config_value *v, void *object);
void config_trunk_out_calling(struct config_loader *l, const struct config_value *v, void *object);
void config_trunk_out_redirecting(struct config_loader *l, const struct config_value *v, void *object);

/* route_map.c */
void config_route_take_called_map(struct config_loader *l, const struct config_value *v, void *object);
void config_route_take_calling_map(struct config_loader *l, const struct config_value *v, void *object);

/* The trunk of that name; -1 after reporting that there is none. */
int config_trunk_find(struct config_loader *l, const config_setting_t *where, const char *name);

#endif
