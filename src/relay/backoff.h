/* SPDX-License-Identifier: Apache-2.0 */
/* When to dial a peer again: 5 s, 10 s, ... 300 s, each give or take a fifth, from the start after a good
 * link. */
#pragma once

#include "base/random.h"
#include "base/us.h"

#define WZP_BACKOFF_FIRST (5 * WZP_SECOND)
#define WZP_BACKOFF_MOST  (300 * WZP_SECOND)
#define WZP_BACKOFF_GOOD  (30 * WZP_SECOND) /* a link that stood so long starts the row anew */

/** A value; zeroed it stands before the first wait. */
struct wzp_backoff {
    wzp_us last; /* the latest wait without its jitter, 0 for none */
};

/** How long to wait after a link that stood for `stood` (0: it never did). */
static inline wzp_us wzp_backoff_next(struct wzp_backoff *backoff, wzp_us stood,
                                      const struct wzp_random *random)
{
    if (stood >= WZP_BACKOFF_GOOD) {
        backoff->last = 0;
    }
    backoff->last = backoff->last == 0 ? WZP_BACKOFF_FIRST : wzp_us_min(backoff->last * 2, WZP_BACKOFF_MOST);
    wzp_us fifth = backoff->last / 5;
    return backoff->last - fifth + (wzp_us)wzp_random_below(random, (uint64_t)(2 * fifth));
}
