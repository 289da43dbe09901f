/* SPDX-License-Identifier: Apache-2.0 */
/* The duplicate window of one sender: which of its last sequence numbers have been seen. Source: federation
 * section 6. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/us.h"

#define WZP_DUP_WINDOW  1024                  /* sequence numbers that are remembered */
#define WZP_DUP_IDLE_US (2 * (wzp_us)1000000) /* a sender silent for longer may have started again */

/** A value of fixed size: fill it with wzp_dup_init (or zeros). */
struct wzp_dup {
    wzp_us last_us; /* when the last number was accepted or refused */
    uint16_t newest;
    bool is_started;
    uint64_t seen[WZP_DUP_WINDOW / 64]; /* bit of a number: its low ten bits */
};

void wzp_dup_init(struct wzp_dup *dup);

/**
 * Notes `seq`; true where it is new, false for a duplicate, which the caller drops.
 *
 * The window starts afresh, and the number is new, when nothing came for WZP_DUP_IDLE_US, and when the number
 * jumps ahead by more than half the number space: that is, when it lies behind the whole window. So a sender
 * that starts again at 0 is heard, and a packet that is late by more than the window (17 s of speech) is not
 * recognised.
 */
bool wzp_dup_is_new(struct wzp_dup *dup, uint16_t seq, wzp_us now);
