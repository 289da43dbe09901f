/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/sender.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "audio/codec.h"
#include "fec/window.h"

#define SAMPLES_PER_MS    48
#define MAX_FRAME_SAMPLES (40 * SAMPLES_PER_MS)
#define MAX_FRAME_BYTES   512  /* of coded audio */
#define CREDIT            1000 /* of one repair */

struct wzp_sender {
    struct wzp_sender_config config;
    struct wzp_profile profile;
    struct wzp_encoder *encoder;
    struct wzp_fec_encoder *fec; /* NULL for profiles without repairs */
    struct wzp_sender_counts counts;

    wzp_us start; /* when frame 0 was due; moves where the caller was away for too long */
    wzp_us frame_us;
    uint64_t n_frames; /* made so far: the index of the next one */
    bool has_ended;

    uint16_t seq;
    uint32_t first_timestamp;
    uint8_t ratio;           /* as the header has it */
    uint32_t credit_a_frame; /* in thousandths of a repair */
    uint32_t credit;
    uint32_t n_repairs_due;
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
    sender->credit_a_frame = (uint32_t)lroundf(sender->profile.fec_ratio * CREDIT);
    sender->report_at = WZP_SENDER_REPORT_EVERY;
    /* Two senders behind a first-generation relay are told apart by their numbers: wire-protocol section 4.
     * The timestamp stays below half its range, so that nobody sees it wrap within a call. */
    sender->seq = (uint16_t)wzp_random_below(config->random, 1 << 16);
    sender->first_timestamp = (uint32_t)wzp_random_below(config->random, (uint64_t)1 << 31);
    enum wzp_err err = wzp_encoder_new(sender->profile.codec, &sender->encoder);
    if (err != WZP_OK) {
        return err;
    }
    if (sender->credit_a_frame > 0) {
        err = wzp_fec_encoder_new(&sender->fec);
        if (err != WZP_OK) {
            return err;
        }
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
    wzp_fec_encoder_free(sender->fec);
    free(sender);
}

wzp_us wzp_sender_deadline(const struct wzp_sender *sender)
{
    if (sender->n_repairs_due > 0) {
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
    uint8_t payload[WZP_SENDER_PACKET_BYTES - WZP_MEDIA_HEADER_BYTES];
    struct wzp_media_packet packet = {.header = header_of(sender, sender->n_frames - 1), .payload = payload};
    sender->n_repairs_due--;
    packet.header.is_repair = true;
    packet.header.fec_index = (uint8_t)(sender->profile.frames_per_block + sender->n_block_repairs++);
    enum wzp_err err = wzp_fec_encoder_repair(sender->fec, payload, sizeof payload, &packet.payload_size);
    if (err != WZP_OK) {
        return err;
    }
    sender->counts.repairs++;
    return write_packet(sender, &packet, out_bytes, out_size);
}

/** Notes a source packet that goes out, and what repairs it makes due. */
static void count_source(struct wzp_sender *sender, const struct wzp_media_packet *packet)
{
    sender->counts.frames++;
    if (packet->header.fec_index == 0) {
        sender->n_block_repairs = 0;
    }
    if (sender->fec) {
        wzp_fec_encoder_add(sender->fec, packet->header.seq, packet->payload, packet->payload_size);
        sender->credit += sender->credit_a_frame;
        sender->n_repairs_due = sender->credit / CREDIT;
        sender->credit %= CREDIT;
    }
}

static enum wzp_err next_source(struct wzp_sender *sender, uint8_t *out_bytes, size_t *out_size)
{
    int16_t samples[MAX_FRAME_SAMPLES];
    uint8_t payload[MAX_FRAME_BYTES];
    size_t n_samples = sender->profile.frame_ms * (size_t)SAMPLES_PER_MS;
    if (!sender->config.read(sender->config.context, samples, n_samples)) {
        sender->has_ended = true;
        return WZP_ECLOSED;
    }
    uint64_t frame = sender->n_frames++;
    struct wzp_media_packet packet = {.payload = payload};
    enum wzp_err err =
        wzp_encoder_encode(sender->encoder, samples, payload, sizeof payload, &packet.payload_size);
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
        wzp_media_stamp_level(out_bytes, wzp_level_of(samples, n_samples));
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
        enum wzp_err err = sender->n_repairs_due > 0 ? next_repair(sender, out_bytes, out_size)
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
