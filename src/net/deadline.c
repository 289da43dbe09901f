/* SPDX-License-Identifier: Apache-2.0 */
#include "net/deadline.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>

void wzp_deadlines_deinit(struct wzp_deadlines *heap)
{
    free(heap->items);
    *heap = (struct wzp_deadlines){0};
}

enum wzp_err wzp_deadlines_reserve(struct wzp_deadlines *heap, size_t n)
{
    if (n <= heap->capacity) {
        return WZP_OK;
    }
    size_t capacity = wzp_max_size(n, 2 * heap->capacity);
    struct wzp_deadline **items = realloc(heap->items, capacity * sizeof(struct wzp_deadline *));
    if (!items) {
        return WZP_ENOMEM;
    }
    heap->items = items;
    heap->capacity = capacity;
    return WZP_OK;
}

static void place(struct wzp_deadlines *heap, struct wzp_deadline *deadline, size_t slot)
{
    heap->items[slot] = deadline;
    deadline->slot = slot;
}

static void sift_up(struct wzp_deadlines *heap, struct wzp_deadline *deadline, size_t slot)
{
    while (slot > 0) {
        size_t parent = (slot - 1) / 2;
        if (heap->items[parent]->at <= deadline->at) {
            break;
        }
        place(heap, heap->items[parent], slot);
        slot = parent;
    }
    place(heap, deadline, slot);
}

static void sift_down(struct wzp_deadlines *heap, struct wzp_deadline *deadline, size_t slot)
{
    for (size_t child = 2 * slot + 1; child < heap->n; child = 2 * slot + 1) {
        if (child + 1 < heap->n && heap->items[child + 1]->at < heap->items[child]->at) {
            child++;
        }
        if (deadline->at <= heap->items[child]->at) {
            break;
        }
        place(heap, heap->items[child], slot);
        slot = child;
    }
    place(heap, deadline, slot);
}

/* Settles `deadline` at or around `slot`. */
static void settle(struct wzp_deadlines *heap, struct wzp_deadline *deadline, size_t slot)
{
    if (slot > 0 && deadline->at < heap->items[(slot - 1) / 2]->at) {
        sift_up(heap, deadline, slot);
    } else {
        sift_down(heap, deadline, slot);
    }
}

static void take_out(struct wzp_deadlines *heap, struct wzp_deadline *deadline)
{
    size_t slot = deadline->slot;
    deadline->slot = WZP_DEADLINE_NONE;
    struct wzp_deadline *last = heap->items[--heap->n];
    if (last != deadline) {
        settle(heap, last, slot);
    }
}

void wzp_deadlines_set(struct wzp_deadlines *heap, struct wzp_deadline *deadline, wzp_us at)
{
    bool is_in = deadline->slot != WZP_DEADLINE_NONE;
    if (is_in && at == deadline->at) {
        return;
    }
    deadline->at = at;
    if (at == WZP_NEVER) {
        if (is_in) {
            take_out(heap, deadline);
        }
        return;
    }
    if (!is_in) {
        assert(heap->n < heap->capacity);
        deadline->slot = heap->n++;
        place(heap, deadline, deadline->slot);
    }
    settle(heap, deadline, deadline->slot);
}
