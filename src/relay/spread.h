/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Over which workers the rooms of a worker are spread. A room has one more worker for every
 * `room_members_per_worker` members; the next member's connection goes to the one of them that has the fewest
 * of the room's. Where that is not the room's own worker, a signpost says so to all.
 *
 * One thread, the worker's.
 */
#pragma once

#include <stddef.h>

#include <wzp/error.h>

#include "base/attr.h"
#include "relay/crew.h"

struct wzp_spread;
struct wzp_spread_room;

/** For the rooms of `worker`; `members_per_worker` is above 0. `crew` is borrowed. WZP_ENOMEM. */
WZP_MUST_USE enum wzp_err wzp_spread_new(struct wzp_crew *crew, unsigned worker, size_t members_per_worker,
                                         struct wzp_spread **out_spread);

/** Forgets all rooms. Takes NULL. */
void wzp_spread_free(struct wzp_spread *spread);

/** A member of `room` (folded name) has come, whose connection is on worker `at`. NULL: it does not count,
 * for lack of memory. */
struct wzp_spread_room *wzp_spread_enter(struct wzp_spread *spread, const char *room, unsigned at);

/** It has gone; `room` is what wzp_spread_enter returned, NULL included. */
void wzp_spread_leave(struct wzp_spread *spread, struct wzp_spread_room *room, unsigned at);
