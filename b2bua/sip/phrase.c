#include <sofia-sip/sip_status.h>

#include "b2bua/sip/impl.h"

const char *sip_phrase(int status) {
    const char *phrase = sip_status_phrase(status);

    return phrase != NULL ? phrase : "Unknown";
}
