/* The status page: one file of the tree, in the program as it is, as a string. */
#include <openssl/evp.h>
#include <stdio.h>

#include "b2bua/command/api_impl.h"

__asm__(".section .rodata\n"
        ".global api_page_begin\n"
        "api_page_begin:\n"
        ".incbin \"b2bua/command/page.html\"\n"
        ".byte 0\n"
        ".previous\n");
extern const char api_page_begin[];

/* The source that allows what stands between two tags, and nothing else that somebody may have slipped in. */
static void put_hash(struct sbuf *out, const char *from, const char *to) {
    const char *begin = strstr(api_page_begin, from) + strlen(from), *end = strstr(begin, to);
    unsigned char digest[EVP_MAX_MD_SIZE], text[2 * EVP_MAX_MD_SIZE];
    unsigned n = 0;

    EVP_Digest(begin, (size_t)(end - begin), digest, &n, EVP_sha256(), NULL);
    EVP_EncodeBlock(text, digest, (int)n);
    sbuf_puts(out, "'sha256-");
    sbuf_puts(out, (const char *)text);
    sbuf_putc(out, '\'');
}

static const char *policy(void) {
    static char text[512];
    struct sbuf b = sbuf_on(text, sizeof text - 1);

    if (text[0] != '\0')
        return text;
    sbuf_puts(&b,
              "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; connect-src 'self'; "
              "img-src data:; script-src ");
    put_hash(&b, "<script>", "</script>");
    sbuf_puts(&b, "; style-src ");
    put_hash(&b, "<style>", "</style>");
    return text;
}

void api_page(struct http_request *r) {
    http_answer(r, &(struct http_reply){.status = 200,
                                        .type = "text/html; charset=utf-8",
                                        .page = api_page_begin,
                                        .n = strlen(api_page_begin),
                                        .policy = policy()});
}
