/* SPDX-License-Identifier: Apache-2.0 */
#include "net/datagram_queue.h"

#include <stdlib.h>
#include <string.h>

#define WZP_DATAGRAM_QUEUE_START 32

void wzp_datagram_queue_deinit(struct wzp_datagram_queue *queue)
{
    while (queue->n > 0) {
        wzp_datagram_queue_pop(queue);
    }
    free(queue->items);
    queue->items = NULL;
    queue->capacity = 0;
}

static struct wzp_queued_datagram *at(struct wzp_datagram_queue *queue, size_t i)
{
    size_t slot = queue->first + i;
    return &queue->items[slot < queue->capacity ? slot : slot - queue->capacity];
}

static enum wzp_err grow(struct wzp_datagram_queue *queue)
{
    size_t capacity = wzp_min_size(queue->limit, queue->capacity > 0 ? 2 * queue->capacity
                                                                     : (size_t)WZP_DATAGRAM_QUEUE_START);
    struct wzp_queued_datagram *items = malloc(capacity * sizeof *items);
    if (!items) {
        return WZP_ENOMEM;
    }
    for (size_t i = 0; i < queue->n; i++) {
        items[i] = *at(queue, i);
    }
    free(queue->items);
    queue->items = items;
    queue->capacity = capacity;
    queue->first = 0;
    return WZP_OK;
}

enum wzp_err wzp_datagram_queue_push(struct wzp_datagram_queue *queue,
                                     const struct wzp_queued_datagram *datagram, bool *out_dropped)
{
    *out_dropped = queue->n > 0 && queue->n >= queue->limit;
    if (*out_dropped) {
        wzp_datagram_queue_pop(queue);
    }
    if (queue->n == queue->capacity) {
        enum wzp_err err = grow(queue);
        if (err != WZP_OK) {
            return err;
        }
    }
    *at(queue, queue->n++) = *datagram;
    wzp_packet_ref(datagram->packet);
    return WZP_OK;
}

void wzp_datagram_queue_pop(struct wzp_datagram_queue *queue)
{
    wzp_packet_unref(queue->items[queue->first].packet);
    queue->first = queue->first + 1 < queue->capacity ? queue->first + 1 : 0;
    queue->n--;
}

size_t wzp_datagram_queue_drop_before(struct wzp_datagram_queue *queue, wzp_us oldest)
{
    size_t n = 0;
    while (queue->n > 0 && queue->items[queue->first].queued_at < oldest) {
        wzp_datagram_queue_pop(queue);
        n++;
    }
    return n;
}
