/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which worker takes the next members of a room that has outgrown its own worker. Read by all workers for
 * each new connection, written by each for its own rooms; without locks.
 *
 * A reader may see what was true a moment ago: any worker can keep the connections of any room, so that is
 * no mistake. When a crowd arrives at once, signs come too late for it: what arrives in a second is counted,
 * too.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/us.h"

#define WZP_SIGNPOSTS        256  /* rooms spread at a time; more stay on their worker */
#define WZP_SIGNPOSTS_REACH  16   /* places where a room's may stand */
#define WZP_SIGNPOSTS_RUSHES 1024 /* rooms that share one are spread a bit early */

struct wzp_signpost {
    _Atomic uint64_t room; /* 0: none */
    _Atomic uint32_t worker;
};

/** A value; zeroed it has none. */
struct wzp_signposts {
    struct wzp_signpost all[WZP_SIGNPOSTS];
    _Atomic uint64_t rushes[WZP_SIGNPOSTS_RUSHES]; /* a second, and what arrived in it, 32 bits each */
};

/** The worker that the room's sign names; `home` where it has none. `room` is never 0. Any thread. */
unsigned wzp_signposts_read(const struct wzp_signposts *signposts, uint64_t room, unsigned home);

/** Counts one that arrives for the room; how many did before in this second. Any thread. */
size_t wzp_signposts_arrive(struct wzp_signposts *signposts, uint64_t room, wzp_us now);

/** On the thread of the room's worker. False: there is no place. */
bool wzp_signposts_set(struct wzp_signposts *signposts, uint64_t room, unsigned worker);
void wzp_signposts_clear(struct wzp_signposts *signposts, uint64_t room);
