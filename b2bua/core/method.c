#include "b2bua/core/method.h"

static const char *const names[METHODS] = {
    [METHOD_UNKNOWN] = "",
    [METHOD_INVITE] = "INVITE",
    [METHOD_ACK] = "ACK",
    [METHOD_BYE] = "BYE",
    [METHOD_CANCEL] = "CANCEL",
    [METHOD_OPTIONS] = "OPTIONS",
    [METHOD_REGISTER] = "REGISTER",
    [METHOD_PRACK] = "PRACK",
    [METHOD_UPDATE] = "UPDATE",
    [METHOD_INFO] = "INFO",
    [METHOD_MESSAGE] = "MESSAGE",
    [METHOD_NOTIFY] = "NOTIFY",
    [METHOD_SUBSCRIBE] = "SUBSCRIBE",
    [METHOD_REFER] = "REFER",
    [METHOD_PUBLISH] = "PUBLISH",
};

enum method method_of(struct str name) {
    for (int m = METHOD_INVITE; m < METHODS; m++)
        if (str_eq(name, str_of(names[m])))
            return (enum method)m;
    return METHOD_UNKNOWN;
}

const char *method_name(enum method m) {
    return names[m];
}
