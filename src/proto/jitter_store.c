/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/jitter_store.h"

#include <assert.h>
#include <string.h>

#define FIRST_POSITION (UINT64_C(1) << 32) /* far from 0, so that late numbers need no care */

static size_t index_of(uint64_t position)
{
    return position % WZP_JITTER_STORE_NUMBERS;
}

void wzp_jitter_store_init(struct wzp_jitter_store *store, uint16_t seq)
{
    store->next = store->newest = FIRST_POSITION;
    store->newest_seq = seq;
    store->buffered_us = 0;
    store->n_items = 0;
    store->n_free = WZP_JITTER_STORE_ITEMS;
    for (size_t i = 0; i < WZP_JITTER_STORE_ITEMS; i++) {
        store->free_items[i] = (uint8_t)(WZP_JITTER_STORE_ITEMS - 1 - i);
    }
    memset(store->marks, WZP_JITTER_MARK_UNKNOWN, sizeof store->marks);
}

enum wzp_jitter_mark wzp_jitter_store_mark(const struct wzp_jitter_store *store, uint64_t position)
{
    return (enum wzp_jitter_mark)store->marks[index_of(position)];
}

void wzp_jitter_store_set_mark(struct wzp_jitter_store *store, uint64_t position, enum wzp_jitter_mark mark)
{
    store->marks[index_of(position)] = (uint8_t)mark;
}

struct wzp_jitter_item *wzp_jitter_store_at(struct wzp_jitter_store *store, uint64_t position)
{
    if (wzp_jitter_store_mark(store, position) != WZP_JITTER_MARK_AUDIO) {
        return NULL;
    }
    return &store->items[store->item_at[index_of(position)]];
}

size_t wzp_jitter_store_advance(struct wzp_jitter_store *store, uint64_t position)
{
    size_t n_dropped = 0;
    while (store->newest < position) {
        /* The mark of the new position is still that of one which is a whole ring older. */
        struct wzp_jitter_item *oldest = wzp_jitter_store_at(store, store->newest + 1);
        if (oldest) {
            wzp_jitter_store_take(store, oldest);
            wzp_jitter_store_release(store, oldest);
            n_dropped++;
        }
        store->newest++;
        store->newest_seq++;
        wzp_jitter_store_set_mark(store, store->newest, WZP_JITTER_MARK_UNKNOWN);
    }
    uint64_t oldest_known = store->newest - WZP_JITTER_STORE_NUMBERS + 1;
    store->next = store->next < oldest_known ? oldest_known : store->next;
    return n_dropped;
}

void wzp_jitter_store_put(struct wzp_jitter_store *store, const struct wzp_jitter_head *head,
                          const uint8_t *bytes, size_t size)
{
    assert(store->n_items < WZP_JITTER_MAX_FRAMES && store->n_free > 0 && size <= WZP_JITTER_MAX_BYTES);
    uint8_t i = store->free_items[--store->n_free];
    struct wzp_jitter_item *item = &store->items[i];
    item->head = *head;
    item->size = size;
    if (size > 0) {
        memcpy(item->bytes, bytes, size);
    }
    wzp_jitter_store_set_mark(store, head->position, WZP_JITTER_MARK_AUDIO);
    store->item_at[index_of(head->position)] = i;
    store->n_items++;
    store->buffered_us += head->duration_us;
}

struct wzp_jitter_gap wzp_jitter_store_gap(struct wzp_jitter_store *store)
{
    struct wzp_jitter_gap gap = {0};
    if (store->n_items == 0) {
        return gap;
    }
    for (uint64_t position = store->next; position <= store->newest; position++) {
        enum wzp_jitter_mark mark = wzp_jitter_store_mark(store, position);
        if (mark == WZP_JITTER_MARK_AUDIO) {
            gap.item = wzp_jitter_store_at(store, position);
            return gap;
        }
        if (mark == WZP_JITTER_MARK_UNKNOWN) {
            gap.first_unknown = gap.n_unknown == 0 ? position : gap.first_unknown;
            gap.n_unknown++;
        }
    }
    assert(!"packets stand between next and newest");
    return gap;
}

void wzp_jitter_store_take(struct wzp_jitter_store *store, const struct wzp_jitter_item *item)
{
    wzp_jitter_store_set_mark(store, item->head.position, WZP_JITTER_MARK_GONE);
    store->next = item->head.position + 1;
    store->n_items--;
    store->buffered_us -= item->head.duration_us;
}

void wzp_jitter_store_release(struct wzp_jitter_store *store, const struct wzp_jitter_item *item)
{
    store->free_items[store->n_free++] = (uint8_t)(item - store->items);
}
