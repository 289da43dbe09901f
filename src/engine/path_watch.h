/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Notices when everybody falls silent at once, and asks the relay for a sign of life at once.
 *
 * A listener sends nothing but acknowledgements. Where a router in between moves him to another port, what
 * the relay sends is lost until he sends something himself, which shows the relay the new port. So when
 * datagrams came until just now and then none does, the connection says something every WZP_PATH_WATCH_QUIET
 * for a while. Pure: it is told what happens and answers what the keep-alive is to be.
 */
#pragma once

#include <stdbool.h>

#include "base/us.h"

#define WZP_PATH_WATCH_QUIET (50 * WZP_MS)    /* two frames and a half: no datagram for so long is odd */
#define WZP_PATH_WATCH_ASKS  (1 * WZP_SECOND) /* for so long, then it was the end of a talk */

/** A value; zeroed is at rest. */
struct wzp_path_watch {
    wzp_us heard_at; /* the last datagram; 0: none */
    bool asks;
};

/** A datagram came; true where asking is to stop. */
bool wzp_path_watch_hear(struct wzp_path_watch *watch, wzp_us now);

/** When to call wzp_path_watch_tick; WZP_NEVER at rest. */
wzp_us wzp_path_watch_deadline(const struct wzp_path_watch *watch);

/** Time passes; true where `asks` has changed: ask from now on, or stop asking. */
bool wzp_path_watch_tick(struct wzp_path_watch *watch, wzp_us now);
