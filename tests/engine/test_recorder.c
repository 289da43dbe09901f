/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/recorder.h"
#include "support/folder.h"
#include "support/wzp_test.h"

/** Records blocks named by letters (a: audio, s: silent, h: held) and gives how many blocks the file has. */
static size_t record(const char *letters, double *out_peak)
{
    struct folder folder;
    struct wzp_recorder *recorder = NULL;
    char message[WZP_PCM_MESSAGE_BYTES];
    folder_init(&folder);
    const char *path = folder_file(&folder, "out.raw");
    assert_ok(wzp_recorder_open(path, message, &recorder));
    for (const char *c = letters; *c; c++) {
        struct wzp_block block = {.kind = *c == 'a'   ? WZP_BLOCK_AUDIO
                                          : *c == 's' ? WZP_BLOCK_SILENT
                                                      : WZP_BLOCK_HELD};
        for (size_t i = 0; *c == 'a' && i < WZP_RECEIVER_BLOCK_SAMPLES; i++) {
            block.samples[i] = i % 2 ? 8192 : -16384;
        }
        assert_ok(wzp_recorder_add(recorder, &block));
    }
    size_t n = 0;
    uint64_t n_told = wzp_recorder_samples(recorder);
    *out_peak = wzp_recorder_peak(recorder);
    assert_ok(wzp_recorder_close(recorder, message));
    free(folder_samples(path, &n));
    assert_int_equal(n, n_told);
    folder_deinit(&folder);
    assert_int_equal(n % WZP_RECEIVER_BLOCK_SAMPLES, 0);
    return n / WZP_RECEIVER_BLOCK_SAMPLES;
}

static void a_recording_goes_from_the_first_audio_to_the_last(void **state)
{
    wzp_ignore(state);
    static const struct {
        const char *blocks;
        size_t n;
    } rows[] = {
        {"", 0},       {"ssss", 0}, {"sssaaa", 3}, {"aaasss", 3},       {"aassaa", 6},     {"aahhaa", 4},
        {"aahhsa", 6}, {"hhaa", 2}, {"aahhss", 2}, {"asahasha", 5 + 1}, {"hhsshhssaa", 2},
    };
    for (size_t i = 0; i < wzp_count(rows); i++) {
        double peak = 0;
        assert_int_equal(record(rows[i].blocks, &peak), rows[i].n);
        assert_true(rows[i].n > 0 ? peak == 0.5 : peak == 0);
    }
}

static void a_long_silence_is_written_as_it_goes_on(void **state)
{
    wzp_ignore(state);
    enum { LONG = WZP_RECORDER_SILENCE / WZP_RECEIVER_BLOCK_US };
    static char blocks[LONG + 10];
    double peak = 0;
    memset(blocks, 's', sizeof blocks - 1);
    blocks[0] = 'a';
    assert_int_equal(record(blocks, &peak), 1 + LONG);
    blocks[LONG] = '\0';
    assert_int_equal(record(blocks, &peak), 1);
}

static void a_dropped_recording_leaves_the_earlier_one(void **state)
{
    wzp_ignore(state);
    struct folder folder;
    struct wzp_recorder *recorder = NULL;
    char message[WZP_PCM_MESSAGE_BYTES], text[8] = "";
    folder_init(&folder);
    const char *path = folder_file(&folder, "out.raw");
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs("before", file);
    fclose(file);
    assert_ok(wzp_recorder_open(path, message, &recorder));
    wzp_recorder_abort(recorder);
    wzp_recorder_abort(NULL);
    file = fopen(path, "r");
    assert_non_null(file);
    assert_non_null(fgets(text, sizeof text, file));
    fclose(file);
    assert_string_equal(text, "before");
    folder_deinit(&folder);
}

static void a_place_that_is_not_there_is_named(void **state)
{
    wzp_ignore(state);
    struct wzp_recorder *recorder = NULL;
    char message[WZP_PCM_MESSAGE_BYTES];
    assert_int_not_equal(wzp_recorder_open("/no/such/place/x.wav", message, &recorder), WZP_OK);
    assert_non_null(strstr(message, "/no/such/place"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_recording_goes_from_the_first_audio_to_the_last),
        cmocka_unit_test(a_long_silence_is_written_as_it_goes_on),
        cmocka_unit_test(a_dropped_recording_leaves_the_earlier_one),
        cmocka_unit_test(a_place_that_is_not_there_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
