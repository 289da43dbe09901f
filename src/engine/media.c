/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/media.h"

#include <assert.h>
#include <stdlib.h>

#include "audio/codec.h"
#include "base/random.h"
#include "engine/receiver.h"
#include "engine/recorder.h"
#include "engine/sender.h"
#include "engine/source.h"

#define DEFAULT_PLAYOUT_MS 1000 /* a recording is in no hurry */
#define MAX_PLAYOUT_MS     5000
#define MAX_DRAIN_BLOCKS   2000    /* 40 s: more than any jitter buffer holds */
#define REPORT_CAP_BPS     200000U /* the bitrate cap of G1's reports */
/** Blocks that are due for longer wait for one turn of the loop, so that packets which came meanwhile are
 * read before their time is declared over. */
#define PATIENCE (2 * WZP_RECEIVER_BLOCK_US)

struct wzp_media {
    struct wzp_media_config config; /* without `engine`, which was the caller's */
    wzp_us delay;
    struct wzp_source *source;
    struct wzp_recorder *recorder; /* NULL where nothing is recorded */
    struct wzp_sender *sender;     /* from start on, as the receiver */
    struct wzp_receiver *receiver;
    struct wzp_timer *send_timer, *play_timer;
    bool has_told_sent, has_waited;

    struct wzp_receiver_counts last_second; /* counts at the last report */
    double loss_pct;
    uint64_t recorded_samples; /* when the file was closed */
    double peak;
};

/* --- sending --- */

static bool read_source(void *context, int16_t *samples, size_t n)
{
    return wzp_source_read(context, samples, n);
}

static void send_due(struct wzp_media *media, wzp_us now)
{
    uint8_t packet[WZP_SENDER_PACKET_BYTES];
    size_t size = 0;
    while (wzp_sender_next(media->sender, now, packet, &size) == WZP_OK) {
        media->config.handler->on_packet(media->config.context, packet, size, now);
    }
}

static void on_send_timer(void *context)
{
    struct wzp_media *media = context;
    wzp_us now = wzp_loop_now(media->config.loop);
    send_due(media, now);
    wzp_us next = wzp_sender_deadline(media->sender);
    wzp_timer_set(media->send_timer, next);
    if (next == WZP_NEVER && !media->has_told_sent) {
        media->has_told_sent = true;
        media->config.handler->on_sent(media->config.context, now);
    }
}

/* --- receiving --- */

static void record(struct wzp_media *media, const struct wzp_block *block)
{
    if (!media->recorder || wzp_recorder_add(media->recorder, block) == WZP_OK) {
        return;
    }
    wzp_events_say(media->config.events, WZP_EVENT_WARNING,
                   "the recording can't be written on: it ends here (is the disk full?)");
    media->recorded_samples = wzp_recorder_samples(media->recorder);
    wzp_recorder_abort(wzp_take(media->recorder));
}

static void play_due(struct wzp_media *media, wzp_us now)
{
    struct wzp_block block;
    while (wzp_receiver_next(media->receiver, now, &block) == WZP_OK) {
        record(media, &block);
    }
}

static void on_play_timer(void *context)
{
    struct wzp_media *media = context;
    wzp_us now = wzp_loop_now(media->config.loop);
    bool is_behind = now - wzp_receiver_deadline(media->receiver) > PATIENCE;
    if (is_behind && !media->has_waited) {
        media->has_waited = true;
        wzp_timer_set(media->play_timer, now);
        return;
    }
    media->has_waited = false;
    play_due(media, now);
    wzp_timer_set(media->play_timer, wzp_receiver_deadline(media->receiver));
}

void wzp_media_feed(struct wzp_media *media, const uint8_t *bytes, size_t size, wzp_us now)
{
    if (!media->receiver) {
        return;
    }
    bool was_idle = wzp_receiver_deadline(media->receiver) == WZP_NEVER;
    wzp_receiver_feed(media->receiver, bytes, size, now);
    if (was_idle) {
        wzp_timer_set(media->play_timer, wzp_receiver_deadline(media->receiver));
    }
}

/* --- start and stop --- */

enum wzp_err wzp_media_start(struct wzp_media *media, const struct wzp_call_answer *answer, wzp_us now)
{
    const struct wzp_receiver_config receiver = {
        .delay = media->delay,
        .trusts_numbers = answer->generation >= 2,
        .decodes = media->recorder != NULL,
        .waits_for_late = true,
    };
    const struct wzp_sender_config sender = {
        .profile = media->config.profile,
        .random = &wzp_random_system,
        .read = read_source,
        .context = media->source,
        .sends_levels = answer->takes_levels,
    };
    enum wzp_err err = wzp_receiver_new(&receiver, &media->receiver);
    if (err != WZP_OK) {
        return err;
    }
    err = wzp_sender_new(&sender, now, &media->sender);
    if (err == WZP_OK) {
        wzp_timer_set(media->send_timer, now);
    }
    return err;
}

/** Plays what waits, ahead of time. */
static void drain(struct wzp_media *media)
{
    struct wzp_block block;
    for (int i = 0; i < MAX_DRAIN_BLOCKS && wzp_receiver_has_audio(media->receiver); i++) {
        wzp_us at = wzp_receiver_deadline(media->receiver);
        if (wzp_receiver_next(media->receiver, at, &block) == WZP_OK) {
            record(media, &block);
        }
    }
}

static void close_recording(struct wzp_media *media)
{
    char message[WZP_PCM_MESSAGE_BYTES];
    if (!media->recorder) {
        return;
    }
    media->recorded_samples = wzp_recorder_samples(media->recorder);
    media->peak = wzp_recorder_peak(media->recorder);
    if (wzp_recorder_close(wzp_take(media->recorder), message) != WZP_OK) {
        wzp_events_say(media->config.events, WZP_EVENT_WARNING, "%s", message);
    }
}

void wzp_media_stop(struct wzp_media *media)
{
    wzp_timer_set(media->send_timer, WZP_NEVER);
    wzp_timer_set(media->play_timer, WZP_NEVER);
    if (media->receiver) {
        drain(media);
    }
    close_recording(media);
}

/* --- life --- */

static void media_freep(struct wzp_media **media)
{
    wzp_media_free(*media);
}

static enum wzp_err make_timers(struct wzp_media *media)
{
    enum wzp_err err = wzp_timer_new(media->config.loop, on_send_timer, media, &media->send_timer);
    if (err != WZP_OK) {
        return err;
    }
    return wzp_timer_new(media->config.loop, on_play_timer, media, &media->play_timer);
}

enum wzp_err wzp_media_new(const struct wzp_media_config *config,
                           char out_message[static WZP_EVENT_MESSAGE_BYTES], struct wzp_media **out_media)
{
    static_assert(WZP_EVENT_MESSAGE_BYTES >= WZP_PCM_MESSAGE_BYTES, "messages of files fit into events");
    const struct wzp_engine_config *engine = config->engine;
    WZP_AUTO(media_freep) struct wzp_media *media = calloc(1, sizeof *media);
    if (!media) {
        return WZP_ENOMEM;
    }
    media->config = *config;
    media->config.engine = NULL;
    uint32_t playout_ms = engine->playout_ms ? engine->playout_ms : DEFAULT_PLAYOUT_MS;
    media->delay = (wzp_us)wzp_min_size(playout_ms, MAX_PLAYOUT_MS) * WZP_MS;
    media->has_told_sent = engine->source == WZP_SOURCE_NONE;
    enum wzp_err err = make_timers(media);
    if (err != WZP_OK) {
        return err;
    }
    err = wzp_source_open(engine, out_message, &media->source);
    if (err != WZP_OK) {
        return err;
    }
    if (engine->record_file) {
        err = wzp_recorder_open(engine->record_file, out_message, &media->recorder);
        if (err != WZP_OK) {
            return err;
        }
    }
    *out_media = wzp_take(media);
    return WZP_OK;
}

void wzp_media_free(struct wzp_media *media)
{
    if (!media) {
        return;
    }
    if (media->receiver) {
        wzp_media_stop(media);
    }
    wzp_recorder_abort(media->recorder); /* there was no call: an earlier recording stays */
    wzp_timer_free(media->send_timer);
    wzp_timer_free(media->play_timer);
    wzp_sender_free(media->sender);
    wzp_receiver_free(media->receiver);
    wzp_source_close(media->source);
    free(media);
}

/* --- figures --- */

void wzp_media_second(struct wzp_media *media, const struct wzp_conn_stats *conn)
{
    struct wzp_receiver_counts counts;
    if (!media->receiver || !media->sender) {
        return;
    }
    wzp_receiver_counts(media->receiver, &counts);
    uint64_t lost = counts.lost - media->last_second.lost;
    uint64_t expected = lost + counts.played - media->last_second.played;
    media->loss_pct = expected ? 100.0 * (double)lost / (double)expected : 0;
    media->last_second = counts;
    wzp_sender_set_quality(media->sender, &(struct wzp_media_quality){
                                              .loss_pct = media->loss_pct,
                                              .rtt_us = conn->rtt_smoothed,
                                              .jitter_us = counts.jitter,
                                              .cap_bps = REPORT_CAP_BPS,
                                          });
}

static void receiver_stats(const struct wzp_receiver *receiver, struct wzp_engine_stats *stats)
{
    struct wzp_receiver_counts counts;
    wzp_receiver_counts(receiver, &counts);
    stats->frames_received = counts.frames;
    stats->repairs_received = counts.repairs;
    stats->comfort_received = counts.comfort;
    stats->frames_played = counts.played;
    stats->frames_concealed = counts.concealed;
    stats->frames_lost = counts.lost;
    stats->frames_late = counts.late;
    stats->duplicates = counts.duplicates;
    stats->malformed = counts.malformed;
    stats->undecodable = counts.undecodable;
    stats->streams = counts.streams;
    stats->jitter_ms = (double)counts.jitter / WZP_MS;
    stats->buffered_ms = (uint64_t)(counts.buffered / WZP_MS);
}

void wzp_media_stats(const struct wzp_media *media, struct wzp_engine_stats *stats)
{
    uint64_t samples = media->recorder ? wzp_recorder_samples(media->recorder) : media->recorded_samples;
    if (media->receiver) {
        receiver_stats(media->receiver, stats);
    }
    if (media->sender) {
        const struct wzp_sender_counts *counts = wzp_sender_counts(media->sender);
        stats->frames_sent = counts->frames;
        stats->repairs_sent = counts->repairs;
        stats->bytes_sent = counts->bytes;
    }
    stats->loss_pct = media->loss_pct;
    stats->recorded_ms = samples / (WZP_CODEC_SAMPLE_HZ / 1000);
    stats->record_peak = media->recorder ? wzp_recorder_peak(media->recorder) : media->peak;
}
