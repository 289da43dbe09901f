/* SPDX-License-Identifier: Apache-2.0 */
#include "base/random.h"
#include "proto/demux.h"
#include "support/wzp_test.h"

static struct wzp_demux_place feed(struct wzp_demux *demux, uint16_t seq, uint8_t content, wzp_us now)
{
    const struct wzp_media_packet packet = {.header = {.seq = seq}, .payload = &content, .payload_size = 1};
    struct wzp_demux_place place;
    assert_ok(wzp_demux_feed(demux, &packet, now, &place));
    return place;
}

static void a_duplicate_is_known_and_goes_where_the_first_went(void **state)
{
    (void)state;
    struct wzp_demux demux;
    wzp_demux_init(&demux);
    const struct wzp_demux_place first = feed(&demux, 100, 'a', 0);
    assert_true(first.is_new);
    assert_false(first.is_duplicate);
    const struct wzp_demux_place second = feed(&demux, 100, 'a', 1);
    assert_true(second.is_duplicate);
    assert_false(second.is_new);
    assert_int_equal(second.id, first.id);
    const struct wzp_demux_place other = feed(&demux, 100, 'b', 2);
    assert_true(other.is_new);
    assert_int_not_equal(other.slot, first.slot);
    assert_int_equal(feed(&demux, 100, 'b', 3).id, other.id);
    assert_int_equal(feed(&demux, 100, 'a', 4).id, first.id);
}

static void a_silent_stream_is_over_and_its_slot_is_used_again(void **state)
{
    (void)state;
    struct wzp_demux demux;
    wzp_demux_init(&demux);
    const struct wzp_demux_place first = feed(&demux, 100, 'a', 0);
    assert_true(wzp_demux_is_live(&demux, first.slot, first.id, WZP_DEMUX_SILENT_US));
    assert_false(wzp_demux_is_live(&demux, first.slot, first.id, WZP_DEMUX_SILENT_US + 1));
    assert_false(wzp_demux_is_live(&demux, WZP_DEMUX_STREAMS, first.id, 0));
    const struct wzp_demux_place again = feed(&demux, 101, 'a', WZP_DEMUX_SILENT_US + 1);
    assert_true(again.is_new);
    assert_int_equal(again.slot, first.slot);
    assert_int_not_equal(again.id, first.id);
    assert_false(wzp_demux_is_live(&demux, first.slot, first.id, WZP_DEMUX_SILENT_US + 1));
}

static void a_speaker_returns_after_an_outage(void **state)
{
    (void)state;
    struct wzp_demux demux;
    wzp_demux_init(&demux);
    uint32_t id = feed(&demux, 100, 'a', 0).id;
    assert_int_equal(feed(&demux, 250, 'a', 3 * WZP_SECOND).id, id); /* 150 frames lost */
    assert_int_not_equal(feed(&demux, 2000, 'a', 3 * WZP_SECOND).id, id);
}

static void a_full_table_refuses_new_speakers_and_keeps_the_old(void **state)
{
    (void)state;
    struct wzp_demux demux;
    struct wzp_demux_place place;
    uint32_t ids[WZP_DEMUX_STREAMS];
    wzp_demux_init(&demux);
    for (uint16_t i = 0; i < 3 * WZP_DEMUX_STREAMS; i++) {
        uint16_t who = i % WZP_DEMUX_STREAMS;
        ids[who] = feed(&demux, (uint16_t)(who * 2000 + i / WZP_DEMUX_STREAMS), 'a', i * WZP_MS).id;
    }
    const struct wzp_media_packet packet = {.header = {.seq = 1000}, .payload = (const uint8_t *)"a"};
    assert_int_equal(wzp_demux_feed(&demux, &packet, 300 * WZP_MS, &place), WZP_ELIMIT);
    for (uint16_t who = 0; who < WZP_DEMUX_STREAMS; who++) {
        assert_int_equal(feed(&demux, (uint16_t)(who * 2000 + 3), 'a', 300 * WZP_MS).id, ids[who]);
    }
}

static void noise_does_not_keep_a_speaker_out(void **state)
{
    (void)state;
    struct wzp_demux demux;
    struct wzp_random_seeded seeded;
    struct wzp_random random = wzp_random_from_seed(&seeded, 7);
    wzp_demux_init(&demux);
    size_t n_streams = 0;
    for (uint16_t i = 0; i < 500; i++) { /* random packets at 50 a second beside a speaker */
        wzp_us now = i * 20 * WZP_MS;
        struct wzp_demux_place place;
        const struct wzp_media_packet noise = {.header = {.seq = (uint16_t)wzp_random_u64(&random)},
                                               .payload = (const uint8_t *)"n",
                                               .payload_size = 1};
        wzp_ignore(wzp_demux_feed(&demux, &noise, now, &place));
        n_streams += i >= 200 && feed(&demux, i, 's', now + 5 * WZP_MS).is_new;
    }
    assert_in_range(n_streams, 1, 2); /* a second one where noise took a number just before the speaker */
}

static void a_change_of_codec_stays_in_the_stream(void **state)
{
    (void)state;
    struct wzp_demux demux;
    uint32_t id = 0;
    wzp_demux_init(&demux);
    for (uint16_t i = 0; i < 400;
         i++) { /* 20 ms, then 40 ms frames, then 20 ms; the block begins again in place */
        bool is_slow = i >= 100 && i < 300;
        uint16_t before = is_slow ? 100 : i >= 300 ? 300 : 0;
        wzp_us now = (i + (i > 100 ? (i < 300 ? i - 100 : 200) : 0)) * 20 * WZP_MS;
        const uint8_t content = (uint8_t)i;
        const struct wzp_media_packet packet = {
            .header = {.codec = is_slow ? WZP_CODEC_OPUS_6K : WZP_CODEC_OPUS_24K,
                       .seq = i,
                       .timestamp = (uint32_t)(now / WZP_MS),
                       .fec_ratio = is_slow ? 32 : 13,
                       .fec_block = (uint8_t)((i - before) / 10),
                       .fec_index = (uint8_t)((i - before) % 10)},
            .payload = &content,
            .payload_size = 1,
        };
        struct wzp_demux_place place;
        assert_ok(wzp_demux_feed(&demux, &packet, now, &place));
        id = id ? id : place.id;
        assert_int_equal(place.id, id);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_duplicate_is_known_and_goes_where_the_first_went),
        cmocka_unit_test(a_silent_stream_is_over_and_its_slot_is_used_again),
        cmocka_unit_test(a_speaker_returns_after_an_outage),
        cmocka_unit_test(a_full_table_refuses_new_speakers_and_keeps_the_old),
        cmocka_unit_test(noise_does_not_keep_a_speaker_out),
        cmocka_unit_test(a_change_of_codec_stays_in_the_stream),
    };
    return cmocka_run_group_tests_name("proto_demux", tests, NULL, NULL);
}
