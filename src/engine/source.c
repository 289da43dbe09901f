/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/source.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audio/codec.h"
#include "audio/pcm_reader.h"
#include "audio/tone.h"

#define DEFAULT_MS 5000

struct wzp_source {
    enum wzp_engine_source kind;
    struct wzp_pcm_reader *reader; /* of a file */
    uint32_t tone_hz;
    uint64_t at, n_samples; /* of tone and silence */
};

static void source_closep(struct wzp_source **source)
{
    wzp_source_close(*source);
}

enum wzp_err wzp_source_open(const struct wzp_engine_config *config,
                             char out_message[static WZP_PCM_MESSAGE_BYTES], struct wzp_source **out_source)
{
    out_message[0] = '\0';
    WZP_AUTO(source_closep) struct wzp_source *source = calloc(1, sizeof *source);
    if (!source) {
        return WZP_ENOMEM;
    }
    uint32_t ms = config->source_ms ? config->source_ms : DEFAULT_MS;
    source->kind = config->source;
    source->tone_hz = config->tone_hz ? config->tone_hz : WZP_TONE_HZ;
    source->n_samples = (uint64_t)ms * (WZP_CODEC_SAMPLE_HZ / 1000);
    if (config->source == WZP_SOURCE_FILE && !config->source_file) {
        snprintf(out_message, WZP_PCM_MESSAGE_BYTES, "no file to send is named");
        return WZP_EINVAL;
    }
    if (config->source == WZP_SOURCE_FILE) {
        enum wzp_err err = wzp_pcm_reader_open(config->source_file, out_message, &source->reader);
        if (err != WZP_OK) {
            return err;
        }
    }
    *out_source = wzp_take(source);
    return WZP_OK;
}

void wzp_source_close(struct wzp_source *source)
{
    if (source) {
        wzp_pcm_reader_close(source->reader);
        free(source);
    }
}

static bool read_made(struct wzp_source *source, int16_t *samples, size_t n)
{
    if (source->n_samples - source->at < n) {
        return false;
    }
    if (source->kind == WZP_SOURCE_TONE) {
        wzp_tone_fill(source->tone_hz, WZP_TONE_AMPLITUDE, source->at, samples, n);
    } else {
        memset(samples, 0, n * sizeof *samples);
    }
    source->at += n;
    return true;
}

bool wzp_source_read(struct wzp_source *source, int16_t *samples, size_t n)
{
    size_t n_read = 0;
    switch (source->kind) {
    case WZP_SOURCE_NONE:
        return false;
    case WZP_SOURCE_SILENCE:
    case WZP_SOURCE_TONE:
        return read_made(source, samples, n);
    case WZP_SOURCE_FILE:
        return wzp_pcm_reader_read(source->reader, samples, n, &n_read) == WZP_OK && n_read == n;
    }
    return false;
}
