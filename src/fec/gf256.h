/* SPDX-License-Identifier: Apache-2.0 */
/* Arithmetic in GF(256) over x^8 + x^4 + x^3 + x^2 + 1 (0x11D), the field of RFC 8681 section 3.3. Addition
 * is XOR. */
#pragma once

#include <stddef.h>
#include <stdint.h>

uint8_t wzp_gf256_mul(uint8_t a, uint8_t b);

/** The inverse of `a`, which is not 0. */
uint8_t wzp_gf256_inverse(uint8_t a);

/** `to` += `factor` * `from`, byte by byte. The buffers do not overlap. */
void wzp_gf256_muladd(uint8_t *to, const uint8_t *from, uint8_t factor, size_t size);

/** `bytes` *= `factor`. */
void wzp_gf256_scale(uint8_t *bytes, uint8_t factor, size_t size);
