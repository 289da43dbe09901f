/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audio/level.h"
#include "audio/pcm_reader.h"
#include "audio/pcm_writer.h"
#include "audio/tone.h"
#include "support/wzp_test.h"

#define SECOND 48000

static char folder[] = "/tmp/wzp-test-pcm-XXXXXX";
static char path_buffers[4][256];

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

/** A path in the folder; four at a time. */
static const char *at(const char *name)
{
    static size_t n_used;
    char *path = path_buffers[n_used++ % wzp_count(path_buffers)];
    snprintf(path, sizeof path_buffers[0], "%s/%s", folder, name);
    return path;
}

static bool exists(const char *path)
{
    return access(path, F_OK) == 0;
}

static struct wzp_pcm_writer *open_writer(const char *path)
{
    struct wzp_pcm_writer *writer = NULL;
    char message[WZP_PCM_MESSAGE_BYTES];
    enum wzp_err err = wzp_pcm_writer_open(path, message, &writer);
    if (err != WZP_OK) {
        fail_msg("%s", message);
    }
    return writer;
}

static void write_tone(struct wzp_pcm_writer *writer, size_t n_frames)
{
    for (size_t i = 0; i < n_frames; i++) {
        int16_t samples[960];
        wzp_tone_fill(440, 16000, i * 960, samples, 960);
        assert_ok(wzp_pcm_writer_write(writer, samples, 960));
    }
}

static void close_writer(struct wzp_pcm_writer *writer)
{
    char message[WZP_PCM_MESSAGE_BYTES];
    assert_ok(wzp_pcm_writer_close(writer, message));
    assert_string_equal(message, "");
}

/** Reads a whole file; how many samples, and their level. */
static size_t read_all(const char *path, double *out_rms)
{
    struct wzp_pcm_reader *reader = NULL;
    char message[WZP_PCM_MESSAGE_BYTES];
    enum wzp_err err = wzp_pcm_reader_open(path, message, &reader);
    if (err != WZP_OK) {
        fail_msg("%s", message);
    }
    size_t total = 0;
    double energy = 0;
    for (size_t n = 1; n > 0;) {
        int16_t samples[960];
        assert_ok(wzp_pcm_reader_read(reader, samples, 960, &n));
        double rms = wzp_level_of(samples, n).rms;
        energy += rms * rms * (double)n;
        total += n;
    }
    wzp_pcm_reader_close(reader);
    *out_rms = total > 0 ? sqrt(energy / (double)total) : 0;
    return total;
}

static void a_recording_has_its_samples_in_every_format(void **state)
{
    (void)state;
    static const char *const names[] = {"a.raw", "a.wav", "a.flac", "a.opus", "a.ogg"};
    for (size_t i = 0; i < wzp_count(names); i++) {
        struct wzp_pcm_writer *writer = open_writer(at(names[i]));
        write_tone(writer, 250);
        assert_int_equal(wzp_pcm_writer_samples(writer), 5 * SECOND);
        assert_false(exists(at(names[i])));
        close_writer(writer);
        double rms = 0;
        assert_int_equal(read_all(at(names[i]), &rms), 5 * SECOND);
        assert_true(fabs(20 * log10(rms / (16000 / sqrt(2)))) < 0.5);
    }
}

static void raw_is_little_endian_without_a_header(void **state)
{
    (void)state;
    static const int16_t samples[] = {1, -2, 0x1234};
    static const uint8_t want[] = {1, 0, 0xfe, 0xff, 0x34, 0x12};
    struct wzp_pcm_writer *writer = open_writer(at("le.raw"));
    assert_ok(wzp_pcm_writer_write(writer, samples, 3));
    close_writer(writer);
    FILE *file = fopen(at("le.raw"), "rb");
    assert_non_null(file);
    uint8_t bytes[7];
    assert_int_equal(fread(bytes, 1, sizeof bytes, file), 6);
    assert_memory_equal(bytes, want, 6);
    fclose(file);
}

static void until_it_is_closed_the_old_file_stands(void **state)
{
    (void)state;
    struct wzp_pcm_writer *writer = open_writer(at("old.raw"));
    write_tone(writer, 1);
    close_writer(writer);
    writer = open_writer(at("old.raw"));
    write_tone(writer, 3);
    double rms = 0;
    assert_int_equal(read_all(at("old.raw"), &rms), 960);
    close_writer(writer);
    assert_int_equal(read_all(at("old.raw"), &rms), 3 * 960);
    assert_false(exists(at("old.raw.part")));
}

/** Killed: nothing of the writer runs any more, but what it wrote a second ago is there and can be read. */
static void a_killed_recording_leaves_its_part(void **state)
{
    (void)state;
    static const char *const names[] = {"killed.raw", "killed.wav"};
    for (size_t i = 0; i < wzp_count(names); i++) {
        struct wzp_pcm_writer *writer = open_writer(at(names[i]));
        write_tone(writer, 120); /* 2.4 s */
        char part[300];
        char copy[300];
        snprintf(part, sizeof part, "%s.part", at(names[i]));
        snprintf(copy, sizeof copy, "%s/copy-%s", folder, names[i]);
        assert_int_equal(link(part, copy), 0);
        double rms = 0;
        size_t n = read_all(copy, &rms);
        assert_in_range(n, SECOND, 120 * 960);
        assert_true(fabs(rms - 16000 / sqrt(2)) < 100);
        wzp_pcm_writer_abort(writer);
        assert_false(exists(part));
    }
}

static void a_part_that_was_left_over_is_not_overwritten(void **state)
{
    (void)state;
    FILE *left = fopen(at("again.raw.part"), "wb");
    assert_non_null(left);
    fputs("precious", left);
    fclose(left);
    struct wzp_pcm_writer *writer = open_writer(at("again.raw"));
    assert_true(exists(at("again.raw.2.part")));
    write_tone(writer, 1);
    close_writer(writer);
    assert_true(exists(at("again.raw")));
    assert_true(exists(at("again.raw.part")));
    assert_false(exists(at("again.raw.2.part")));
}

static void what_cannot_be_opened_is_named(void **state)
{
    (void)state;
    mkdir(at("sub"), 0777);
    static const struct {
        const char *name;
        enum wzp_err err;
    } rows[] = {
        {"none/a.raw", WZP_ENOTFOUND},
        {"sub", WZP_EIO},
    };
    for (size_t i = 0; i < wzp_count(rows); i++) {
        struct wzp_pcm_writer *writer = NULL;
        char message[WZP_PCM_MESSAGE_BYTES];
        assert_int_equal(wzp_pcm_writer_open(at(rows[i].name), message, &writer), rows[i].err);
        assert_null(writer);
        assert_non_null(strstr(message, rows[i].name));
    }
}

static void a_full_disk_is_an_error(void **state)
{
    (void)state;
    struct wzp_pcm_writer *writer = open_writer("/dev/full");
    int16_t samples[960] = {0};
    enum wzp_err err = WZP_OK;
    for (int i = 0; i < 100 && err == WZP_OK; i++) {
        err = wzp_pcm_writer_write(writer, samples, 960);
    }
    assert_int_equal(err, WZP_EIO);
    char message[WZP_PCM_MESSAGE_BYTES];
    assert_int_equal(wzp_pcm_writer_close(writer, message), WZP_EIO);
    assert_non_null(strstr(message, "/dev/full"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_recording_has_its_samples_in_every_format),
        cmocka_unit_test(raw_is_little_endian_without_a_header),
        cmocka_unit_test(until_it_is_closed_the_old_file_stands),
        cmocka_unit_test(a_killed_recording_leaves_its_part),
        cmocka_unit_test(a_part_that_was_left_over_is_not_overwritten),
        cmocka_unit_test(what_cannot_be_opened_is_named),
        cmocka_unit_test(a_full_disk_is_an_error),
    };
    return cmocka_run_group_tests_name("audio_pcm_writer", tests, make_folder, remove_folder);
}
