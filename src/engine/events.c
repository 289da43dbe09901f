/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/events.h"

#include <stdarg.h>
#include <stdio.h>

void wzp_events_push(struct wzp_events *events, const struct wzp_event *event)
{
    if (events->has_ended) {
        return;
    }
    if (events->n == WZP_EVENTS_LIMIT) {
        events->first = (events->first + 1) % WZP_EVENTS_LIMIT;
        events->n--;
    }
    events->queue[(events->first + events->n) % WZP_EVENTS_LIMIT] = *event;
    events->n++;
    events->has_ended = event->kind == WZP_EVENT_ENDED;
}

bool wzp_events_take(struct wzp_events *events, struct wzp_event *out_event)
{
    if (events->n == 0) {
        return false;
    }
    *out_event = events->queue[events->first];
    events->first = (events->first + 1) % WZP_EVENTS_LIMIT;
    events->n--;
    return true;
}

void wzp_events_say(struct wzp_events *events, enum wzp_event_kind kind, const char *format, ...)
{
    struct wzp_event event = {.kind = kind};
    va_list args;
    va_start(args, format);
    vsnprintf(event.message, sizeof event.message, format, args);
    va_end(args);
    wzp_events_push(events, &event);
}

const char *wzp_events_state_name(enum wzp_call_state state)
{
    static const char *const names[] = {
        [WZP_CALL_IDLE] = "idle",
        [WZP_CALL_RESOLVING] = "resolving",
        [WZP_CALL_CONNECTING] = "connecting",
        [WZP_CALL_OFFERING] = "offering",
        [WZP_CALL_ACTIVE] = "active",
        [WZP_CALL_LEAVING] = "leaving",
        [WZP_CALL_CLOSING] = "closing",
        [WZP_CALL_ENDED] = "ended",
    };
    return names[state];
}
