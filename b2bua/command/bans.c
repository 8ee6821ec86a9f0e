/* Who is locked out, and who should be. */
#include <stdlib.h>

#include "b2bua/command/impl.h"
#include "b2bua/core/json.h"

enum { SECONDS_MAX = 315360000 };

static void put_ban(struct sbuf *out, const struct bans_entry *e, uint64_t now_ms) {
    char at[ADDR_TEXT_MAX];

    json_item(out);
    sbuf_putc(out, '{');
    json_put_text(out, "address", str_of(addr_format_ip(&e->addr, false, at)));
    json_put_text(out, "category", str_of(bans_category_name(e->category)));
    json_put_number(out, "since_s", (now_ms - e->since_ms) / 1000);
    if (e->until_ms != BANS_FOR_GOOD)
        json_put_number(out, "left_s", e->until_ms > now_ms ? (e->until_ms - now_ms) / 1000 : 0);
    json_put_number(out, "dropped", e->dropped);
    sbuf_putc(out, '}');
}

void command_bans(struct command_run *r) {
    struct bans_entry *list = mem_alloc(BANS_MAX * sizeof *list);
    struct sbuf out = sbuf_growing(COMMAND_ANSWER_MAX);
    uint64_t now_ms = net_now_ms();
    int n = guard_list(r->commands->config.shared->guard, list);

    sbuf_puts(&out, "{\"bans\":[");
    for (int i = 0; i < n; i++)
        put_ban(&out, &list[i], now_ms);
    sbuf_puts(&out, "]}");
    free(list);
    run_finish(r, &out);
}

/* Returns 0, or -1 after run_error. */
static int take_address(struct command_run *r, struct addr *out) {
    if (addr_parse(out, r->args[0]) == 0 && out->port == 0)
        return 0;
    run_error(r, "\"%s\" is no IPv4 or IPv6 address", r->args[0].p);
    return -1;
}

static void finish(struct command_run *r, const char *what, const struct addr *a) {
    struct sbuf out = sbuf_growing(COMMAND_ANSWER_MAX);
    char at[ADDR_TEXT_MAX];

    sbuf_putc(&out, '{');
    json_put_text(&out, what, str_of(addr_format_ip(a, false, at)));
    sbuf_putc(&out, '}');
    run_finish(r, &out);
}

/* fail2ban writes -1 for a ban without end. */
static int take_seconds(struct command_run *r, uint64_t *out) {
    *out = 0;
    if (r->arg_count < 2 || str_eq(r->args[1], STR("-1")))
        return 0;
    if (str_number(r->args[1], SECONDS_MAX, out) == 0 && *out > 0)
        return 0;
    run_error(r, "\"%s\" is outside 1..%d seconds; -1 or nothing: for good", r->args[1].p, SECONDS_MAX);
    return -1;
}

void command_ban_add(struct command_run *r) {
    struct addr a;
    uint64_t seconds;

    if (take_address(r, &a) < 0 || take_seconds(r, &seconds) < 0)
        return;
    const char *wrong = guard_ban(r->commands->config.shared->guard, &a, (uint32_t)seconds, net_now_ms());
    if (wrong != NULL)
        run_error(r, "%s %s", r->args[0].p, wrong);
    else
        finish(r, "banned", &a);
}

void command_ban_remove(struct command_run *r) {
    struct addr a;

    if (take_address(r, &a) < 0)
        return;
    if (guard_unban(r->commands->config.shared->guard, &a))
        finish(r, "unbanned", &a);
    else
        run_error(r, "%s is not banned", r->args[0].p);
}
