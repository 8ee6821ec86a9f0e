#include "b2bua/sip/policy.h"

struct row {
    const char *name;
    char compact; /* 0 = none */
    enum policy_class class;
    const char *source;
};

/* clang-format off */

static const struct row rows[] = {
    /* routing and transport: one hop */
    {"Via",                       'v', POLICY_HOP,      "RFC 3261 20.42"},
    {"Max-Forwards",              0,   POLICY_HOP,      "RFC 3261 20.22"},
    {"Max-Breadth",               0,   POLICY_HOP,      "RFC 5393 5.3.3"},
    {"Route",                     0,   POLICY_HOP,      "RFC 3261 20.34"},
    {"Record-Route",              0,   POLICY_HOP,      "RFC 3261 20.30"},
    {"Path",                      0,   POLICY_HOP,      "RFC 3327"},
    {"Service-Route",             0,   POLICY_HOP,      "RFC 3608"},
    {"Flow-Timer",                0,   POLICY_HOP,      "RFC 5626 10"},
    {"Timestamp",                 0,   POLICY_HOP,      "RFC 3261 20.38: measures one hop's round trip"},
    {"Proxy-Require",             0,   POLICY_HOP,      "RFC 3261 20.29"},
    {"Security-Client",           0,   POLICY_HOP,      "RFC 3329"},
    {"Security-Server",           0,   POLICY_HOP,      "RFC 3329"},
    {"Security-Verify",           0,   POLICY_HOP,      "RFC 3329"},
    {"Feature-Caps",              0,   POLICY_HOP,      "RFC 6809"},
    /* authentication: between us and each neighbour */
    {"Authorization",             0,   POLICY_HOP,      "RFC 3261 20.7"},
    {"Proxy-Authorization",       0,   POLICY_HOP,      "RFC 3261 20.28"},
    {"WWW-Authenticate",          0,   POLICY_HOP,      "RFC 3261 20.44"},
    {"Proxy-Authenticate",        0,   POLICY_HOP,      "RFC 3261 20.27"},
    {"Authentication-Info",       0,   POLICY_HOP,      "RFC 3261 20.6"},
    {"Proxy-Authentication-Info", 0,   POLICY_HOP,      "RFC 8760"},
    /* the dialog of each leg */
    {"From",                      'f', POLICY_OURS,     "RFC 3261 20.20"},
    {"To",                        't', POLICY_OURS,     "RFC 3261 20.39"},
    {"Call-ID",                   'i', POLICY_OURS,     "RFC 3261 20.8"},
    {"CSeq",                      0,   POLICY_OURS,     "RFC 3261 20.16"},
    {"Contact",                   'm', POLICY_REDIRECT, "RFC 3261 20.10"},
    {"Replaces",                  0,   POLICY_OURS,     "RFC 3891: names a dialog of the other side"},
    {"Join",                      0,   POLICY_OURS,     "RFC 3911: likewise"},
    {"Target-Dialog",             0,   POLICY_OURS,     "RFC 4538: likewise"},
    {"In-Reply-To",               0,   POLICY_OURS,     "RFC 3261 20.21: Call-IDs of the other side"},
    {"Refer-To",                  'r', POLICY_OURS,     "RFC 3515: REFER does not cross yet"},
    {"Referred-By",               'b', POLICY_IDENTITY, "RFC 3892"},
    /* negotiated on each leg */
    {"Supported",                 'k', POLICY_OURS,     "RFC 3261 20.37"},
    {"Require",                   0,   POLICY_OURS,     "RFC 3261 20.32"},
    {"Unsupported",               0,   POLICY_OURS,     "RFC 3261 20.40"},
    {"Allow",                     0,   POLICY_OURS,     "RFC 3261 20.5"},
    {"Session-Expires",           'x', POLICY_OURS,     "RFC 4028 4"},
    {"Min-SE",                    0,   POLICY_OURS,     "RFC 4028 5"},
    {"RSeq",                      0,   POLICY_OURS,     "RFC 3262 7.1"},
    {"RAck",                      0,   POLICY_OURS,     "RFC 3262 7.2"},
    {"Min-Expires",               0,   POLICY_OURS,     "RFC 3261 20.23"},
    {"Recv-Info",                 0,   POLICY_END,      "RFC 6086"},
    /* the body */
    {"Content-Length",            'l', POLICY_OURS,     "RFC 3261 20.14: counted anew"},
    {"Content-Type",              'c', POLICY_BODY,     "RFC 3261 20.15"},
    {"Content-Encoding",          'e', POLICY_BODY,     "RFC 3261 20.12"},
    {"Content-Language",          0,   POLICY_BODY,     "RFC 3261 20.13"},
    {"Content-Disposition",       0,   POLICY_BODY,     "RFC 3261 20.11"},
    {"Content-ID",                0,   POLICY_BODY,     "RFC 8262"},
    /* who it is: names cross, addresses do not */
    {"P-Asserted-Identity",       0,   POLICY_IDENTITY, "RFC 3325 9.1"},
    {"P-Preferred-Identity",      0,   POLICY_IDENTITY, "RFC 3325 9.2"},
    {"Remote-Party-ID",           0,   POLICY_IDENTITY, "draft-ietf-sip-privacy-04"},
    {"P-Called-Party-ID",         0,   POLICY_IDENTITY, "RFC 7315 5.2"},
    {"Diversion",                 0,   POLICY_IDENTITY, "RFC 5806"},
    {"History-Info",              0,   POLICY_IDENTITY, "RFC 7044"},
    {"Reply-To",                  0,   POLICY_IDENTITY, "RFC 3261 20.31"},
    {"Alert-Info",                0,   POLICY_END,      "RFC 3261 20.4"},
    {"Warning",                   0,   POLICY_WARNING,  "RFC 3261 20.43"},
};

/* clang-format on */

enum { ROW_COUNT = sizeof rows / sizeof rows[0] };

static enum policy_class compact_class(char c) {
    for (int i = 0; i < ROW_COUNT; i++)
        if (rows[i].compact != 0 && rows[i].compact == (c | 0x20))
            return rows[i].class;
    return POLICY_END;
}

/* This runs for every header of every message that crosses: most are settled by first letter and length. */
enum policy_class policy_class_of(struct str name) {
    if (name.n == 1)
        return compact_class(name.p[0]);
    for (int i = 0; i < ROW_COUNT; i++) {
        const char *have = rows[i].name;
        if (name.n > 0 && (have[0] | 0x20) == (name.p[0] | 0x20) && str_ieq(name, str_of(have)))
            return rows[i].class;
    }
    return POLICY_END;
}
