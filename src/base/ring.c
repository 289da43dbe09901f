/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Positions only grow; their low bits are places in the buffer. A record is a header of 8 bytes and its data,
 * in one piece: where the end of the buffer is too near, a header that says so fills the rest.
 */
#include "base/ring.h"

#include <stdalign.h>
#include <stdlib.h>

#define WZP_RING_LINE   64 /* bytes of a cache line: the two threads write to lines of their own */
#define WZP_RING_HEADER 8
#define WZP_RING_LEAST  4096
#define WZP_RING_FILLER UINT32_MAX

struct header {
    uint32_t size;  /* of the data, or WZP_RING_FILLER */
    uint32_t taken; /* header, data and padding */
};

struct wzp_ring {
    size_t bytes;
    uint8_t *buffer;
    alignas(WZP_RING_LINE) _Atomic size_t written; /* shown to the reader */
    alignas(WZP_RING_LINE) size_t reserved;        /* the writer's own from here */
    size_t read_seen;
    alignas(WZP_RING_LINE) _Atomic size_t read;
    alignas(WZP_RING_LINE) size_t written_seen; /* the reader's own */
};

enum wzp_err wzp_ring_new(size_t bytes, struct wzp_ring **out_ring)
{
    if (bytes < WZP_RING_LEAST || (bytes & (bytes - 1)) != 0) {
        return WZP_EINVAL;
    }
    struct wzp_ring *ring = aligned_alloc(WZP_RING_LINE, sizeof *ring);
    uint8_t *buffer = aligned_alloc(WZP_RING_LINE, bytes);
    if (!ring || !buffer) {
        free(ring);
        free(buffer);
        return WZP_ENOMEM;
    }
    *ring = (struct wzp_ring){.bytes = bytes, .buffer = buffer};
    *out_ring = ring;
    return WZP_OK;
}

void wzp_ring_free(struct wzp_ring *ring)
{
    if (ring) {
        free(ring->buffer);
        free(ring);
    }
}

static struct header *header_at(const struct wzp_ring *ring, size_t position)
{
    return (struct header *)(void *)(ring->buffer + (position & (ring->bytes - 1)));
}

/* Whether `taken` more bytes fit behind what is reserved. Looks at the reader's position only when what was
 * seen of it last does not do. */
static bool has_space(struct wzp_ring *ring, size_t taken)
{
    if (ring->reserved + taken - ring->read_seen <= ring->bytes) {
        return true;
    }
    ring->read_seen = atomic_load_explicit(&ring->read, memory_order_acquire);
    return ring->reserved + taken - ring->read_seen <= ring->bytes;
}

void *wzp_ring_reserve(struct wzp_ring *ring, size_t size)
{
    size_t taken = (WZP_RING_HEADER + size + 7) & ~(size_t)7;
    if (size > WZP_RING_MAX_RECORD || taken > ring->bytes) {
        return NULL;
    }
    size_t to_end = ring->bytes - (ring->reserved & (ring->bytes - 1));
    size_t filler = to_end < taken ? to_end : 0;
    if (!has_space(ring, filler + taken)) {
        return NULL;
    }
    if (filler > 0) {
        *header_at(ring, ring->reserved) =
            (struct header){.size = WZP_RING_FILLER, .taken = (uint32_t)filler};
        ring->reserved += filler;
    }
    struct header *header = header_at(ring, ring->reserved);
    *header = (struct header){.size = (uint32_t)size, .taken = (uint32_t)taken};
    ring->reserved += taken;
    return header + 1;
}

bool wzp_ring_publish(struct wzp_ring *ring)
{
    if (atomic_load_explicit(&ring->written, memory_order_relaxed) == ring->reserved) {
        return false;
    }
    atomic_store_explicit(&ring->written, ring->reserved, memory_order_release);
    return true;
}

const void *wzp_ring_peek(struct wzp_ring *ring, size_t *out_size)
{
    size_t read = atomic_load_explicit(&ring->read, memory_order_relaxed);
    if (read == ring->written_seen) {
        ring->written_seen = atomic_load_explicit(&ring->written, memory_order_acquire);
        if (read == ring->written_seen) {
            return NULL;
        }
    }
    const struct header *header = header_at(ring, read);
    if (header->size == WZP_RING_FILLER) { /* a record follows: both were shown together */
        atomic_store_explicit(&ring->read, read + header->taken, memory_order_release);
        return wzp_ring_peek(ring, out_size);
    }
    *out_size = header->size;
    return header + 1;
}

void wzp_ring_pop(struct wzp_ring *ring)
{
    size_t read = atomic_load_explicit(&ring->read, memory_order_relaxed);
    atomic_store_explicit(&ring->read, read + header_at(ring, read)->taken, memory_order_release);
}
