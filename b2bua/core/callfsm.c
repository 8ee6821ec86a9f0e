#include "b2bua/core/callfsm.h"

#include <stddef.h>

struct row {
    enum leg_state state;
    enum leg_event event;
    struct leg_step step;
};

/* clang-format off */

/* Leg A: we are the UAS. */
static const struct row uas_rows[] = {
    {LEG_IDLE,     LEG_EV_INVITE,        {LEG_INVITED,  {LEG_DO_ROUTE}}},

    {LEG_INVITED,  LEG_EV_MATE_PROGRESS, {LEG_EARLY,    {LEG_DO_SEND_1XX}}},
    {LEG_INVITED,  LEG_EV_MATE_ANSWER,   {LEG_ANSWERED, {LEG_DO_SEND_2XX}}},
    {LEG_INVITED,  LEG_EV_MATE_OVER,     {LEG_ENDED,    {LEG_DO_SEND_FINAL}}},
    {LEG_INVITED,  LEG_EV_CANCEL,        {LEG_ENDED,    {LEG_DO_SEND_487, LEG_DO_TELL_OVER}}},
    {LEG_INVITED,  LEG_EV_STOP,          {LEG_ENDED,    {LEG_DO_SEND_FINAL, LEG_DO_TELL_OVER}}},

    {LEG_EARLY,    LEG_EV_MATE_PROGRESS, {LEG_EARLY,    {LEG_DO_SEND_1XX}}},
    {LEG_EARLY,    LEG_EV_MATE_ANSWER,   {LEG_ANSWERED, {LEG_DO_SEND_2XX}}},
    {LEG_EARLY,    LEG_EV_MATE_OVER,     {LEG_ENDED,    {LEG_DO_SEND_FINAL}}},
    {LEG_EARLY,    LEG_EV_CANCEL,        {LEG_ENDED,    {LEG_DO_SEND_487, LEG_DO_TELL_OVER}}},
    {LEG_EARLY,    LEG_EV_NO_PRACK,      {LEG_ENDED,    {LEG_DO_SEND_FINAL, LEG_DO_TELL_OVER}}},
    /* A caller may leave an early dialog by BYE (RFC 3261 section 15); its INVITE still wants a final answer. */
    {LEG_EARLY,    LEG_EV_BYE,           {LEG_ENDED,    {LEG_DO_SEND_487, LEG_DO_TELL_OVER}}},
    {LEG_EARLY,    LEG_EV_LOST,          {LEG_ENDED,    {LEG_DO_SEND_FINAL, LEG_DO_TELL_OVER}}},
    {LEG_EARLY,    LEG_EV_STOP,          {LEG_ENDED,    {LEG_DO_SEND_FINAL, LEG_DO_TELL_OVER}}},

    {LEG_ANSWERED, LEG_EV_ACK,           {LEG_UP,       {LEG_DO_TELL_ACK}}},
    {LEG_ANSWERED, LEG_EV_NO_ACK,        {LEG_ENDING,   {LEG_DO_SEND_BYE, LEG_DO_TELL_OVER}}},
    {LEG_ANSWERED, LEG_EV_BYE,           {LEG_ENDED,    {LEG_DO_TELL_OVER}}},
    {LEG_ANSWERED, LEG_EV_MATE_OVER,     {LEG_HANGING,  {LEG_DO_NOTHING}}},
    {LEG_ANSWERED, LEG_EV_LOST,          {LEG_HANGING,  {LEG_DO_TELL_OVER}}},
    {LEG_ANSWERED, LEG_EV_STOP,          {LEG_HANGING,  {LEG_DO_TELL_OVER}}},
    /* The 2xx waits for a PRACK and has not left yet (RFC 3262 section 3). */
    {LEG_ANSWERED, LEG_EV_CANCEL,        {LEG_ENDED,    {LEG_DO_SEND_487, LEG_DO_TELL_OVER}}},
    {LEG_ANSWERED, LEG_EV_NO_PRACK,      {LEG_ENDED,    {LEG_DO_SEND_FINAL, LEG_DO_TELL_OVER}}},

    /* Whom it would call is called already. */
    {LEG_IDLE,     LEG_EV_START,         {LEG_INVITED,  {LEG_DO_NOTHING}}},
    /* It stands in for a leg of another call until that takes its place. */
    {LEG_INVITED,  LEG_EV_ADOPT,         {LEG_PARKED,   {LEG_DO_NOTHING}}},
    {LEG_EARLY,    LEG_EV_ADOPT,         {LEG_PARKED,   {LEG_DO_NOTHING}}},

    {LEG_PARKED,   LEG_EV_MATE_ANSWER,   {LEG_UP,       {LEG_DO_JOIN}}},
    {LEG_PARKED,   LEG_EV_MATE_OVER,     {LEG_ENDING,   {LEG_DO_SEND_BYE}}},
    {LEG_PARKED,   LEG_EV_BYE,           {LEG_ENDED,    {LEG_DO_TELL_OVER}}},
    {LEG_PARKED,   LEG_EV_NO_ACK,        {LEG_ENDING,   {LEG_DO_SEND_BYE, LEG_DO_TELL_OVER}}},
    {LEG_PARKED,   LEG_EV_LOST,          {LEG_ENDING,   {LEG_DO_SEND_BYE, LEG_DO_TELL_OVER}}},
    {LEG_PARKED,   LEG_EV_STOP,          {LEG_ENDING,   {LEG_DO_SEND_BYE, LEG_DO_TELL_OVER}}},

    {LEG_UP,       LEG_EV_BYE,           {LEG_ENDED,    {LEG_DO_TELL_OVER}}},
    {LEG_UP,       LEG_EV_TAKEN,         {LEG_ENDED,    {LEG_DO_NOTHING}}},
    {LEG_UP,       LEG_EV_MATE_OVER,     {LEG_ENDING,   {LEG_DO_SEND_BYE}}},
    {LEG_UP,       LEG_EV_NO_ACK,        {LEG_ENDING,   {LEG_DO_SEND_BYE, LEG_DO_TELL_OVER}}},
    {LEG_UP,       LEG_EV_LOST,          {LEG_ENDING,   {LEG_DO_SEND_BYE, LEG_DO_TELL_OVER}}},
    {LEG_UP,       LEG_EV_STOP,          {LEG_ENDING,   {LEG_DO_SEND_BYE, LEG_DO_TELL_OVER}}},

    {LEG_HANGING,  LEG_EV_ACK,           {LEG_ENDING,   {LEG_DO_SEND_BYE}}},
    {LEG_HANGING,  LEG_EV_NO_ACK,        {LEG_ENDING,   {LEG_DO_SEND_BYE}}},
    {LEG_HANGING,  LEG_EV_BYE,           {LEG_ENDED,    {LEG_DO_NOTHING}}},
    {LEG_HANGING,  LEG_EV_CANCEL,        {LEG_ENDED,    {LEG_DO_SEND_487}}},
    {LEG_HANGING,  LEG_EV_NO_PRACK,      {LEG_ENDED,    {LEG_DO_SEND_FINAL}}},

    {LEG_ENDING,   LEG_EV_BYE_DONE,      {LEG_ENDED,    {LEG_DO_NOTHING}}},
};

/* Leg B: we are the UAC. */
static const struct row uac_rows[] = {
    {LEG_IDLE,       LEG_EV_START,     {LEG_INVITED,    {LEG_DO_SEND_INVITE}}},
    {LEG_IDLE,       LEG_EV_MATE_OVER, {LEG_ENDED,      {LEG_DO_NOTHING}}},
    {LEG_IDLE,       LEG_EV_FAIL,      {LEG_ENDED,      {LEG_DO_TELL_OVER}}},
    {LEG_IDLE,       LEG_EV_ADOPT,     {LEG_UP,         {LEG_DO_TELL_ANSWER}}},
    {LEG_IDLE,       LEG_EV_ADOPT_EARLY, {LEG_EARLY,    {LEG_DO_NOTHING}}},

    {LEG_INVITED,    LEG_EV_TRYING,    {LEG_EARLY,      {LEG_DO_NOTHING}}},
    {LEG_INVITED,    LEG_EV_1XX,       {LEG_EARLY,      {LEG_DO_TELL_PROGRESS}}},
    {LEG_INVITED,    LEG_EV_2XX,       {LEG_UP,         {LEG_DO_SEND_ACK, LEG_DO_TELL_ANSWER}}},
    {LEG_INVITED,    LEG_EV_2XX_HOLD,  {LEG_ANSWERED,   {LEG_DO_TELL_ANSWER}}},
    {LEG_INVITED,    LEG_EV_FAIL,      {LEG_ENDED,      {LEG_DO_TELL_OVER}}},
    {LEG_INVITED,    LEG_EV_FAIL_HUNT, {LEG_INVITED,    {LEG_DO_NEXT_TARGET}}},
    {LEG_INVITED,    LEG_EV_TOO_SMALL, {LEG_INVITED,    {LEG_DO_SEND_AGAIN}}},
    {LEG_INVITED,    LEG_EV_NO_ANSWER, {LEG_CANCELLING, {LEG_DO_SEND_CANCEL, LEG_DO_TELL_OVER}}},
    {LEG_INVITED,    LEG_EV_MATE_OVER, {LEG_CANCELLING, {LEG_DO_SEND_CANCEL}}},
    {LEG_INVITED,    LEG_EV_STOP,      {LEG_CANCELLING, {LEG_DO_SEND_CANCEL, LEG_DO_TELL_OVER}}},

    {LEG_EARLY,      LEG_EV_1XX,       {LEG_EARLY,      {LEG_DO_TELL_PROGRESS}}},
    {LEG_EARLY,      LEG_EV_2XX,       {LEG_UP,         {LEG_DO_SEND_ACK, LEG_DO_TELL_ANSWER}}},
    {LEG_EARLY,      LEG_EV_2XX_HOLD,  {LEG_ANSWERED,   {LEG_DO_TELL_ANSWER}}},
    {LEG_EARLY,      LEG_EV_FAIL,      {LEG_ENDED,      {LEG_DO_TELL_OVER}}},
    {LEG_EARLY,      LEG_EV_FAIL_HUNT, {LEG_INVITED,    {LEG_DO_NEXT_TARGET}}},
    {LEG_EARLY,      LEG_EV_TOO_SMALL, {LEG_INVITED,    {LEG_DO_SEND_AGAIN}}},
    {LEG_EARLY,      LEG_EV_NO_ANSWER, {LEG_CANCELLING, {LEG_DO_SEND_CANCEL, LEG_DO_TELL_OVER}}},
    /* A callee may not do this (RFC 3261 section 15); it means that it has given up. */
    {LEG_EARLY,      LEG_EV_BYE,       {LEG_CANCELLING, {LEG_DO_SEND_CANCEL, LEG_DO_TELL_OVER}}},
    {LEG_EARLY,      LEG_EV_LOST,      {LEG_CANCELLING, {LEG_DO_SEND_CANCEL, LEG_DO_TELL_OVER}}},
    {LEG_EARLY,      LEG_EV_MATE_OVER, {LEG_CANCELLING, {LEG_DO_SEND_CANCEL}}},
    {LEG_EARLY,      LEG_EV_TAKEN,     {LEG_ENDED,      {LEG_DO_NOTHING}}},
    {LEG_EARLY,      LEG_EV_STOP,      {LEG_CANCELLING, {LEG_DO_SEND_CANCEL, LEG_DO_TELL_OVER}}},

    {LEG_ANSWERED,   LEG_EV_MATE_ACK,  {LEG_UP,         {LEG_DO_SEND_ACK}}},
    {LEG_ANSWERED,   LEG_EV_MATE_OVER, {LEG_ENDING,     {LEG_DO_SEND_ACK, LEG_DO_SEND_BYE}}},
    {LEG_ANSWERED,   LEG_EV_BYE,       {LEG_ENDED,      {LEG_DO_TELL_OVER}}},
    {LEG_ANSWERED,   LEG_EV_LOST,      {LEG_ENDING,     {LEG_DO_SEND_ACK, LEG_DO_SEND_BYE, LEG_DO_TELL_OVER}}},
    {LEG_ANSWERED,   LEG_EV_STOP,      {LEG_ENDING,     {LEG_DO_SEND_ACK, LEG_DO_SEND_BYE, LEG_DO_TELL_OVER}}},

    {LEG_UP,         LEG_EV_BYE,       {LEG_ENDED,      {LEG_DO_TELL_OVER}}},
    {LEG_UP,         LEG_EV_TAKEN,     {LEG_ENDED,      {LEG_DO_NOTHING}}},
    {LEG_UP,         LEG_EV_MATE_OVER, {LEG_ENDING,     {LEG_DO_SEND_BYE}}},
    {LEG_UP,         LEG_EV_NO_ACK,    {LEG_ENDING,     {LEG_DO_SEND_BYE, LEG_DO_TELL_OVER}}},
    {LEG_UP,         LEG_EV_LOST,      {LEG_ENDING,     {LEG_DO_SEND_BYE, LEG_DO_TELL_OVER}}},
    {LEG_UP,         LEG_EV_STOP,      {LEG_ENDING,     {LEG_DO_SEND_BYE, LEG_DO_TELL_OVER}}},

    /* The 200 that crossed our CANCEL. */
    {LEG_CANCELLING, LEG_EV_2XX,       {LEG_ENDING,     {LEG_DO_SEND_ACK, LEG_DO_SEND_BYE}}},
    {LEG_CANCELLING, LEG_EV_2XX_HOLD,  {LEG_ENDING,     {LEG_DO_SEND_ACK, LEG_DO_SEND_BYE}}},
    {LEG_CANCELLING, LEG_EV_FAIL,      {LEG_ENDED,      {LEG_DO_NOTHING}}},
    {LEG_CANCELLING, LEG_EV_FAIL_HUNT, {LEG_ENDED,      {LEG_DO_NOTHING}}},

    {LEG_ENDING,     LEG_EV_BYE_DONE,  {LEG_ENDED,      {LEG_DO_NOTHING}}},
};

/* clang-format on */

#define COUNT(rows) (sizeof(rows) / sizeof(rows)[0])

static const struct {
    const struct row *rows;
    size_t count;
} tables[LEG_ROLES] = {{uas_rows, COUNT(uas_rows)}, {uac_rows, COUNT(uac_rows)}};

const struct leg_step *callfsm_step(enum leg_role role, enum leg_state state, enum leg_event event) {
    for (size_t i = 0; i < tables[role].count; i++) {
        const struct row *r = &tables[role].rows[i];
        if (r->state == state && r->event == event)
            return &r->step;
    }
    return NULL;
}

bool callfsm_allows(enum leg_role role, enum leg_state from, enum leg_state to) {
    for (size_t i = 0; i < tables[role].count; i++) {
        const struct row *r = &tables[role].rows[i];
        if (r->state == from && r->step.next == to)
            return true;
    }
    return false;
}

const char *callfsm_state_name(enum leg_state s) {
    static const char *const names[LEG_STATES] = {"idle", "invited", "early",      "answered", "parked",
                                                  "up",   "hanging", "cancelling", "ending",   "ended"};
    return names[s];
}

const char *callfsm_event_name(enum leg_event e) {
    static const char *const names[LEG_EVENTS] = {"invite",    "cancel",    "ack",           "no-ack",      "no-prack",
                                                  "trying",    "1xx",       "2xx",           "2xx-hold",    "fail",
                                                  "fail-hunt", "too-small", "no-answer",     "bye",         "bye-done",
                                                  "lost",      "start",     "mate-progress", "mate-answer", "mate-ack",
                                                  "mate-over", "adopt",     "adopt-early",   "taken",       "stop"};
    return names[e];
}
