/* SPDX-License-Identifier: Apache-2.0 */
#include "fec/tinymt32.h"

/* The parameter set of RFC 8682 section 2.1. */
#define MAT1 UINT32_C(0x8f7011ee)
#define MAT2 UINT32_C(0xfc78ff1f)
#define TMAT UINT32_C(0x3793fdff)

enum {
    MIN_LOOP = 8, /* rounds of mixing the seed in */
    PRE_LOOP = 8, /* numbers thrown away */
};

static void step(uint32_t status[static 4])
{
    uint32_t y = status[3];
    uint32_t x = (status[0] & UINT32_C(0x7fffffff)) ^ status[1] ^ status[2];
    x ^= x << 1;
    y ^= (y >> 1) ^ x;
    status[0] = status[1];
    status[1] = status[2];
    status[2] = x ^ (y << 10);
    status[3] = y;
    if (y & 1) {
        status[1] ^= MAT1;
        status[2] ^= MAT2;
    }
}

static uint32_t temper(const uint32_t status[static 4])
{
    uint32_t t0 = status[3];
    uint32_t t1 = status[0] + (status[2] >> 8);
    t0 ^= t1;
    return t1 & 1 ? t0 ^ TMAT : t0;
}

void wzp_tinymt32_init(struct wzp_tinymt32 *tinymt32, uint32_t seed)
{
    uint32_t *status = tinymt32->status;
    status[0] = seed;
    status[1] = MAT1;
    status[2] = MAT2;
    status[3] = TMAT;
    for (uint32_t i = 1; i < MIN_LOOP; i++) {
        uint32_t before = status[(i - 1) & 3];
        status[i & 3] ^= i + UINT32_C(1812433253) * (before ^ (before >> 30));
    }
    for (int i = 0; i < PRE_LOOP; i++) {
        step(status);
    }
}

uint32_t wzp_tinymt32_u32(struct wzp_tinymt32 *tinymt32)
{
    step(tinymt32->status);
    return temper(tinymt32->status);
}
