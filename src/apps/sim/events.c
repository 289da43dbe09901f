/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/sim/events.h"

#include <stdlib.h>

#include "apps/sim/mail.h"

#define WZP_EVENTS_CHILDREN 4 /* of a heap's node: keys of one node lie side by side */

static bool is_before(const struct wzp_event_key *a, const struct wzp_event_key *b)
{
    return a->at != b->at ? a->at < b->at : a->order < b->order;
}

static void grow(struct wzp_events *events)
{
    size_t size = events->size ? events->size * 2 : 1024;
    events->heap = realloc(events->heap, size * sizeof *events->heap);
    events->slots = realloc(events->slots, size * sizeof *events->slots);
    events->free = realloc(events->free, size * sizeof *events->free);
    if (!events->heap || !events->slots || !events->free) {
        abort();
    }
    for (size_t i = events->size; i < size; i++) {
        events->free[i] = (uint32_t)i;
    }
    events->size = size;
}

void wzp_events_add(struct wzp_events *events, const struct wzp_sim_event *event)
{
    if (events->n == events->size) {
        grow(events);
    }
    size_t i = events->n++;
    const struct wzp_event_key key = {.at = event->at, .order = ++events->order, .slot = events->free[i]};
    events->slots[key.slot] = *event;
    while (i > 0 && is_before(&key, &events->heap[(i - 1) / WZP_EVENTS_CHILDREN])) {
        events->heap[i] = events->heap[(i - 1) / WZP_EVENTS_CHILDREN];
        i = (i - 1) / WZP_EVENTS_CHILDREN;
    }
    events->heap[i] = key;
}

/* The child of `i` that comes first, or `n` where it has none. */
static size_t first_child(const struct wzp_events *events, size_t i)
{
    size_t first = WZP_EVENTS_CHILDREN * i + 1;
    size_t end = wzp_min_size(first + WZP_EVENTS_CHILDREN, events->n);
    for (size_t child = first + 1; child < end; child++) {
        first = is_before(&events->heap[child], &events->heap[first]) ? child : first;
    }
    return wzp_min_size(first, events->n);
}

/* Puts the key where it belongs, starting from the empty top. */
static void sink(struct wzp_events *events, const struct wzp_event_key *key)
{
    size_t i = 0;
    size_t child = first_child(events, i);
    while (child < events->n && is_before(&events->heap[child], key)) {
        events->heap[i] = events->heap[child];
        i = child;
        child = first_child(events, i);
    }
    events->heap[i] = *key;
}

bool wzp_events_next(struct wzp_events *events, wzp_us until, struct wzp_sim_event *out_event)
{
    if (events->n == 0 || events->heap[0].at > until) {
        return false;
    }
    uint32_t slot = events->heap[0].slot;
    *out_event = events->slots[slot];
    events->n--;
    events->free[events->n] = slot;
    if (events->n > 0) {
        const struct wzp_event_key last = events->heap[events->n];
        sink(events, &last);
    }
    return true;
}

void wzp_events_deinit(struct wzp_events *events)
{
    for (size_t i = 0; i < events->n; i++) {
        const struct wzp_sim_event *event = &events->slots[events->heap[i].slot];
        if (event->kind == WZP_SIM_MAIL) {
            wzp_mail_free(event->mail);
        }
    }
    free(events->heap);
    free(events->slots);
    free(events->free);
    *events = (struct wzp_events){0};
}
