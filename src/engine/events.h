/* SPDX-License-Identifier: Apache-2.0 */
/* Events between the engine that makes them and the caller that takes them: a bounded queue. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <wzp/event.h>

#include "base/attr.h"

/** More than one turn of the loop makes. A full queue loses its oldest event, but never the last one. */
#define WZP_EVENTS_LIMIT 64

/** A value; zeroed is empty. */
struct wzp_events {
    struct wzp_event queue[WZP_EVENTS_LIMIT];
    size_t first, n;
    bool has_ended; /* WZP_EVENT_ENDED is in the queue or taken: nothing comes after it */
};

void wzp_events_push(struct wzp_events *events, const struct wzp_event *event);

/** The oldest event; false where there is none. */
bool wzp_events_take(struct wzp_events *events, struct wzp_event *out_event);

/** Pushes an event of `kind` with a message. */
void wzp_events_say(struct wzp_events *events, enum wzp_event_kind kind, const char *format, ...)
    WZP_PRINTF(3, 4);

/** For logs: "active". */
const char *wzp_events_state_name(enum wzp_call_state state);
