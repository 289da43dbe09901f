/* SPDX-License-Identifier: Apache-2.0 */
/* Local participants. The functions of router.h that start with wzp_member_ are here too. */
#pragma once

#include "router/internal.h"

/** See wzp_router_join and its companions: these do the work. */
WZP_MUST_USE enum wzp_err wzp_member_join(struct wzp_router *router, const struct wzp_join *join, wzp_us now,
                                          struct wzp_member **out_member);
void wzp_member_leave(struct wzp_member *member, wzp_us now);
void wzp_member_set_muted(struct wzp_member *member, bool is_muted, wzp_us now);
void wzp_member_set_budget(struct wzp_member *member, uint32_t bytes_per_second, wzp_us now);
void wzp_member_media_in(struct wzp_member *member, struct wzp_packet *packet, wzp_us now);

/** Hands `size` bytes from `offset` on to every member but `except` (NULL: to all), in join order. */
void wzp_member_deliver(struct wzp_room *room, const struct wzp_member *except, struct wzp_packet *packet,
                        size_t offset, size_t size);

/** Takes the member out without telling anybody, and frees it. */
void wzp_member_free(struct wzp_member *member);
