#include "b2bua/sip/policy.h"

struct row {
    const char *name;
    unsigned char length;
    unsigned char kind; /* enum identity_kind */
    char compact;       /* 0 = none */
    enum policy_class class;
    const char *source;
};

#define NAMED(text)       (text), sizeof(text) - 1, IDENTITY_NONE
#define TELLS(kind, text) (text), sizeof(text) - 1, IDENTITY_##kind

/* clang-format off */

static const struct row rows[] = {
    /* routing and transport: one hop */
    {NAMED("Via"),                                      'v', POLICY_HOP,      "RFC 3261 20.42"},
    {NAMED("Max-Forwards"),                             0,   POLICY_HOP,      "RFC 3261 20.22"},
    {NAMED("Max-Breadth"),                              0,   POLICY_HOP,      "RFC 5393 5.3.3"},
    {NAMED("Route"),                                    0,   POLICY_HOP,      "RFC 3261 20.34"},
    {NAMED("Record-Route"),                             0,   POLICY_HOP,      "RFC 3261 20.30"},
    {NAMED("Path"),                                     0,   POLICY_HOP,      "RFC 3327"},
    {NAMED("Service-Route"),                            0,   POLICY_HOP,      "RFC 3608"},
    {NAMED("Flow-Timer"),                               0,   POLICY_HOP,      "RFC 5626 10"},
    {NAMED("Timestamp"),                                0,   POLICY_HOP,      "RFC 3261 20.38: measures one hop's round trip"},
    {NAMED("Proxy-Require"),                            0,   POLICY_HOP,      "RFC 3261 20.29"},
    {NAMED("Security-Client"),                          0,   POLICY_HOP,      "RFC 3329"},
    {NAMED("Security-Server"),                          0,   POLICY_HOP,      "RFC 3329"},
    {NAMED("Security-Verify"),                          0,   POLICY_HOP,      "RFC 3329"},
    {NAMED("Feature-Caps"),                             0,   POLICY_HOP,      "RFC 6809"},
    /* authentication: between us and each neighbour; between a client and its node */
    {NAMED("Authorization"),                            0,   POLICY_SECRET,   "RFC 3261 20.7"},
    {NAMED("Proxy-Authorization"),                      0,   POLICY_SECRET,   "RFC 3261 20.28"},
    {NAMED("WWW-Authenticate"),                         0,   POLICY_SECRET,   "RFC 3261 20.44"},
    {NAMED("Proxy-Authenticate"),                       0,   POLICY_SECRET,   "RFC 3261 20.27"},
    {NAMED("Authentication-Info"),                      0,   POLICY_SECRET,   "RFC 3261 20.6"},
    {NAMED("Proxy-Authentication-Info"),                0,   POLICY_SECRET,   "RFC 8760"},
    /* the dialog of each leg */
    {NAMED("From"),                                     'f', POLICY_OURS,     "RFC 3261 20.20"},
    {NAMED("To"),                                       't', POLICY_OURS,     "RFC 3261 20.39"},
    {NAMED("Call-ID"),                                  'i', POLICY_OURS,     "RFC 3261 20.8"},
    {NAMED("CSeq"),                                     0,   POLICY_OURS,     "RFC 3261 20.16"},
    {NAMED("Contact"),                                  'm', POLICY_REDIRECT, "RFC 3261 20.10"},
    {NAMED("Replaces"),                                 0,   POLICY_OURS,     "RFC 3891: names a dialog of the other side"},
    {NAMED("Join"),                                     0,   POLICY_OURS,     "RFC 3911: likewise"},
    {NAMED("Target-Dialog"),                            0,   POLICY_OURS,     "RFC 4538: likewise"},
    {NAMED("In-Reply-To"),                              0,   POLICY_OURS,     "RFC 3261 20.21: Call-IDs of the other side"},
    {NAMED("Refer-To"),                                 'r', POLICY_OURS,     "RFC 3515: leads back through us, ours takes its place"},
    {TELLS(INFO, "Referred-By"),                        'b', POLICY_IDENTITY, "RFC 3892"},
    /* negotiated on each leg */
    {NAMED("Supported"),                                'k', POLICY_OURS,     "RFC 3261 20.37"},
    {NAMED("Require"),                                  0,   POLICY_OURS,     "RFC 3261 20.32"},
    {NAMED("Unsupported"),                              0,   POLICY_OURS,     "RFC 3261 20.40"},
    {NAMED("Allow"),                                    0,   POLICY_OURS,     "RFC 3261 20.5"},
    {NAMED("Session-Expires"),                          'x', POLICY_OURS,     "RFC 4028 4"},
    {NAMED("Min-SE"),                                   0,   POLICY_OURS,     "RFC 4028 5"},
    {NAMED("RSeq"),                                     0,   POLICY_OURS,     "RFC 3262 7.1"},
    {NAMED("RAck"),                                     0,   POLICY_OURS,     "RFC 3262 7.2"},
    {NAMED("Min-Expires"),                              0,   POLICY_OURS,     "RFC 3261 20.23"},
    {NAMED("Recv-Info"),                                0,   POLICY_END,      "RFC 6086"},
    /* the body */
    {NAMED("Content-Length"),                           'l', POLICY_OURS,     "RFC 3261 20.14: counted anew"},
    {NAMED("Content-Type"),                             'c', POLICY_BODY,     "RFC 3261 20.15"},
    {NAMED("Content-Encoding"),                         'e', POLICY_BODY,     "RFC 3261 20.12"},
    {NAMED("Content-Language"),                         0,   POLICY_BODY,     "RFC 3261 20.13"},
    {NAMED("Content-Disposition"),                      0,   POLICY_BODY,     "RFC 3261 20.11"},
    {NAMED("Content-ID"),                               0,   POLICY_BODY,     "RFC 8262"},
    /* who it is: names cross, addresses do not */
    {TELLS(PAI, "P-Asserted-Identity"),                 0,   POLICY_IDENTITY, "RFC 3325 9.1"},
    {TELLS(PPI, "P-Preferred-Identity"),                0,   POLICY_IDENTITY, "RFC 3325 9.2"},
    {TELLS(RPID, "Remote-Party-ID"),                    0,   POLICY_IDENTITY, "draft-ietf-sip-privacy-04"},
    {NAMED("P-Called-Party-ID"),                        0,   POLICY_IDENTITY, "RFC 7315 5.2"},
    {TELLS(DIVERSION, "Diversion"),                     0,   POLICY_IDENTITY, "RFC 5806"},
    {TELLS(HISTORY, "History-Info"),                    0,   POLICY_IDENTITY, "RFC 7044"},
    {TELLS(INFO, "Reply-To"),                           0,   POLICY_IDENTITY, "RFC 3261 20.31"},
    {TELLS(PRIVACY, "Privacy"),                         0,   POLICY_IDENTITY, "RFC 3323 4.2"},
    {TELLS(SIGNATURE, "Identity"),                      'y', POLICY_END,      "RFC 8224 4"},
    {TELLS(SIGNATURE, "Identity-Info"),                 'n', POLICY_END,      "RFC 4474 9"},
    /* between those who trust each other */
    {TELLS(TRUSTED, "P-Asserted-Service"),              0,   POLICY_END,      "RFC 6050 4.1"},
    {TELLS(TRUSTED, "P-Access-Network-Info"),           0,   POLICY_END,      "RFC 7315 5.4"},
    {TELLS(TRUSTED, "P-Charging-Vector"),               0,   POLICY_END,      "RFC 7315 5.6"},
    {TELLS(TRUSTED, "P-Charging-Function-Addresses"),   0,   POLICY_END,      "RFC 7315 5.5"},
    {TELLS(TRUSTED, "P-Charge-Info"),                   0,   POLICY_END,      "RFC 8496 5"},
    {TELLS(TRUSTED, "P-Attestation-Indicator"),         0,   POLICY_END,      "3GPP TS 24.229 7.2.18"},
    {TELLS(TRUSTED, "P-Origination-ID"),                0,   POLICY_END,      "3GPP TS 24.229 7.2.19"},
    /* about the user, and no call needs it */
    {TELLS(INFO, "Call-Info"),                          0,   POLICY_END,      "RFC 3323 5.3"},
    {TELLS(INFO, "Organization"),                       0,   POLICY_END,      "RFC 3323 5.3"},
    {TELLS(INFO, "Server"),                             0,   POLICY_END,      "RFC 3323 5.3"},
    {TELLS(INFO, "Subject"),                            's', POLICY_END,      "RFC 3323 5.3"},
    {TELLS(INFO, "User-Agent"),                         0,   POLICY_END,      "RFC 3323 5.3"},
    /* what a request is about */
    {NAMED("Event"),                                    'o', POLICY_NEEDED,   "RFC 6665 8.2.1"},
    {NAMED("Subscription-State"),                       0,   POLICY_NEEDED,   "RFC 6665 8.2.3"},
    {NAMED("Info-Package"),                             0,   POLICY_NEEDED,   "RFC 6086 7.2"},
    {NAMED("MIME-Version"),                             0,   POLICY_NEEDED,   "RFC 3261 20.24: of the body"},
    /* end to end, with a compact name */
    {NAMED("Accept-Contact"),                           'a', POLICY_END,      "RFC 3841 9.2"},
    {NAMED("Reject-Contact"),                           'j', POLICY_END,      "RFC 3841 9.2"},
    {NAMED("Request-Disposition"),                      'd', POLICY_END,      "RFC 3841 9.1"},
    {NAMED("Allow-Events"),                             'u', POLICY_END,      "RFC 6665 8.2.2"},
    {NAMED("Alert-Info"),                               0,   POLICY_END,      "RFC 3261 20.4"},
    {NAMED("Warning"),                                  0,   POLICY_WARNING,  "RFC 3261 20.43"},
};

/* clang-format on */

enum { ROW_COUNT = sizeof rows / sizeof rows[0] };

static struct policy of_row(const struct row *r) {
    return (struct policy){r->class, (enum identity_kind)r->kind, {r->name, r->length}};
}

static struct policy of_compact(struct str name) {
    for (int i = 0; i < ROW_COUNT; i++)
        if (rows[i].compact != 0 && rows[i].compact == (name.p[0] | 0x20))
            return of_row(&rows[i]);
    return (struct policy){.name = name};
}

/* This runs for every header of every message that crosses: most rows are settled by their length. */
struct policy policy_of(struct str name) {
    if (name.n == 1)
        return of_compact(name);
    for (int i = 0; i < ROW_COUNT; i++)
        if (rows[i].length == name.n && str_ieq(name, (struct str){rows[i].name, name.n}))
            return of_row(&rows[i]);
    return (struct policy){.name = name};
}
