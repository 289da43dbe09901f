/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A ring of records between two threads, one that writes and one that reads; without locks, and without
 * waiting. The writer puts any number of records in and then shows them all at once with wzp_ring_publish.
 *
 * Source of the scheme: Lamport, "Specifying Concurrent Program Modules", 1983, section 3.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <wzp/error.h>

#include "base/attr.h"

#define WZP_RING_MAX_RECORD 65528 /* bytes */

struct wzp_ring;

/** `bytes`: a power of two, 4,096 or more, and twice the largest record; each record takes 8 more than its
 * size, rounded up to 8. WZP_EINVAL, WZP_ENOMEM. */
WZP_MUST_USE enum wzp_err wzp_ring_new(size_t bytes, struct wzp_ring **out_ring);

/** When neither thread uses it any more. Takes NULL. */
void wzp_ring_free(struct wzp_ring *ring);

/* ---- the writer ---- */

/** Space for a record of `size` bytes, aligned to 8, to be filled before anything else is called; NULL where
 * the ring is full or the record too large. */
void *wzp_ring_reserve(struct wzp_ring *ring, size_t size);

/** Shows the reader what was reserved; true where there was anything new. */
bool wzp_ring_publish(struct wzp_ring *ring);

/* ---- the reader ---- */

/** The oldest record, or NULL; valid until wzp_ring_pop. */
const void *wzp_ring_peek(struct wzp_ring *ring, size_t *out_size);

/** Gives the record that was peeked back to the writer. */
void wzp_ring_pop(struct wzp_ring *ring);
