#include "b2bua/sip/policy.h"

struct row {
    const char *name;
    unsigned char length;
    char compact; /* 0 = none */
    enum policy_class class;
    const char *source;
};

#define NAMED(text) (text), sizeof(text) - 1

/* clang-format off */

static const struct row rows[] = {
    /* routing and transport: one hop */
    {NAMED("Via"),                       'v', POLICY_HOP,      "RFC 3261 20.42"},
    {NAMED("Max-Forwards"),              0,   POLICY_HOP,      "RFC 3261 20.22"},
    {NAMED("Max-Breadth"),               0,   POLICY_HOP,      "RFC 5393 5.3.3"},
    {NAMED("Route"),                     0,   POLICY_HOP,      "RFC 3261 20.34"},
    {NAMED("Record-Route"),              0,   POLICY_HOP,      "RFC 3261 20.30"},
    {NAMED("Path"),                      0,   POLICY_HOP,      "RFC 3327"},
    {NAMED("Service-Route"),             0,   POLICY_HOP,      "RFC 3608"},
    {NAMED("Flow-Timer"),                0,   POLICY_HOP,      "RFC 5626 10"},
    {NAMED("Timestamp"),                 0,   POLICY_HOP,      "RFC 3261 20.38: measures one hop's round trip"},
    {NAMED("Proxy-Require"),             0,   POLICY_HOP,      "RFC 3261 20.29"},
    {NAMED("Security-Client"),           0,   POLICY_HOP,      "RFC 3329"},
    {NAMED("Security-Server"),           0,   POLICY_HOP,      "RFC 3329"},
    {NAMED("Security-Verify"),           0,   POLICY_HOP,      "RFC 3329"},
    {NAMED("Feature-Caps"),              0,   POLICY_HOP,      "RFC 6809"},
    /* authentication: between us and each neighbour */
    {NAMED("Authorization"),             0,   POLICY_HOP,      "RFC 3261 20.7"},
    {NAMED("Proxy-Authorization"),       0,   POLICY_HOP,      "RFC 3261 20.28"},
    {NAMED("WWW-Authenticate"),          0,   POLICY_HOP,      "RFC 3261 20.44"},
    {NAMED("Proxy-Authenticate"),        0,   POLICY_HOP,      "RFC 3261 20.27"},
    {NAMED("Authentication-Info"),       0,   POLICY_HOP,      "RFC 3261 20.6"},
    {NAMED("Proxy-Authentication-Info"), 0,   POLICY_HOP,      "RFC 8760"},
    /* the dialog of each leg */
    {NAMED("From"),                      'f', POLICY_OURS,     "RFC 3261 20.20"},
    {NAMED("To"),                        't', POLICY_OURS,     "RFC 3261 20.39"},
    {NAMED("Call-ID"),                   'i', POLICY_OURS,     "RFC 3261 20.8"},
    {NAMED("CSeq"),                      0,   POLICY_OURS,     "RFC 3261 20.16"},
    {NAMED("Contact"),                   'm', POLICY_REDIRECT, "RFC 3261 20.10"},
    {NAMED("Replaces"),                  0,   POLICY_OURS,     "RFC 3891: names a dialog of the other side"},
    {NAMED("Join"),                      0,   POLICY_OURS,     "RFC 3911: likewise"},
    {NAMED("Target-Dialog"),             0,   POLICY_OURS,     "RFC 4538: likewise"},
    {NAMED("In-Reply-To"),               0,   POLICY_OURS,     "RFC 3261 20.21: Call-IDs of the other side"},
    {NAMED("Refer-To"),                  'r', POLICY_OURS,     "RFC 3515: REFER does not cross yet"},
    {NAMED("Referred-By"),               'b', POLICY_IDENTITY, "RFC 3892"},
    /* negotiated on each leg */
    {NAMED("Supported"),                 'k', POLICY_OURS,     "RFC 3261 20.37"},
    {NAMED("Require"),                   0,   POLICY_OURS,     "RFC 3261 20.32"},
    {NAMED("Unsupported"),               0,   POLICY_OURS,     "RFC 3261 20.40"},
    {NAMED("Allow"),                     0,   POLICY_OURS,     "RFC 3261 20.5"},
    {NAMED("Session-Expires"),           'x', POLICY_OURS,     "RFC 4028 4"},
    {NAMED("Min-SE"),                    0,   POLICY_OURS,     "RFC 4028 5"},
    {NAMED("RSeq"),                      0,   POLICY_OURS,     "RFC 3262 7.1"},
    {NAMED("RAck"),                      0,   POLICY_OURS,     "RFC 3262 7.2"},
    {NAMED("Min-Expires"),               0,   POLICY_OURS,     "RFC 3261 20.23"},
    {NAMED("Recv-Info"),                 0,   POLICY_END,      "RFC 6086"},
    /* the body */
    {NAMED("Content-Length"),            'l', POLICY_OURS,     "RFC 3261 20.14: counted anew"},
    {NAMED("Content-Type"),              'c', POLICY_BODY,     "RFC 3261 20.15"},
    {NAMED("Content-Encoding"),          'e', POLICY_BODY,     "RFC 3261 20.12"},
    {NAMED("Content-Language"),          0,   POLICY_BODY,     "RFC 3261 20.13"},
    {NAMED("Content-Disposition"),       0,   POLICY_BODY,     "RFC 3261 20.11"},
    {NAMED("Content-ID"),                0,   POLICY_BODY,     "RFC 8262"},
    /* who it is: names cross, addresses do not */
    {NAMED("P-Asserted-Identity"),       0,   POLICY_IDENTITY, "RFC 3325 9.1"},
    {NAMED("P-Preferred-Identity"),      0,   POLICY_IDENTITY, "RFC 3325 9.2"},
    {NAMED("Remote-Party-ID"),           0,   POLICY_IDENTITY, "draft-ietf-sip-privacy-04"},
    {NAMED("P-Called-Party-ID"),         0,   POLICY_IDENTITY, "RFC 7315 5.2"},
    {NAMED("Diversion"),                 0,   POLICY_IDENTITY, "RFC 5806"},
    {NAMED("History-Info"),              0,   POLICY_IDENTITY, "RFC 7044"},
    {NAMED("Reply-To"),                  0,   POLICY_IDENTITY, "RFC 3261 20.31"},
    {NAMED("Alert-Info"),                0,   POLICY_END,      "RFC 3261 20.4"},
    {NAMED("Warning"),                   0,   POLICY_WARNING,  "RFC 3261 20.43"},
};

/* clang-format on */

enum { ROW_COUNT = sizeof rows / sizeof rows[0] };

static enum policy_class compact_class(char c) {
    for (int i = 0; i < ROW_COUNT; i++)
        if (rows[i].compact != 0 && rows[i].compact == (c | 0x20))
            return rows[i].class;
    return POLICY_END;
}

/* This runs for every header of every message that crosses: most rows are settled by their length. */
enum policy_class policy_class_of(struct str name) {
    if (name.n == 1)
        return compact_class(name.p[0]);
    for (int i = 0; i < ROW_COUNT; i++)
        if (rows[i].length == name.n && str_ieq(name, (struct str){rows[i].name, name.n}))
            return rows[i].class;
    return POLICY_END;
}
