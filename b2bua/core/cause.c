#include "b2bua/core/cause.h"

/* RFC 3398 8.2.6.1; those marked + are newer, and stand where their likes do. */
static const struct {
    int status, cause;
} of_status[] = {
    {400, 41},  {401, 21}, {402, 21},  {403, 21},  {404, 1},          {405, 63},         {406, 79},         {407, 21},
    {408, 102}, {410, 22}, {413, 127}, {414, 127}, {415, 79},         {416, 127},        {420, 127},        {421, 127},
    {423, 127}, {480, 18}, {481, 41},  {482, 25},  {483, 25},         {484, 28},         {485, 1},          {486, 17},
    {488, 65},  {500, 41}, {501, 79},  {502, 38},  {503, 41},         {504, 102},        {505, 127},        {513, 127},
    {600, 17},  {603, 21}, {604, 1},   {606, 65},  {433, 21} /* + */, {607, 21} /* + */, {608, 21} /* + */,
};

/* RFC 3398 7.2.4.1, in the words of Q.850. */
static const struct {
    int cause, status;
    const char *text;
} of_cause[] = {
    {1, 404, "Unallocated number"},
    {2, 404, "No route to network"},
    {3, 404, "No route to destination"},
    {16, 480, "Normal call clearing"}, /* none of 7.2.4.1: a call that failed was cleared by somebody */
    {17, 486, "User busy"},
    {18, 408, "No user responding"},
    {19, 480, "No answer from user"},
    {20, 480, "Subscriber absent"},
    {21, 403, "Call rejected"},
    {22, 410, "Number changed"},
    {23, 410, "Redirection to new destination"},
    {25, 483, "Exchange routing error"}, /* none of 7.2.4.1: as RFC 3398 8.2.6.1 read backwards */
    {26, 404, "Non-selected user clearing"},
    {27, 502, "Destination out of order"},
    {28, 484, "Address incomplete"},
    {29, 501, "Facility rejected"},
    {31, 480, "Normal, unspecified"},
    {34, 503, "No circuit available"},
    {38, 503, "Network out of order"},
    {41, 503, "Temporary failure"},
    {42, 503, "Switching equipment congestion"},
    {47, 503, "Resource unavailable"},
    {55, 403, "Incoming calls barred within CUG"},
    {57, 403, "Bearer capability not authorized"},
    {58, 503, "Bearer capability not presently available"},
    {63, 503, "Service or option not available"}, /* none of 7.2.4.1: class 4 as its likes */
    {65, 488, "Bearer capability not implemented"},
    {70, 488, "Only restricted digital available"},
    {79, 501, "Service or option not implemented"},
    {87, 403, "User not member of CUG"},
    {88, 503, "Incompatible destination"},
    {102, 504, "Recovery on timer expiry"},
    {111, 500, "Protocol error"},
    {127, 500, "Interworking, unspecified"},
};

int cause_of_status(int status) {
    for (size_t i = 0; i < sizeof of_status / sizeof *of_status; i++)
        if (of_status[i].status == status)
            return of_status[i].cause;
    return status < 500 ? 127 : status < 600 ? 41 : 21;
}

int cause_status(int cause) {
    for (size_t i = 0; i < sizeof of_cause / sizeof *of_cause; i++)
        if (of_cause[i].cause == cause)
            return of_cause[i].status;
    return 500;
}

const char *cause_text(int cause) {
    for (size_t i = 0; i < sizeof of_cause / sizeof *of_cause; i++)
        if (of_cause[i].cause == cause)
            return of_cause[i].text;
    return "";
}

/* The end of what stands before `c`, quoted strings minded. */
static size_t find_outside(struct str s, char c) {
    bool quoted = false;

    for (size_t at = 0; at < s.n; at++) {
        if (s.p[at] == '"')
            quoted = !quoted;
        else if (quoted && s.p[at] == '\\')
            at++;
        else if (!quoted && s.p[at] == c)
            return at;
    }
    return s.n;
}

static struct str take(struct str *rest, char separator) {
    size_t end = find_outside(*rest, separator);
    struct str one = str_trim(str_upto(*rest, end));

    *rest = str_from(*rest, end < rest->n ? end + 1 : end);
    return one;
}

int cause_of_reason(struct str value) {
    while (value.n > 0) {
        struct str reason = take(&value, ',');
        if (!str_ieq(take(&reason, ';'), STR("Q.850")))
            continue;
        while (reason.n > 0) {
            struct str param = take(&reason, ';');
            struct str name = str_trim(str_upto(param, str_find(param, '=')));
            uint64_t cause;
            if (str_ieq(name, STR("cause")) && name.n < param.n &&
                str_number(str_trim(str_from(param, str_find(param, '=') + 1)), 127, &cause) == 0)
                return (int)cause;
        }
    }
    return -1;
}

/* 487 has no cause, and 488 says more than its own would (RFC 3398 8.2.6.1). */
int cause_map(int status, int cause) {
    if (cause < 0 && (status == 487 || status == 488))
        return status;
    return cause_status(cause < 0 ? cause_of_status(status) : cause);
}
