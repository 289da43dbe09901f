/* SPDX-License-Identifier: Apache-2.0 */
#include "audio/mixer.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"

#define CEILING          32000.0f       /* what the sum of several is turned down to */
#define ATTACK_SAMPLES   48             /* 1 ms: as fast as is no click */
#define RELEASE_A_SAMPLE (1.0f / 24000) /* half a second from nothing to full gain */

void wzp_mixer_init(struct wzp_mixer *mixer)
{
    *mixer = (struct wzp_mixer){.gain = 1};
}

void wzp_mixer_begin(struct wzp_mixer *mixer, size_t n_samples)
{
    assert(n_samples <= WZP_MIXER_MAX_SAMPLES);
    memset(mixer->sum, 0, n_samples * sizeof mixer->sum[0]);
    mixer->n_samples = n_samples;
    mixer->n_streams = 0;
}

void wzp_mixer_add(struct wzp_mixer *mixer, const int16_t *samples, size_t n)
{
    n = wzp_min_size(n, mixer->n_samples);
    for (size_t i = 0; i < n; i++) {
        mixer->sum[i] += samples[i];
    }
    mixer->n_streams++;
}

static int16_t saturate(float value)
{
    return (int16_t)lrintf(fmaxf(-32768, fminf(32767, value)));
}

/** The gain that the loudest sample of this frame bears. */
static float gain_of_frame(const struct wzp_mixer *mixer)
{
    int32_t peak = 0;
    for (size_t i = 0; i < mixer->n_samples; i++) {
        int32_t magnitude = abs(mixer->sum[i]);
        peak = magnitude > peak ? magnitude : peak;
    }
    return (float)peak > CEILING ? CEILING / (float)peak : 1;
}

static void limit(struct wzp_mixer *mixer, float target, int16_t *samples)
{
    float step = (target - mixer->gain) / ATTACK_SAMPLES;
    for (size_t i = 0; i < mixer->n_samples; i++) {
        if (target < mixer->gain) {
            mixer->gain = fmaxf(target, mixer->gain + step);
        } else {
            mixer->gain = fminf(target, mixer->gain + RELEASE_A_SAMPLE);
        }
        samples[i] = saturate((float)mixer->sum[i] * mixer->gain);
    }
}

void wzp_mixer_finish(struct wzp_mixer *mixer, int16_t *samples)
{
    float target = mixer->n_streams > 1 ? gain_of_frame(mixer) : 1;
    if (target < 1 || mixer->gain < 1) {
        limit(mixer, target, samples);
        return;
    }
    for (size_t i = 0; i < mixer->n_samples; i++) {
        samples[i] = (int16_t)mixer->sum[i];
    }
}
