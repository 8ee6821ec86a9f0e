/* A file of packets is somebody else's: whatever is in it, an INVITE that is found lies in one piece and is ours. */
#include <assert.h>
#include <stdlib.h>

#include "b2bua/ctl/pcap.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *own = mem_alloc(size > 0 ? size : 1); /* its own block: a read past the end shows */
    struct str bytes = {own, size};
    struct pcap_message m;

    memcpy(own, data, size);
    if (pcap_is(bytes) && pcap_invite(bytes, &m) == 0) {
        free(own);
        own = NULL;
        assert(m.text.n >= 7 && memcmp(m.text.p, "INVITE ", 7) == 0);
        assert(m.from.family == m.to.family && (m.proto == FLOW_UDP || m.proto == FLOW_TCP));
        free((char *)m.text.p);
    }
    free(own);
    return 0;
}
