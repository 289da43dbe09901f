/* SPDX-License-Identifier: Apache-2.0 */
/* The datagrams that wait for one connection: a ring of references to counted packets. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <wzp/error.h>

#include "base/packet.h"
#include "base/us.h"

struct wzp_queued_datagram {
    struct wzp_packet *packet; /* a reference of the queue's */
    wzp_us queued_at;
    uint16_t offset, size; /* of the data within the packet's bytes */
    uint32_t arrived;      /* timing.h: when its packet came, or it was made */
};

/** A value; zeros with a `limit` are an empty queue, which takes memory at first use. */
struct wzp_datagram_queue {
    struct wzp_queued_datagram *items;
    size_t capacity, first, n;
    size_t limit;
};

/** Drops everything. */
void wzp_datagram_queue_deinit(struct wzp_datagram_queue *queue);

/**
 * Appends, with a reference of its own. A full queue gives up its oldest first: `out_dropped` tells.
 * WZP_ENOMEM: not queued.
 */
WZP_MUST_USE enum wzp_err wzp_datagram_queue_push(struct wzp_datagram_queue *queue,
                                                  const struct wzp_queued_datagram *datagram,
                                                  bool *out_dropped);

/** The oldest, or NULL. */
static inline struct wzp_queued_datagram *wzp_datagram_queue_first(struct wzp_datagram_queue *queue)
{
    return queue->n > 0 ? &queue->items[queue->first] : NULL;
}

/** Drops the oldest (there is one). */
void wzp_datagram_queue_pop(struct wzp_datagram_queue *queue);

/** Drops what was queued before `oldest`; the number dropped. */
size_t wzp_datagram_queue_drop_before(struct wzp_datagram_queue *queue, wzp_us oldest);
