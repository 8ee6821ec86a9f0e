/*
 * Which headers Sofia parses. It would parse eighty; these are the ones whose structure is looked at, or whose faults
 * make a message unusable (RFC 3261 8.1.1, 20). All others are lines to us: they cross byte for byte, unread.
 */
#include <sofia-sip/msg_mclass.h>
#include <stddef.h>

#include "b2bua/sip/impl.h"

static msg_mclass_t *grammar;

static const struct {
    msg_hclass_t *class;
    size_t at;
} headers[] = {
    {sip_via_class, offsetof(sip_t, sip_via)},
    {sip_from_class, offsetof(sip_t, sip_from)},
    {sip_to_class, offsetof(sip_t, sip_to)},
    {sip_call_id_class, offsetof(sip_t, sip_call_id)},
    {sip_cseq_class, offsetof(sip_t, sip_cseq)},
    {sip_contact_class, offsetof(sip_t, sip_contact)},
    {sip_route_class, offsetof(sip_t, sip_route)},
    {sip_record_route_class, offsetof(sip_t, sip_record_route)},
    {sip_max_forwards_class, offsetof(sip_t, sip_max_forwards)},
    {sip_content_length_class, offsetof(sip_t, sip_content_length)},
    {sip_content_type_class, offsetof(sip_t, sip_content_type)},
    {sip_require_class, offsetof(sip_t, sip_require)},
    {sip_proxy_require_class, offsetof(sip_t, sip_proxy_require)},
    {sip_supported_class, offsetof(sip_t, sip_supported)},
    {sip_allow_class, offsetof(sip_t, sip_allow)},
    {sip_expires_class, offsetof(sip_t, sip_expires)},
    {sip_rseq_class, offsetof(sip_t, sip_rseq)},
    {sip_rack_class, offsetof(sip_t, sip_rack)},
    {sip_session_expires_class, offsetof(sip_t, sip_session_expires)},
    {sip_min_se_class, offsetof(sip_t, sip_min_se)},
    {sip_retry_after_class, offsetof(sip_t, sip_retry_after)},
};

void sip_init(void) {
    if (grammar != NULL)
        return;
    grammar = msg_mclass_clone(sip_default_mclass(), 0, msg_mclass_empty);
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++)
        msg_mclass_insert_header(grammar, headers[i].class, (unsigned short)headers[i].at);
}

const msg_mclass_t *sip_grammar(void) {
    return grammar;
}
