/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdlib.h>

#include "audio/decoder.h"
#include "audio/encoder.h"
#include "audio/level.h"
#include "base/random.h"
#include "support/wzp_test.h"

#define N_PACKETS 50

static const enum wzp_codec_id codecs[] = {
    WZP_CODEC_OPUS_24K,    WZP_CODEC_OPUS_16K, WZP_CODEC_OPUS_6K,  WZP_CODEC_CODEC2_3200,
    WZP_CODEC_CODEC2_1200, WZP_CODEC_OPUS_32K, WZP_CODEC_OPUS_48K, WZP_CODEC_OPUS_64K,
};

/** A voice in packets. */
struct speech {
    enum wzp_codec_id codec;
    size_t sizes[N_PACKETS];
    uint8_t bytes[N_PACKETS][WZP_CODEC_MAX_PACKET_BYTES];
};

/** Something like a voice: a buzz of 120 Hz with two formants, in syllables of a quarter second. */
static void voice(size_t first, int16_t *samples, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        double t = (double)(first + i) / WZP_CODEC_SAMPLE_HZ;
        double since_pulse = fmod(t, 1.0 / 120);
        double syllable = 0.3 + 0.7 * fabs(sin(2 * M_PI * 2 * t));
        double sound = sin(2 * M_PI * 600 * since_pulse) + 0.5 * sin(2 * M_PI * 1800 * since_pulse);
        samples[i] = (int16_t)(12000 * syllable * sound * exp(-400 * since_pulse));
    }
}

static struct speech *speak(const struct wzp_encoder_config *config)
{
    struct speech *speech = calloc(1, sizeof *speech);
    assert_non_null(speech);
    speech->codec = config->codec;
    struct wzp_encoder *encoder = NULL;
    assert_ok(wzp_encoder_new(config, &encoder));
    size_t n = wzp_encoder_frame_samples(encoder);
    for (size_t i = 0; i < N_PACKETS; i++) {
        int16_t samples[WZP_CODEC_MAX_FRAME_SAMPLES];
        voice(i * n, samples, n);
        assert_ok(wzp_encoder_encode(encoder, samples, speech->bytes[i], &speech->sizes[i]));
    }
    wzp_encoder_free(encoder);
    return speech;
}

static struct wzp_decoder_packet packet_of(const struct speech *speech, size_t i)
{
    return (struct wzp_decoder_packet){
        .codec = speech->codec, .bytes = speech->bytes[i], .size = speech->sizes[i]};
}

static struct wzp_decoder *hear(const struct speech *speech, size_t n_packets)
{
    struct wzp_decoder *decoder = NULL;
    assert_ok(wzp_decoder_new(&decoder));
    for (size_t i = 0; i < n_packets; i++) {
        int16_t samples[WZP_CODEC_MAX_PACKET_SAMPLES];
        size_t n = 0;
        struct wzp_decoder_packet packet = packet_of(speech, i);
        assert_ok(wzp_decoder_decode(decoder, &packet, samples, &n));
    }
    return decoder;
}

static void concealed_audio_goes_on_then_fades_to_silence(void **state)
{
    (void)state;
    for (size_t i = 0; i < wzp_count(codecs); i++) {
        struct wzp_encoder_config config = {.codec = codecs[i]};
        struct speech *speech = speak(&config);
        struct wzp_decoder *decoder = hear(speech, N_PACKETS);
        size_t frame = wzp_codec_frame_samples(codecs[i]);
        int16_t samples[WZP_CODEC_MAX_FRAME_SAMPLES];
        assert_int_equal(wzp_decoder_conceal(decoder, samples), frame);
        assert_true(wzp_level_of(samples, frame).rms > 300);
        for (size_t done = frame; done < WZP_DECODER_FADE_END_SAMPLES; done += frame) {
            assert_int_equal(wzp_decoder_conceal(decoder, samples), frame);
        }
        assert_true(wzp_level_of(samples, frame).rms < 3000);
        for (int k = 0; k < 100; k++) {
            assert_int_equal(wzp_decoder_conceal(decoder, samples), frame);
            assert_int_equal(wzp_level_of(samples, frame).peak, 0);
        }
        wzp_decoder_free(decoder);
        free(speech);
    }
}

static void before_anything_was_heard_concealing_is_silence(void **state)
{
    (void)state;
    struct wzp_decoder *decoder = NULL;
    assert_ok(wzp_decoder_new(&decoder));
    int16_t samples[WZP_CODEC_MAX_FRAME_SAMPLES] = {1};
    assert_int_equal(wzp_decoder_conceal(decoder, samples), 960);
    assert_int_equal(wzp_level_of(samples, 960).peak, 0);
    uint8_t byte = 0;
    struct wzp_decoder_packet next = {.codec = WZP_CODEC_OPUS_24K, .bytes = &byte, .size = 1};
    assert_int_equal(wzp_decoder_recover(decoder, &next, samples), 960);
    wzp_decoder_free(decoder);
}

/** Energy of the difference to what a decoder gives that did not lose packet `i_lost`. */
static double error_of_recovery(const struct speech *speech, size_t i_lost, bool with_next)
{
    struct wzp_decoder *whole = hear(speech, i_lost);
    struct wzp_decoder *holed = hear(speech, i_lost);
    int16_t want[WZP_CODEC_MAX_PACKET_SAMPLES];
    int16_t have[WZP_CODEC_MAX_PACKET_SAMPLES];
    size_t n = 0;
    struct wzp_decoder_packet lost = packet_of(speech, i_lost);
    struct wzp_decoder_packet next = packet_of(speech, i_lost + 1);
    assert_ok(wzp_decoder_decode(whole, &lost, want, &n));
    size_t n_have = with_next ? wzp_decoder_recover(holed, &next, have) : wzp_decoder_conceal(holed, have);
    assert_int_equal(n_have, n);
    double error = 0;
    for (size_t i = 0; i < n; i++) {
        error += (double)(want[i] - have[i]) * (want[i] - have[i]);
    }
    wzp_decoder_free(whole);
    wzp_decoder_free(holed);
    return error;
}

static void the_packet_behind_a_lost_one_carries_its_copy(void **state)
{
    (void)state;
    struct wzp_encoder_config config = {
        .codec = WZP_CODEC_OPUS_24K, .inband_fec = true, .expected_loss_pct = 20};
    struct speech *speech = speak(&config);
    double recovered = 0;
    double concealed = 0;
    for (size_t i = 10; i + 1 < N_PACKETS; i++) {
        recovered += error_of_recovery(speech, i, true);
        concealed += error_of_recovery(speech, i, false);
    }
    assert_true(recovered < 0.5 * concealed);
    free(speech);
}

static void recovering_falls_back_to_concealing(void **state)
{
    (void)state;
    struct wzp_encoder_config config = {.codec = WZP_CODEC_CODEC2_3200};
    struct speech *speech = speak(&config);
    struct wzp_decoder *decoder = hear(speech, 30);
    int16_t samples[WZP_CODEC_MAX_FRAME_SAMPLES];
    struct wzp_decoder_packet next = packet_of(speech, 31);
    assert_int_equal(wzp_decoder_recover(decoder, &next, samples), 960);
    assert_true(wzp_level_of(samples, 960).rms > 300);
    wzp_decoder_free(decoder);
    free(speech);
}

static void comfort_noise_has_the_level_it_says(void **state)
{
    (void)state;
    struct wzp_decoder *decoder = NULL;
    assert_ok(wzp_decoder_new(&decoder));
    static const uint8_t levels[] = {0, 1, 50, 255};
    for (size_t i = 0; i <= wzp_count(levels); i++) {
        bool is_named = i < wzp_count(levels);
        uint8_t level = is_named ? levels[i] : 50; /* an empty payload means the usual */
        struct wzp_decoder_packet packet = {
            .codec = WZP_CODEC_COMFORT_NOISE, .bytes = &level, .size = is_named ? 1 : 0};
        int16_t samples[WZP_CODEC_MAX_PACKET_SAMPLES];
        size_t n = 0;
        assert_ok(wzp_decoder_decode(decoder, &packet, samples, &n));
        assert_int_equal(n, 960);
        struct wzp_level heard = wzp_level_of(samples, n);
        assert_int_equal(heard.peak, level);
        assert_true(heard.rms >= level * 0.5 && heard.rms <= level * 0.85 + 0.1);
        assert_int_equal(wzp_decoder_conceal(decoder, samples), 960);
        assert_int_equal(wzp_level_of(samples, n).peak, level);
    }
    wzp_decoder_free(decoder);
}

static void the_codec_may_change_with_every_packet(void **state)
{
    (void)state;
    struct speech *speeches[wzp_count(codecs)];
    for (size_t i = 0; i < wzp_count(codecs); i++) {
        struct wzp_encoder_config config = {.codec = codecs[i]};
        speeches[i] = speak(&config);
    }
    struct wzp_decoder *decoder = NULL;
    assert_ok(wzp_decoder_new(&decoder));
    for (size_t i = 0; i < N_PACKETS * wzp_count(codecs); i++) {
        struct wzp_decoder_packet packet = packet_of(speeches[i % wzp_count(codecs)], i / wzp_count(codecs));
        int16_t samples[WZP_CODEC_MAX_PACKET_SAMPLES];
        size_t n = 0;
        assert_ok(wzp_decoder_decode(decoder, &packet, samples, &n));
        assert_int_equal(n, wzp_codec_frame_samples(packet.codec));
        assert_int_equal(wzp_decoder_conceal(decoder, samples), n);
    }
    wzp_decoder_free(decoder);
    for (size_t i = 0; i < wzp_count(codecs); i++) {
        free(speeches[i]);
    }
}

static void packets_of_a_wrong_size_are_refused(void **state)
{
    (void)state;
    struct wzp_decoder *decoder = NULL;
    assert_ok(wzp_decoder_new(&decoder));
    uint8_t bytes[16] = {0};
    static const struct {
        enum wzp_codec_id codec;
        size_t size;
    } rows[] = {
        {WZP_CODEC_OPUS_24K, 0},    {WZP_CODEC_CODEC2_3200, 0}, {WZP_CODEC_CODEC2_3200, 7},
        {WZP_CODEC_CODEC2_3200, 9}, {WZP_CODEC_CODEC2_1200, 5}, {WZP_CODEC_CODEC2_1200, 8},
        {(enum wzp_codec_id)9, 8},  {(enum wzp_codec_id)15, 8},
    };
    for (size_t i = 0; i < wzp_count(rows); i++) {
        int16_t samples[WZP_CODEC_MAX_PACKET_SAMPLES];
        size_t n = 4711;
        struct wzp_decoder_packet packet = {.codec = rows[i].codec, .bytes = bytes, .size = rows[i].size};
        assert_int_equal(wzp_decoder_decode(decoder, &packet, samples, &n), WZP_ECODEC);
        assert_int_equal(n, 4711);
        assert_int_equal(wzp_decoder_recover(decoder, &packet, samples), 960);
    }
    wzp_decoder_free(decoder);
}

static void random_bytes_break_nothing(void **state)
{
    (void)state;
    struct wzp_random_seeded seeded;
    struct wzp_random random = wzp_random_from_seed(&seeded, 1);
    struct wzp_decoder *decoder = NULL;
    assert_ok(wzp_decoder_new(&decoder));
    for (int i = 0; i < 20000; i++) {
        uint8_t bytes[WZP_CODEC_MAX_PACKET_BYTES];
        size_t size = wzp_random_below(&random, wzp_random_below(&random, 8) == 0 ? sizeof bytes : 10);
        random.fill(random.context, bytes, size);
        struct wzp_decoder_packet packet = {
            .codec = (enum wzp_codec_id)wzp_random_below(&random, WZP_CODECS), .bytes = bytes, .size = size};
        int16_t samples[WZP_CODEC_MAX_PACKET_SAMPLES];
        size_t n = 0;
        if (wzp_random_below(&random, 4) == 0) {
            n = wzp_decoder_recover(decoder, &packet, samples);
            assert_true(n == 960 || n == 1920);
        }
        enum wzp_err err = wzp_decoder_decode(decoder, &packet, samples, &n);
        assert_true(err == WZP_OK || err == WZP_ECODEC);
        assert_true(n <= WZP_CODEC_MAX_PACKET_SAMPLES);
        n = wzp_decoder_conceal(decoder, samples);
        assert_true(n == 960 || n == 1920);
    }
    wzp_decoder_free(decoder);
}

static void after_a_reset_nothing_of_the_past_is_heard(void **state)
{
    (void)state;
    for (size_t i = 0; i < wzp_count(codecs); i++) {
        struct wzp_encoder_config config = {.codec = codecs[i]};
        struct speech *speech = speak(&config);
        struct wzp_decoder *decoder = hear(speech, N_PACKETS);
        int16_t samples[WZP_CODEC_MAX_FRAME_SAMPLES];
        wzp_decoder_reset(decoder);
        assert_int_equal(wzp_decoder_conceal(decoder, samples), 960);
        assert_int_equal(wzp_level_of(samples, 960).peak, 0);
        wzp_decoder_free(decoder);
        free(speech);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(concealed_audio_goes_on_then_fades_to_silence),
        cmocka_unit_test(before_anything_was_heard_concealing_is_silence),
        cmocka_unit_test(the_packet_behind_a_lost_one_carries_its_copy),
        cmocka_unit_test(recovering_falls_back_to_concealing),
        cmocka_unit_test(comfort_noise_has_the_level_it_says),
        cmocka_unit_test(the_codec_may_change_with_every_packet),
        cmocka_unit_test(packets_of_a_wrong_size_are_refused),
        cmocka_unit_test(random_bytes_break_nothing),
        cmocka_unit_test(after_a_reset_nothing_of_the_past_is_heard),
    };
    return cmocka_run_group_tests_name("audio_decoder", tests, NULL, NULL);
}
