/* SPDX-License-Identifier: Apache-2.0 */
/* wzp-measure: what a recording is like, for people and for tests. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "audio/codec.h"
#include "audio/pcm_reader.h"
#include "base/attr.h"
#include "report.h"

enum { MAX_SAMPLES = WZP_CODEC_SAMPLE_HZ * 3600 }; /* an hour, 346 MB */

static const char usage[] =
    "usage: wzp-measure [--json] [--tone HZ]... FILE\n"
    "Prints duration, level, dominant frequency, purity of tones and gaps of an audio file\n"
    "(.wav, .flac, .opus, .ogg; else s16le, 48 kHz, mono). Without --tone: of the dominant one.\n";

struct options {
    const char *path;
    bool is_json;
    size_t n_tones;
    double tones_hz[WZP_REPORT_MAX_TONES];
};

static bool read_tone(const char *word, struct options *options)
{
    char *end = NULL;
    double hz = word ? strtod(word, &end) : 0;
    if (!word || end == word || *end != '\0' || !(hz > 0 && hz < WZP_CODEC_SAMPLE_HZ / 2.0) ||
        options->n_tones == WZP_REPORT_MAX_TONES) {
        return false;
    }
    options->tones_hz[options->n_tones++] = hz;
    return true;
}

/** One word, and with --tone the one behind it: how many; 0 where they make no sense. */
static int read_word(char *const words[], struct options *options)
{
    if (strcmp(words[0], "--json") == 0) {
        options->is_json = true;
        return 1;
    }
    if (strcmp(words[0], "--tone") == 0) {
        return read_tone(words[1], options) ? 2 : 0;
    }
    if (words[0][0] == '-' || options->path) {
        return 0;
    }
    options->path = words[0];
    return 1;
}

/** `words` ends with NULL. */
static bool read_options(char *const words[], struct options *options)
{
    for (int i = 0; words[i];) {
        int n = read_word(words + i, options);
        if (n == 0) {
            return false;
        }
        i += n;
    }
    return options->path != NULL;
}

struct recording {
    int16_t *samples;
    size_t n, capacity;
};

static void recording_deinit(struct recording *recording)
{
    free(recording->samples);
}

static enum wzp_err append_block(struct recording *recording, struct wzp_pcm_reader *reader, size_t *out_n)
{
    if (recording->n == MAX_SAMPLES) {
        return WZP_ELIMIT;
    }
    if (recording->n == recording->capacity) {
        size_t capacity = wzp_min_size(recording->capacity * 2 + WZP_CODEC_SAMPLE_HZ, MAX_SAMPLES);
        int16_t *samples = realloc(recording->samples, capacity * sizeof *samples);
        if (!samples) {
            return WZP_ENOMEM;
        }
        recording->samples = samples;
        recording->capacity = capacity;
    }
    enum wzp_err err = wzp_pcm_reader_read(reader, recording->samples + recording->n,
                                           recording->capacity - recording->n, out_n);
    recording->n += err == WZP_OK ? *out_n : 0;
    return err;
}

static bool load(const char *path, struct recording *recording)
{
    char message[WZP_PCM_MESSAGE_BYTES];
    WZP_AUTO(wzp_pcm_reader_closep) struct wzp_pcm_reader *reader = NULL;
    if (wzp_pcm_reader_open(path, message, &reader) != WZP_OK) {
        fprintf(stderr, "wzp-measure: %s\n", message);
        return false;
    }
    enum wzp_err err = WZP_OK;
    for (size_t n = 1; err == WZP_OK && n > 0;) {
        err = append_block(recording, reader, &n);
    }
    if (err != WZP_OK) {
        fprintf(stderr, "wzp-measure: %s: %s\n", path, wzp_err_text(err));
    }
    return err == WZP_OK;
}

int main(int argc, char *argv[])
{
    struct options options = {0};
    if (argc < 2 || !read_options(argv + 1, &options)) {
        fputs(usage, stderr);
        return 2;
    }
    WZP_AUTO(recording_deinit) struct recording recording = {0};
    if (!load(options.path, &recording)) {
        return 1;
    }
    struct wzp_report report =
        wzp_report_of(recording.samples, recording.n, options.tones_hz, options.n_tones);
    if (options.is_json) {
        wzp_report_print_json(&report, stdout);
    } else {
        wzp_report_print(&report, stdout);
    }
    return 0;
}
