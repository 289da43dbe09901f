/* SPDX-License-Identifier: Apache-2.0 */
/* The table of rooms: global ones live as long as the router, others while they have members. */
#pragma once

#include "router/internal.h"

/** WZP_EEXIST, WZP_EINVAL (a bad name), WZP_ELIMIT, WZP_ENOMEM. `name` is folded here. */
WZP_MUST_USE enum wzp_err wzp_room_new(struct wzp_router *router, const char *name, bool is_global,
                                       struct wzp_room **out_room);

/** Takes the room out of the tables and frees it, with its origins; it must have no members. Takes NULL. */
void wzp_room_free(struct wzp_room *room);

/** The room called `name`, raw or hashed, or NULL. */
struct wzp_room *wzp_room_find(const struct wzp_router *router, const char *name);

/** Remembers `name` for display, if it is no hash and the room has none yet. */
void wzp_room_bring_name(struct wzp_room *room, const char *name);

/** Has wzp_room_tick do `what` at `at`, or earlier if that was asked before. */
void wzp_room_set_due(struct wzp_room *room, enum wzp_due what, wzp_us at);

/** Does what is due; returns when the next work is, or WZP_NEVER. */
wzp_us wzp_room_tick(struct wzp_room *room, wzp_us now);

/** The merged list is another one now: members and first-generation links hear of it in time. */
void wzp_room_changed(struct wzp_room *room, wzp_us now);

/** Reports an event about the room's local members. */
void wzp_room_event(const struct wzp_room *room, enum wzp_router_event_kind kind);

/** A number that no participant of the room has, the longest unused first; 0 where all are taken. */
uint16_t wzp_room_take_number(struct wzp_room *room);
void wzp_room_give_number(struct wzp_room *room, uint16_t number);
