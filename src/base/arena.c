/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/attr.h"

#define ARENA_BLOCK_BYTES 4096

struct wzp_arena_block {
    struct wzp_arena_block *next;
    alignas(max_align_t) char bytes[];
};

static struct wzp_arena_block *add_block(struct wzp_arena *arena, size_t size)
{
    struct wzp_arena_block *block = calloc(1, sizeof *block + size);
    if (block) {
        block->next = arena->blocks;
        arena->blocks = block;
    }
    return block;
}

void *wzp_arena_take(struct wzp_arena *arena, size_t size)
{
    const size_t step = alignof(max_align_t);
    if (size > SIZE_MAX / 2) {
        return NULL;
    }
    size_t rounded = (wzp_max_size(size, 1) + step - 1) / step * step;
    if (rounded > arena->left) {
        size_t block_size = wzp_max_size(rounded, ARENA_BLOCK_BYTES);
        struct wzp_arena_block *block = add_block(arena, block_size);
        if (!block) {
            return NULL;
        }
        arena->at = block->bytes;
        arena->left = block_size;
    }
    void *bytes = arena->at;
    arena->at += rounded;
    arena->left -= rounded;
    return bytes;
}

void wzp_arena_deinit(struct wzp_arena *arena)
{
    for (struct wzp_arena_block *block = arena->blocks; block;) {
        struct wzp_arena_block *next = block->next;
        free(block);
        block = next;
    }
    *arena = (struct wzp_arena){0};
}
