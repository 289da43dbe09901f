/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/receiver.h"

#include <stdlib.h>
#include <string.h>

#include "audio/mixer.h"
#include "engine/stream.h"
#include "proto/demux.h"
#include "proto/jitter.h"
#include "proto/media.h"

#define KEY_DEMUXED                                                                                          \
    ((uint64_t)1 << 32) /* keys of streams without a number: their id in the demultiplexer                   \
                         */

/** A place for a speaker; its stream is made when first needed, and kept. */
struct place {
    struct wzp_stream *stream;
    uint64_t key; /* 0: free */
    wzp_us heard_at;
};

struct wzp_receiver {
    struct wzp_receiver_config config;
    struct wzp_demux demux;
    struct place places[WZP_RECEIVER_STREAMS];
    size_t last_heard; /* index of the place */
    wzp_us next_block_at;
    struct wzp_mixer mixer;
    int16_t scratch[WZP_RECEIVER_BLOCK_SAMPLES];
    uint64_t repairs, duplicates, malformed, crowded_out, streams;
};

/* --- packets --- */

static struct place *find(struct wzp_receiver *receiver, uint64_t key)
{
    for (size_t i = 0; i < WZP_RECEIVER_STREAMS; i++) {
        if (receiver->places[i].key == key) {
            return &receiver->places[i];
        }
    }
    return NULL;
}

/** A free place, or the one that has been silent for longest, where it is long enough. */
static struct place *find_room(struct wzp_receiver *receiver, wzp_us now)
{
    struct place *oldest = NULL;
    for (size_t i = 0; i < WZP_RECEIVER_STREAMS; i++) {
        struct place *place = &receiver->places[i];
        if (place->key == 0) {
            return place;
        }
        if (now - place->heard_at > WZP_RECEIVER_IDLE && (!oldest || place->heard_at < oldest->heard_at)) {
            oldest = place;
        }
    }
    return oldest;
}

static struct place *place_of(struct wzp_receiver *receiver, uint64_t key, wzp_us now)
{
    struct place *place = find(receiver, key);
    if (place) {
        return place;
    }
    place = find_room(receiver, now);
    if (!place) {
        return NULL;
    }
    const struct wzp_jitter_config jitter = {
        .delay_us = receiver->config.delay,
        .slack_us = receiver->config.waits_for_late ? WZP_NEVER : WZP_JITTER_DEFAULT_SLACK};
    if (place->stream) {
        wzp_stream_reset(place->stream);
    } else if (wzp_stream_new(&jitter, receiver->config.decodes, &place->stream) != WZP_OK) {
        return NULL;
    }
    place->key = key;
    receiver->streams++;
    return place;
}

/** The key of the speaker; 0 for packets that are to be dropped, which are counted here. */
static uint64_t key_of(struct wzp_receiver *receiver, struct wzp_media_packet *packet, wzp_us now)
{
    if (!receiver->config.trusts_numbers) {
        packet->header.stream = WZP_MEDIA_NO_STREAM; /* another relay's number, or a level: no use here */
    }
    if (packet->header.stream != WZP_MEDIA_NO_STREAM) {
        return packet->header.stream;
    }
    struct wzp_demux_place demuxed;
    if (wzp_demux_feed(&receiver->demux, packet, now, &demuxed) != WZP_OK) {
        receiver->crowded_out++;
        return 0;
    }
    if (demuxed.is_duplicate) {
        receiver->duplicates++;
        return 0;
    }
    return KEY_DEMUXED | demuxed.id;
}

/** Coded audio of no bytes, which no codec makes. */
static bool is_empty(const struct wzp_media_packet *packet)
{
    return packet->payload_size == 0 && !packet->header.is_repair &&
           packet->header.codec != WZP_CODEC_COMFORT_NOISE;
}

void wzp_receiver_feed(struct wzp_receiver *receiver, const uint8_t *bytes, size_t size, wzp_us now)
{
    struct wzp_media_packet packet;
    if (wzp_media_read(bytes, size, &packet) != WZP_OK || is_empty(&packet)) {
        receiver->malformed++;
        return;
    }
    uint64_t key = key_of(receiver, &packet, now);
    if (key == 0) {
        return;
    }
    struct place *place = place_of(receiver, key, now);
    if (!place) {
        receiver->crowded_out++;
        return;
    }
    place->heard_at = now;
    receiver->last_heard = (size_t)(place - receiver->places);
    enum wzp_jitter_verdict verdict = wzp_stream_push(place->stream, &packet, now);
    receiver->repairs += packet.header.is_repair && verdict == WZP_JITTER_NUMBER;
    if (receiver->next_block_at == WZP_NEVER && verdict == WZP_JITTER_STORED) {
        receiver->next_block_at = now;
    }
}

/* --- blocks --- */

wzp_us wzp_receiver_deadline(const struct wzp_receiver *receiver)
{
    return receiver->next_block_at;
}

/** What the places gave for one block. */
struct harvest {
    size_t n_audio, n_starved;
    bool is_starved[WZP_RECEIVER_STREAMS];
};

static void add_to_mix(struct wzp_receiver *receiver, struct harvest *harvest)
{
    wzp_mixer_add(&receiver->mixer, receiver->scratch, WZP_RECEIVER_BLOCK_SAMPLES);
    harvest->n_audio++;
}

static void gather(struct wzp_receiver *receiver, wzp_us at, struct harvest *harvest)
{
    for (size_t i = 0; i < WZP_RECEIVER_STREAMS; i++) {
        struct place *place = &receiver->places[i];
        if (place->key == 0) {
            continue;
        }
        switch (wzp_stream_play(place->stream, at, receiver->scratch, WZP_RECEIVER_BLOCK_SAMPLES)) {
        case WZP_STREAM_NOTHING:
            break;
        case WZP_STREAM_STARVED:
            harvest->is_starved[i] = true;
            harvest->n_starved++;
            break;
        case WZP_STREAM_AUDIO:
            add_to_mix(receiver, harvest);
            break;
        }
    }
}

static void conceal_starved(struct wzp_receiver *receiver, struct harvest *harvest)
{
    for (size_t i = 0; i < WZP_RECEIVER_STREAMS; i++) {
        if (harvest->is_starved[i]) {
            wzp_stream_conceal(receiver->places[i].stream, receiver->scratch, WZP_RECEIVER_BLOCK_SAMPLES);
            add_to_mix(receiver, harvest);
        }
    }
}

enum wzp_err wzp_receiver_next(struct wzp_receiver *receiver, wzp_us now, struct wzp_block *out_block)
{
    wzp_us at = receiver->next_block_at;
    if (at > now) {
        return WZP_EAGAIN;
    }
    struct harvest harvest = {0};
    receiver->next_block_at = at + WZP_RECEIVER_BLOCK_US;
    wzp_mixer_begin(&receiver->mixer, WZP_RECEIVER_BLOCK_SAMPLES);
    gather(receiver, at, &harvest);
    bool stands_still = receiver->config.waits_for_late && harvest.n_audio == 0 && harvest.n_starved > 0;
    if (!stands_still) {
        conceal_starved(receiver, &harvest);
    }
    wzp_mixer_finish(&receiver->mixer, out_block->samples);
    if (stands_still) {
        out_block->kind = WZP_BLOCK_HELD;
    } else {
        out_block->kind = harvest.n_audio > 0 ? WZP_BLOCK_AUDIO : WZP_BLOCK_SILENT;
    }
    return WZP_OK;
}

bool wzp_receiver_has_audio(const struct wzp_receiver *receiver)
{
    for (size_t i = 0; i < WZP_RECEIVER_STREAMS; i++) {
        if (receiver->places[i].key != 0 && wzp_stream_has_audio(receiver->places[i].stream)) {
            return true;
        }
    }
    return false;
}

/* --- life and figures --- */

enum wzp_err wzp_receiver_new(const struct wzp_receiver_config *config, struct wzp_receiver **out_receiver)
{
    struct wzp_receiver *receiver = calloc(1, sizeof *receiver);
    if (!receiver) {
        return WZP_ENOMEM;
    }
    receiver->config = *config;
    receiver->next_block_at = WZP_NEVER;
    wzp_demux_init(&receiver->demux);
    wzp_mixer_init(&receiver->mixer);
    *out_receiver = receiver;
    return WZP_OK;
}

void wzp_receiver_free(struct wzp_receiver *receiver)
{
    if (!receiver) {
        return;
    }
    for (size_t i = 0; i < WZP_RECEIVER_STREAMS; i++) {
        wzp_stream_free(receiver->places[i].stream);
    }
    free(receiver);
}

static void add_counts(const struct wzp_stream *stream, struct wzp_receiver_counts *counts)
{
    struct wzp_jitter_stats jitter;
    wzp_stream_jitter_stats(stream, &jitter);
    counts->frames += jitter.stored - jitter.comfort;
    counts->comfort += jitter.comfort;
    counts->played += jitter.played;
    counts->lost += jitter.lost;
    counts->late += jitter.late;
    counts->duplicates += jitter.duplicates;
    counts->undecodable += jitter.refused + wzp_stream_counts(stream)->undecodable;
    counts->concealed += wzp_stream_counts(stream)->concealed;
    counts->buffered = wzp_us_max(counts->buffered, jitter.buffered_us);
}

void wzp_receiver_counts(const struct wzp_receiver *receiver, struct wzp_receiver_counts *out_counts)
{
    struct wzp_receiver_counts counts = {
        .repairs = receiver->repairs,
        .duplicates = receiver->duplicates,
        .malformed = receiver->malformed,
        .crowded_out = receiver->crowded_out,
        .streams = receiver->streams,
    };
    for (size_t i = 0; i < WZP_RECEIVER_STREAMS; i++) {
        if (receiver->places[i].stream) {
            add_counts(receiver->places[i].stream, &counts);
        }
    }
    if (receiver->places[receiver->last_heard].stream) {
        struct wzp_jitter_stats jitter;
        wzp_stream_jitter_stats(receiver->places[receiver->last_heard].stream, &jitter);
        counts.jitter = jitter.jitter_us;
    }
    *out_counts = counts;
}
