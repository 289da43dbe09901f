/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tag in front of a media packet on a link between relays. Source: wire-protocol section 4.2.
 *
 *   G1 link   room hash (8), media packet
 *   G2 link   room hash (8), origin (8), hop limit (1), audio level (1), media packet
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <wzp/error.h>

#include "base/attr.h"

#define WZP_FEDTAG_ROOM_BYTES   8
#define WZP_FEDTAG_ORIGIN_BYTES 8
#define WZP_FEDTAG_G1_BYTES     8
#define WZP_FEDTAG_G2_BYTES     18
#define WZP_FEDTAG_MAX_HOPS     32 /* what an origin writes */

struct wzp_fedtag {
    uint8_t room[WZP_FEDTAG_ROOM_BYTES];     /* first bytes of SHA-256 over the canonical name */
    uint8_t origin[WZP_FEDTAG_ORIGIN_BYTES]; /* first bytes of the origin's fingerprint; G1: zeros */
    uint8_t hops;  /* relays that may still forward it, 0 to WZP_FEDTAG_MAX_HOPS; G1: 0 */
    uint8_t level; /* audio level of the sender (media.h), 0: none; G1: 0 */
};

/** A federated datagram taken apart; `media` is borrowed from it and is a valid media packet. */
struct wzp_fedtag_packet {
    struct wzp_fedtag tag;
    const uint8_t *media;
    size_t media_size;
};

/** WZP_EMALFORMED: too short, or what follows the tag is no valid media packet. */
WZP_MUST_USE enum wzp_err wzp_fedtag_g1_read(const uint8_t *bytes, size_t size,
                                             struct wzp_fedtag_packet *out_packet);

/** As above; a hop limit over WZP_FEDTAG_MAX_HOPS reads as that, so that no peer keeps a packet alive longer.
 */
WZP_MUST_USE enum wzp_err wzp_fedtag_g2_read(const uint8_t *bytes, size_t size,
                                             struct wzp_fedtag_packet *out_packet);

/** Writes a tag into the space in front of a media packet (packet.h: WZP_PACKET_HEADROOM). */
void wzp_fedtag_g1_write(const struct wzp_fedtag *tag, uint8_t out_bytes[static WZP_FEDTAG_G1_BYTES]);
void wzp_fedtag_g2_write(const struct wzp_fedtag *tag, uint8_t out_bytes[static WZP_FEDTAG_G2_BYTES]);
