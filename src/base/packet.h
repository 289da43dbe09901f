/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Counted datagram buffers out of a pool with a limit. One thread: counts are plain integers.
 *
 * A packet keeps WZP_PACKET_HEADROOM bytes free before its data, so that a federation tag can be put in front
 * of a media packet that is also queued, untagged, for local receivers.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <wzp/error.h>

#include "base/attr.h"

/** Room for the tag of a second-generation federation link (wire-protocol, 4.2): hash 8, origin 8, hops 1,
 * level 1. */
#define WZP_PACKET_HEADROOM 18
/** The largest datagram payload that any path carries here. */
#define WZP_PACKET_BYTES 1452

struct wzp_packet_pool;

struct wzp_packet {
    struct wzp_packet_pool *pool;
    struct wzp_packet *next_free; /* while in the pool */
    uint32_t refs;
    uint16_t offset; /* where the data starts in `bytes` */
    uint16_t size;   /* of the data */
    uint16_t rank;   /* who has to choose among packets takes higher ones first; 0 until somebody says */
    uint8_t bytes[WZP_PACKET_HEADROOM + WZP_PACKET_BYTES];
};

/** A pool that hands out at most `limit` packets at a time; memory is taken as needed and kept. */
WZP_MUST_USE enum wzp_err wzp_packet_pool_new(size_t limit, struct wzp_packet_pool **out_pool);

/** Every packet must have come back. Takes NULL. */
void wzp_packet_pool_free(struct wzp_packet_pool *pool);

/** Packets handed out now. */
size_t wzp_packet_pool_used(const struct wzp_packet_pool *pool);

/**
 * A packet with one reference whose data is a copy of `bytes`, after full headroom.
 *
 * WZP_ELIMIT: the pool's limit is reached. WZP_EINVAL: `size` is over WZP_PACKET_BYTES. WZP_ENOMEM.
 */
WZP_MUST_USE enum wzp_err wzp_packet_new(struct wzp_packet_pool *pool, const void *bytes, size_t size,
                                         struct wzp_packet **out_packet);

static inline uint8_t *wzp_packet_data(struct wzp_packet *packet)
{
    return packet->bytes + packet->offset;
}

static inline struct wzp_packet *wzp_packet_ref(struct wzp_packet *packet)
{
    packet->refs++;
    return packet;
}

/** Gives one reference back; the last one returns the packet to its pool. Takes NULL. */
void wzp_packet_unref(struct wzp_packet *packet);
