/* SPDX-License-Identifier: Apache-2.0 */
/* RoomUpdate: the merged list of a room, and when its members get it. Source: federation.md section 5. */
#pragma once

#include "router/internal.h"

#define WZP_UPDATE_CROWD 100 /* members; smaller rooms are told at once, and every 50 ms */

/** Sends the list to the members that lack it: all of them where the last update is a gap old, else only
 * those that have had none yet, in a crowd those of 50 ms at once. */
void wzp_update_tick(struct wzp_room *room, wzp_us now);

/** The time between two updates: what they cost, entries times receivers, grows with the square of the room,
 * so that from WZP_UPDATE_CROWD members on the gap grows with it. */
wzp_us wzp_update_gap(const struct wzp_room *room);

/** Room for `n` participants in the router's scratch list. */
WZP_MUST_USE enum wzp_err wzp_update_reserve(struct wzp_router *router, size_t n);

/** How a local member is shown. `label` and `relay_fp` say where: "" and NULL among its own. */
struct wzp_signal_participant wzp_update_member(const struct wzp_member *member, const char *label,
                                                const char *relay_fp);

/** How a participant of an origin is shown, with `number` as its stream number. */
struct wzp_signal_participant wzp_update_person(const struct wzp_origin *origin,
                                                const struct wzp_person *person, uint16_t number);

/**
 * Fills the scratch list: local members first, then the people of each origin, none twice; at most
 * WZP_SIGNAL_MAX_PARTICIPANTS. Without what was learnt by `except`, which may be NULL; an `except` also means
 * that the list is for a relay, so that labels are those it should show.
 */
WZP_MUST_USE enum wzp_err wzp_update_merge(struct wzp_room *room, const struct wzp_link *except,
                                           struct wzp_signal_participants *out_list);
