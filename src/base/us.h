/* SPDX-License-Identifier: Apache-2.0 */
/* Time as the pure floors see it: an argument, in monotonic microseconds. */
#pragma once

#include <stdint.h>

typedef int64_t wzp_us;

#define WZP_NEVER  INT64_MAX
#define WZP_MS     ((wzp_us)1000)
#define WZP_SECOND ((wzp_us)1000000)

static inline wzp_us wzp_us_min(wzp_us a, wzp_us b)
{
    return a < b ? a : b;
}

static inline wzp_us wzp_us_max(wzp_us a, wzp_us b)
{
    return a > b ? a : b;
}
