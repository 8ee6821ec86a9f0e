/* What the commands that list things have in common: which, how many, and of how many. */
#include "b2bua/command/impl.h"
#include "b2bua/core/json.h"

enum { LIMIT_MAX = 1 << 20 };

static int take_trunk(struct command_run *r, struct str value, struct command_list *out) {
    if (value.p == NULL)
        run_error(r, "--trunk wants the name of a trunk");
    out->trunk = value;
    return value.p == NULL || run_trunk(r, value) < 0 ? -1 : 0;
}

static int take_limit(struct command_run *r, struct str value, struct command_list *out) {
    uint64_t limit;

    if (value.p == NULL || str_number(value, LIMIT_MAX, &limit) < 0 || limit == 0) {
        run_error(r, "--limit wants a number, 1..%d", LIMIT_MAX);
        return -1;
    }
    out->limit = (unsigned)limit;
    return 0;
}

static bool is_option(struct str word) {
    return str_eq(str_upto(word, 2), STR("--"));
}

int command_take_list(struct command_run *r, bool names, bool trunks, struct command_list *out) {
    *out = (struct command_list){.limit = COMMAND_LIST_MAX};
    for (int i = 0; i < r->arg_count; i++) {
        struct str word = r->args[i], value = i + 1 < r->arg_count ? r->args[i + 1] : STR_NONE;
        int status = 0;
        if (trunks && str_eq(word, STR("--trunk"))) {
            status = take_trunk(r, value, out);
            i++;
        } else if (str_eq(word, STR("--limit"))) {
            status = take_limit(r, value, out);
            i++;
        } else if (names && out->name.p == NULL && !is_option(word)) {
            out->name = word;
        } else {
            run_error(r, "no argument \"%s\"; it is \"%s %s\"", word.p, r->command->name, r->command->usage);
            status = -1;
        }
        if (status < 0)
            return status;
    }
    return 0;
}

void command_put_total(struct sbuf *out, uint64_t total, uint64_t shown) {
    json_put_number(out, "total", total);
    json_name(out, "cut");
    sbuf_puts(out, total > shown ? "true" : "false");
}
