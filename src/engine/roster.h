/* SPDX-License-Identifier: Apache-2.0 */
/* Who is in the room, by the relay's RoomUpdate signals. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <wzp/engine.h>
#include <wzp/error.h>

#include "base/attr.h"
#include "proto/signal.h"

/** A value; zeroed is empty. At most WZP_SIGNAL_MAX_PARTICIPANTS people. */
struct wzp_roster {
    struct wzp_engine_participant *people;
    size_t n;
    size_t n_most; /* the largest n so far */
    uint64_t rev;  /* of the update it is from; 0 before the first and behind first-generation relays */
};

void wzp_roster_deinit(struct wzp_roster *roster);

/**
 * Takes the update's list. WZP_EAGAIN: it is older than the one before (streams overtake one another) and
 * changes nothing. WZP_ENOMEM.
 */
WZP_MUST_USE enum wzp_err wzp_roster_update(struct wzp_roster *roster,
                                            const struct wzp_signal_room_update *update);
