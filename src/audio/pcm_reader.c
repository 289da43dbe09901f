/* SPDX-License-Identifier: Apache-2.0 */
/*
 * file -> libsndfile (floats, channels side by side) -> average of the channels -> resampler -> int16
 *
 * Raw files skip all of it. Everything goes through one buffer of BLOCK frames, so that length does not
 * matter.
 */
#include "audio/pcm_reader.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sndfile.h>
#include <speex/speex_resampler.h>

#include "audio/codec.h"
#include "base/bytes.h"

enum {
    BLOCK = 1024, /* frames read at a time */
    MAX_CHANNELS = 64,
    MIN_HZ = 4000,
    MAX_HZ = 768000,
    RESAMPLER_QUALITY = 8, /* of 10: files are not in a hurry */
};

struct wzp_pcm_reader {
    FILE *raw;      /* either this */
    SNDFILE *sound; /* or that */
    SF_INFO info;
    uint64_t total_samples;
    SpeexResamplerState *resampler; /* NULL: the file is at 48 kHz */
    float *frames;                  /* BLOCK * channels, as read */
    float mono[BLOCK];
    size_t mono_at, mono_end; /* what of it is not used yet */
    size_t n_flush;           /* frames of silence that push the end out of the resampler */
    bool is_at_end;
};

static void say(char *message, const char *path, const char *why)
{
    snprintf(message, WZP_PCM_MESSAGE_BYTES, "%s: %s", path, why);
}

static enum wzp_err open_file(const char *path, char *message, int *out_fd, uint64_t *out_size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        enum wzp_err err = errno == ENOENT || errno == ENOTDIR ? WZP_ENOTFOUND : WZP_EIO;
        say(message, path, strerror(errno));
        return err;
    }
    struct stat status;
    if (fstat(fd, &status) != 0 || S_ISDIR(status.st_mode)) {
        say(message, path, "is no file");
        close(fd);
        return WZP_EIO;
    }
    *out_fd = fd;
    *out_size = S_ISREG(status.st_mode) ? (uint64_t)status.st_size : 0;
    return WZP_OK;
}

static enum wzp_err open_raw(struct wzp_pcm_reader *reader, int fd, uint64_t size)
{
    reader->total_samples = size / sizeof(int16_t);
    reader->raw = fdopen(fd, "rb");
    if (!reader->raw) {
        close(fd);
        return WZP_ENOMEM;
    }
    return WZP_OK;
}

static enum wzp_err check_sound(const SF_INFO *info, const char *path, char *message)
{
    if (info->channels < 1 || info->channels > MAX_CHANNELS) {
        say(message, path, "has no channel or more than 64");
        return WZP_EUNSUPPORTED;
    }
    if (info->samplerate < MIN_HZ || info->samplerate > MAX_HZ) {
        say(message, path, "has a sample rate outside 4 to 768 kHz");
        return WZP_EUNSUPPORTED;
    }
    return WZP_OK;
}

static enum wzp_err set_up_conversion(struct wzp_pcm_reader *reader)
{
    const SF_INFO *info = &reader->info;
    reader->frames = calloc((size_t)info->channels * BLOCK, sizeof *reader->frames);
    if (!reader->frames) {
        return WZP_ENOMEM;
    }
    uint64_t n_frames = info->frames > 0 && info->frames < INT64_MAX / MAX_HZ ? (uint64_t)info->frames : 0;
    reader->total_samples = n_frames * WZP_CODEC_SAMPLE_HZ / (uint64_t)info->samplerate;
    if (info->samplerate == WZP_CODEC_SAMPLE_HZ) {
        return WZP_OK;
    }
    reader->resampler =
        speex_resampler_init(1, (spx_uint32_t)info->samplerate, WZP_CODEC_SAMPLE_HZ, RESAMPLER_QUALITY, NULL);
    if (!reader->resampler) {
        return WZP_ENOMEM;
    }
    speex_resampler_skip_zeros(reader->resampler);
    reader->n_flush = (size_t)speex_resampler_get_input_latency(reader->resampler);
    return WZP_OK;
}

static enum wzp_err open_sound(struct wzp_pcm_reader *reader, int fd, const char *path, char *message)
{
    reader->sound = sf_open_fd(fd, SFM_READ, &reader->info, SF_TRUE);
    if (!reader->sound) {
        say(message, path, sf_strerror(NULL)); /* the descriptor is closed already */
        return WZP_EMALFORMED;
    }
    enum wzp_err err = check_sound(&reader->info, path, message);
    if (err != WZP_OK) {
        return err;
    }
    return set_up_conversion(reader);
}

enum wzp_err wzp_pcm_reader_open(const char *path, char out_message[static WZP_PCM_MESSAGE_BYTES],
                                 struct wzp_pcm_reader **out_reader)
{
    say(out_message, path, wzp_err_text(WZP_ENOMEM));
    WZP_AUTO(wzp_pcm_reader_closep) struct wzp_pcm_reader *reader = calloc(1, sizeof *reader);
    if (!reader) {
        return WZP_ENOMEM;
    }
    int fd = -1;
    uint64_t size = 0;
    enum wzp_err err = open_file(path, out_message, &fd, &size);
    if (err != WZP_OK) {
        return err;
    }
    bool is_raw = wzp_pcm_format_of(path) == WZP_PCM_RAW;
    err = is_raw ? open_raw(reader, fd, size) : open_sound(reader, fd, path, out_message);
    if (err != WZP_OK) {
        return err;
    }
    out_message[0] = '\0';
    *out_reader = wzp_take(reader);
    return WZP_OK;
}

void wzp_pcm_reader_close(struct wzp_pcm_reader *reader)
{
    if (!reader) {
        return;
    }
    if (reader->raw) {
        fclose(reader->raw);
    }
    if (reader->sound) {
        sf_close(reader->sound);
    }
    if (reader->resampler) {
        speex_resampler_destroy(reader->resampler);
    }
    free(reader->frames);
    free(reader);
}

void wzp_pcm_reader_closep(struct wzp_pcm_reader **reader)
{
    wzp_pcm_reader_close(*reader);
}

uint64_t wzp_pcm_reader_total_samples(const struct wzp_pcm_reader *reader)
{
    return reader->total_samples;
}

static enum wzp_err read_raw(struct wzp_pcm_reader *reader, int16_t *samples, size_t n, size_t *out_n)
{
    size_t n_read = 0;
    uint8_t pair[2];
    while (n_read < n && fread(pair, sizeof pair, 1, reader->raw) == 1) {
        samples[n_read++] = (int16_t)(uint16_t)(pair[0] | pair[1] << 8);
    }
    if (n_read < n && ferror(reader->raw)) {
        return WZP_EIO;
    }
    *out_n = n_read;
    return WZP_OK;
}

/** Fills `mono` with the next block of the file, or of the silence behind it. */
static void fill_mono(struct wzp_pcm_reader *reader)
{
    size_t n_channels = (size_t)reader->info.channels;
    sf_count_t n_read = sf_readf_float(reader->sound, reader->frames, BLOCK);
    size_t n = n_read > 0 ? (size_t)n_read : 0;
    for (size_t i = 0; i < n; i++) {
        float sum = 0;
        for (size_t c = 0; c < n_channels; c++) {
            sum += reader->frames[i * n_channels + c];
        }
        reader->mono[i] = sum / (float)n_channels;
    }
    if (n == 0 && reader->n_flush > 0) {
        n = wzp_min_size(reader->n_flush, BLOCK);
        memset(reader->mono, 0, n * sizeof reader->mono[0]);
        reader->n_flush -= n;
    }
    reader->mono_at = 0;
    reader->mono_end = n;
    reader->is_at_end = n == 0;
}

static int16_t to_int16(float value)
{
    return (int16_t)lrintf(fmaxf(-32768, fminf(32767, value * 32768)));
}

/** Turns what is in `mono` into up to `n` samples; may take without giving, and give without taking. */
static size_t convert(struct wzp_pcm_reader *reader, int16_t *samples, size_t n)
{
    float out[BLOCK];
    const float *mono = reader->mono + reader->mono_at;
    spx_uint32_t n_in = (spx_uint32_t)(reader->mono_end - reader->mono_at);
    spx_uint32_t n_out = (spx_uint32_t)wzp_min_size(n, BLOCK);
    if (reader->resampler) {
        speex_resampler_process_float(reader->resampler, 0, mono, &n_in, out, &n_out);
    } else {
        n_in = n_out = n_in < n_out ? n_in : n_out;
        memcpy(out, mono, n_out * sizeof *out);
    }
    reader->mono_at += n_in;
    for (size_t i = 0; i < n_out; i++) {
        samples[i] = to_int16(out[i]);
    }
    return n_out;
}

static enum wzp_err read_sound(struct wzp_pcm_reader *reader, int16_t *samples, size_t n, size_t *out_n)
{
    size_t n_read = 0;
    while (n_read < n && !reader->is_at_end) {
        if (reader->mono_at == reader->mono_end) {
            fill_mono(reader);
        }
        n_read += convert(reader, samples + n_read, n - n_read);
    }
    if (n_read < n && sf_error(reader->sound) != SF_ERR_NO_ERROR) {
        return WZP_EIO;
    }
    *out_n = n_read;
    return WZP_OK;
}

enum wzp_err wzp_pcm_reader_read(struct wzp_pcm_reader *reader, int16_t *samples, size_t n, size_t *out_n)
{
    return reader->raw ? read_raw(reader, samples, n, out_n) : read_sound(reader, samples, n, out_n);
}
