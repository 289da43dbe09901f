/* SPDX-License-Identifier: Apache-2.0 */
/* TinyMT32, the random numbers that both ends derive coefficients from (RFC 8682, with its parameter set). */
#pragma once

#include <stdint.h>

struct wzp_tinymt32 {
    uint32_t status[4];
};

void wzp_tinymt32_init(struct wzp_tinymt32 *tinymt32, uint32_t seed);
uint32_t wzp_tinymt32_u32(struct wzp_tinymt32 *tinymt32);
