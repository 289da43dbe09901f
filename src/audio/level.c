/* SPDX-License-Identifier: Apache-2.0 */
#include "audio/level.h"

#include <math.h>
#include <stdlib.h>

double wzp_level_dbov(double rms)
{
    if (rms <= 0) {
        return WZP_LEVEL_SILENCE_DBOV;
    }
    return fmax(20 * log10(rms / 32768), WZP_LEVEL_SILENCE_DBOV);
}

struct wzp_level wzp_level_of(const int16_t *samples, size_t n)
{
    int64_t energy = 0;
    int peak = 0;
    for (size_t i = 0; i < n; i++) {
        int magnitude = abs((int)samples[i]);
        energy += (int64_t)magnitude * magnitude;
        peak = magnitude > peak ? magnitude : peak;
    }
    double rms = n > 0 ? sqrt((double)energy / (double)n) : 0;
    return (struct wzp_level){.rms = rms, .peak = (uint16_t)peak, .dbov = wzp_level_dbov(rms)};
}

uint8_t wzp_level_header(const struct wzp_level *level)
{
    return (uint8_t)lrint(-level->dbov);
}
