/* SPDX-License-Identifier: Apache-2.0 */
#include "base/packet.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define WZP_PACKETS_PER_BLOCK 64

struct block {
    struct block *next;
    struct wzp_packet packets[WZP_PACKETS_PER_BLOCK];
};

struct wzp_packet_pool {
    struct wzp_packet *free;
    struct block *blocks;
    size_t used;
    size_t limit;
};

enum wzp_err wzp_packet_pool_new(size_t limit, struct wzp_packet_pool **out_pool)
{
    struct wzp_packet_pool *pool = calloc(1, sizeof *pool);
    if (!pool) {
        return WZP_ENOMEM;
    }
    pool->limit = limit;
    *out_pool = pool;
    return WZP_OK;
}

void wzp_packet_pool_free(struct wzp_packet_pool *pool)
{
    if (!pool) {
        return;
    }
    assert(pool->used == 0);
    while (pool->blocks) {
        struct block *block = pool->blocks;
        pool->blocks = block->next;
        free(block);
    }
    free(pool);
}

size_t wzp_packet_pool_used(const struct wzp_packet_pool *pool)
{
    return pool->used;
}

static void put_back(struct wzp_packet_pool *pool, struct wzp_packet *packet)
{
    packet->next_free = pool->free;
    pool->free = packet;
}

static enum wzp_err grow(struct wzp_packet_pool *pool)
{
    struct block *block = malloc(sizeof *block);
    if (!block) {
        return WZP_ENOMEM;
    }
    block->next = pool->blocks;
    pool->blocks = block;
    for (size_t i = WZP_PACKETS_PER_BLOCK; i-- > 0;) {
        block->packets[i].pool = pool;
        put_back(pool, &block->packets[i]);
    }
    return WZP_OK;
}

enum wzp_err wzp_packet_new(struct wzp_packet_pool *pool, const void *bytes, size_t size,
                            struct wzp_packet **out_packet)
{
    if (size > WZP_PACKET_BYTES) {
        return WZP_EINVAL;
    }
    if (pool->used >= pool->limit) {
        return WZP_ELIMIT;
    }
    if (!pool->free) {
        enum wzp_err err = grow(pool);
        if (err != WZP_OK) {
            return err;
        }
    }
    struct wzp_packet *packet = pool->free;
    pool->free = packet->next_free;
    pool->used++;
    packet->refs = 1;
    packet->offset = WZP_PACKET_HEADROOM;
    packet->size = (uint16_t)size;
    packet->rank = 0;
    if (size > 0) {
        memcpy(wzp_packet_data(packet), bytes, size);
    }
    *out_packet = packet;
    return WZP_OK;
}

void wzp_packet_unref(struct wzp_packet *packet)
{
    if (packet && --packet->refs == 0) {
        packet->pool->used--;
        put_back(packet->pool, packet);
    }
}
