/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory for ngtcp2's side of many connections.
 *
 * ngtcp2 takes its pools (frames, packets in flight, streams) by blocks of 7 to 12 KiB, seven to a
 * connection, and uses a kilobyte or two at the beginning of each. On the heap the neighbours' bytes make all
 * of that resident, and blocks of a crowd that has gone stay as holes. Here such a block has pages of its
 * own: those it does not touch cost nothing, and all go back to the system with the block. Everything else is
 * malloc's.
 *
 * Each endpoint has its own; all on the thread of its loop.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <ngtcp2/ngtcp2.h>

/** After wzp_conn_memory_init it stays where it is. */
struct wzp_conn_memory {
    ngtcp2_mem mem;
    uint8_t *region;         /* of slots; NULL: all is malloc's */
    size_t n_slots, n_begun; /* those behind have never been used */
    uint32_t *free_slots;
    size_t n_free;
};

/** Address space for `max_conns` connections; 0: all is malloc's, as where the system does not give so much.
 */
void wzp_conn_memory_init(struct wzp_conn_memory *memory, size_t max_conns);

/** All blocks must have been freed. Takes a zeroed one. */
void wzp_conn_memory_deinit(struct wzp_conn_memory *memory);
