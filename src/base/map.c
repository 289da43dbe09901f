/* SPDX-License-Identifier: Apache-2.0 */
#include "base/map.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define WZP_MAP_FIRST_CAPACITY 16

void wzp_map_init(struct wzp_map *map, const struct wzp_hash_key *hash_key, size_t limit)
{
    *map = (struct wzp_map){.hash_key = *hash_key, .limit = limit};
}

void wzp_map_deinit(struct wzp_map *map)
{
    free(map->entries);
    map->entries = NULL;
    map->capacity = map->n = 0;
}

static bool is_entry_of(const struct wzp_map_entry *entry, uint64_t hash, const void *key, size_t key_size)
{
    return entry->hash == hash && entry->key_size == key_size && memcmp(entry->key, key, key_size) == 0;
}

/* The entry that holds the key, or the free one where it belongs. The table always has a free entry. */
static struct wzp_map_entry *find(const struct wzp_map *map, uint64_t hash, const void *key, size_t key_size)
{
    size_t mask = map->capacity - 1;
    size_t i = hash & mask;
    while (map->entries[i].key && !is_entry_of(&map->entries[i], hash, key, key_size)) {
        i = (i + 1) & mask;
    }
    return &map->entries[i];
}

void *wzp_map_get(const struct wzp_map *map, const void *key, size_t key_size)
{
    if (map->n == 0) {
        return NULL;
    }
    return find(map, wzp_hash(&map->hash_key, key, key_size), key, key_size)->value;
}

static enum wzp_err grow(struct wzp_map *map)
{
    struct wzp_map old = *map;
    size_t capacity = old.capacity ? old.capacity * 2 : WZP_MAP_FIRST_CAPACITY;
    struct wzp_map_entry *entries = calloc(capacity, sizeof *entries);
    if (!entries) {
        return WZP_ENOMEM;
    }
    map->entries = entries;
    map->capacity = capacity;
    for (size_t i = 0; i < old.capacity; i++) {
        const struct wzp_map_entry *entry = &old.entries[i];
        if (entry->key) {
            *find(map, entry->hash, entry->key, entry->key_size) = *entry;
        }
    }
    free(old.entries);
    return WZP_OK;
}

enum wzp_err wzp_map_add(struct wzp_map *map, const void *key, size_t key_size, void *value)
{
    uint64_t hash = wzp_hash(&map->hash_key, key, key_size);
    if (map->n > 0 && find(map, hash, key, key_size)->key) {
        return WZP_EEXIST;
    }
    if (map->n >= map->limit) {
        return WZP_ELIMIT;
    }
    if ((map->n + 1) * 4 > map->capacity * 3) {
        enum wzp_err err = grow(map);
        if (err != WZP_OK) {
            return err;
        }
    }
    *find(map, hash, key, key_size) =
        (struct wzp_map_entry){.key = key, .key_size = key_size, .hash = hash, .value = value};
    map->n++;
    return WZP_OK;
}

/* Moves later entries of the probe run back over the hole, so that no search stops short of them. */
static void close_hole(struct wzp_map *map, size_t hole)
{
    size_t mask = map->capacity - 1;
    for (size_t i = (hole + 1) & mask; map->entries[i].key; i = (i + 1) & mask) {
        size_t home = map->entries[i].hash & mask;
        if (((i - home) & mask) >= ((i - hole) & mask)) {
            map->entries[hole] = map->entries[i];
            hole = i;
        }
    }
    map->entries[hole] = (struct wzp_map_entry){0};
}

void *wzp_map_remove(struct wzp_map *map, const void *key, size_t key_size)
{
    if (map->n == 0) {
        return NULL;
    }
    struct wzp_map_entry *entry = find(map, wzp_hash(&map->hash_key, key, key_size), key, key_size);
    void *value = entry->value;
    if (entry->key) {
        close_hole(map, (size_t)(entry - map->entries));
        map->n--;
    }
    return value;
}

void *wzp_map_next(const struct wzp_map *map, size_t *at)
{
    while (*at < map->capacity) {
        const struct wzp_map_entry *entry = &map->entries[(*at)++];
        if (entry->key) {
            return entry->value;
        }
    }
    return NULL;
}
