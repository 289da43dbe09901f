/* SPDX-License-Identifier: Apache-2.0 */
/* Announcements: what links tell us of origins, and what we tell of our own members. Source: federation.md
 * section 5. */
#pragma once

#include "router/internal.h"

/** Our members in a global room changed: links hear of it now, or 50 ms after the last time. */
void wzp_announce_changed(struct wzp_room *room, wzp_us now);

/** Tells the links of our members as they are now. */
void wzp_announce_members(struct wzp_room *room, wzp_us now);

/** GlobalRoomActive or GlobalRoomInactive from a second-generation link about a room that it may speak of.
 * Tells which rule it breaks. */
enum wzp_refusal wzp_announce_hear(struct wzp_link *link, struct wzp_room *room,
                                   const struct wzp_signal *signal, wzp_us now);
