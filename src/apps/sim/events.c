/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/sim/events.h"

#include <stdlib.h>

#include "apps/sim/mail.h"

static bool is_before(const struct wzp_sim_event *a, const struct wzp_sim_event *b)
{
    return a->at != b->at ? a->at < b->at : a->order < b->order;
}

static void swap(struct wzp_sim_event *a, struct wzp_sim_event *b)
{
    struct wzp_sim_event held = *a;
    *a = *b;
    *b = held;
}

void wzp_events_add(struct wzp_events *events, const struct wzp_sim_event *event)
{
    if (events->n == events->size) {
        size_t size = events->size ? events->size * 2 : 1024;
        struct wzp_sim_event *heap = realloc(events->heap, size * sizeof *heap);
        if (!heap) {
            abort();
        }
        events->heap = heap;
        events->size = size;
    }
    size_t i = events->n++;
    events->heap[i] = *event;
    events->heap[i].order = ++events->order;
    while (i > 0 && is_before(&events->heap[i], &events->heap[(i - 1) / 2])) {
        swap(&events->heap[i], &events->heap[(i - 1) / 2]);
        i = (i - 1) / 2;
    }
}

static void sink(struct wzp_events *events)
{
    size_t i = 0;
    for (;;) {
        size_t first = i;
        for (size_t child = 2 * i + 1; child <= 2 * i + 2 && child < events->n; child++) {
            first = is_before(&events->heap[child], &events->heap[first]) ? child : first;
        }
        if (first == i) {
            return;
        }
        swap(&events->heap[i], &events->heap[first]);
        i = first;
    }
}

bool wzp_events_next(struct wzp_events *events, wzp_us until, struct wzp_sim_event *out_event)
{
    if (events->n == 0 || events->heap[0].at > until) {
        return false;
    }
    *out_event = events->heap[0];
    events->heap[0] = events->heap[--events->n];
    sink(events);
    return true;
}

void wzp_events_deinit(struct wzp_events *events)
{
    for (size_t i = 0; i < events->n; i++) {
        if (events->heap[i].kind == WZP_SIM_MAIL) {
            wzp_mail_free(events->heap[i].mail);
        }
    }
    free(events->heap);
    *events = (struct wzp_events){0};
}
