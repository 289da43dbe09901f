/* SPDX-License-Identifier: Apache-2.0 */
/* Where media goes: local members and links, in as few copies as the forms allow. Source: federation.md
 * section 6; protocol.md, "Federated datagrams". */
#pragma once

#include "proto/fedtag.h"
#include "router/internal.h"

/** Media on its way through us. */
struct wzp_flood {
    struct wzp_room *room;
    const struct wzp_origin *origin; /* `room->self` for our members; NULL: not known yet */
    struct wzp_link *from;           /* NULL for our members */
    struct wzp_packet *packet;
    size_t media_offset; /* in the packet's buffer; at least WZP_PACKET_HEADROOM bytes stand before it */
    size_t media_size;
    struct wzp_fedtag tag; /* as links are to get it */
    uint16_t number;       /* of the sender at its origin */
    uint16_t local;        /* ours for it */
    bool is_held_back;     /* from our members: others hold the floor */
};

/** Whether media of `origin` (NULL: unknown) that came by `from` (NULL: from our members) goes to `to`. */
bool wzp_flood_goes_to(const struct wzp_room *room, const struct wzp_origin *origin,
                       const struct wzp_link *from, const struct wzp_link *to);

/** Sends a stamped packet of a local member to the links. */
void wzp_flood_member(struct wzp_member *member, struct wzp_packet *packet, uint8_t level);

/** Sends media of a link to our members and to other links; false where nobody wants it. To hold it back
 * from our members is not that: they may want it soon. */
bool wzp_flood_transit(const struct wzp_flood *flood);
