/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/stream.h"

#include <stdlib.h>
#include <string.h>

#define SAMPLES_PER_MS (WZP_CODEC_SAMPLE_HZ / 1000)

struct wzp_stream {
    struct wzp_jitter *jitter;
    struct wzp_decoder *decoder; /* NULL where nothing is decoded */
    struct wzp_stream_counts counts;

    /* What is being played: silence first, then samples. */
    size_t n_silence;
    size_t at, n_samples;
    int16_t samples[WZP_CODEC_MAX_PACKET_SAMPLES];
};

static void stream_freep(struct wzp_stream **stream)
{
    wzp_stream_free(*stream);
}

enum wzp_err wzp_stream_new(const struct wzp_jitter_config *jitter, bool decodes,
                            struct wzp_stream **out_stream)
{
    WZP_AUTO(stream_freep) struct wzp_stream *stream = calloc(1, sizeof *stream);
    if (!stream) {
        return WZP_ENOMEM;
    }
    enum wzp_err err = wzp_jitter_new(jitter, &stream->jitter);
    if (err != WZP_OK) {
        return err;
    }
    if (decodes) {
        err = wzp_decoder_new(&stream->decoder);
        if (err != WZP_OK) {
            return err;
        }
    }
    *out_stream = wzp_take(stream);
    return WZP_OK;
}

void wzp_stream_free(struct wzp_stream *stream)
{
    if (!stream) {
        return;
    }
    wzp_jitter_free(stream->jitter);
    wzp_decoder_free(stream->decoder);
    free(stream);
}

void wzp_stream_reset(struct wzp_stream *stream)
{
    wzp_jitter_reset(stream->jitter);
    if (stream->decoder) {
        wzp_decoder_reset(stream->decoder);
    }
    stream->n_silence = 0;
    stream->at = stream->n_samples = 0;
}

enum wzp_jitter_verdict wzp_stream_push(struct wzp_stream *stream, const struct wzp_media_packet *packet,
                                        wzp_us now)
{
    return wzp_jitter_push(stream->jitter, packet, now);
}

static size_t samples_of(wzp_us duration)
{
    return (size_t)(duration * SAMPLES_PER_MS / WZP_MS);
}

static struct wzp_decoder_packet packet_of(const struct wzp_jitter_frame *frame)
{
    return (struct wzp_decoder_packet){
        .codec = frame->codec, .bytes = frame->payload, .size = frame->payload_size};
}

/** A whole packet; one that does not decode is made up for. */
static size_t decode(struct wzp_stream *stream, const struct wzp_jitter_frame *frame)
{
    size_t n = 0;
    const struct wzp_decoder_packet packet = packet_of(frame);
    if (wzp_decoder_decode(stream->decoder, &packet, stream->samples, &n) == WZP_OK) {
        return n;
    }
    stream->counts.undecodable++;
    stream->counts.concealed++;
    return wzp_decoder_conceal(stream->decoder, stream->samples);
}

static size_t make_up(struct wzp_stream *stream, const struct wzp_jitter_frame *frame)
{
    stream->counts.concealed++;
    if (frame->payload) {
        const struct wzp_decoder_packet next = packet_of(frame);
        return wzp_decoder_recover(stream->decoder, &next, stream->samples);
    }
    return wzp_decoder_conceal(stream->decoder, stream->samples);
}

/** Takes what the jitter buffer gave; the samples before it have all been played. */
static void take(struct wzp_stream *stream, const struct wzp_jitter_frame *frame)
{
    stream->at = stream->n_samples = 0;
    if (!stream->decoder || frame->kind == WZP_JITTER_PAUSE) {
        stream->n_silence = samples_of(frame->duration_us);
        stream->counts.concealed += frame->kind == WZP_JITTER_LOST || frame->kind == WZP_JITTER_STARVED;
    } else if (frame->kind == WZP_JITTER_PACKET) {
        stream->n_samples = decode(stream, frame);
    } else {
        stream->n_samples = make_up(stream, frame);
    }
}

/** Moves up to `n` samples that are there; how many. */
static size_t move(struct wzp_stream *stream, int16_t *samples, size_t n)
{
    size_t n_silence = wzp_min_size(n, stream->n_silence);
    size_t n_audio = wzp_min_size(n - n_silence, stream->n_samples - stream->at);
    memset(samples, 0, n_silence * sizeof *samples);
    memcpy(samples + n_silence, stream->samples + stream->at, n_audio * sizeof *samples);
    stream->n_silence -= n_silence;
    stream->at += n_audio;
    return n_silence + n_audio;
}

enum wzp_stream_play wzp_stream_play(struct wzp_stream *stream, wzp_us now, int16_t *samples, size_t n)
{
    size_t done = move(stream, samples, n);
    while (done < n) {
        struct wzp_jitter_frame frame;
        wzp_jitter_pop(stream->jitter, now, &frame);
        bool is_missing = frame.kind == WZP_JITTER_NOTHING || frame.kind == WZP_JITTER_STARVED;
        if (is_missing && done > 0) {
            memset(samples + done, 0, (n - done) * sizeof *samples);
            return WZP_STREAM_AUDIO;
        }
        if (is_missing) {
            return frame.kind == WZP_JITTER_NOTHING ? WZP_STREAM_NOTHING : WZP_STREAM_STARVED;
        }
        take(stream, &frame);
        size_t moved = move(stream, samples + done, n - done);
        if (moved == 0) {
            return WZP_STREAM_NOTHING; /* a frame of no length: a bug below, not worth hanging for */
        }
        done += moved;
    }
    return WZP_STREAM_AUDIO;
}

void wzp_stream_conceal(struct wzp_stream *stream, int16_t *samples, size_t n)
{
    stream->counts.concealed++;
    stream->at = 0;
    stream->n_samples = stream->decoder ? wzp_decoder_conceal(stream->decoder, stream->samples) : 0;
    size_t done = move(stream, samples, n);
    memset(samples + done, 0, (n - done) * sizeof *samples);
}

bool wzp_stream_has_audio(const struct wzp_stream *stream)
{
    struct wzp_jitter_stats stats;
    wzp_jitter_stats(stream->jitter, &stats);
    return stats.n_frames > 0 || stream->n_silence > 0 || stream->at < stream->n_samples;
}

void wzp_stream_jitter_stats(const struct wzp_stream *stream, struct wzp_jitter_stats *out_stats)
{
    wzp_jitter_stats(stream->jitter, out_stats);
}

const struct wzp_stream_counts *wzp_stream_counts(const struct wzp_stream *stream)
{
    return &stream->counts;
}
