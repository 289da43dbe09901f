/* SPDX-License-Identifier: Apache-2.0 */
/* A seeded hash map from byte strings to borrowed pointers: open addressing, linear probing, no tombstones.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <wzp/error.h>

#include "base/attr.h"
#include "base/hash.h"

/** Keys are borrowed too: they live in the object that the value points to. */
struct wzp_map_entry {
    const void *key; /* NULL: free */
    size_t key_size;
    uint64_t hash;
    void *value;
};

/** A value: fill it with wzp_map_init. */
struct wzp_map {
    struct wzp_hash_key hash_key;
    struct wzp_map_entry *entries;
    size_t capacity; /* 0 or a power of two */
    size_t n;
    size_t limit;
};

/** An empty map of at most `limit` entries; takes no memory yet. `hash_key` should be random where peers pick
 * the keys. */
void wzp_map_init(struct wzp_map *map, const struct wzp_hash_key *hash_key, size_t limit);

/** Gives the table back; values are the caller's. */
void wzp_map_deinit(struct wzp_map *map);

/** The value under the key, or NULL. */
void *wzp_map_get(const struct wzp_map *map, const void *key, size_t key_size);

/** WZP_EEXIST: the key is there (nothing changed). WZP_ELIMIT: the map is full. WZP_ENOMEM. */
WZP_MUST_USE enum wzp_err wzp_map_add(struct wzp_map *map, const void *key, size_t key_size, void *value);

/** Takes the key out and returns its value, or NULL. */
void *wzp_map_remove(struct wzp_map *map, const void *key, size_t key_size);

/**
 * Walks the values: start with `*at` = 0, stop at NULL.
 *
 * Adding or removing while walking may repeat or miss entries; collect first where that matters.
 */
void *wzp_map_next(const struct wzp_map *map, size_t *at);
