/* SPDX-License-Identifier: Apache-2.0 */
/* Whether the gap in front of a packet is missing audio, silence, or only numbers: the rule of jitter.h. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/us.h"
#include "proto/jitter.h"
#include "proto/jitter_store.h"
#include "proto/media_clock.h"

/** What gaps are measured from: the packet played last, without its payload. */
struct wzp_jitter_past {
    bool is_valid; /* in this spurt */
    uint64_t position;
    uint32_t timestamp;
    wzp_us arrived_us;
    wzp_us duration_us;  /* its own, and... */
    wzp_us concealed_us; /* ...what was made up since, */
    wzp_us lost_us;      /* of that for numbers found lost */
};

/** What the stream is like. */
struct wzp_jitter_habits {
    const struct wzp_media_clock *clock;
    bool has_repairs; /* some came */
    wzp_us delay_us;
};

struct wzp_jitter_judgement {
    enum wzp_jitter_kind kind; /* PACKET: no audio is missing; LOST; PAUSE */
    size_t n_missing;          /* frames, of LOST */
};

/** Whether a silence lies between `past` and `head`. */
static inline bool wzp_jitter_gap_is_silence(const struct wzp_jitter_past *past,
                                             const struct wzp_jitter_head *head)
{
    return head->arrived_us - past->arrived_us > WZP_JITTER_SILENCE_US;
}

/** What to play at `now`, before `gap->item`, which is not NULL. */
struct wzp_jitter_judgement wzp_jitter_gap_judge(const struct wzp_jitter_gap *gap,
                                                 const struct wzp_jitter_past *past,
                                                 const struct wzp_jitter_habits *habits, wzp_us now);

/** How many frames turn out to be lost now that `gap->item` shows the gap, and were concealed as STARVED
 * already. Before the packet is played. */
size_t wzp_jitter_gap_hidden(const struct wzp_jitter_gap *gap, const struct wzp_jitter_past *past,
                             const struct wzp_jitter_habits *habits);
