/* SPDX-License-Identifier: Apache-2.0 */
#include "audio/tone.h"
#include "engine/sender.h"
#include "proto/media.h"
#include "support/wzp_test.h"

#define START (7 * WZP_SECOND + 123)

/** A tone of so many samples. */
struct feed {
    uint64_t at, n;
    uint64_t silent_from, silent_to; /* samples that are 0 */
};

static bool read_feed(void *context, int16_t *samples, size_t n)
{
    struct feed *feed = context;
    if (feed->n - feed->at < n) {
        return false;
    }
    wzp_tone_fill(440, 16000, feed->at, samples, n);
    if (feed->at >= feed->silent_from && feed->at < feed->silent_to) {
        memset(samples, 0, n * sizeof *samples);
    }
    feed->at += n;
    return true;
}

/** A sender of `seconds` of tone under test. */
struct bench {
    struct feed feed;
    struct wzp_random_seeded seeded;
    struct wzp_random random;
    struct wzp_sender *sender;
};

static void bench_init(struct bench *bench, const char *profile, uint32_t seconds, bool sends_levels)
{
    memset(bench, 0, sizeof *bench);
    bench->feed.n = seconds * (uint64_t)48000;
    bench->random = wzp_random_from_seed(&bench->seeded, 5);
    const struct wzp_sender_config config = {
        .profile = &wzp_profile_find(profile)->profile,
        .random = &bench->random,
        .read = read_feed,
        .context = &bench->feed,
        .sends_levels = sends_levels,
    };
    assert_ok(wzp_sender_new(&config, START, &bench->sender));
}

/** The packet that comes next, with the time it was due; false at the end. Time goes in leaps to the
 * deadline. */
static bool next(struct bench *bench, wzp_us *out_due, uint8_t *bytes, struct wzp_media_packet *out_packet)
{
    size_t size = 0;
    *out_due = wzp_sender_deadline(bench->sender);
    if (*out_due == WZP_NEVER) {
        return false;
    }
    assert_int_equal(wzp_sender_next(bench->sender, *out_due - 1, bytes, &size), WZP_EAGAIN);
    enum wzp_err err = wzp_sender_next(bench->sender, *out_due, bytes, &size);
    if (err == WZP_ECLOSED) {
        return false;
    }
    assert_ok(err);
    assert_ok(wzp_media_read(bytes, size, out_packet));
    return true;
}

static void every_profile_sends_all_frames_on_time_with_one_sequence(void **state)
{
    wzp_ignore(state);
    static const struct {
        const char *profile;
        size_t frames, repairs;
    } rows[] = {
        {"good", 250, 50},         {"degraded", 125, 62},   {"catastrophic", 125, 125},
        {"codec2-3200", 250, 125}, {"studio-32k", 250, 25}, {"studio-64k", 250, 25},
    };
    for (size_t i = 0; i < wzp_count(rows); i++) {
        struct bench bench;
        struct wzp_media_packet packet;
        uint8_t bytes[WZP_SENDER_PACKET_BYTES];
        const struct wzp_profile *profile = &wzp_profile_find(rows[i].profile)->profile;
        size_t frames = 0, repairs = 0;
        uint16_t seq = 0;
        wzp_us due = 0;
        bench_init(&bench, rows[i].profile, 5, false);
        while (next(&bench, &due, bytes, &packet)) {
            wzp_us frame_us = profile->frame_ms * WZP_MS;
            assert_true(frames + repairs == 0 || packet.header.seq == (uint16_t)(seq + 1));
            seq = packet.header.seq;
            assert_int_equal(packet.header.codec, profile->codec);
            assert_int_equal(packet.header.stream, 0);
            if (packet.header.is_repair) {
                repairs++;
                assert_int_equal(due, START + ((wzp_us)frames - 1) * frame_us + frame_us / 2);
                assert_int_not_equal(packet.payload_size, 256);
                assert_true(packet.header.fec_index >= profile->frames_per_block);
            } else {
                assert_int_equal(due, START + (wzp_us)frames * frame_us);
                assert_int_equal(packet.header.fec_block, frames / profile->frames_per_block % 256);
                assert_int_equal(packet.header.fec_index, frames % profile->frames_per_block);
                frames++;
            }
        }
        assert_int_equal(frames, rows[i].frames);
        assert_int_equal(repairs, rows[i].repairs);
        assert_int_equal(wzp_sender_counts(bench.sender)->frames, frames);
        assert_int_equal(wzp_sender_counts(bench.sender)->repairs, repairs);
        assert_int_equal(wzp_sender_deadline(bench.sender), WZP_NEVER);
        wzp_sender_free(bench.sender);
    }
}

static void timestamps_are_milliseconds(void **state)
{
    wzp_ignore(state);
    struct bench bench;
    struct wzp_media_packet packet;
    uint8_t bytes[WZP_SENDER_PACKET_BYTES];
    wzp_us due = 0;
    uint32_t before = 0;
    bench_init(&bench, "studio-64k", 1, false);
    for (int i = 0; next(&bench, &due, bytes, &packet); i++) {
        if (!packet.header.is_repair) {
            assert_true(i == 0 || packet.header.timestamp == before + 20);
            before = packet.header.timestamp;
        }
    }
    wzp_sender_free(bench.sender);
}

static void one_report_a_second_goes_out_on_a_source_packet(void **state)
{
    wzp_ignore(state);
    struct bench bench;
    struct wzp_media_packet packet;
    uint8_t bytes[WZP_SENDER_PACKET_BYTES];
    wzp_us due = 0;
    size_t reports = 0;
    const struct wzp_media_quality quality = {.loss_pct = 5, .rtt_us = 120 * WZP_MS, .cap_bps = 64000};
    bench_init(&bench, "good", 5, false);
    wzp_sender_set_quality(bench.sender, &quality);
    while (next(&bench, &due, bytes, &packet)) {
        if (packet.header.has_report) {
            reports++;
            assert_false(packet.header.is_repair);
            assert_int_equal(due, START + (wzp_us)reports * WZP_SECOND);
            assert_int_equal(packet.report.loss, 12);
            assert_int_equal(packet.report.rtt_4ms, 30);
        }
    }
    assert_int_equal(reports, 4);
    wzp_sender_free(bench.sender);
}

static void levels_are_sent_only_where_they_are_taken(void **state)
{
    wzp_ignore(state);
    struct bench bench;
    struct wzp_media_packet packet;
    uint8_t bytes[WZP_SENDER_PACKET_BYTES];
    wzp_us due = 0;
    bench_init(&bench, "good", 1, true);
    while (next(&bench, &due, bytes, &packet)) {
        /* A sine of amplitude 16,000 is 9.2 dB below a full-scale square wave. */
        assert_int_equal(bytes[10], packet.header.is_repair ? 0 : (WZP_MEDIA_LEVEL_VOICE | 9));
        assert_int_equal(bytes[11], 0);
    }
    wzp_sender_free(bench.sender);
}

static void voice_goes_on_for_100_ms_after_the_last_loud_frame(void **state)
{
    wzp_ignore(state);
    struct bench bench;
    struct wzp_media_packet packet;
    uint8_t bytes[WZP_SENDER_PACKET_BYTES];
    wzp_us due = 0;
    size_t n = 0;
    bench_init(&bench, "good", 1, true);
    bench.feed.silent_from = 24000;
    bench.feed.silent_to = 36000;
    while (next(&bench, &due, bytes, &packet)) {
        bool is_silent = n >= 25 && n < 38;
        bool is_voice = n < 25 + 5 || n >= 38;
        if (!packet.header.is_repair) {
            assert_int_equal(bytes[10], (is_voice ? WZP_MEDIA_LEVEL_VOICE : 0) | (is_silent ? 127 : 9));
            n++;
        }
    }
    assert_int_equal(n, 50);
    wzp_sender_free(bench.sender);
}

/** Packets that are due at `now`. */
static size_t burst(struct bench *bench, wzp_us now)
{
    uint8_t bytes[WZP_SENDER_PACKET_BYTES];
    size_t size = 0, n = 0;
    while (wzp_sender_next(bench->sender, now, bytes, &size) == WZP_OK) {
        n++;
    }
    return n;
}

static void a_delay_is_caught_up_in_one_go(void **state)
{
    wzp_ignore(state);
    struct bench bench;
    bench_init(&bench, "good", 5, false);
    assert_int_equal(burst(&bench, START + 500 * WZP_MS), 26 + 5);
    assert_int_equal(wzp_sender_deadline(bench.sender), START + 520 * WZP_MS);
    wzp_sender_free(bench.sender);
}

static void after_a_long_absence_the_clock_moves_and_nothing_is_skipped(void **state)
{
    wzp_ignore(state);
    struct bench bench;
    bench_init(&bench, "good", 5, false);
    wzp_us now = START + 60 * WZP_SECOND;
    assert_int_equal(burst(&bench, now), 51 + 10);
    assert_int_equal(wzp_sender_deadline(bench.sender), now + 20 * WZP_MS);
    while (wzp_sender_deadline(bench.sender) != WZP_NEVER) {
        now = wzp_sender_deadline(bench.sender);
        burst(&bench, now);
    }
    assert_int_equal(wzp_sender_counts(bench.sender)->frames, 250);
    assert_int_equal(wzp_sender_counts(bench.sender)->repairs, 50);
    wzp_sender_free(bench.sender);
}

static void senders_start_at_numbers_of_their_own(void **state)
{
    wzp_ignore(state);
    struct bench a;
    struct wzp_media_packet packet = {0};
    uint8_t bytes[WZP_SENDER_PACKET_BYTES];
    uint16_t seqs[3] = {0};
    wzp_us due = 0;
    for (size_t i = 0; i < wzp_count(seqs); i++) {
        bench_init(&a, "good", 1, false);
        wzp_sender_free(a.sender);
        a.random = wzp_random_from_seed(&a.seeded, 100 + i);
        const struct wzp_sender_config config = {.profile = &wzp_profile_find("good")->profile,
                                                 .random = &a.random,
                                                 .read = read_feed,
                                                 .context = &a.feed};
        assert_ok(wzp_sender_new(&config, START, &a.sender));
        assert_true(next(&a, &due, bytes, &packet));
        seqs[i] = packet.header.seq;
        assert_true(packet.header.timestamp < UINT32_C(1) << 31);
        wzp_sender_free(a.sender);
    }
    assert_true(seqs[0] != seqs[1] || seqs[1] != seqs[2]);
}

static void nothing_to_send_ends_at_once(void **state)
{
    wzp_ignore(state);
    struct bench bench;
    bench_init(&bench, "good", 0, false);
    assert_int_equal(burst(&bench, START), 0);
    assert_int_equal(wzp_sender_deadline(bench.sender), WZP_NEVER);
    wzp_sender_free(bench.sender);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_profile_sends_all_frames_on_time_with_one_sequence),
        cmocka_unit_test(timestamps_are_milliseconds),
        cmocka_unit_test(one_report_a_second_goes_out_on_a_source_packet),
        cmocka_unit_test(levels_are_sent_only_where_they_are_taken),
        cmocka_unit_test(voice_goes_on_for_100_ms_after_the_last_loud_frame),
        cmocka_unit_test(a_delay_is_caught_up_in_one_go),
        cmocka_unit_test(after_a_long_absence_the_clock_moves_and_nothing_is_skipped),
        cmocka_unit_test(senders_start_at_numbers_of_their_own),
        cmocka_unit_test(nothing_to_send_ends_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
