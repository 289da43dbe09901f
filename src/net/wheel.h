/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A timer wheel: deadlines that live inside the objects they belong to, set and taken in constant time.
 *
 * Deadlines are sorted by the millisecond into the fine slots of the next quarter of a second, and by the
 * quarter of a second into the coarse ones behind, whose content moves on when its time is near (Varghese and
 * Lauck, "Hashed and Hierarchical Timing Wheels", 1987). What is further off than the coarse ones reach waits
 * in the last of them and is sorted again. Most deadlines are moved before they are over, so that this costs
 * less than a heap, which keeps all of them in order.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/us.h"

#define WZP_WHEEL_TICK  WZP_MS
#define WZP_WHEEL_SLOTS 256 /* of each kind */
#define WZP_WHEEL_WORDS (WZP_WHEEL_SLOTS / 64)

/** A value; fill with WZP_DEADLINE_INIT. */
struct wzp_deadline {
    wzp_us at;                  /* WZP_NEVER: on no wheel */
    struct wzp_deadline *next;  /* in its slot */
    struct wzp_deadline **from; /* the pointer to it there */
    uint16_t slot;              /* of both kinds, the coarse ones behind the fine */
};

#define WZP_DEADLINE_INIT ((struct wzp_deadline){.at = WZP_NEVER})

/** A value; zeroed it is empty, and its time begins at 0. */
struct wzp_wheel {
    uint64_t tick; /* the next that has not been looked at */
    struct wzp_deadline *slots[2 * WZP_WHEEL_SLOTS];
    uint64_t used[2 * WZP_WHEEL_WORDS]; /* bit by slot: there is one in it */
};

/** Puts the deadline on the wheel, moves it, or takes it off (WZP_NEVER). */
void wzp_wheel_set(struct wzp_wheel *wheel, struct wzp_deadline *deadline, wzp_us at);

/** Takes off one that is over at `now`, or gives NULL; up to a tick after it is, never before. `now` does not
 * go back. */
struct wzp_deadline *wzp_wheel_take(struct wzp_wheel *wheel, wzp_us now);

/** When to call wzp_wheel_take: as soon as one is taken then or, where none is near, earlier. WZP_NEVER: it
 * is empty. */
wzp_us wzp_wheel_next(const struct wzp_wheel *wheel);
