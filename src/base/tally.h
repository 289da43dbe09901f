/* SPDX-License-Identifier: Apache-2.0 */
/* Counts of values by range, for histograms that are fed where things happen: no floating point, no memory.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define WZP_TALLY_MAX_BOUNDS 16

/** The upper ends of the ranges, rising; the last range has none. */
struct wzp_tally_bounds {
    size_t n; /* at most WZP_TALLY_MAX_BOUNDS */
    uint32_t at[WZP_TALLY_MAX_BOUNDS];
};

/** A value; zeroed it is empty. */
struct wzp_tally {
    uint64_t counts[WZP_TALLY_MAX_BOUNDS + 1];
    uint64_t sum;
};

static inline void wzp_tally_add(struct wzp_tally *tally, const struct wzp_tally_bounds *bounds,
                                 uint64_t value)
{
    size_t i = 0;
    while (i < bounds->n && value > bounds->at[i]) {
        i++;
    }
    tally->counts[i]++;
    tally->sum += value;
}
