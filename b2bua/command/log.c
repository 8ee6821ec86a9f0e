/* How much the log says, room by room; until twinleg ends, or the configuration changes admin.log_level. */
#include "b2bua/log/log.h"
#include "b2bua/command/impl.h"
#include "b2bua/core/json.h"

static void put_room(struct sbuf *out, enum log_room room) {
    json_item(out);
    sbuf_putc(out, '{');
    json_put_text(out, "room", str_of(log_room_name(room)));
    json_put_text(out, "level", str_of(log_level_name(log_room_level(room))));
    json_put_text(out, "tells_of", str_of(log_room_help(room)));
    sbuf_putc(out, '}');
}

static void finish(struct command_run *r) {
    struct sbuf out = sbuf_growing(COMMAND_ANSWER_MAX);

    sbuf_putc(&out, '{');
    json_put_text(&out, "log_level", str_of(log_level_name(log_level_common())));
    json_name(&out, "rooms");
    sbuf_putc(&out, '[');
    for (int i = 0; i < LOG_ROOMS; i++)
        put_room(&out, i);
    sbuf_puts(&out, "]}");
    run_finish(r, &out);
}

/* Returns -1 after run_error. */
static int take_level(struct command_run *r, struct str word, enum log_level *level) {
    struct nearest nearest = {.text = word.p};
    char hint[128];

    if (log_level_parse(word.p, level) == 0)
        return 0;
    for (int i = 0; i < LOG_LEVELS; i++)
        nearest_try(&nearest, log_level_name(i));
    run_error(r, "no log level \"%s\"%s", word.p, run_nearest(&nearest, hint, sizeof hint));
    return -1;
}

/* Returns -1 after run_error. */
static int take_room(struct command_run *r, struct str word) {
    struct nearest nearest = {.text = word.p};
    int room = log_room_find(word);
    char hint[128];

    for (int i = 0; room < 0 && i < LOG_ROOMS; i++)
        nearest_try(&nearest, log_room_name(i));
    if (room < 0)
        run_error(r, "no room \"%s\"%s", word.p, run_nearest(&nearest, hint, sizeof hint));
    return room;
}

/* Said whatever the level is. */
static void set(int room, enum log_level level) {
    if (room < 0)
        log_level_set(level);
    else
        log_room_set(room, level);
    log_write(LOG_LEVEL_INFO, "twinleg log_level=%s room=%s", log_level_name(level),
              room < 0 ? "all" : log_room_name(room));
}

void command_log_level(struct command_run *r) {
    enum log_level level;
    int room = -1;

    if (r->arg_count == 2 && (room = take_room(r, r->args[0])) < 0)
        return;
    if (r->arg_count > 0) {
        if (take_level(r, r->args[r->arg_count - 1], &level) < 0)
            return;
        set(room, level);
    }
    finish(r);
}
