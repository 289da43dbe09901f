/* SPDX-License-Identifier: Apache-2.0 */
/* The memory of a signal that was read: many small pieces, freed at once. */
#pragma once

#include <stddef.h>

/** A chain of blocks; zeros are an empty one. */
struct wzp_signal_memory {
    struct wzp_signal_block *blocks;
};

/** `size` zeroed bytes, aligned for any object, until wzp_signal_memory_free; NULL where there is no memory.
 */
void *wzp_signal_memory_take(struct wzp_signal_memory *memory, size_t size);

void wzp_signal_memory_free(struct wzp_signal_memory *memory);
