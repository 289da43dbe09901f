/* SPDX-License-Identifier: Apache-2.0 */
#include "audio/tone.h"

#include <math.h>

#include "audio/codec.h"

void wzp_tone_fill(uint32_t hz, int16_t amplitude, uint64_t first, int16_t *samples, size_t n)
{
    /* Cycles repeat every second whatever the frequency, so that the phase is exact in whole numbers. */
    uint64_t phase = first % WZP_CODEC_SAMPLE_HZ * (hz % WZP_CODEC_SAMPLE_HZ) % WZP_CODEC_SAMPLE_HZ;
    for (size_t i = 0; i < n; i++) {
        double angle = 2 * M_PI * (double)phase / WZP_CODEC_SAMPLE_HZ;
        samples[i] = (int16_t)lrint(amplitude * sin(angle));
        phase = (phase + hz) % WZP_CODEC_SAMPLE_HZ;
    }
}
