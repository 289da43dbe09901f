/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Adds streams frame by frame. A single speaker passes bit by bit; where the sum of several would clip, a
 * limiter turns it down at once and lets it up again within half a second.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define WZP_MIXER_MAX_SAMPLES 1920

/** Fields are the module's own. */
struct wzp_mixer {
    int32_t sum[WZP_MIXER_MAX_SAMPLES];
    size_t n_samples; /* of this frame */
    size_t n_streams; /* added to it */
    float gain;       /* of the last sample, up to 1 */
};

void wzp_mixer_init(struct wzp_mixer *mixer);

/** Begins a frame of `n_samples`, at most WZP_MIXER_MAX_SAMPLES; silence until something is added. */
void wzp_mixer_begin(struct wzp_mixer *mixer, size_t n_samples);

/** Adds up to `n` samples (more than the frame has are ignored, missing ones are silence). */
void wzp_mixer_add(struct wzp_mixer *mixer, const int16_t *samples, size_t n);

/** The frame's sum into `samples`, n_samples of them. */
void wzp_mixer_finish(struct wzp_mixer *mixer, int16_t *samples);
