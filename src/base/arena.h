/* SPDX-License-Identifier: Apache-2.0 */
/* Memory for things that die together: taken bit by bit, given back in one call. */
#pragma once

#include <stddef.h>

struct wzp_arena_block;

/** A value: zero it to start. */
struct wzp_arena {
    struct wzp_arena_block *blocks;
    char *at; /* the rest of the newest block */
    size_t left;
};

/** `size` zeroed bytes, aligned for anything, alive until wzp_arena_deinit; NULL where memory is out. */
void *wzp_arena_take(struct wzp_arena *arena, size_t size);

/** Gives everything back; the arena can be used again. */
void wzp_arena_deinit(struct wzp_arena *arena);
