/* SPDX-License-Identifier: Apache-2.0 */
/* Order, delay, limits and restarts. What gaps in the numbers mean is in test_jitter_gap.c. */
#include "base/random.h"
#include "proto/jitter.h"
#include "proto/jitter_play.h"
#include "support/wzp_test.h"

#define LIVE_US      WZP_JITTER_DEFAULT_DELAY
#define RECORDING_US (400 * WZP_MS)

static const struct talk five_seconds = {
    .codec = WZP_CODEC_OPUS_24K, .first_seq = 65400, .n_frames = 250, .repair_every = 5};

static struct wzp_media_packet packet_of(uint16_t seq, enum wzp_codec_id codec)
{
    static const uint8_t payload[1] = {1};
    return (struct wzp_media_packet){
        .header = {.codec = codec, .seq = seq}, .payload = payload, .payload_size = sizeof payload};
}

static void five_seconds_are_250_frames_without_a_gap(void **state)
{
    (void)state;
    static const wzp_us delays[] = {0, LIVE_US, RECORDING_US};
    for (size_t i = 0; i < wzp_count(delays); i++) {
        struct play *play = play_new(delays[i], WZP_JITTER_DEFAULT_SLACK);
        play_talk(play, &five_seconds);
        play_run(play, 6 * WZP_SECOND);
        assert_int_equal(play_count(play, WZP_JITTER_PACKET), 250);
        assert_int_equal(play_count(play, WZP_JITTER_LOST), 0);
        assert_int_equal(play_count(play, WZP_JITTER_PAUSE), 0);
        assert_int_equal(play_length_us(play), 5 * WZP_SECOND);
        assert_true(play_is_in_order(play));
        assert_int_equal(play->stats.repairs, 50);
        assert_int_equal(play->stats.spurts, 1);
        assert_int_equal(play->got_at[0], delays[i]);
        play_free(play);
    }
}

static void pairs_that_are_swapped_and_doubled_come_out_in_order(void **state)
{
    (void)state;
    struct play *play = play_new(LIVE_US, WZP_JITTER_DEFAULT_SLACK);
    struct talk talk = five_seconds;
    talk.repair_every = 0;
    play_talk(play, &talk);
    size_t n = play->n_sent;
    for (size_t i = 0; i < n; i++) {
        play->sent[i].at = (wzp_us)(i ^ 1) * 20 * WZP_MS;
        play->sent[n + i] = play->sent[i];
    }
    play->n_sent = 2 * n;
    play_run(play, 6 * WZP_SECOND);
    assert_int_equal(play_count(play, WZP_JITTER_PACKET), 250);
    assert_int_equal(play_count(play, WZP_JITTER_LOST), 0);
    assert_int_equal(play->stats.duplicates, 250);
    assert_int_equal(play->stats.late, 0);
    assert_int_equal(play_length_us(play), 5 * WZP_SECOND);
    assert_true(play_is_in_order(play));
    play_free(play);
}

static void packets_after_their_turn_are_late_and_leave_no_trace(void **state)
{
    (void)state;
    struct play *play = play_new(LIVE_US, WZP_JITTER_DEFAULT_SLACK);
    play_talk(play, &five_seconds);
    size_t i = play_source(play, 100);
    play->sent[i].at += 500 * WZP_MS;
    play_run(play, 6 * WZP_SECOND);
    assert_int_equal(play->stats.late, 1);
    assert_int_equal(play_count(play, WZP_JITTER_PACKET), 249);
    assert_int_equal(play_count(play, WZP_JITTER_LOST), 1);
    assert_int_equal(play_length_us(play), 5 * WZP_SECOND);
    play_free(play);
}

static void a_burst_after_a_stall_is_played_whole(void **state)
{
    (void)state;
    struct play *play = play_new(LIVE_US, WZP_NEVER);
    play_talk(play, &five_seconds);
    for (size_t i = 0; i < play->n_sent; i++) {
        wzp_us *at = &play->sent[i].at;
        *at = *at > 2 * WZP_SECOND && *at < 2150 * WZP_MS ? 2150 * WZP_MS : *at;
    }
    play_run(play, 6 * WZP_SECOND);
    assert_int_equal(play_count(play, WZP_JITTER_PACKET), 250);
    assert_int_equal(play_count(play, WZP_JITTER_LOST), 0);
    assert_in_range(play->stats.starved, 4, 4 + 8); /* in the stall; behind the last packet */
    assert_int_equal(play_length_us(play), 5 * WZP_SECOND + 4 * 20 * WZP_MS);
    play_free(play);
}

static void a_stall_shorter_than_the_delay_is_not_heard(void **state)
{
    (void)state;
    struct play *play = play_new(RECORDING_US, WZP_NEVER);
    play_talk(play, &five_seconds);
    for (size_t i = 0; i < play->n_sent; i++) {
        wzp_us *at = &play->sent[i].at;
        *at = *at > 2 * WZP_SECOND && *at < 2380 * WZP_MS ? 2380 * WZP_MS : *at;
    }
    play_run(play, 6 * WZP_SECOND);
    assert_int_equal(play_count(play, WZP_JITTER_PACKET), 250);
    assert_int_equal(play->n_frames, 250);
    assert_int_equal(play_length_us(play), 5 * WZP_SECOND);
    play_free(play);
}

static void starving_ends_200_ms_after_the_last_packet(void **state)
{
    (void)state;
    struct play *play = play_new(LIVE_US, WZP_JITTER_DEFAULT_SLACK);
    struct talk talk = {.n_frames = 10};
    play_talk(play, &talk);
    play_run(play, 60 * WZP_SECOND);
    assert_int_equal(play->n_frames, 10 + 7); /* from 260 to 380 ms */
    assert_int_equal(wzp_jitter_deadline(play->jitter), WZP_NEVER);
    play_free(play);
}

static void a_new_spurt_waits_anew(void **state)
{
    (void)state;
    struct play *play = play_new(LIVE_US, WZP_JITTER_DEFAULT_SLACK);
    struct talk talk = {.n_frames = 10};
    play_talk(play, &talk);
    talk = (struct talk){.n_frames = 10, .first_seq = 40, .start_us = WZP_SECOND, .start_ms = 1000};
    play_talk(play, &talk);
    play_run(play, 3 * WZP_SECOND);
    assert_int_equal(play_count(play, WZP_JITTER_PACKET), 20);
    assert_int_equal(play_count(play, WZP_JITTER_LOST), 0);
    assert_int_equal(play->stats.spurts, 2);
    assert_int_equal(play->stats.skipped, 30);
    assert_int_equal(play->got_at[17], WZP_SECOND + LIVE_US);
    play_free(play);
}

static void the_deadline_is_when_pop_has_something(void **state)
{
    (void)state;
    struct wzp_jitter_config config = {.delay_us = LIVE_US, .slack_us = WZP_NEVER};
    struct wzp_jitter *jitter = NULL;
    assert_ok(wzp_jitter_new(&config, &jitter));
    struct wzp_jitter_frame frame;
    assert_int_equal(wzp_jitter_deadline(jitter), WZP_NEVER);
    struct wzp_media_packet packet = packet_of(9, WZP_CODEC_OPUS_24K);
    assert_int_equal(wzp_jitter_push(jitter, &packet, 1000), WZP_JITTER_STORED);
    assert_int_equal(wzp_jitter_deadline(jitter), 1000 + LIVE_US);
    wzp_jitter_pop(jitter, 1000 + LIVE_US - 1, &frame);
    assert_int_equal(frame.kind, WZP_JITTER_NOTHING);
    wzp_jitter_pop(jitter, 1000 + LIVE_US, &frame);
    assert_int_equal(frame.kind, WZP_JITTER_PACKET);
    assert_int_equal(frame.waited_us, LIVE_US);
    assert_int_equal(wzp_jitter_deadline(jitter), 0);
    wzp_jitter_free(jitter);
}

static void it_never_holds_more_than_250_frames(void **state)
{
    (void)state;
    struct wzp_jitter_config config = {.delay_us = LIVE_US, .slack_us = WZP_NEVER};
    struct wzp_jitter *jitter = NULL;
    assert_ok(wzp_jitter_new(&config, &jitter));
    for (uint16_t seq = 0; seq < 1000; seq++) {
        struct wzp_media_packet packet = packet_of(seq, WZP_CODEC_OPUS_24K);
        assert_int_equal(wzp_jitter_push(jitter, &packet, 0), WZP_JITTER_STORED);
    }
    struct wzp_jitter_stats stats;
    wzp_jitter_stats(jitter, &stats);
    assert_int_equal(stats.n_frames, WZP_JITTER_MAX_FRAMES);
    assert_int_equal(stats.overflowed, 750);
    assert_int_equal(stats.buffered_us, 5 * WZP_SECOND);
    struct wzp_jitter_frame frame;
    wzp_jitter_pop(jitter, LIVE_US, &frame);
    assert_int_equal(frame.kind, WZP_JITTER_PACKET);
    assert_int_equal(frame.seq, 750);
    wzp_jitter_free(jitter);
}

static void a_sender_that_starts_over_is_followed(void **state)
{
    (void)state;
    struct play *play = play_new(LIVE_US, WZP_NEVER);
    struct talk talk = {.n_frames = 50, .first_seq = 1000};
    play_talk(play, &talk);
    talk = (struct talk){.n_frames = 50, .first_seq = 40000, .start_us = WZP_SECOND};
    play_talk(play, &talk);
    play_run(play, 3 * WZP_SECOND);
    assert_int_equal(play_count(play, WZP_JITTER_PACKET), 100);
    assert_int_equal(play_count(play, WZP_JITTER_LOST), 0);
    assert_int_equal(play->stats.restarts, 1);
    assert_int_equal(play->stats.skipped, 0);
    assert_int_equal(play->frames[50].seq, 40000);
    assert_int_equal(play_length_us(play), 2 * WZP_SECOND);
    play_free(play);
}

static void single_packets_from_far_away_disturb_nothing(void **state)
{
    (void)state;
    struct play *play = play_new(LIVE_US, WZP_NEVER);
    struct wzp_random_seeded seeded;
    struct wzp_random random = wzp_random_from_seed(&seeded, 3);
    play_talk(play, &five_seconds);
    for (size_t i = 0; i < 200; i++) {
        uint16_t far = (uint16_t)(65400 + 2000 + wzp_random_below(&random, 40000));
        play->sent[play->n_sent++] = (struct sent){.at = (wzp_us)i * 25 * WZP_MS + 1, .seq = far};
    }
    play_run(play, 6 * WZP_SECOND);
    assert_int_equal(play_count(play, WZP_JITTER_PACKET), 250);
    assert_int_equal(play_length_us(play), 5 * WZP_SECOND);
    assert_int_equal(play->stats.restarts, 0);
    play_free(play);
}

static void a_delay_that_has_grown_is_trimmed_unless_recording(void **state)
{
    (void)state;
    static const wzp_us slacks[] = {WZP_JITTER_DEFAULT_SLACK, WZP_NEVER};
    for (size_t i = 0; i < wzp_count(slacks); i++) {
        struct play *play = play_new(LIVE_US, slacks[i]);
        struct talk talk = {.n_frames = 1500};
        play_talk(play, &talk);
        for (size_t k = 100; k < 108; k++) {
            play->sent[k].at = play->sent[108].at; /* 160 ms come at once */
        }
        for (size_t k = 117; k < 125; k++) {
            play->sent[k].at = play->sent[125].at; /* and again, so that it has starved for 200 ms or so */
        }
        for (size_t k = 125; k < 1500; k++) {
            play->sent[k].at -= 40 * WZP_MS;
        }
        play_run(play, 32 * WZP_SECOND);
        size_t n_trimmed = play->stats.trimmed;
        assert_int_equal(play_count(play, WZP_JITTER_PACKET), 1500 - n_trimmed);
        assert_int_equal(play->stats.lost, 0);
        if (slacks[i] == WZP_NEVER) {
            assert_int_equal(n_trimmed, 0);
        } else {
            assert_in_range(n_trimmed, 1, 6);
        }
        play_free(play);
    }
}

static void what_cannot_be_played_is_refused(void **state)
{
    (void)state;
    struct wzp_jitter_config config = {.delay_us = 0, .slack_us = WZP_NEVER};
    struct wzp_jitter *jitter = NULL;
    assert_ok(wzp_jitter_new(&config, &jitter));
    uint8_t payload[WZP_JITTER_MAX_BYTES + 1] = {0};
    struct wzp_media_packet packet = {.header = {.seq = 1}, .payload = payload};
    assert_int_equal(wzp_jitter_push(jitter, &packet, 0), WZP_JITTER_REFUSED);
    packet.payload_size = sizeof payload;
    assert_int_equal(wzp_jitter_push(jitter, &packet, 0), WZP_JITTER_REFUSED);
    packet.payload_size--;
    assert_int_equal(wzp_jitter_push(jitter, &packet, 0), WZP_JITTER_STORED);
    packet.header = (struct wzp_media_header){.seq = 2, .is_sealed = true};
    assert_int_equal(wzp_jitter_push(jitter, &packet, 0), WZP_JITTER_NUMBER);
    struct wzp_jitter_frame frame;
    wzp_jitter_pop(jitter, 0, &frame);
    assert_int_equal(frame.payload_size, WZP_JITTER_MAX_BYTES);
    wzp_jitter_free(jitter);
}

static void settings_out_of_range_are_refused(void **state)
{
    (void)state;
    static const struct wzp_jitter_config wrong[] = {
        {.delay_us = -1}, {.delay_us = 5 * WZP_SECOND + 1}, {.slack_us = -1}};
    for (size_t i = 0; i < wzp_count(wrong); i++) {
        struct wzp_jitter *jitter = NULL;
        assert_int_equal(wzp_jitter_new(&wrong[i], &jitter), WZP_EINVAL);
    }
}

/** Anything at any time: numbers near, far, repeated; players that are slow, fast, absent. */
static void no_order_of_calls_breaks_it(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 200; seed++) {
        struct wzp_random_seeded seeded;
        struct wzp_random random = wzp_random_from_seed(&seeded, seed);
        struct wzp_jitter_config config = {.delay_us = (wzp_us)wzp_random_below(&random, 500) * WZP_MS,
                                           .slack_us = (wzp_us)wzp_random_below(&random, 500) * WZP_MS};
        struct wzp_jitter *jitter = NULL;
        assert_ok(wzp_jitter_new(&config, &jitter));
        uint16_t seq = (uint16_t)wzp_random_u64(&random);
        wzp_us now = 0;
        uint64_t spread = (uint64_t)1 << wzp_random_below(&random, 15);
        uint64_t n_pops = wzp_random_below(&random, 4);
        for (int i = 0; i < 3000; i++) {
            now += (wzp_us)wzp_random_below(&random, 30 * WZP_MS);
            seq = (uint16_t)(seq + 1 + wzp_random_below(&random, spread) - spread / 2);
            struct wzp_media_packet packet =
                packet_of(seq, (enum wzp_codec_id)wzp_random_below(&random, WZP_CODECS));
            packet.header.is_repair = wzp_random_below(&random, 6) == 0;
            packet.header.timestamp = (uint32_t)(now / WZP_MS + (wzp_us)wzp_random_below(&random, 100));
            wzp_jitter_push(jitter, &packet, now);
            struct wzp_jitter_stats stats;
            wzp_jitter_stats(jitter, &stats);
            assert_true(stats.n_frames <= WZP_JITTER_MAX_FRAMES);
            assert_true(stats.buffered_us >= 0 && stats.buffered_us <= 10 * WZP_SECOND);
            for (uint64_t k = 0; k < n_pops; k++) {
                struct wzp_jitter_frame frame;
                wzp_jitter_pop(jitter, now, &frame);
                assert_true((frame.kind == WZP_JITTER_NOTHING) == (frame.duration_us == 0));
                assert_true(frame.kind != WZP_JITTER_PACKET || frame.payload[0] == 1);
            }
        }
        wzp_jitter_free(jitter);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(five_seconds_are_250_frames_without_a_gap),
        cmocka_unit_test(pairs_that_are_swapped_and_doubled_come_out_in_order),
        cmocka_unit_test(packets_after_their_turn_are_late_and_leave_no_trace),
        cmocka_unit_test(a_burst_after_a_stall_is_played_whole),
        cmocka_unit_test(a_stall_shorter_than_the_delay_is_not_heard),
        cmocka_unit_test(starving_ends_200_ms_after_the_last_packet),
        cmocka_unit_test(a_new_spurt_waits_anew),
        cmocka_unit_test(the_deadline_is_when_pop_has_something),
        cmocka_unit_test(it_never_holds_more_than_250_frames),
        cmocka_unit_test(a_sender_that_starts_over_is_followed),
        cmocka_unit_test(single_packets_from_far_away_disturb_nothing),
        cmocka_unit_test(a_delay_that_has_grown_is_trimmed_unless_recording),
        cmocka_unit_test(what_cannot_be_played_is_refused),
        cmocka_unit_test(settings_out_of_range_are_refused),
        cmocka_unit_test(no_order_of_calls_breaks_it),
    };
    return cmocka_run_group_tests_name("proto_jitter", tests, NULL, NULL);
}
