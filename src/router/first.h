/* SPDX-License-Identifier: Apache-2.0 */
/* First-generation links: merged lists instead of origins. Source: federation.md section 8; G1 section 7.5.
 */
#pragma once

#include "router/internal.h"

/** A first-generation link stands or goes, as seen by one global room. */
void wzp_first_link_up(struct wzp_room *room, struct wzp_link *link, wzp_us now);
void wzp_first_link_down(struct wzp_room *room, struct wzp_link *link);

/** GlobalRoomActive or GlobalRoomInactive from such a link. Tells which rule it breaks. */
enum wzp_refusal wzp_first_hear(struct wzp_link *link, struct wzp_room *room, const struct wzp_signal *signal,
                                wzp_us now);

/** Tells each such link the merged list of what was not learnt from it, where that changed. */
void wzp_first_tell(struct wzp_room *room, wzp_us now);

/** Whether the origin is the relay at the end of one of our first-generation links: its people are then what
 * that link says. */
bool wzp_first_stands_here(const struct wzp_origin *origin);

/** Somebody left the room by a message, not by a lost link: what first-generation relays still list of them
 * is an echo, and goes. */
void wzp_first_left(struct wzp_room *room, const char *fingerprint, wzp_us now);
