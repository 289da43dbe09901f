/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/receiver.h"
#include "support/speaker.h"
#include "support/wzp_test.h"

#define START       (3 * WZP_SECOND + 77)
#define MAX_SAMPLES ((size_t)48000 * 12)
#define TONE_RMS    (8000 / 1.41421)

/** A receiver with what it gave: audio and the silence between, as a recording has it (recorder.h). */
struct bench {
    struct wzp_receiver *receiver;
    wzp_us now;
    size_t n, n_silent, n_held, n_ever_held;
    int16_t *samples;
};

static void bench_init(struct bench *bench, bool trusts_numbers)
{
    const struct wzp_receiver_config config = {
        .delay = 60 * WZP_MS, .trusts_numbers = trusts_numbers, .decodes = true, .waits_for_late = true};
    *bench = (struct bench){.now = START, .samples = calloc(MAX_SAMPLES, sizeof(int16_t))};
    assert_non_null(bench->samples);
    assert_ok(wzp_receiver_new(&config, &bench->receiver));
}

static void bench_deinit(struct bench *bench)
{
    wzp_receiver_free(bench->receiver);
    free(bench->samples);
}

static void take(struct bench *bench, const struct wzp_block *block)
{
    if (block->kind == WZP_BLOCK_HELD) {
        bench->n_held++;
        bench->n_ever_held++;
        return;
    }
    if (block->kind == WZP_BLOCK_SILENT) {
        bench->n_silent += 1 + bench->n_held;
        bench->n_held = 0;
        return;
    }
    size_t skip = bench->n > 0 ? bench->n_silent * WZP_RECEIVER_BLOCK_SAMPLES : 0;
    bench->n_silent = bench->n_held = 0;
    assert_true(bench->n + skip + WZP_RECEIVER_BLOCK_SAMPLES <= MAX_SAMPLES);
    memcpy(bench->samples + bench->n + skip, block->samples, sizeof block->samples);
    bench->n += skip + WZP_RECEIVER_BLOCK_SAMPLES;
}

/** Lets time pass until `now`. */
static void pass(struct bench *bench, wzp_us now)
{
    struct wzp_block block;
    while (wzp_receiver_next(bench->receiver, now, &block) == WZP_OK) {
        take(bench, &block);
    }
    bench->now = now;
}

static void hear(struct bench *bench, const struct speaker_packet *packet, wzp_us at)
{
    pass(bench, wzp_us_max(at, bench->now));
    wzp_receiver_feed(bench->receiver, packet->bytes, packet->size, bench->now);
}

static void drain(struct bench *bench)
{
    struct wzp_block block;
    for (int i = 0; wzp_receiver_has_audio(bench->receiver); i++) {
        assert_true(i < 2000);
        assert_ok(wzp_receiver_next(bench->receiver, wzp_receiver_deadline(bench->receiver), &block));
        take(bench, &block);
    }
}

static struct wzp_receiver_counts counts_of(const struct bench *bench)
{
    struct wzp_receiver_counts counts;
    wzp_receiver_counts(bench->receiver, &counts);
    return counts;
}

static void assert_tone(const struct bench *bench, double hz, double rms)
{
    double level = speaker_level(bench->samples, bench->n, hz);
    if (level < rms * 0.85 || level > rms * 1.15) {
        fail_msg("%.0f Hz has %.0f, not %.0f", hz, level, rms);
    }
}

static void each_profile_comes_back_frame_for_frame(void **state)
{
    wzp_ignore(state);
    static const struct {
        const char *profile;
        size_t frames;
    } rows[] = {
        {"good", 150}, {"degraded", 75}, {"studio-64k", 150}, {"codec2-3200", 150}, {"catastrophic", 75}};
    for (size_t r = 0; r < wzp_count(rows); r++) {
        struct bench bench;
        struct speaker *speaker = speaker_new(rows[r].profile, 440, 3000, r);
        bench_init(&bench, false);
        for (size_t i = 0; i < speaker->n; i++) {
            hear(&bench, &speaker->packets[i], START + speaker->packets[i].at);
        }
        drain(&bench);
        struct wzp_receiver_counts counts = counts_of(&bench);
        assert_int_equal(bench.n, 3 * 48000);
        assert_int_equal(counts.frames, rows[r].frames);
        assert_int_equal(counts.played, rows[r].frames);
        assert_int_equal(counts.frames + counts.repairs, speaker->n);
        assert_int_equal(counts.lost + counts.concealed + counts.late + counts.duplicates, 0);
        assert_int_equal(counts.streams, 1);
        if (r < 3) {
            assert_tone(&bench, 440, TONE_RMS);
        }
        bench_deinit(&bench);
        free(speaker);
    }
}

static void lost_repairs_add_nothing(void **state)
{
    wzp_ignore(state);
    struct bench bench;
    struct speaker *speaker = speaker_new("good", 440, 4000, 7);
    bench_init(&bench, false);
    for (size_t i = 0; i < speaker->n; i++) {
        if (!speaker->packets[i].is_repair) {
            hear(&bench, &speaker->packets[i], START + speaker->packets[i].at);
        }
    }
    drain(&bench);
    assert_int_equal(bench.n, 4 * 48000);
    assert_int_equal(counts_of(&bench).concealed, 0);
    assert_tone(&bench, 440, TONE_RMS);
    bench_deinit(&bench);
    free(speaker);
}

static void lost_frames_are_made_up_for_one_by_one(void **state)
{
    wzp_ignore(state);
    struct bench bench;
    struct speaker *speaker = speaker_new("good", 440, 4000, 8);
    size_t dropped = 0, n_source = 0;
    bench_init(&bench, false);
    for (size_t i = 0; i < speaker->n; i++) {
        bool drops = !speaker->packets[i].is_repair && ++n_source % 13 == 0 && n_source < 200;
        dropped += drops;
        if (!drops) {
            hear(&bench, &speaker->packets[i], START + speaker->packets[i].at);
        }
    }
    drain(&bench);
    assert_int_equal(dropped, 15);
    assert_int_equal(bench.n, 4 * 48000);
    assert_int_equal(counts_of(&bench).lost, 15);
    assert_int_equal(counts_of(&bench).concealed, 15);
    bench_deinit(&bench);
    free(speaker);
}

static void duplicates_and_swapped_pairs_change_nothing(void **state)
{
    wzp_ignore(state);
    struct bench bench;
    struct speaker *speaker = speaker_new("good", 440, 4000, 9);
    bench_init(&bench, false);
    for (size_t i = 0; i + 1 < speaker->n; i += 2) {
        wzp_us at = START + speaker->packets[i + 1].at;
        for (int copy = 0; copy < 2; copy++) {
            hear(&bench, &speaker->packets[i + 1], at);
            hear(&bench, &speaker->packets[i], at);
        }
    }
    drain(&bench);
    assert_int_equal(bench.n, 4 * 48000);
    assert_int_equal(counts_of(&bench).frames, 200);
    assert_int_equal(counts_of(&bench).duplicates, speaker->n);
    assert_int_equal(counts_of(&bench).concealed, 0);
    assert_int_equal(counts_of(&bench).streams, 1);
    assert_tone(&bench, 440, TONE_RMS);
    bench_deinit(&bench);
    free(speaker);
}

static void two_speakers_are_mixed_each_at_its_level(void **state)
{
    wzp_ignore(state);
    for (int numbered = 0; numbered < 2; numbered++) {
        struct bench bench;
        struct speaker *a = speaker_new("good", 440, 4000, 10), *b = speaker_new("good", 880, 4000, 11);
        bench_init(&bench, numbered);
        if (numbered) {
            speaker_stamp(a, 3);
            speaker_stamp(b, 700);
        }
        for (size_t i = 0; i < a->n; i++) {
            hear(&bench, &a->packets[i], START + a->packets[i].at);
            hear(&bench, &b->packets[i], START + a->packets[i].at);
        }
        drain(&bench);
        assert_int_equal(bench.n, 4 * 48000);
        assert_int_equal(counts_of(&bench).streams, 2);
        assert_int_equal(counts_of(&bench).concealed, 0);
        assert_tone(&bench, 440, TONE_RMS);
        assert_tone(&bench, 880, TONE_RMS);
        bench_deinit(&bench);
        free(a);
        free(b);
    }
}

static void behind_an_early_relay_numbers_are_not_believed(void **state)
{
    wzp_ignore(state);
    struct bench bench;
    struct speaker *speaker = speaker_new("good", 440, 1000, 12);
    bench_init(&bench, false);
    for (size_t i = 0; i < speaker->n; i++) {
        wzp_media_stamp_stream(speaker->packets[i].bytes, (uint16_t)(1 + i * 257));
        hear(&bench, &speaker->packets[i], START + speaker->packets[i].at);
    }
    drain(&bench);
    assert_int_equal(counts_of(&bench).streams, 1);
    assert_int_equal(bench.n, 48000);
    bench_deinit(&bench);
    free(speaker);
}

static void late_all_together_the_line_stands_still(void **state)
{
    wzp_ignore(state);
    struct bench bench;
    struct speaker *speaker = speaker_new("good", 440, 4000, 13);
    bench_init(&bench, false);
    for (size_t i = 0; i < speaker->n; i++) {
        wzp_us at = speaker->packets[i].at;
        wzp_us stall_end =
            1190 * WZP_MS; /* what was to come from 1.0 s on comes then: the buffer has run dry */
        hear(&bench, &speaker->packets[i], START + (at > WZP_SECOND ? wzp_us_max(at, stall_end) : at));
    }
    drain(&bench);
    assert_true(bench.n_ever_held > 0);
    assert_int_equal(bench.n, 4 * 48000);
    assert_int_equal(counts_of(&bench).concealed, 0);
    assert_tone(&bench, 440, TONE_RMS);
    bench_deinit(&bench);
    free(speaker);
}

static void silence_between_two_spurts_keeps_its_length(void **state)
{
    wzp_ignore(state);
    struct bench bench;
    struct speaker *speaker = speaker_new("good", 440, 6000, 14);
    bench_init(&bench, false);
    for (size_t i = 0; i < speaker->n; i++) {
        wzp_us at = speaker->packets[i].at;
        if (at < 2 * WZP_SECOND || at >= 4 * WZP_SECOND) { /* a relay held the middle back */
            hear(&bench, &speaker->packets[i], START + at);
        }
    }
    drain(&bench);
    assert_in_range(bench.n, 6 * 48000 - 960, 6 * 48000 + 960);
    assert_int_equal(counts_of(&bench).lost, 0);
    bench_deinit(&bench);
    free(speaker);
}

/** A relay forwards `a` but for `held`, while `b` talks on: what is recorded of it. */
static void record_held_back(struct bench *bench, const struct speaker *a, const struct speaker *b,
                             wzp_us held)
{
    const struct wzp_receiver_config config = {
        .delay = WZP_SECOND, .trusts_numbers = true, .decodes = true, .waits_for_late = true};
    bench_init(bench, true);
    wzp_receiver_free(bench->receiver);
    assert_ok(wzp_receiver_new(&config, &bench->receiver));
    for (size_t i = 0; i < a->n; i++) {
        wzp_us at = a->packets[i].at;
        hear(bench, &b->packets[i], START + at);
        if (at < 2 * WZP_SECOND || at >= 2 * WZP_SECOND + held) {
            hear(bench, &a->packets[i], START + at);
        }
    }
    drain(bench);
}

static void who_is_held_back_and_let_in_again_lost_nothing(void **state)
{
    wzp_ignore(state);
    static const uint32_t held_ms[] = {240, 260, 300, 500, 700, 1000, 1300, 2000};
    for (size_t r = 0; r < wzp_count(held_ms); r++) {
        struct bench bench;
        struct speaker *a = speaker_new("good", 440, 6000, 20 + r),
                       *b = speaker_new("good", 880, 6000, 40 + r);
        speaker_stamp(a, 3);
        speaker_stamp(b, 700);
        record_held_back(&bench, a, b, held_ms[r] * WZP_MS);
        struct wzp_receiver_counts counts = counts_of(&bench);
        size_t n_held = (size_t)held_ms[r] * 48, from = 2 * 48000;
        assert_int_equal(counts.lost + counts.concealed + counts.late, 0);
        assert_int_equal(counts.played, 600 - held_ms[r] / 20);
        assert_int_equal(bench.n, 6 * 48000);
        for (size_t at = 0; at + 4800 <= bench.n;
             at += 4800) { /* a 100 ms block: its middle half is looked at */
            bool is_out = at + 1200 >= from + 2400 && at + 3600 <= from + n_held;
            bool is_in = at + 3600 <= from || at + 1200 >= from + n_held + 2400;
            double level = speaker_level(bench.samples + at, 4800, 440);
            assert_true(!is_out || level < TONE_RMS * 0.02);
            assert_true(!is_in || at == 0 || (level > TONE_RMS * 0.85 && level < TONE_RMS * 1.15));
        }
        assert_tone(&bench, 880, TONE_RMS);
        bench_deinit(&bench);
        free(a);
        free(b);
    }
}

static void garbage_is_counted_and_skipped(void **state)
{
    wzp_ignore(state);
    struct bench bench;
    uint8_t bytes[40];
    memset(bytes, 0xff, sizeof bytes);
    bench_init(&bench, true);
    wzp_receiver_feed(bench.receiver, bytes, 0, START);
    wzp_receiver_feed(bench.receiver, bytes, sizeof bytes, START);
    memset(bytes, 0, sizeof bytes);
    wzp_receiver_feed(bench.receiver, bytes, 11, START);
    wzp_receiver_feed(bench.receiver, bytes, 12, START); /* a source packet without payload */
    assert_int_equal(counts_of(&bench).malformed, 4);
    assert_int_equal(counts_of(&bench).streams, 0);
    assert_int_equal(wzp_receiver_deadline(bench.receiver), WZP_NEVER);
    bench_deinit(&bench);
}

/** One packet of the stream `number`. */
static void say_word(struct bench *bench, const struct speaker *speaker, uint16_t number, wzp_us at)
{
    struct speaker_packet packet = speaker->packets[0];
    wzp_media_stamp_stream(packet.bytes, number);
    pass(bench, at);
    wzp_receiver_feed(bench->receiver, packet.bytes, packet.size, at);
}

static void more_speakers_than_fit_are_dropped_until_one_is_silent(void **state)
{
    wzp_ignore(state);
    struct bench bench;
    struct speaker *speaker = speaker_new("good", 440, 20, 15);
    bench_init(&bench, true);
    for (uint16_t number = 1; number <= WZP_RECEIVER_STREAMS; number++) {
        say_word(&bench, speaker, number, START);
    }
    say_word(&bench, speaker, 1000, START);
    assert_int_equal(counts_of(&bench).streams, WZP_RECEIVER_STREAMS);
    assert_int_equal(counts_of(&bench).crowded_out, 1);
    say_word(&bench, speaker, 1000, START + WZP_RECEIVER_IDLE + 1);
    assert_int_equal(counts_of(&bench).streams, WZP_RECEIVER_STREAMS + 1);
    assert_int_equal(counts_of(&bench).crowded_out, 1);
    assert_int_equal(counts_of(&bench).frames, WZP_RECEIVER_STREAMS + 1);
    bench_deinit(&bench);
    free(speaker);
}

static void without_decoding_everything_is_counted(void **state)
{
    wzp_ignore(state);
    const struct wzp_receiver_config config = {.delay = 100 * WZP_MS, .waits_for_late = true};
    struct bench bench;
    struct speaker *speaker = speaker_new("good", 440, 1000, 16);
    bench_init(&bench, false);
    wzp_receiver_free(bench.receiver);
    assert_ok(wzp_receiver_new(&config, &bench.receiver));
    for (size_t i = 0; i < speaker->n; i++) {
        if (i != 20) {
            hear(&bench, &speaker->packets[i], START + speaker->packets[i].at);
        }
    }
    drain(&bench);
    assert_false(speaker->packets[20].is_repair);
    assert_int_equal(counts_of(&bench).frames, 49);
    assert_int_equal(counts_of(&bench).lost, 1);
    assert_int_equal(counts_of(&bench).concealed, 1);
    assert_int_equal(bench.n, 48000);
    bench_deinit(&bench);
    free(speaker);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_profile_comes_back_frame_for_frame),
        cmocka_unit_test(lost_repairs_add_nothing),
        cmocka_unit_test(lost_frames_are_made_up_for_one_by_one),
        cmocka_unit_test(duplicates_and_swapped_pairs_change_nothing),
        cmocka_unit_test(two_speakers_are_mixed_each_at_its_level),
        cmocka_unit_test(behind_an_early_relay_numbers_are_not_believed),
        cmocka_unit_test(late_all_together_the_line_stands_still),
        cmocka_unit_test(silence_between_two_spurts_keeps_its_length),
        cmocka_unit_test(who_is_held_back_and_let_in_again_lost_nothing),
        cmocka_unit_test(garbage_is_counted_and_skipped),
        cmocka_unit_test(more_speakers_than_fit_are_dropped_until_one_is_silent),
        cmocka_unit_test(without_decoding_everything_is_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
