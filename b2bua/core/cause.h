/*
 * cause: SIP statuses and the causes of Q.850, each as the other (RFC 3398). Pure tables.
 */
#ifndef B2BUA_CORE_CAUSE_H
#define B2BUA_CORE_CAUSE_H

#include "b2bua/core/str.h"

/* The cause of a final failure, 400..699 (RFC 3398 8.2.6.1). */
int cause_of_status(int status);

/* The status of a cause (RFC 3398 7.2.4.1). */
int cause_status(int cause);

/* What a cause is called in Q.850; "" = unknown. */
const char *cause_text(int cause);

/* The cause in the value of a Reason header (RFC 3326): of its first reason of protocol Q.850; -1 = it has none. */
int cause_of_reason(struct str value);

/* The status of a failure that was `status`, and may have brought a cause (-1 = none): through the cause and back. */
int cause_map(int status, int cause);

#endif
