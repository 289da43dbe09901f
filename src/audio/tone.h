/* SPDX-License-Identifier: Apache-2.0 */
/* Sine tones, each sample from its absolute index: frames that are made one by one join without a seam,
 * forever. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/** What test tones have (G1 section 8.2). */
#define WZP_TONE_AMPLITUDE 16000
#define WZP_TONE_HZ        440

/** Samples `first` to `first + n - 1` of a sine of `hz` that crosses zero upwards at sample 0. */
void wzp_tone_fill(uint32_t hz, int16_t amplitude, uint64_t first, int16_t *samples, size_t n);
