#include "b2bua/core/overload.h"

#include <stdlib.h>

#include "b2bua/core/str.h"

enum { RETRY_LEAST_S = 5, RETRY_MOST_S = 30, BUSY_WEIGHT = 10 };

void overload_fini(struct overload *o) {
    free(o->turned_away);
    o->turned_away = NULL;
}

/* --- how it is --- */

static bool is_late(const struct overload_policy *p, const struct overload_load *l) {
    return l->lost > 0 || (p->lag_high_ms > 0 && l->lag_ms > (uint32_t)p->lag_high_ms);
}

static bool is_busy(const struct overload *o, const struct overload_policy *p) {
    return p->busy_percent > 0 && o->busy_percent >= (uint32_t)p->busy_percent;
}

static bool is_calm(const struct overload *o, const struct overload_policy *p, const struct overload_load *l) {
    return l->lost == 0 && (p->lag_high_ms == 0 || l->lag_ms <= (uint32_t)p->lag_low_ms) &&
           (p->busy_percent == 0 || o->busy_percent + OVERLOAD_BUSY_GAP_PERCENT <= (uint32_t)p->busy_percent);
}

/* Once there is an overload, trouble of one tick is enough to shed more. */
static bool is_trouble(const struct overload *o) {
    uint32_t lag = o->shed_percent > 0 ? 1 : OVERLOAD_LAG_TICKS, busy = o->shed_percent > 0 ? 1 : OVERLOAD_BUSY_TICKS;

    return o->lag_ticks >= lag || o->busy_ticks >= busy;
}

static uint32_t less(uint32_t percent) {
    return percent > OVERLOAD_FALL_PERCENT ? percent - OVERLOAD_FALL_PERCENT : 0;
}

static uint32_t more(uint32_t percent) {
    return percent + OVERLOAD_RISE_PERCENT < 100 ? percent + OVERLOAD_RISE_PERCENT : 100;
}

int overload_tick(struct overload *o, const struct overload_policy *p, const struct overload_load *load) {
    uint32_t before = o->shed_percent;

    o->lag_ms = load->lag_ms;
    o->busy_sum += load->busy_percent - o->busy_sum / BUSY_WEIGHT;
    o->busy_percent = o->busy_sum / BUSY_WEIGHT;
    o->lag_ticks = is_late(p, load) ? o->lag_ticks + 1 : 0;
    o->busy_ticks = is_busy(o, p) ? o->busy_ticks + 1 : 0;
    if (is_trouble(o))
        o->shed_percent = more(o->shed_percent);
    else if (is_calm(o, p, load))
        o->shed_percent = less(o->shed_percent);
    if (before == 0 && o->shed_percent > 0)
        o->begun++;
    return (before == 0 && o->shed_percent > 0) - (before > 0 && o->shed_percent == 0);
}

/* --- what is turned away --- */

/* Places are few: a newer one takes the place of an older. 0 is an empty place. */
static uint64_t *place_of(struct overload *o, uint64_t key) {
    if (o->turned_away == NULL)
        o->turned_away = mem_zalloc(OVERLOAD_MEMORY * sizeof *o->turned_away);
    return &o->turned_away[(key >> 32) % OVERLOAD_MEMORY];
}

bool overload_sheds(struct overload *o, uint64_t key, uint64_t random) {
    if (!overload_may_shed(o))
        return false;
    uint64_t *place = place_of(o, key | 1);
    if (*place == (key | 1))
        return true;
    if (random % 100 >= o->shed_percent)
        return false;
    *place = key | 1;
    return true;
}

uint32_t overload_retry_s(uint64_t random) {
    return RETRY_LEAST_S + (uint32_t)(random % (RETRY_MOST_S - RETRY_LEAST_S + 1));
}
