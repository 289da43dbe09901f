/* SPDX-License-Identifier: Apache-2.0 */
/* Origins: what is known of a relay's members in a room, and by which links. Source: federation.md section 5.
 */
#pragma once

#include "router/internal.h"

/** Makes `room->self`. */
WZP_MUST_USE enum wzp_err wzp_origin_new_self(struct wzp_room *room);

/** Finds or makes the origin whose fingerprint starts with `id`; a new one is HEARD. WZP_ELIMIT, WZP_ENOMEM.
 */
WZP_MUST_USE enum wzp_err wzp_origin_get(struct wzp_room *room, const uint8_t id[static WZP_ORIGIN_ID_BYTES],
                                         wzp_us now, struct wzp_origin **out_origin);

/** A HEARD origin's whole fingerprint is known now; it starts with its id. */
void wzp_origin_name(struct wzp_origin *origin, const uint8_t fingerprint[static WZP_FINGERPRINT_BYTES]);

/** The origin with that id, or NULL; our own is `room->self`. */
struct wzp_origin *wzp_origin_find(const struct wzp_room *room, const uint8_t id[static WZP_ORIGIN_ID_BYTES]);

/** Takes it out of everything and frees it. Takes NULL. */
void wzp_origin_free(struct wzp_origin *origin);

/** The way between the origin and a link, or NULL. */
struct wzp_way *wzp_origin_way(const struct wzp_origin *origin, const struct wzp_link *link);

/** The same, made where it is missing. WZP_ENOMEM. */
WZP_MUST_USE enum wzp_err wzp_origin_get_way(struct wzp_origin *origin, struct wzp_link *link,
                                             struct wzp_way **out_way);

/** Forgets the way: its link is gone. Upstream and offers must have been dealt with. */
void wzp_origin_drop_way(struct wzp_way *way);

/** A link goes: no origin of the room is bound to it by its media, or still heard by it. */
void wzp_origin_unbind(struct wzp_room *room, const struct wzp_link *link);

/** Enters a state; `until` is when it ends by itself. People go where the state shows none. */
void wzp_origin_enter(struct wzp_origin *origin, enum wzp_origin_state state, wzp_us now);

/** Reports that the origin appeared or went; `link` may be NULL. */
void wzp_origin_event(const struct wzp_origin *origin, enum wzp_router_event_kind kind,
                      const struct wzp_link *link);

/** Whether policy lets what we know of the origin go to the link: not back to where it comes from, and
 * nothing of third relays to or from a leaf. */
bool wzp_origin_may_go_to(const struct wzp_origin *origin, const struct wzp_link *link);

/** Whether the people of the origin may be on a list for the link: as above, and those of a lost origin until
 * its grace ends. */
bool wzp_origin_may_show_to(const struct wzp_origin *origin, const struct wzp_link *link);

/** Ends states whose time has come and drops streams that are at rest. */
void wzp_origin_tick(struct wzp_room *room, wzp_us now);
