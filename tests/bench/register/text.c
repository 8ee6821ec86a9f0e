#include <arpa/inet.h>
#include <stdio.h>

#include "tests/bench/register/load.h"

enum { HOSTS = 254, NETS = 256, FIRST_NET = 16 };

in_addr_t load_address(unsigned client) {
    unsigned place = client / LOAD_SHARE, host = place % HOSTS, net = place / HOSTS;
    return htonl(127U << 24 | (FIRST_NET + net / NETS) << 16 | net % NETS << 8 | (host + 1));
}

size_t load_register(char *out, const struct load *l, unsigned client, unsigned cseq) {
    struct in_addr address = {load_address(client)};
    char host[INET_ADDRSTRLEN];
    inet_ntop(AF_INET, &address, host, sizeof host);
    int n = snprintf(out, TEXT_MESSAGE_MAX,
                     "REGISTER sip:bench.example SIP/2.0\r\nVia: SIP/2.0/UDP %s:%u;branch=z9hG4bK-%u-%u-%u;rport\r\n"
                     "Max-Forwards: 70\r\nFrom: \"Phone\" <sip:r%u@bench.example>;tag=f%u\r\n"
                     "To: <sip:r%u@bench.example>\r\nCall-ID: r%u-%u@%s\r\nCSeq: %u REGISTER\r\n"
                     "Contact: <sip:r%u@%s:%u>;+sip.instance=\"<urn:uuid:0c67446e-f1a1-4d0b-8bf7-%012u>\";"
                     "expires=3600\r\nAuthorization: Digest username=\"r%u\", realm=\"bench.example\", "
                     "nonce=\"5f3c1d0e9b7a4c2d8e6f\", uri=\"sip:bench.example\", algorithm=MD5, qop=auth, nc=%08x, "
                     "cnonce=\"a1b2c3d4\", response=\"9e107d9d372bb6826bd81d35%08x\"\r\n"
                     "Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, INFO, PRACK, REFER, NOTIFY\r\n"
                     "Supported: path, gruu\r\nUser-Agent: bench phone 1.0\r\nContent-Length: 0\r\n\r\n",
                     host, l->client_port, l->id, client, cseq, client, client, client, client, l->id, host, cseq,
                     client, host, l->client_port, client, client, cseq, client);
    return n > 0 && n < TEXT_MESSAGE_MAX ? (size_t)n : 0;
}

size_t load_granted(char *out, const struct message *request) {
    size_t at = (size_t)snprintf(out, TEXT_MESSAGE_MAX, "SIP/2.0 200 OK\r\n");
    for (size_t i = 0; i < request->vias && at < TEXT_MESSAGE_MAX / 2; i++)
        at += (size_t)snprintf(out + at, TEXT_MESSAGE_MAX - at, "%.*s\r\n", (int)request->via[i].size,
                               request->via[i].at);
    if (at >= TEXT_MESSAGE_MAX / 2)
        return 0;
    int n = snprintf(out + at, TEXT_MESSAGE_MAX - at,
                     "%.*s\r\n%.*s\r\n%.*s\r\n%.*s;tag=node\r\n%.*s%sContent-Length: 0\r\n\r\n",
                     (int)request->from.size, request->from.at, (int)request->call_id.size, request->call_id.at,
                     (int)request->cseq.size, request->cseq.at, (int)request->to.size, request->to.at,
                     (int)request->contact.size, request->contact.at, request->contact.size ? "\r\n" : "");
    return n > 0 && (size_t)n < TEXT_MESSAGE_MAX - at ? at + (size_t)n : 0;
}
