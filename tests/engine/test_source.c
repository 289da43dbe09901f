/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/source.h"
#include "support/folder.h"
#include "support/wzp_test.h"

static struct wzp_source *open_source(const struct wzp_engine_config *config)
{
    struct wzp_source *source = NULL;
    char message[WZP_PCM_MESSAGE_BYTES];
    assert_ok(wzp_source_open(config, message, &source));
    return source;
}

static size_t count_frames(struct wzp_source *source, size_t n_samples)
{
    int16_t samples[1920];
    size_t n = 0;
    while (wzp_source_read(source, samples, n_samples)) {
        n++;
        assert_true(n < 10000);
    }
    return n;
}

static void tones_and_silence_have_their_length(void **state)
{
    wzp_ignore(state);
    static const struct {
        struct wzp_engine_config config;
        size_t n_samples, frames;
    } rows[] = {
        {{.source = WZP_SOURCE_TONE, .source_ms = 5000}, 960, 250},
        {{.source = WZP_SOURCE_TONE, .source_ms = 5000}, 1920, 125},
        {{.source = WZP_SOURCE_TONE, .source_ms = 30}, 960, 1},
        {{.source = WZP_SOURCE_SILENCE}, 960, 250},
        {{.source = WZP_SOURCE_NONE}, 960, 0},
    };
    for (size_t i = 0; i < wzp_count(rows); i++) {
        struct wzp_source *source = open_source(&rows[i].config);
        assert_int_equal(count_frames(source, rows[i].n_samples), rows[i].frames);
        wzp_source_close(source);
    }
}

static void a_tone_is_one_sine_without_seams(void **state)
{
    wzp_ignore(state);
    const struct wzp_engine_config config = {.source = WZP_SOURCE_TONE, .tone_hz = 1000};
    struct wzp_source *source = open_source(&config);
    int16_t first[960], second[960];
    assert_true(wzp_source_read(source, first, 960));
    assert_true(wzp_source_read(source, second, 960));
    assert_memory_equal(first, second, sizeof first); /* 20 whole cycles of 48 samples */
    assert_int_equal(first[12], 16000);
    wzp_source_close(source);
}

static void what_does_not_fill_a_frame_is_left_out(void **state)
{
    wzp_ignore(state);
    struct folder folder;
    folder_init(&folder);
    const char *path = folder_file(&folder, "in.raw");
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    for (int i = 0; i < 960 * 3 + 500; i++) {
        fputc(i & 0xff, file);
        fputc(0, file);
    }
    fclose(file);
    const struct wzp_engine_config config = {.source = WZP_SOURCE_FILE, .source_file = path};
    struct wzp_source *source = open_source(&config);
    assert_int_equal(count_frames(source, 960), 3);
    wzp_source_close(source);
    folder_deinit(&folder);
}

static void files_that_are_not_there_are_named(void **state)
{
    wzp_ignore(state);
    struct wzp_source *source = NULL;
    char message[WZP_PCM_MESSAGE_BYTES];
    struct wzp_engine_config config = {.source = WZP_SOURCE_FILE, .source_file = "/no/such.wav"};
    assert_int_equal(wzp_source_open(&config, message, &source), WZP_ENOTFOUND);
    assert_non_null(strstr(message, "/no/such.wav"));
    config.source_file = NULL;
    assert_int_equal(wzp_source_open(&config, message, &source), WZP_EINVAL);
    wzp_source_close(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tones_and_silence_have_their_length),
        cmocka_unit_test(a_tone_is_one_sine_without_seams),
        cmocka_unit_test(what_does_not_fill_a_frame_is_left_out),
        cmocka_unit_test(files_that_are_not_there_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
