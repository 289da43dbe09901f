/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For how long a loop went without a rest: as long as packets may have waited for it.
 *
 * A loop that finds nothing to do waits; one that is behind finds work whenever it looks. So a turn that
 * began at once continues a busy spell, and the longest spell of late says how much of a measured round trip
 * may be our own doing.
 */
#pragma once

#include <stdbool.h>

#include "base/us.h"

#define WZP_LAG_REST (WZP_MS / 10)  /* waiting for so long is a rest */
#define WZP_LAG_SLOT (250 * WZP_MS) /* spells are remembered for one to two of these */

/** A value; all zeros: ready. */
struct wzp_lag {
    bool has_work; /* since the last rest */
    wzp_us waits_since, awake_since;
    wzp_us works_since; /* while it has work: in this turn of the loop */
    wzp_us slot_at;
    wzp_us most[2]; /* the longest spell of this slot and of the last */
};

/** It has something to do. */
static inline void wzp_lag_wake(struct wzp_lag *lag, wzp_us now)
{
    if (!lag->has_work && now - lag->waits_since >= WZP_LAG_REST) {
        lag->awake_since = now;
    }
    lag->works_since = lag->has_work ? lag->works_since : now;
    lag->has_work = true;
}

/** The loop is about to wait. Turns without work do not count. */
static inline void wzp_lag_rest(struct wzp_lag *lag, wzp_us now)
{
    if (now - lag->slot_at >= WZP_LAG_SLOT) {
        lag->most[1] = now - lag->slot_at < 2 * WZP_LAG_SLOT ? lag->most[0] : 0;
        lag->most[0] = 0;
        lag->slot_at = now;
    }
    if (lag->has_work) {
        lag->most[0] = wzp_us_max(lag->most[0], now - lag->awake_since);
    }
    lag->has_work = false;
    lag->waits_since = now;
}

/** The longest spell of late, the present one included. */
static inline wzp_us wzp_lag_most(const struct wzp_lag *lag, wzp_us now)
{
    wzp_us spell = lag->has_work ? now - lag->awake_since : 0;
    return wzp_us_max(spell, wzp_us_max(lag->most[0], lag->most[1]));
}
