#include "b2bua/core/ending.h"

enum { A = 1 << ENDING_BY_A, B = 1 << ENDING_BY_B, US = 1 << ENDING_BY_US };

static const struct {
    const char *name;
    unsigned by;
} rows[ENDING_CAUSES] = {
    [ENDING_BYE] = {"bye", A | B},
    [ENDING_CANCEL] = {"cancel", A},
    [ENDING_REFRESH_MISSED] = {"refresh-missed", US},
    [ENDING_REFRESH_FAILED] = {"refresh-failed", US},
    [ENDING_NO_ACK] = {"no-ack", US},
    [ENDING_TIMEOUT] = {"timeout", US},
    [ENDING_REJECTED] = {"rejected", B | US},
    [ENDING_ADMIN] = {"admin", US},
    [ENDING_DRAIN] = {"drain", US},
    [ENDING_LIMIT] = {"limit", US},
    [ENDING_TRANSFER] = {"transfer", A | B},
};

const char *ending_by_name(enum ending_by by) {
    static const char *const names[ENDING_BYS] = {"", "a", "b", "us"};

    return names[by];
}

const char *ending_cause_name(enum ending_cause cause) {
    return rows[cause].name;
}

bool ending_may(enum ending_by by, enum ending_cause cause) {
    return (rows[cause].by >> by & 1) != 0;
}
