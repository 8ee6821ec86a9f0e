/*
 * heart: OPTIONS between us and our fellow nodes: asks those of one worker every five seconds, and answers what they
 * ask. What is said and what it means is fellows' business.
 *
 * Order of use: heart_new, heart_set_settings; heart_stop when the program ends, after which it still answers;
 * heart_free before the ua. One thread.
 */
#ifndef B2BUA_REGISTRAR_HEART_H
#define B2BUA_REGISTRAR_HEART_H

#include "b2bua/registrar/fellows.h"
#include "b2bua/ua/ua.h"

struct heart;

struct heart_config {
    struct ua *ua; /* borrowed, like those below */
    struct timerq *timers;
    struct fellows *fellows; /* NULL: there are none */
    unsigned worker, workers;
    uint64_t (*wall_ms)(void *ctx); /* since 1970 */
    void *ctx;
};

struct heart *heart_new(const struct heart_config *config);
void heart_free(struct heart *h); /* NULL is fine */

/* The fellows that are asked from now on; referenced. The first call starts it. */
void heart_set_settings(struct heart *h, struct settings *s, uint64_t now_ms);

/* Gives up what is under way and asks no more. */
void heart_stop(struct heart *h);

/* May this request, which is in no dialog, have a transaction? 0; 403: a fellow may ask OPTIONS and nothing else. */
int heart_admit(const struct heart *h, const struct ua_in *in);

/* Takes an OPTIONS of a fellow that carries a heartbeat; it gets its final answer, in maintenance too. Returns false
 * when the request is none. */
bool heart_request(struct heart *h, struct ua_in *in);

#endif
