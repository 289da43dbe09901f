/* SPDX-License-Identifier: Apache-2.0 */
/* Token buckets: so many events a second, with a burst. A value; no allocation. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/us.h"

/** Tokens are counted in millionths, so that a rate of 1/s refills one unit a microsecond. */
struct wzp_bucket {
    int64_t tokens;
    int64_t burst;
    int64_t per_second;
    wzp_us filled_at;
};

#define WZP_BUCKET_TOKEN 1000000

/** Full at `now`: at once `burst` events, then `per_second`. Both at most 1,000,000. */
static inline struct wzp_bucket wzp_bucket_of(uint32_t per_second, uint32_t burst, wzp_us now)
{
    return (struct wzp_bucket){
        .tokens = (int64_t)burst * WZP_BUCKET_TOKEN,
        .burst = (int64_t)burst * WZP_BUCKET_TOKEN,
        .per_second = per_second,
        .filled_at = now,
    };
}

/** Takes one token; false where none is left at `now`. */
static inline bool wzp_bucket_take(struct wzp_bucket *bucket, wzp_us now)
{
    wzp_us passed = now - bucket->filled_at;
    if (passed > 0) {
        wzp_us to_full = bucket->per_second > 0 ? bucket->burst / bucket->per_second + 1 : WZP_NEVER;
        bucket->tokens = passed >= to_full ? bucket->burst : bucket->tokens + passed * bucket->per_second;
        bucket->tokens = bucket->tokens > bucket->burst ? bucket->burst : bucket->tokens;
        bucket->filled_at = now;
    }
    if (bucket->tokens < WZP_BUCKET_TOKEN) {
        return false;
    }
    bucket->tokens -= WZP_BUCKET_TOKEN;
    return true;
}
