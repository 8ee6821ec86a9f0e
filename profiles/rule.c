#include "profiles/rule.h"

#include <stdlib.h>

bool rule_is_for(const struct rule *r, bool response, uint8_t method, uint16_t status) {
    return r->response == response && (r->method == RULE_ANY || r->method == method) &&
           (!response || r->status == 0 || r->status == status);
}

bool rule_was_run(const struct rule *r) {
    static const char *const repeated[] = {"SIP-Req-URI", "Via", "From", "To", "Call-ID", "Route"};

    if (r->where != RULE_SIP || r->method != RULE_ANY || r->verb == RULE_COPY)
        return false;
    for (size_t i = 0; i < sizeof repeated / sizeof repeated[0]; i++)
        if (str_ieq(str_of(r->target.name), str_of(repeated[i])))
            return true;
    return false;
}

const char *rule_method_name(uint8_t method) {
    return method == RULE_ANY ? "ANY" : method == RULE_REINVITE ? "REINVITE" : method_name((enum method)method);
}

void rule_fini(struct rule *r) {
    free(r->text);
    free(r->canon);
    free(r->target.name);
    pattern_fini(&r->pattern);
    text_fini(&r->with);
}

static bool is_start_line(const struct rule *r, const char *name) {
    return r->target.lines == RULE_START_LINE && strcmp(r->target.name, name) == 0;
}

const char *rule_never(const struct rule *r) {
    bool sdp = r->where == RULE_SDP || r->where == RULE_PEER_SDP;

    if (r->response && is_start_line(r, "SIP-Req-URI"))
        return "a response has no request line";
    if (!r->response && is_start_line(r, "SIP-StatusLine"))
        return "a request has no status line";
    if (r->method == METHOD_UNKNOWN)
        return "no message has this method";
    if (r->response && r->method == METHOD_ACK)
        return "ACK has no response";
    if (sdp && r->response && r->status == 100)
        return "a 100 carries no description";
    if (sdp && !r->response && r->method == METHOD_CANCEL)
        return "CANCEL carries no description";
    return r->other_name ? "the pattern begins with the name of another header" : NULL;
}
