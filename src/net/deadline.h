/* SPDX-License-Identifier: Apache-2.0 */
/* A heap of deadlines that live inside the objects they belong to. */
#pragma once

#include <stddef.h>

#include <wzp/error.h>

#include "base/attr.h"
#include "base/us.h"

#define WZP_DEADLINE_NONE ((size_t)-1)

/** A value; fill with WZP_DEADLINE_INIT. */
struct wzp_deadline {
    wzp_us at;
    size_t slot; /* WZP_DEADLINE_NONE: in no heap */
};

#define WZP_DEADLINE_INIT ((struct wzp_deadline){.at = WZP_NEVER, .slot = WZP_DEADLINE_NONE})

/** A value; zeros are an empty heap. */
struct wzp_deadlines {
    struct wzp_deadline **items;
    size_t n;
    size_t capacity;
};

void wzp_deadlines_deinit(struct wzp_deadlines *heap);

/** Makes room for `n` deadlines, so that wzp_deadlines_set can't fail. WZP_ENOMEM. */
WZP_MUST_USE enum wzp_err wzp_deadlines_reserve(struct wzp_deadlines *heap, size_t n);

/** Puts the deadline in, moves it, or takes it out (WZP_NEVER). */
void wzp_deadlines_set(struct wzp_deadlines *heap, struct wzp_deadline *deadline, wzp_us at);

/** The earliest, or NULL. */
static inline struct wzp_deadline *wzp_deadlines_first(const struct wzp_deadlines *heap)
{
    return heap->n > 0 ? heap->items[0] : NULL;
}
