/*
 * What profiles cost: microseconds a message for 0, 1, 10 and 50 rules over an INVITE with a description, with rules
 * that are for other messages, with a typical carrier profile, and for a pattern that runs away. Prints; judges
 * nothing.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "profiles/profile.h"

enum { TURNS = 20000, TURNS_RUNAWAY = 50, RULES_SPACE = 16 * 1024 };

static const char invite[] =
    "INVITE sip:+4922842293220@192.0.2.10:5060 SIP/2.0\r\n"
    "Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1A203F\r\n"
    "Max-Forwards: 70\r\n"
    "From: \"Anna Weber\" <sip:+4930123456@192.0.2.1>;tag=F11AE0-1D8D\r\n"
    "To: <sip:+4922842293220@192.0.2.10>\r\n"
    "Call-ID: 4561B116-858811DC@192.0.2.1\r\n"
    "CSeq: 101 INVITE\r\n"
    "Contact: <sip:+4930123456@192.0.2.1:5060>\r\n"
    "Supported: 100rel,timer,replaces\r\n"
    "Allow: INVITE, OPTIONS, BYE, CANCEL, ACK, PRACK, UPDATE, REFER, SUBSCRIBE, NOTIFY, INFO\r\n"
    "P-Asserted-Identity: <sip:+4930123456@192.0.2.1>\r\n"
    "Session-Expires: 1800;refresher=uac\r\n"
    "Min-SE: 1800\r\n"
    "User-Agent: call manager 14\r\n"
    "X-Long: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!\r\n"
    "Content-Type: application/sdp\r\n"
    "Content-Length: 218\r\n"
    "\r\n"
    "v=0\r\n"
    "o=- 6906 8069 IN IP4 192.0.2.1\r\n"
    "s=-\r\n"
    "c=IN IP4 192.0.2.1\r\n"
    "t=0 0\r\n"
    "m=audio 17070 RTP/AVP 8 0 101\r\n"
    "a=rtpmap:8 PCMA/8000\r\n"
    "a=rtpmap:0 PCMU/8000\r\n"
    "a=rtpmap:101 telephone-event/8000\r\n"
    "a=fmtp:101 0-15\r\n"
    "a=ptime:20\r\n"
    "a=sendrecv\r\n";

static const char carrier[] =
    "request ANY sip-header Allow-Header modify \", UPDATE\" \"\"\n"
    "response ANY sip-header Allow-Header modify \", UPDATE\" \"\"\n"
    "request INVITE sip-header SIP-Req-URI modify \"@(.*) SIP\" \"@\\1;user=phone SIP\"\n"
    "request INVITE sip-header From modify \"<sip:(.*)@.*>\" \"<sip:\\1@carrier.example.net;user=phone>\"\n"
    "request INVITE sip-header P-Asserted-Identity modify \"<sip:(.*)@.*>\" "
    "\"<sip:\\1@carrier.example.net;user=phone>\"\n"
    "request ANY sip-header Remote-Party-ID remove\n"
    "response ANY sip-header Remote-Party-ID remove\n"
    "request ANY sip-header User-Agent remove\n"
    "response ANY sip-header Server remove\n";

static double now_us(void) {
    struct timespec t;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void measure(const char *what, const char *rules, int turns) {
    struct profile *p = profile_new(what);
    struct profile_ctx *ctx = profile_ctx_new();
    struct str in = {invite, sizeof invite - 1}, out;
    struct profile_message m = profile_message_of(in);

    if (profile_add_text(p, str_of(rules), NULL) > 0)
        fprintf(stderr, "%s: rules with errors\n", what);
    for (int i = 0; i < turns / 10; i++)
        profile_apply(ctx, p, &m, NULL, in, &out, NULL);
    double began = now_us();
    for (int i = 0; i < turns; i++)
        profile_apply(ctx, p, &m, NULL, in, &out, NULL);
    printf("    %-44s %9.2f   (%d changed, %d cut)\n", what, (now_us() - began) / turns, profile_tally(ctx).changed,
           profile_tally(ctx).cut);
    profile_ctx_free(ctx);
    profile_free(p);
}

/* Rules of the kinds that people have, each with something to do. */
static void measure_many(int rules) {
    static const char *const kinds[] = {
        "request INVITE sip-header From modify \"(<.*:)(.*@)\" \"\\1gateway%d@\"\n",
        "request ANY sdp-header Audio-Attribute modify \"a=ptime:.*\" \"a=ptime:%d\"\n",
        "request INVITE sip-header P-Asserted-Identity modify \"<sip:(.*)@(.*)>\" \"<sip:%d@\\2>\"\n",
        "request ANY sip-header X-Vendor-%d remove\n",
        "request INVITE sip-header Contact copy \"<sip:(.*)@\" u%02d\n",
    };
    char text[RULES_SPACE] = "", what[60];
    size_t n = 0;

    for (int i = 0; i < rules; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, kinds[i % 5], i + 1);
    snprintf(what, sizeof what, "%d rules", rules);
    measure(what, text, TURNS);
}

int main(void) {
    printf("profiles, CPU us for an INVITE of %zu bytes\n", sizeof invite - 1);
    measure("0 rules", "", TURNS);
    measure("rules for other messages only", "request BYE sip-header X-A remove\nresponse 200 sip-header X-A remove\n",
            TURNS);
    measure("1 rule that finds nothing", "request ANY sip-header X-None remove\n", TURNS);
    measure("1 rule that removes", "request ANY sip-header User-Agent remove\n", TURNS);
    measure_many(1);
    measure_many(10);
    measure_many(50);
    measure("a carrier's profile, 9 rules", carrier, TURNS);
    measure("a pattern that runs away", "request ANY sip-header X-Long modify \"(a|aa)+$\" \"\"\n", TURNS_RUNAWAY);
    return 0;
}
