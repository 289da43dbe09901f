/* SPDX-License-Identifier: Apache-2.0 */
/* What we say to links: announcements, withdrawals, prunes and grafts as signals. Source: protocol.md,
 * "Signals". */
#pragma once

#include "router/internal.h"

/** GlobalRoomActive: the origin's people and our way to it. */
void wzp_say_active(struct wzp_origin *origin, struct wzp_link *link);

/** GlobalRoomInactive: with `withdraw` we offer no way any more, without it the origin has left the room. */
void wzp_say_inactive(struct wzp_origin *origin, struct wzp_link *link, bool withdraw);

/** Prune or Graft for one origin of the room, or with NULL for the room. */
void wzp_say_prune(struct wzp_room *room, const struct wzp_origin *origin, struct wzp_link *link);
void wzp_say_graft(struct wzp_room *room, const struct wzp_origin *origin, struct wzp_link *link);

/** To a first-generation link: everybody on `list` is in the room, or with an empty list nobody. */
void wzp_say_first(struct wzp_room *room, const struct wzp_signal_participants *list, struct wzp_link *link);
