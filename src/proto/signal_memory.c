/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/signal_memory.h"

#include <stdlib.h>

#include "base/attr.h"

#define BLOCK_BYTES 960 /* holds what most signals need */

struct wzp_signal_block {
    struct wzp_signal_block *next;
    size_t size;
    size_t used;
    max_align_t bytes[];
};

void *wzp_signal_memory_take(struct wzp_signal_memory *memory, size_t size)
{
    const size_t alignment = sizeof(max_align_t);
    size = (wzp_max_size(size, 1) + alignment - 1) / alignment * alignment;
    struct wzp_signal_block *block = memory->blocks;
    if (!block || block->size - block->used < size) {
        size_t capacity = wzp_max_size(size, BLOCK_BYTES);
        block = calloc(1, sizeof *block + capacity);
        if (!block) {
            return NULL;
        }
        block->size = capacity;
        block->next = memory->blocks;
        memory->blocks = block;
    }
    void *piece = (char *)block->bytes + block->used;
    block->used += size;
    return piece;
}

void wzp_signal_memory_free(struct wzp_signal_memory *memory)
{
    while (memory->blocks) {
        struct wzp_signal_block *next = memory->blocks->next;
        free(memory->blocks);
        memory->blocks = next;
    }
}
