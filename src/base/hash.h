/* SPDX-License-Identifier: Apache-2.0 */
/* SipHash-2-4, the keyed hash under our maps: a peer that picks the keys can't pick the collisions. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct wzp_hash_key {
    uint64_t k[2];
};

/** Source: Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012; its vectors are in the test. */
uint64_t wzp_hash(const struct wzp_hash_key *key, const void *bytes, size_t size);
