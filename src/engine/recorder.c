/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/recorder.h"

#include <stdlib.h>

#include "audio/level.h"

#define SILENCE_BLOCKS (WZP_RECORDER_SILENCE / WZP_RECEIVER_BLOCK_US)

struct wzp_recorder {
    struct wzp_pcm_writer *writer;
    bool has_begun;
    uint64_t n_silent; /* blocks since the last audio, not written yet */
    uint64_t n_held;
    uint16_t peak;
};

enum wzp_err wzp_recorder_open(const char *path, char out_message[static WZP_PCM_MESSAGE_BYTES],
                               struct wzp_recorder **out_recorder)
{
    struct wzp_recorder *recorder = calloc(1, sizeof *recorder);
    if (!recorder) {
        out_message[0] = '\0';
        return WZP_ENOMEM;
    }
    enum wzp_err err = wzp_pcm_writer_open(path, out_message, &recorder->writer);
    if (err != WZP_OK) {
        free(recorder);
        return err;
    }
    *out_recorder = recorder;
    return WZP_OK;
}

static enum wzp_err write_silence(struct wzp_recorder *recorder)
{
    static const int16_t zeros[WZP_RECEIVER_BLOCK_SAMPLES] = {0};
    for (; recorder->n_silent > 0; recorder->n_silent--) {
        enum wzp_err err = wzp_pcm_writer_write(recorder->writer, zeros, wzp_count(zeros));
        if (err != WZP_OK) {
            return err;
        }
    }
    return WZP_OK;
}

static enum wzp_err add_audio(struct wzp_recorder *recorder, const struct wzp_block *block)
{
    struct wzp_level level = wzp_level_of(block->samples, WZP_RECEIVER_BLOCK_SAMPLES);
    recorder->has_begun = true;
    recorder->n_held = 0;
    recorder->peak = level.peak > recorder->peak ? level.peak : recorder->peak;
    enum wzp_err err = write_silence(recorder);
    if (err != WZP_OK) {
        return err;
    }
    return wzp_pcm_writer_write(recorder->writer, block->samples, WZP_RECEIVER_BLOCK_SAMPLES);
}

static enum wzp_err add_silence(struct wzp_recorder *recorder)
{
    recorder->n_silent += recorder->n_held + 1;
    recorder->n_held = 0;
    return recorder->n_silent >= SILENCE_BLOCKS ? write_silence(recorder) : WZP_OK;
}

enum wzp_err wzp_recorder_add(struct wzp_recorder *recorder, const struct wzp_block *block)
{
    if (block->kind == WZP_BLOCK_AUDIO) {
        return add_audio(recorder, block);
    }
    if (!recorder->has_begun) {
        return WZP_OK;
    }
    if (block->kind == WZP_BLOCK_SILENT) {
        return add_silence(recorder);
    }
    recorder->n_held++;
    return WZP_OK;
}

uint64_t wzp_recorder_samples(const struct wzp_recorder *recorder)
{
    return wzp_pcm_writer_samples(recorder->writer);
}

double wzp_recorder_peak(const struct wzp_recorder *recorder)
{
    return recorder->peak / 32768.0;
}

enum wzp_err wzp_recorder_close(struct wzp_recorder *recorder, char out_message[static WZP_PCM_MESSAGE_BYTES])
{
    enum wzp_err err = wzp_pcm_writer_close(recorder->writer, out_message);
    free(recorder);
    return err;
}

void wzp_recorder_abort(struct wzp_recorder *recorder)
{
    if (recorder) {
        wzp_pcm_writer_abort(recorder->writer);
        free(recorder);
    }
}
