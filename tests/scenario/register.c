/* What a client says to be registered: outside any dialog, the same Call-ID each time, the CSeq rises. */
#include "tests/scenario/scenario.h"

static const char *contact_of(struct world *w, const struct peer *p, const struct words *words) {
    const char *contact = words_get(words, "contact");

    if (words_get(words, "nocontact") != NULL)
        return "";
    if (contact == NULL)
        contact = scrap_print(&w->scrap, "<sip:ct%s@%s:5060>", p->name, p->ip);
    return scrap_print(&w->scrap, "Contact: %s%s\r\n", contact, words_or(words, "params", ""));
}

void say_register(struct world *w, struct peer *p, const struct words *words) {
    const char *aor = words_or(words, "aor", "alice@a.example"), *given = words_get(words, "cseq");
    const char *expires = words_get(words, "expires"), *at = strchr(aor, '@');

    p->registers = given != NULL ? (unsigned)text_number(given) : p->registers + 1;
    const char *head = scrap_print(
        &w->scrap,
        "REGISTER %s SIP/2.0\r\nVia: SIP/2.0/%s %s:5060;branch=z9hG4bKbr%s%u;rport\r\nMax-Forwards: %s\r\n"
        "From: <sip:%s>;tag=tag%sreg\r\nTo: <sip:%s>\r\nCall-ID: cid%sreg%s\r\nCSeq: %u REGISTER\r\n%s%s%s%s",
        words_or(words, "ruri", scrap_print(&w->scrap, "sip:%s", at == NULL ? aor : at + 1)),
        flow_proto_name(say_proto(words)), p->ip, p->name, ++w->serial, words_or(words, "maxfwd", "70"), aor, p->name,
        aor, p->name, words_or(words, "id", ""), p->registers, contact_of(w, p, words),
        expires == NULL ? "" : "Expires: ", expires == NULL ? "" : expires, expires == NULL ? "" : "\r\n");
    say_bytes(w, p, say_proto(words), scrap_print(&w->scrap, "%s%s", head, say_tail(w, p, words)));
}

/* The Contacts of the REGISTER as a registrar lists them: with `granted` for an expiry. */
const char *say_granted(struct world *w, const char *request, const struct words *words) {
    const char *granted = words_get(words, "granted"), *all = "";

    if (granted == NULL)
        return "";
    for (const char *at = text_lines(&w->scrap, request, "Contact"); *at != '\0'; at += strcspn(at, "\n") + 1)
        all = scrap_print(&w->scrap, "%s%.*s;expires=%s\r\n", all, (int)strcspn(at, "\r"), at, granted);
    return all;
}
