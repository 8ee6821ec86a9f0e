#include <sofia-sip/sip_status.h>

#include "b2bua/sip/impl.h"

const char *sip_phrase(int status) {
    const char *phrase = status == 430 ? "Flow Failed" : sip_status_phrase(status); /* RFC 5626 11.5 */

    return phrase != NULL ? phrase : "Unknown";
}
