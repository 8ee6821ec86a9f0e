#include "b2bua/worker/report.h"

#include <stdlib.h>

void report_fini(struct report *r) {
    sbuf_fini(&r->text);
    ladder_find_fini(&r->ladder);
    free(r->trunks);
    r->trunks = NULL;
    free(r->profiles);
    r->profiles = NULL;
}
