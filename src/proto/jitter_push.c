/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Arrivals: number to position, position to place. Numbers far away from the others are put aside until a
 * neighbour of theirs shows that the sender has started over.
 */
#include <stdlib.h>
#include <string.h>

#include "proto/jitter.h"
#include "proto/jitter_state.h"
#include "proto/seq.h"

enum {
    RESTART_ROOM = 16, /* positions between old and new numbers, for those that come before the first two */
    RESTART_NEIGHBOUR = 8,   /* how near the second of them must be to the first */
    MAX_REPAIRS_BETWEEN = 8, /* the first generation sends so many at a time */
};

/** What came, on its way into the store. */
struct arrival {
    struct wzp_jitter_head head;
    bool is_audio;
    const uint8_t *bytes;
    size_t size;
};

static struct arrival arrival_of(const struct wzp_media_packet *packet, wzp_us now)
{
    const struct wzp_media_header *header = &packet->header;
    return (struct arrival){
        .head =
            {
                .codec = header->codec,
                .seq = header->seq,
                .timestamp = header->timestamp,
                .arrived_us = now,
                .duration_us = wzp_codec_id_frame_us(header->codec),
            },
        .is_audio = !header->is_repair && !header->is_sealed,
        .bytes = packet->payload,
        .size = packet->payload_size,
    };
}

/** Comfort noise says what it is without a payload. */
static bool is_playable(const struct arrival *arrival)
{
    size_t at_least = arrival->head.codec == WZP_CODEC_COMFORT_NOISE ? 0 : 1;
    return arrival->size >= at_least && arrival->size <= WZP_JITTER_MAX_BYTES;
}

/** Compares the timestamp with that of the neighbour in front, if that is known. Repairs may stand between.
 */
static void learn_unit(struct wzp_jitter *jitter, const struct wzp_jitter_head *head)
{
    const struct wzp_jitter_past *past = &jitter->past;
    uint64_t position = head->position - 1;
    for (int i = 0; i < MAX_REPAIRS_BETWEEN; i++) {
        position -= wzp_jitter_store_mark(&jitter->store, position) == WZP_JITTER_MARK_NUMBER;
    }
    const struct wzp_jitter_item *before = wzp_jitter_store_at(&jitter->store, position);
    if (before) {
        wzp_media_clock_learn(&jitter->clock, head->timestamp - before->head.timestamp,
                              before->head.duration_us);
    } else if (past->is_valid && past->position == position) {
        wzp_media_clock_learn(&jitter->clock, head->timestamp - past->timestamp, past->duration_us);
    }
}

/** Whether the turn of `position` is over. Before anything was played, earlier numbers just begin earlier. */
static bool is_late(struct wzp_jitter *jitter, uint64_t position)
{
    struct wzp_jitter_store *store = &jitter->store;
    if (position < store->next && !jitter->has_played) {
        store->next = position;
    }
    return position < store->next;
}

/** Audio whose number is new. */
static enum wzp_jitter_verdict place(struct wzp_jitter *jitter, const struct arrival *arrival)
{
    const struct wzp_jitter_head *head = &arrival->head;
    struct wzp_jitter_store *store = &jitter->store;
    if (!is_late(jitter, head->position) && store->n_items == WZP_JITTER_MAX_FRAMES) {
        wzp_jitter_drop_oldest(jitter);
        jitter->has_played = true; /* there is no way back now */
        jitter->stats.overflowed++;
    }
    if (is_late(jitter, head->position)) {
        wzp_jitter_store_set_mark(store, head->position, WZP_JITTER_MARK_GONE);
        jitter->stats.late++;
        return WZP_JITTER_LATE;
    }
    learn_unit(jitter, head);
    wzp_media_clock_arrival(&jitter->clock, head->timestamp, head->arrived_us);
    wzp_jitter_store_put(store, head, arrival->bytes, arrival->size);
    jitter->last_audio_us = head->arrived_us;
    jitter->stats.stored++;
    jitter->stats.comfort += head->codec == WZP_CODEC_COMFORT_NOISE;
    if (jitter->state == WZP_JITTER_IDLE) {
        wzp_jitter_enter(jitter, WZP_JITTER_FILLING, head->arrived_us);
    }
    return WZP_JITTER_STORED;
}

/** Anything, with its position known. */
static enum wzp_jitter_verdict accept(struct wzp_jitter *jitter, const struct arrival *arrival)
{
    struct wzp_jitter_store *store = &jitter->store;
    uint64_t position = arrival->head.position;
    jitter->stats.overflowed += wzp_jitter_store_advance(store, position);
    if (wzp_jitter_store_mark(store, position) != WZP_JITTER_MARK_UNKNOWN) {
        jitter->stats.duplicates++;
        return WZP_JITTER_DUPLICATE;
    }
    if (arrival->is_audio) {
        return place(jitter, arrival);
    }
    wzp_jitter_store_set_mark(store, position, WZP_JITTER_MARK_NUMBER);
    jitter->stats.repairs++;
    return WZP_JITTER_NUMBER;
}

static void put_aside(struct wzp_jitter *jitter, const struct arrival *arrival)
{
    struct wzp_jitter_item *aside = &jitter->aside;
    aside->head = arrival->head;
    aside->size = arrival->is_audio ? arrival->size : 0;
    if (aside->size > 0) {
        memcpy(aside->bytes, arrival->bytes, aside->size);
    }
    jitter->aside_is_audio = arrival->is_audio;
    jitter->has_aside = true;
}

/** Goes on from the packet aside and its neighbour, behind whatever is still here. */
static enum wzp_jitter_verdict restart(struct wzp_jitter *jitter, struct arrival *arrival)
{
    struct wzp_jitter_store *store = &jitter->store;
    struct arrival first = {
        .head = jitter->aside.head,
        .is_audio = jitter->aside_is_audio,
        .bytes = jitter->aside.bytes,
        .size = jitter->aside.size,
    };
    first.head.position = store->newest + RESTART_ROOM;
    first.head.is_restart = true;
    arrival->head.position =
        first.head.position + (uint64_t)(int64_t)wzp_seq_ahead(arrival->head.seq, first.head.seq);
    arrival->head.is_restart = true;
    jitter->stats.overflowed += wzp_jitter_store_advance(store, first.head.position);
    store->newest_seq = first.head.seq;
    jitter->has_aside = false;
    jitter->clock = (struct wzp_media_clock){0};
    jitter->stats.restarts++;
    wzp_ignore(accept(jitter, &first)); /* its position is free, so that it can only be taken */
    return accept(jitter, arrival);
}

static enum wzp_jitter_verdict come_from_afar(struct wzp_jitter *jitter, struct arrival *arrival)
{
    int32_t apart = jitter->has_aside ? wzp_seq_ahead(arrival->head.seq, jitter->aside.head.seq) : 0;
    if (apart != 0 && abs(apart) <= RESTART_NEIGHBOUR) {
        return restart(jitter, arrival);
    }
    put_aside(jitter, arrival);
    return WZP_JITTER_ASIDE;
}

enum wzp_jitter_verdict wzp_jitter_push(struct wzp_jitter *jitter, const struct wzp_media_packet *packet,
                                        wzp_us now)
{
    wzp_jitter_give_back(jitter);
    struct arrival arrival = arrival_of(packet, now);
    if (arrival.is_audio && !is_playable(&arrival)) {
        jitter->stats.refused++;
        return WZP_JITTER_REFUSED;
    }
    struct wzp_jitter_store *store = &jitter->store;
    if (!jitter->has_numbers) {
        wzp_jitter_store_init(store, arrival.head.seq);
        jitter->has_numbers = true;
    }
    int32_t ahead = wzp_seq_ahead(arrival.head.seq, store->newest_seq);
    if (abs(ahead) > WZP_JITTER_JUMP) {
        return come_from_afar(jitter, &arrival);
    }
    jitter->has_aside = false;
    arrival.head.position = store->newest + (uint64_t)(int64_t)ahead;
    return accept(jitter, &arrival);
}
