/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/media_clock.h"

#include <stdlib.h>

enum {
    MILLISECONDS = 1,
    SAMPLES = 48,
    MAX_MISFITS = 8, /* suppressed frames make some; a wrong unit makes only these */
};

#define JITTER_WEIGHT       16         /* RFC 3550: J += (|D| - J) / 16 */
#define JITTER_MAX_PAUSE_US WZP_SECOND /* longer is silence or another sender, not jitter */

void wzp_media_clock_learn(struct wzp_media_clock *clock, uint32_t step, wzp_us duration_us)
{
    uint32_t frame_ms = (uint32_t)(duration_us / WZP_MS);
    if (step == frame_ms * MILLISECONDS || step == frame_ms * SAMPLES) {
        clock->units_per_ms = step / frame_ms;
        clock->n_misfits = 0;
        return;
    }
    clock->n_misfits++;
    if (clock->n_misfits >= MAX_MISFITS) {
        clock->units_per_ms = 0;
    }
}

bool wzp_media_clock_between(const struct wzp_media_clock *clock, uint32_t from, uint32_t to, wzp_us *out_us)
{
    if (clock->units_per_ms == 0) {
        return false;
    }
    *out_us = (wzp_us)(int32_t)(to - from) * WZP_MS / clock->units_per_ms;
    return true;
}

void wzp_media_clock_arrival(struct wzp_media_clock *clock, uint32_t timestamp, wzp_us now)
{
    wzp_us sent_us = 0;
    if (clock->has_arrival && wzp_media_clock_between(clock, clock->timestamp, timestamp, &sent_us)) {
        wzp_us deviation = llabs(now - clock->arrived_us - sent_us);
        if (deviation < JITTER_MAX_PAUSE_US) {
            clock->jitter_us += deviation - (clock->jitter_us + JITTER_WEIGHT / 2) / JITTER_WEIGHT;
        }
    }
    clock->has_arrival = true;
    clock->timestamp = timestamp;
    clock->arrived_us = now;
}

wzp_us wzp_media_clock_jitter_us(const struct wzp_media_clock *clock)
{
    return clock->jitter_us / JITTER_WEIGHT;
}
