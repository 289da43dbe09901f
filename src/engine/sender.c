/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/sender.h"

#include <stdlib.h>

#include "audio/encoder.h"
#include "audio/level.h"
#include "fec/window_encoder.h"

#define VOICE_DBOV (-50.0)        /* a louder frame counts as voice; rooms and microphones hiss below */
#define HANGOVER   (100 * WZP_MS) /* and what follows it so soon: stops and the ends of words */

struct wzp_sender {
    struct wzp_sender_config config;
    struct wzp_profile profile;
    struct wzp_encoder *encoder;
    struct wzp_window_encoder *window;
    struct wzp_sender_counts counts;

    wzp_us start; /* when frame 0 was due; moves where the caller was away for too long */
    wzp_us frame_us;
    uint64_t n_frames; /* made so far: the index of the next one */
    bool has_ended;
    wzp_us voice_until; /* media time */

    uint16_t seq;
    uint32_t first_timestamp;
    uint8_t ratio;           /* as the header has it */
    uint8_t n_block_repairs; /* made in the current block */

    bool has_quality;
    struct wzp_media_report report;
    wzp_us report_at; /* media time from which the next source packet carries one */
};

/** Media time: what frame `n` begins at. */
static wzp_us time_of(const struct wzp_sender *sender, uint64_t n)
{
    return (wzp_us)n * sender->frame_us;
}

static void sender_freep(struct wzp_sender **sender)
{
    wzp_sender_free(*sender);
}

enum wzp_err wzp_sender_new(const struct wzp_sender_config *config, wzp_us start,
                            struct wzp_sender **out_sender)
{
    WZP_AUTO(sender_freep) struct wzp_sender *sender = calloc(1, sizeof *sender);
    if (!sender) {
        return WZP_ENOMEM;
    }
    sender->config = *config;
    sender->profile = *config->profile;
    sender->start = start;
    sender->frame_us = sender->profile.frame_ms * WZP_MS;
    sender->ratio = wzp_media_ratio_encode(sender->profile.fec_ratio);
    sender->report_at = WZP_SENDER_REPORT_EVERY;
    /* Two senders behind a first-generation relay are told apart by their numbers: wire-protocol section 4.
     * The timestamp stays below half its range, so that nobody sees it wrap within a call. */
    sender->seq = (uint16_t)wzp_random_below(config->random, 1 << 16);
    sender->first_timestamp = (uint32_t)wzp_random_below(config->random, (uint64_t)1 << 31);
    const struct wzp_encoder_config encoder = {.codec = sender->profile.codec, .inband_fec = true};
    enum wzp_err err = wzp_encoder_new(&encoder, &sender->encoder);
    if (err != WZP_OK) {
        return err;
    }
    err = wzp_window_encoder_new(WZP_WINDOW_ENCODER_DEFAULT, sender->profile.fec_ratio,
                                 (uint16_t)wzp_random_below(config->random, 1 << 16), &sender->window);
    if (err != WZP_OK) {
        return err;
    }
    *out_sender = wzp_take(sender);
    return WZP_OK;
}

void wzp_sender_free(struct wzp_sender *sender)
{
    if (!sender) {
        return;
    }
    wzp_encoder_free(sender->encoder);
    wzp_window_encoder_free(sender->window);
    free(sender);
}

wzp_us wzp_sender_deadline(const struct wzp_sender *sender)
{
    if (wzp_window_encoder_due(sender->window) > 0) {
        return sender->start + time_of(sender, sender->n_frames - 1) + sender->frame_us / 2;
    }
    return sender->has_ended ? WZP_NEVER : sender->start + time_of(sender, sender->n_frames);
}

static struct wzp_media_header header_of(struct wzp_sender *sender, uint64_t frame)
{
    return (struct wzp_media_header){
        .codec = sender->profile.codec,
        .fec_ratio = sender->ratio,
        .seq = sender->seq++,
        .timestamp = sender->first_timestamp + (uint32_t)(frame * sender->profile.frame_ms),
        .fec_block = (uint8_t)(frame / sender->profile.frames_per_block),
        .fec_index = (uint8_t)(frame % sender->profile.frames_per_block),
    };
}

static enum wzp_err write_packet(struct wzp_sender *sender, const struct wzp_media_packet *packet,
                                 uint8_t *out_bytes, size_t *out_size)
{
    enum wzp_err err = wzp_media_write(packet, out_bytes, WZP_SENDER_PACKET_BYTES, out_size);
    if (err == WZP_OK) {
        sender->counts.bytes += *out_size;
    }
    return err;
}

/** A repair over the window that ends with the frame before. */
static enum wzp_err next_repair(struct wzp_sender *sender, uint8_t *out_bytes, size_t *out_size)
{
    uint8_t payload[WZP_REPAIR_MAX_PAYLOAD_BYTES];
    struct wzp_media_packet packet = {.payload = payload};
    enum wzp_err err = wzp_window_encoder_repair(sender->window, payload, &packet.payload_size);
    if (err != WZP_OK) {
        return err;
    }
    packet.header = header_of(sender, sender->n_frames - 1);
    packet.header.is_repair = true;
    packet.header.fec_index = (uint8_t)(sender->profile.frames_per_block + sender->n_block_repairs++);
    sender->counts.repairs++;
    return write_packet(sender, &packet, out_bytes, out_size);
}

/** Notes a source packet that goes out. */
static void count_source(struct wzp_sender *sender, const struct wzp_media_packet *packet)
{
    sender->counts.frames++;
    if (packet->header.fec_index == 0) {
        sender->n_block_repairs = 0;
    }
    wzp_ignore(wzp_window_encoder_add(sender->window, packet->header.seq, packet->payload,
                                      packet->payload_size)); /* a frame too long for it goes unprotected */
}

/** The audio level of frame `frame`, whose samples these are. */
static uint8_t level_byte(struct wzp_sender *sender, uint64_t frame, const int16_t *samples, size_t n)
{
    struct wzp_level level = wzp_level_of(samples, n);
    wzp_us at = time_of(sender, frame);
    if (level.dbov > VOICE_DBOV) {
        sender->voice_until = at + sender->frame_us + HANGOVER;
    }
    uint8_t voice = at < sender->voice_until ? WZP_MEDIA_LEVEL_VOICE : 0;
    return voice | wzp_level_header(&level);
}

static enum wzp_err next_source(struct wzp_sender *sender, uint8_t *out_bytes, size_t *out_size)
{
    int16_t samples[WZP_CODEC_MAX_FRAME_SAMPLES];
    uint8_t payload[WZP_CODEC_MAX_PACKET_BYTES];
    size_t n_samples = wzp_encoder_frame_samples(sender->encoder);
    if (!sender->config.read(sender->config.context, samples, n_samples)) {
        sender->has_ended = true;
        return WZP_ECLOSED;
    }
    uint64_t frame = sender->n_frames++;
    struct wzp_media_packet packet = {.payload = payload};
    enum wzp_err err = wzp_encoder_encode(sender->encoder, samples, payload, &packet.payload_size);
    if (err != WZP_OK) {
        sender->counts.frames_failed++;
        return err;
    }
    packet.header = header_of(sender, frame);
    if (sender->has_quality && time_of(sender, frame) >= sender->report_at) {
        packet.header.has_report = true;
        packet.report = sender->report;
        sender->report_at = time_of(sender, frame) + WZP_SENDER_REPORT_EVERY;
    }
    count_source(sender, &packet);
    err = write_packet(sender, &packet, out_bytes, out_size);
    if (err == WZP_OK && sender->config.sends_levels) {
        wzp_media_stamp_level(out_bytes, level_byte(sender, frame, samples, n_samples));
    }
    return err;
}

enum wzp_err wzp_sender_next(struct wzp_sender *sender, wzp_us now,
                             uint8_t out_bytes[static WZP_SENDER_PACKET_BYTES], size_t *out_size)
{
    for (;;) {
        wzp_us due = wzp_sender_deadline(sender);
        if (due == WZP_NEVER) {
            return WZP_ECLOSED;
        }
        if (due > now) {
            return WZP_EAGAIN;
        }
        sender->start += wzp_us_max(0, now - due - WZP_SENDER_CATCH_UP);
        enum wzp_err err = wzp_window_encoder_due(sender->window) > 0
                               ? next_repair(sender, out_bytes, out_size)
                               : next_source(sender, out_bytes, out_size);
        if (err == WZP_OK || err == WZP_ECLOSED) {
            return err;
        }
        /* The codec failed: the frame is gone, the next one may be due. */
    }
}

void wzp_sender_set_quality(struct wzp_sender *sender, const struct wzp_media_quality *quality)
{
    sender->has_quality = true;
    sender->report = wzp_media_report_encode(quality);
}

const struct wzp_sender_counts *wzp_sender_counts(const struct wzp_sender *sender)
{
    return &sender->counts;
}
