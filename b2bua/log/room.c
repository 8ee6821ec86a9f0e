#include "b2bua/log/room.h"

static const struct {
    const char *name, *help;
} rooms[] = {
#define ROW(room, name, help) {name, help},
    LOG_ROOMS_ALL(ROW)
#undef ROW
};

const char *log_room_name(enum log_room room) {
    return rooms[room].name;
}

const char *log_room_help(enum log_room room) {
    return rooms[room].help;
}

int log_room_find(struct str name) {
    for (int i = 0; i < LOG_ROOMS; i++)
        if (str_eq(name, str_of(rooms[i].name)))
            return i;
    return -1;
}
