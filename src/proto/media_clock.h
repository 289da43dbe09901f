/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the timestamps of one stream are worth. Senders count ms or samples at 48 kHz, or something else (G1
 * section 3.3); the unit shows where successive packets are known to follow each other without a gap.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/us.h"

/** A value; all zeros is a clock that knows nothing. Fields are the module's own. */
struct wzp_media_clock {
    uint32_t units_per_ms; /* 0: not known */
    uint32_t n_misfits;    /* neighbours in a row that fit neither unit */
    bool has_arrival;
    uint32_t timestamp; /* of the last arrival */
    wzp_us arrived_us;
    wzp_us jitter_us; /* times 16 */
};

/** Two packets with successive numbers, the first of which plays for `duration_us`, are `step` units apart.
 */
void wzp_media_clock_learn(struct wzp_media_clock *clock, uint32_t step, wzp_us duration_us);

/** The time between two timestamps, negative where `to` is the earlier one; false where the unit is not
 * known. */
bool wzp_media_clock_between(const struct wzp_media_clock *clock, uint32_t from, uint32_t to, wzp_us *out_us);

/** A packet came. Feeds the jitter. */
void wzp_media_clock_arrival(struct wzp_media_clock *clock, uint32_t timestamp, wzp_us now);

/** Mean deviation of arrivals from the sender's pace (RFC 3550 section 6.4.1); 0 until the unit is known. */
wzp_us wzp_media_clock_jitter_us(const struct wzp_media_clock *clock);
