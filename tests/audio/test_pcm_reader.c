/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#include <sndfile.h>

#include "audio/level.h"
#include "audio/pcm_reader.h"
#include "audio/tone.h"
#include "support/wzp_test.h"

static char folder[] = "/tmp/wzp-test-reader-XXXXXX";

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    char command[64];
    snprintf(command, sizeof command, "rm -r %s", folder);
    return system(command); /* NOLINT(cert-env33-c): our own folder */
}

static void write_file(const char *path, const void *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    fclose(file);
}

static struct wzp_pcm_reader *open_reader(const char *path)
{
    struct wzp_pcm_reader *reader = NULL;
    char message[WZP_PCM_MESSAGE_BYTES] = "";
    if (wzp_pcm_reader_open(path, message, &reader) != WZP_OK) {
        fail_msg("%s", message);
    }
    return reader;
}

/** Two seconds of a sine of 1 kHz, amplitude 0.5, in the first of the channels, as WAV. */
static void write_wav(const char *path, int hz, int n_channels)
{
    SF_INFO info = {.samplerate = hz, .channels = n_channels, .format = SF_FORMAT_WAV | SF_FORMAT_FLOAT};
    SNDFILE *file = sf_open(path, SFM_WRITE, &info);
    assert_non_null(file);
    for (int i = 0; i < 2 * hz; i++) {
        float frame[8] = {0.5F * (float)sin(2 * M_PI * 1000 * i / hz)};
        sf_writef_float(file, frame, 1);
    }
    sf_close(file);
}

static void every_rate_and_channel_count_becomes_48_khz_mono(void **state)
{
    (void)state;
    static const struct {
        int hz, n_channels;
    } rows[] = {{48000, 1}, {48000, 2}, {44100, 1}, {44100, 2},
                {8000, 1},  {16000, 6}, {96000, 1}, {192000, 2}};
    for (size_t i = 0; i < wzp_count(rows); i++) {
        char path[64];
        snprintf(path, sizeof path, "%s/rate.wav", folder);
        write_wav(path, rows[i].hz, rows[i].n_channels);
        struct wzp_pcm_reader *reader = open_reader(path);
        assert_in_range(wzp_pcm_reader_total_samples(reader), 95990, 96010);
        static int16_t samples[100000];
        size_t n = 0;
        assert_ok(wzp_pcm_reader_read(reader, samples, 100000, &n));
        assert_in_range(n, 96000 - 20, 96000 + 20);
        double want = 32768 * 0.5 / sqrt(2) / rows[i].n_channels;
        assert_true(fabs(wzp_level_of(samples + 2000, 90000).rms / want - 1) < 0.02);
        /* No delay from resampling: the phase is right in the middle. */
        double error = 0;
        for (size_t k = 40000; k < 40048; k++) {
            error = fmax(error, fabs(samples[k] - want * sqrt(2) * sin(2 * M_PI * 1000 * (double)k / 48000)));
        }
        assert_true(error < want * 0.1);
        assert_ok(wzp_pcm_reader_read(reader, samples, 100000, &n));
        assert_int_equal(n, 0);
        wzp_pcm_reader_close(reader);
    }
}

static void raw_is_read_as_it_is_and_an_odd_byte_is_dropped(void **state)
{
    (void)state;
    char path[64];
    snprintf(path, sizeof path, "%s/odd.raw", folder);
    static const uint8_t bytes[] = {1, 0, 0xfe, 0xff, 0x34, 0x12, 9};
    write_file(path, bytes, sizeof bytes);
    struct wzp_pcm_reader *reader = open_reader(path);
    assert_int_equal(wzp_pcm_reader_total_samples(reader), 3);
    int16_t samples[8];
    size_t n = 0;
    assert_ok(wzp_pcm_reader_read(reader, samples, 2, &n));
    assert_int_equal(n, 2);
    assert_int_equal(samples[0], 1);
    assert_int_equal(samples[1], -2);
    assert_ok(wzp_pcm_reader_read(reader, samples, 8, &n));
    assert_int_equal(n, 1);
    assert_int_equal(samples[0], 0x1234);
    wzp_pcm_reader_close(reader);
}

static void what_cannot_be_read_is_named(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        const char *content; /* NULL: not there */
        enum wzp_err err;
    } rows[] = {
        {"none.raw", NULL, WZP_ENOTFOUND},     {"none.wav", NULL, WZP_ENOTFOUND},
        {"empty.wav", "", WZP_EMALFORMED},     {"text.wav", "hello, this is text", WZP_EMALFORMED},
        {"text.opus", "OggS", WZP_EMALFORMED}, {"text.flac", "fLaC", WZP_EMALFORMED},
    };
    for (size_t i = 0; i < wzp_count(rows); i++) {
        char path[64];
        snprintf(path, sizeof path, "%s/%s", folder, rows[i].name);
        if (rows[i].content) {
            write_file(path, rows[i].content, strlen(rows[i].content));
        }
        struct wzp_pcm_reader *reader = NULL;
        char message[WZP_PCM_MESSAGE_BYTES] = "";
        assert_int_equal(wzp_pcm_reader_open(path, message, &reader), rows[i].err);
        assert_null(reader);
        assert_non_null(strstr(message, rows[i].name));
        assert_true(strlen(message) > strlen(path) + 4);
    }
    struct wzp_pcm_reader *reader = NULL;
    char message[WZP_PCM_MESSAGE_BYTES] = "";
    assert_int_equal(wzp_pcm_reader_open(folder, message, &reader), WZP_EIO);
    char path[64];
    snprintf(path, sizeof path, "%s/slow.wav", folder);
    write_wav(path, 2000, 1);
    assert_int_equal(wzp_pcm_reader_open(path, message, &reader), WZP_EUNSUPPORTED);
}

/** Every prefix of a file opens or is refused; none crashes or reads on forever. */
static void broken_files_end(void **state)
{
    (void)state;
    char path[64];
    char cut_path[64];
    snprintf(path, sizeof path, "%s/whole.wav", folder);
    snprintf(cut_path, sizeof cut_path, "%s/cut.wav", folder);
    write_wav(path, 8000, 1);
    static uint8_t bytes[70000];
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t size = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    for (size_t cut = 0; cut < size; cut += cut < 120 ? 1 : 5003) {
        write_file(cut_path, bytes, cut);
        struct wzp_pcm_reader *reader = NULL;
        char message[WZP_PCM_MESSAGE_BYTES];
        if (wzp_pcm_reader_open(cut_path, message, &reader) != WZP_OK) {
            continue;
        }
        static int16_t samples[200000];
        size_t n = 0;
        enum wzp_err err = wzp_pcm_reader_read(reader, samples, 200000, &n);
        assert_true(err == WZP_EIO || n < 100000);
        wzp_pcm_reader_close(reader);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_rate_and_channel_count_becomes_48_khz_mono),
        cmocka_unit_test(raw_is_read_as_it_is_and_an_odd_byte_is_dropped),
        cmocka_unit_test(what_cannot_be_read_is_named),
        cmocka_unit_test(broken_files_end),
    };
    return cmocka_run_group_tests_name("audio_pcm_reader", tests, make_folder, remove_folder);
}
