/* SPDX-License-Identifier: Apache-2.0 */
/* How loud samples are. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define WZP_LEVEL_SILENCE_DBOV (-127.0)

struct wzp_level {
    double rms;    /* 0 to 32,768 */
    uint16_t peak; /* largest magnitude, 0 to 32,768 */
    double dbov;   /* of the RMS against a full-scale square wave (RFC 6464): 0 the loudest, -127 silence */
};

/** Of `n` samples; silence for none. */
struct wzp_level wzp_level_of(const int16_t *samples, size_t n);

double wzp_level_dbov(double rms);

/** As the audio level of a media header has it: -dBov, 0 to 127, rounded. */
uint8_t wzp_level_header(const struct wzp_level *level);
