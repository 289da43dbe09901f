/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Packets on their way are in a heap by (due time, number), so that equals leave in the order they came in.
 * The slow link is a clock: the time at which it has sent what was queued, and a ring of those times for what
 * still waits.
 */
#include "apps/impair/model.h"

#include <stdlib.h>
#include <string.h>

#include "base/random.h"

#define NS_PER_US     1000
#define NS_PER_SECOND 1000000000.0

struct held {
    wzp_us due;
    uint64_t number;
    uint64_t flow;
    size_t size;
    uint8_t bytes[];
};

/** When the packets leave that are in the link's queue, oldest first. */
struct queue {
    wzp_us leaves_at[WZP_MODEL_MAX_QUEUE];
    size_t first, n;
    int64_t free_at_ns;
};

/** All that chance decides about one packet and its copy, each from 0 to 1. */
struct dice {
    double state, burst, loss, duplicate;
    double reorder[2], jitter[2];
};

struct wzp_model {
    struct wzp_model_settings settings;
    struct wzp_random_seeded seeded;
    struct wzp_random random;
    struct wzp_model_stats stats;
    wzp_us start;
    bool is_bad;     /* the state of Gilbert and Elliott's channel */
    wzp_us last_due; /* of those in order */
    uint64_t next_number;
    struct queue queue;
    struct held *out;
    struct held *heap[WZP_MODEL_MAX_HELD];
};

enum wzp_err wzp_model_new(const struct wzp_model_settings *settings, uint64_t seed, wzp_us start,
                           struct wzp_model **out_model)
{
    struct wzp_model *model = calloc(1, sizeof *model);
    if (!model) {
        return WZP_ENOMEM;
    }
    model->settings = *settings;
    model->random = wzp_random_from_seed(&model->seeded, seed);
    model->start = start;
    *out_model = model;
    return WZP_OK;
}

void wzp_model_free(struct wzp_model *model)
{
    if (!model) {
        return;
    }
    for (size_t i = 0; i < model->stats.n_held; i++) {
        free(model->heap[i]);
    }
    free(model->out);
    free(model);
}

void wzp_model_set(struct wzp_model *model, const struct wzp_model_settings *settings)
{
    model->settings = *settings;
    model->stats.max_queue_us = 0;
}

const struct wzp_model_stats *wzp_model_stats(const struct wzp_model *model)
{
    return &model->stats;
}

/* The heap. */

static bool is_before(const struct held *a, const struct held *b)
{
    return a->due < b->due || (a->due == b->due && a->number < b->number);
}

static void swap(struct wzp_model *model, size_t i, size_t j)
{
    struct held *held = model->heap[i];
    model->heap[i] = model->heap[j];
    model->heap[j] = held;
}

static void heap_add(struct wzp_model *model, struct held *held)
{
    size_t i = model->stats.n_held++;
    model->heap[i] = held;
    while (i > 0 && is_before(model->heap[i], model->heap[(i - 1) / 2])) {
        swap(model, i, (i - 1) / 2);
        i = (i - 1) / 2;
    }
}

static struct held *heap_take(struct wzp_model *model)
{
    struct held *first = model->heap[0];
    size_t n = --model->stats.n_held;
    model->heap[0] = model->heap[n];
    for (size_t i = 0;;) {
        size_t least = i;
        for (size_t child = 2 * i + 1; child <= 2 * i + 2 && child < n; child++) {
            least = is_before(model->heap[child], model->heap[least]) ? child : least;
        }
        if (least == i) {
            return first;
        }
        swap(model, i, least);
        i = least;
    }
}

/* What happens to a packet. */

static struct dice throw_dice(struct wzp_model *model)
{
    double thrown[8];
    for (size_t i = 0; i < wzp_count(thrown); i++) {
        thrown[i] = wzp_random_unit(&model->random);
    }
    return (struct dice){
        .state = thrown[0],
        .burst = thrown[1],
        .loss = thrown[2],
        .duplicate = thrown[3],
        .reorder = {thrown[4], thrown[5]},
        .jitter = {thrown[6], thrown[7]},
    };
}

static bool is_cut(const struct wzp_model *model, wzp_us now)
{
    for (size_t i = 0; i < model->settings.n_cuts; i++) {
        wzp_us since = now - model->start - model->settings.cuts[i].at;
        if (since >= 0 && since < model->settings.cuts[i].length) {
            return true;
        }
    }
    return false;
}

static bool is_lost_in_burst(struct wzp_model *model, const struct dice *dice)
{
    const struct wzp_model_gilbert *gilbert = &model->settings.gilbert;
    bool changes = dice->state < (model->is_bad ? gilbert->leave : gilbert->enter);
    model->is_bad = model->is_bad != changes;
    return dice->burst < (model->is_bad ? gilbert->bad : gilbert->good);
}

/** Counts a loss where there is one. */
static bool is_lost(struct wzp_model *model, size_t size, const struct dice *dice, wzp_us now)
{
    size_t mtu = model->settings.mtu_bytes > 0 ? model->settings.mtu_bytes : WZP_MODEL_PACKET_BYTES;
    bool is_burst = is_lost_in_burst(model, dice);
    uint64_t *counter = NULL;
    if (is_cut(model, now)) {
        counter = &model->stats.dropped_cut;
    } else if (size > wzp_min_size(mtu, WZP_MODEL_PACKET_BYTES)) {
        counter = &model->stats.dropped_mtu;
    } else if (is_burst) {
        counter = &model->stats.lost_burst;
    } else if (dice->loss < model->settings.loss) {
        counter = &model->stats.lost_random;
    } else {
        return false;
    }
    ++*counter;
    return true;
}

static void queue_forget(struct queue *queue, wzp_us now)
{
    while (queue->n > 0 && queue->leaves_at[queue->first] <= now) {
        queue->first = (queue->first + 1) % WZP_MODEL_MAX_QUEUE;
        queue->n--;
    }
}

/** Sends over the slow link: when the packet has left it, or WZP_NEVER where its queue is full. */
static wzp_us pass_link(struct wzp_model *model, size_t size, wzp_us now)
{
    const struct wzp_model_settings *settings = &model->settings;
    struct queue *queue = &model->queue;
    if (settings->rate_bps == 0) {
        return now;
    }
    queue_forget(queue, now);
    if (queue->n >= wzp_min_size(settings->queue_packets, WZP_MODEL_MAX_QUEUE)) {
        return WZP_NEVER;
    }
    int64_t now_ns = now * NS_PER_US;
    int64_t from_ns = queue->free_at_ns > now_ns ? queue->free_at_ns : now_ns;
    double bits = 8.0 * (double)(size + WZP_MODEL_HEADER_BYTES);
    queue->free_at_ns = from_ns + (int64_t)(bits * NS_PER_SECOND / (double)settings->rate_bps);
    wzp_us leaves_at = (queue->free_at_ns + NS_PER_US - 1) / NS_PER_US;
    queue->leaves_at[(queue->first + queue->n) % WZP_MODEL_MAX_QUEUE] = leaves_at;
    queue->n++;
    model->stats.max_queue = wzp_max_size(model->stats.max_queue, queue->n);
    if (leaves_at - now > (wzp_us)model->stats.max_queue_us) {
        model->stats.max_queue_us = (uint64_t)(leaves_at - now);
    }
    return leaves_at;
}

/** When a packet that left the link at `from` arrives. `copy` 0 is the packet, 1 its duplicate. */
static wzp_us arrival(struct wzp_model *model, const struct dice *dice, size_t copy, wzp_us from)
{
    const struct wzp_model_settings *settings = &model->settings;
    double jitter = (2 * dice->jitter[copy] - 1) * (double)settings->jitter;
    wzp_us due = wzp_us_max(from, from + settings->delay + (wzp_us)jitter);
    if (dice->reorder[copy] < settings->reorder) {
        model->stats.reordered++;
        return wzp_us_max(due, model->last_due) + settings->reorder_by;
    }
    model->last_due = wzp_us_max(due, model->last_due);
    return model->last_due;
}

static void hold(struct wzp_model *model, const struct wzp_model_packet *packet, wzp_us due)
{
    struct held *held = model->stats.n_held < WZP_MODEL_MAX_HELD ? malloc(sizeof *held + packet->size) : NULL;
    if (!held) {
        model->stats.dropped_memory++;
        return;
    }
    held->due = due;
    held->number = model->next_number++;
    held->flow = packet->flow;
    held->size = packet->size;
    memcpy(held->bytes, packet->bytes, packet->size);
    heap_add(model, held);
}

void wzp_model_push(struct wzp_model *model, uint64_t flow, const uint8_t *bytes, size_t size, wzp_us now)
{
    const struct wzp_model_packet packet = {.flow = flow, .bytes = bytes, .size = size};
    const struct dice dice = throw_dice(model);
    model->stats.packets_in++;
    model->stats.bytes_in += size;
    if (is_lost(model, size, &dice, now)) {
        return;
    }
    size_t n_copies = dice.duplicate < model->settings.duplicate ? 2 : 1;
    model->stats.duplicated += n_copies - 1;
    for (size_t copy = 0; copy < n_copies; copy++) {
        wzp_us left_at = pass_link(model, size, now);
        if (left_at == WZP_NEVER) {
            model->stats.dropped_queue++;
        } else {
            hold(model, &packet, arrival(model, &dice, copy, left_at));
        }
    }
}

bool wzp_model_pop(struct wzp_model *model, wzp_us now, struct wzp_model_packet *out_packet)
{
    if (wzp_model_deadline(model) > now) {
        return false;
    }
    free(model->out);
    model->out = heap_take(model);
    model->stats.packets_out++;
    model->stats.bytes_out += model->out->size;
    *out_packet = (struct wzp_model_packet){
        .flow = model->out->flow, .bytes = model->out->bytes, .size = model->out->size};
    return true;
}

wzp_us wzp_model_deadline(const struct wzp_model *model)
{
    return model->stats.n_held > 0 ? model->heap[0]->due : WZP_NEVER;
}
