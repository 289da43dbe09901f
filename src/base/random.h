/* SPDX-License-Identifier: Apache-2.0 */
/* Sources of random bytes: the system's, and a seeded one that makes tests repeatable. */
#pragma once

#include <stddef.h>
#include <stdint.h>

typedef void (*wzp_random_fn)(void *context, void *out_bytes, size_t size);

/** A source, passed by pointer to whatever pure code needs chance. */
struct wzp_random {
    wzp_random_fn fill;
    void *context;
};

/** State of the seeded source: xoshiro256** (Blackman and Vigna, 2018). Not for secrets. */
struct wzp_random_seeded {
    uint64_t state[4];
};

/** The kernel's source. Aborts where the kernel has none: there is no sane way on. */
extern const struct wzp_random wzp_random_system;

/** A source over `seeded` that gives the same bytes for the same seed. `seeded` must outlive the source. */
struct wzp_random wzp_random_from_seed(struct wzp_random_seeded *seeded, uint64_t seed);

uint64_t wzp_random_u64(const struct wzp_random *random);

/** Evenly distributed below `bound` (1 or more). */
uint64_t wzp_random_below(const struct wzp_random *random, uint64_t bound);

/** Evenly distributed in [0, 1). */
double wzp_random_unit(const struct wzp_random *random);
