/* line_impl: what the files of line share. */
#ifndef B2BUA_UPKEEP_LINE_IMPL_H
#define B2BUA_UPKEEP_LINE_IMPL_H

#include "b2bua/core/dialog.h"
#include "b2bua/core/regclient.h"
#include "b2bua/trunk/walk.h"
#include "b2bua/upkeep/line.h"

/* One registration. */
struct line {
    struct ua_user user;
    struct line *next;
    struct lines *lines;
    struct settings *settings; /* referenced */
    int trunk;
    struct regclient reg;
    struct walk walk;
    bool walking;
    struct walk_place place; /* where the last REGISTER went */
    bool has_place;
    bool placeless; /* nobody knows where the target is */
    int patience;   /* at the start, with the name servers: looks that find no place */
    int tried;      /* as reg.tried was then, and */
    unsigned rounds;
    struct tx *tx; /* the REGISTER under way */
    struct timer timer;
    uint32_t cseq;
    char call_id[UA_CALL_ID_SIZE], tag[DIALOG_TAG_SIZE];
    char contact[REGISTRATION_TEXT_MAX];
    char reason[REGISTRATION_REASON_MAX]; /* why the last one failed */
    struct flow flow;                     /* that the last one was granted on */
    char at[ADDR_TEXT_MAX];               /* and where */
    uint64_t registered, failed;
    struct str route; /* Service-Route as Route lines, owned */
};

struct lines {
    struct lines_config config;
    struct line *all;
    bool stopped;
};

static inline const struct settings_trunk *line_trunk(const struct line *n) {
    return &n->settings->trunks[n->trunk];
}

static inline const struct settings_target *line_target(const struct line *n) {
    return &line_trunk(n)->targets[n->has_place ? n->place.target : 0];
}

/* line_tell.c: what others see of it. */

/* Why the last one failed; `warning` is of the peer, and may be empty. */
void line_reason(struct line *n, int status, struct str warning);
void line_show(struct line *n);
void line_log_change(struct line *n, enum reg_state was);
void line_log_failure(const struct line *n, int status);
void line_log_lost(const struct line *n);

/* line_send.c */

/* The next REGISTER goes to where it has to go. Returns 0, or -1: there is no such place, or none that can be reached.
 */
int line_send(struct line *n, uint32_t expires_s, uint64_t now_ms);

/* Who waits for the last one waits no more. */
void line_let_go(struct line *n);

/* line_run.c: what happens to it. */
void line_start(struct line *n);
void line_stop(struct line *n, uint64_t now_ms);

/* The connection of `flow` is gone: was this one registered over it? */
void line_lost(struct line *n, const struct flow *flow, uint64_t now_ms);

#endif
