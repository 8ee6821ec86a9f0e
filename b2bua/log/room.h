/*
 * room: which room of the tree a line of the log is from, known when it is compiled: by the path of its file. A new
 * room is a row of both tables.
 */
#ifndef B2BUA_LOG_ROOM_H
#define B2BUA_LOG_ROOM_H

#include "b2bua/core/str.h"

/* The name, and what its lines tell of. */
#define LOG_ROOMS_ALL(X)                                                                                               \
    X(ADMIN, "admin", "call records, traces, the operator's socket and HTTP, what an operator changes")                \
    X(CALL, "call", "calls: states, targets, session timers, transfers")                                               \
    X(CONFIG, "config", "reloads")                                                                                     \
    X(DAEMON, "daemon", "start, stop, overload")                                                                       \
    X(GUARD, "guard", "intruders and bans")                                                                            \
    X(NET, "net", "sockets, connections, names looked up")                                                             \
    X(REGISTRAR, "registrar", "registrations, call managers, requests of clients")                                     \
    X(STORE, "store", "registrations on disk")                                                                         \
    X(TRUNK, "trunk", "health of targets, credentials")                                                                \
    X(UA, "ua", "SIP messages, profiles")                                                                              \
    X(UPKEEP, "upkeep", "registrations at providers, probes")

#define LOG_ROOM_ROW(room, name, help) LOG_ROOM_##room,
enum log_room { LOG_ROOMS_ALL(LOG_ROOM_ROW) LOG_ROOMS };
#undef LOG_ROOM_ROW

/* Files that no row fits are the daemon's. */
#define LOG_ROOM_PATHS(X)                                                                                              \
    X("b2bua/admin/", ADMIN)                                                                                           \
    X("b2bua/command/", ADMIN)                                                                                         \
    X("b2bua/server_http", ADMIN)                                                                                      \
    X("b2bua/call/", CALL)                                                                                             \
    X("b2bua/config/", CONFIG)                                                                                         \
    X("b2bua/reload", CONFIG)                                                                                          \
    X("b2bua/server_reload", CONFIG)                                                                                   \
    X("b2bua/guard/", GUARD)                                                                                           \
    X("b2bua/net/", NET)                                                                                               \
    X("b2bua/lookup", NET)                                                                                             \
    X("b2bua/registrar/", REGISTRAR)                                                                                   \
    X("b2bua/store/", STORE)                                                                                           \
    X("b2bua/keep", STORE)                                                                                             \
    X("b2bua/trunk/", TRUNK)                                                                                           \
    X("b2bua/ua/", UA)                                                                                                 \
    X("b2bua/upkeep/", UPKEEP)

/* Of the file that this stands in. */
#define LOG_ROOM_HERE           (LOG_ROOM_PATHS(LOG_ROOM_IF) LOG_ROOM_DAEMON)
#define LOG_ROOM_IF(path, room) __builtin_strncmp(__FILE__, path, sizeof(path) - 1) == 0 ? LOG_ROOM_##room:

const char *log_room_name(enum log_room room);
const char *log_room_help(enum log_room room);

/* The room that is called so; -1 = none. */
int log_room_find(struct str name);

#endif
