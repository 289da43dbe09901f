/* SPDX-License-Identifier: Apache-2.0 */
/* What missing numbers mean: lost speech, lost repairs, or silence. */
#include "base/random.h"
#include "proto/jitter_gap.h"
#include "proto/jitter_play.h"
#include "support/wzp_test.h"

#define LIVE_US      WZP_JITTER_DEFAULT_DELAY
#define RECORDING_US (400 * WZP_MS)

static const enum unit units[] = {UNIT_MS, UNIT_SAMPLES, UNIT_NONE};
static const enum wzp_codec_id codecs[] = {WZP_CODEC_OPUS_24K, WZP_CODEC_OPUS_6K};

static void lost_repairs_add_nothing(void **state)
{
    (void)state;
    for (size_t i = 0; i < wzp_count(units) * wzp_count(codecs); i++) {
        struct play *play = play_new(LIVE_US, WZP_NEVER);
        struct talk talk = {.codec = codecs[i % 2], .unit = units[i / 2], .n_frames = 100, .repair_every = 2};
        play_talk(play, &talk);
        bool is_second = true; /* the first repair comes: where none does, numbers are frames */
        for (size_t k = 0; k < play->n_sent; k++) {
            is_second = play->sent[k].is_repair ? !is_second : is_second;
            play->sent[k].is_lost = play->sent[k].is_repair && is_second;
        }
        play_run(play, 6 * WZP_SECOND);
        assert_int_equal(play_count(play, WZP_JITTER_PACKET), 100);
        assert_int_equal(play_count(play, WZP_JITTER_LOST), 0);
        assert_int_equal(play_length_us(play), 100 * wzp_codec_id_frame_us(talk.codec));
        play_free(play);
    }
}

/** As behind something that filters them: with timestamps the buffer is not fooled. */
static void a_stream_whose_repairs_are_all_lost_has_no_gaps(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct play *play = play_new(LIVE_US, WZP_NEVER);
        struct talk talk = {.unit = units[i], .n_frames = 250, .repair_every = 5};
        play_talk(play, &talk);
        for (size_t k = 0; k < play->n_sent; k++) {
            play->sent[k].is_lost = play->sent[k].is_repair;
        }
        play_run(play, 6 * WZP_SECOND);
        assert_int_equal(play_count(play, WZP_JITTER_PACKET), 250);
        assert_int_equal(play_count(play, WZP_JITTER_LOST), 0);
        assert_int_equal(play_length_us(play), 5 * WZP_SECOND);
        play_free(play);
    }
}

static void each_lost_frame_is_concealed_once(void **state)
{
    (void)state;
    for (size_t i = 0; i < wzp_count(units) * wzp_count(codecs); i++) {
        struct play *play = play_new(LIVE_US, WZP_NEVER);
        struct talk talk = {.codec = codecs[i % 2], .unit = units[i / 2], .n_frames = 100, .repair_every = 5};
        play_talk(play, &talk);
        for (size_t k = 7; k < 97; k += 9) {
            play->sent[play_source(play, k)].is_lost = true;
        }
        play->sent[play_source(play, 8)].is_lost = true;
        play_run(play, 6 * WZP_SECOND);
        assert_int_equal(play_count(play, WZP_JITTER_PACKET), 100 - 11);
        assert_int_equal(play->stats.lost, 11);
        assert_int_equal(play_length_us(play), 100 * wzp_codec_id_frame_us(talk.codec));
        play_free(play);
    }
}

static void a_frame_lost_with_the_repair_beside_it_is_one_frame(void **state)
{
    (void)state;
    for (size_t i = 0; i < wzp_count(units); i++) {
        struct play *play = play_new(LIVE_US, WZP_NEVER);
        struct talk talk = {.unit = units[i], .n_frames = 100, .repair_every = 5};
        play_talk(play, &talk);
        size_t k = play_source(play, 49);
        play->sent[k].is_lost = play->sent[k + 1].is_lost = true; /* the frame, its repair */
        play_run(play, 6 * WZP_SECOND);
        assert_int_equal(play_count(play, WZP_JITTER_LOST), 1);
        assert_int_equal(play_length_us(play), 2 * WZP_SECOND);
        play_free(play);
    }
}

/** Losses at random, of everything: no recording is shorter or longer for it. */
static void random_losses_keep_the_length(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 100; seed++) {
        struct wzp_random_seeded seeded;
        struct wzp_random random = wzp_random_from_seed(&seeded, seed);
        struct play *play = play_new(LIVE_US, WZP_NEVER);
        struct talk talk = {.unit = units[seed % 2], .n_frames = 250, .repair_every = 1 + seed % 5};
        play_talk(play, &talk);
        for (size_t i = 6; i + 6 < play->n_sent; i++) {
            play->sent[i].is_lost = wzp_random_below(&random, 100) < 20;
            play->sent[i].at += (wzp_us)wzp_random_below(&random, 30 * WZP_MS);
        }
        play_run(play, 6 * WZP_SECOND);
        size_t n_packets = play_count(play, WZP_JITTER_PACKET);
        size_t n_starved = play_count(play, WZP_JITTER_STARVED);
        if (n_packets + play->stats.lost > 250 || n_packets + play->stats.lost + n_starved < 250 ||
            play_length_us(play) != 5 * WZP_SECOND) {
            fail_msg("seed %d: %zu packets, %d lost, %zu starved, %d ms", (int)seed, n_packets,
                     (int)play->stats.lost, n_starved, (int)(play_length_us(play) / WZP_MS));
        }
        play_free(play);
    }
}

static void a_lost_frame_brings_the_packet_behind_it(void **state)
{
    (void)state;
    struct play *play = play_new(LIVE_US, WZP_NEVER);
    struct talk talk = {.n_frames = 50, .first_seq = 300};
    play_talk(play, &talk);
    play->sent[20].is_lost = play->sent[21].is_lost = play->sent[30].is_lost = true;
    play_run(play, 2 * WZP_SECOND);
    static const struct {
        size_t i;
        uint16_t seq;
        bool has_next;
    } rows[] = {{20, 320, false}, {21, 321, true}, {30, 330, true}};
    for (size_t i = 0; i < wzp_count(rows); i++) {
        const struct wzp_jitter_frame *frame = &play->frames[rows[i].i];
        assert_int_equal(frame->kind, WZP_JITTER_LOST);
        assert_int_equal(frame->seq, rows[i].seq);
        assert_int_equal(frame->payload != NULL, rows[i].has_next);
        assert_int_equal(frame->payload_size, rows[i].has_next ? 4 : 0);
    }
    play_free(play);
}

/** The first generation stops sending in silence, while its timestamps go on. */
static void suppressed_frames_are_a_pause_not_a_loss(void **state)
{
    (void)state;
    struct play *play = play_new(RECORDING_US, WZP_NEVER);
    struct talk talk = {.n_frames = 50};
    play_talk(play, &talk);
    talk = (struct talk){.n_frames = 50, .first_seq = 50, .start_us = 1100 * WZP_MS, .start_ms = 1100};
    play_talk(play, &talk);
    play_run(play, 4 * WZP_SECOND);
    assert_int_equal(play_count(play, WZP_JITTER_PACKET), 100);
    assert_int_equal(play_count(play, WZP_JITTER_LOST), 0);
    assert_int_equal(play_count(play, WZP_JITTER_PAUSE), 5);
    assert_int_equal(play_length_us(play), 2100 * WZP_MS);
    play_free(play);
}

/** A relay that forwards the loudest only leaves numbers out; so does an outage. */
static void numbers_missing_across_a_silence_are_skipped(void **state)
{
    (void)state;
    struct play *play = play_new(RECORDING_US, WZP_NEVER);
    struct talk talk = {.n_frames = 100};
    play_talk(play, &talk);
    for (size_t i = 50; i < 65; i++) {
        play->sent[i].is_lost = true; /* 300 ms */
    }
    play_run(play, 4 * WZP_SECOND);
    assert_int_equal(play_count(play, WZP_JITTER_PACKET), 85);
    assert_int_equal(play_count(play, WZP_JITTER_LOST), 0);
    assert_int_equal(play_count(play, WZP_JITTER_PAUSE), 15);
    assert_int_equal(play->stats.skipped, 15);
    assert_int_equal(play_length_us(play), 2 * WZP_SECOND);
    play_free(play);
}

static void no_timestamp_makes_a_packet_wait_longer_than_its_delay(void **state)
{
    (void)state;
    struct play *play = play_new(RECORDING_US, WZP_NEVER);
    struct talk talk = {.n_frames = 100};
    play_talk(play, &talk);
    for (size_t i = 50; i < 100; i++) {
        play->sent[i].timestamp += 1000000;
    }
    play_run(play, 4 * WZP_SECOND);
    assert_int_equal(play_count(play, WZP_JITTER_PACKET), 100);
    assert_true(play_length_us(play) <= 2 * WZP_SECOND + 20 * WZP_MS);
    play_free(play);
}

static void comfort_noise_is_played_and_what_follows_is_not_missing(void **state)
{
    (void)state;
    struct play *play = play_new(LIVE_US, WZP_NEVER);
    struct talk talk = {.n_frames = 50};
    play_talk(play, &talk);
    for (uint16_t i = 0; i < 5; i++) {
        uint32_t ms = 1200 + 200U * i;
        play->sent[play->n_sent++] = (struct sent){
            .at = ms * WZP_MS, .codec = WZP_CODEC_COMFORT_NOISE, .seq = (uint16_t)(50 + i), .timestamp = ms};
    }
    talk = (struct talk){.n_frames = 50, .first_seq = 55, .start_us = 2100 * WZP_MS, .start_ms = 2100};
    play_talk(play, &talk);
    play_run(play, 5 * WZP_SECOND);
    assert_int_equal(play_count(play, WZP_JITTER_PACKET), 105);
    assert_int_equal(play_count(play, WZP_JITTER_LOST), 0);
    assert_int_equal(play->stats.comfort, 5);
    assert_int_equal(play->stats.skipped, 0);
    play_free(play);
}

static void a_change_of_codec_is_no_gap(void **state)
{
    (void)state;
    for (size_t i = 0; i < wzp_count(units); i++) {
        struct play *play = play_new(LIVE_US, WZP_NEVER);
        struct talk talk = {.unit = units[i], .n_frames = 50, .repair_every = 5};
        play_talk(play, &talk);
        talk = (struct talk){.codec = WZP_CODEC_CODEC2_1200,
                             .unit = units[i],
                             .n_frames = 50,
                             .first_seq = 60,
                             .repair_every = 1,
                             .start_us = WZP_SECOND,
                             .start_ms = 1000};
        play_talk(play, &talk);
        play_run(play, 5 * WZP_SECOND);
        assert_int_equal(play_count(play, WZP_JITTER_PACKET), 100);
        assert_int_equal(play_count(play, WZP_JITTER_LOST), 0);
        assert_int_equal(play_length_us(play), 3 * WZP_SECOND);
        play_free(play);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lost_repairs_add_nothing),
        cmocka_unit_test(a_stream_whose_repairs_are_all_lost_has_no_gaps),
        cmocka_unit_test(each_lost_frame_is_concealed_once),
        cmocka_unit_test(a_frame_lost_with_the_repair_beside_it_is_one_frame),
        cmocka_unit_test(random_losses_keep_the_length),
        cmocka_unit_test(a_lost_frame_brings_the_packet_behind_it),
        cmocka_unit_test(suppressed_frames_are_a_pause_not_a_loss),
        cmocka_unit_test(numbers_missing_across_a_silence_are_skipped),
        cmocka_unit_test(no_timestamp_makes_a_packet_wait_longer_than_its_delay),
        cmocka_unit_test(comfort_noise_is_played_and_what_follows_is_not_missing),
        cmocka_unit_test(a_change_of_codec_is_no_gap),
    };
    return cmocka_run_group_tests_name("proto_jitter_gap", tests, NULL, NULL);
}
