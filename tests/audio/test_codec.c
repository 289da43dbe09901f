/* SPDX-License-Identifier: Apache-2.0 */
/* Encoders and decoders as pairs: what goes in comes out. */
#include <math.h>
#include <stdlib.h>

#include "audio/codec.h"
#include "audio/decoder.h"
#include "audio/encoder.h"
#include "audio/level.h"
#include "audio/tone.h"
#include "support/wzp_test.h"

static const struct {
    enum wzp_codec_id codec;
    size_t frame_samples;
    size_t packet_bytes; /* 0: varies */
} codecs[] = {
    {WZP_CODEC_OPUS_24K, 960, 0},    {WZP_CODEC_OPUS_16K, 960, 0},     {WZP_CODEC_OPUS_6K, 1920, 0},
    {WZP_CODEC_CODEC2_3200, 960, 8}, {WZP_CODEC_CODEC2_1200, 1920, 6}, {WZP_CODEC_OPUS_32K, 960, 0},
    {WZP_CODEC_OPUS_48K, 960, 0},    {WZP_CODEC_OPUS_64K, 960, 0},
};

/** What five seconds of a tone are like after a codec. */
struct trip {
    size_t n_bytes, n_packets;
    double rms; /* from the second half second on */
};

/** Frame `i` of a tone through both; gives the bytes on the way, and what came out in `out`. */
static size_t send_frame(struct wzp_encoder *encoder, struct wzp_decoder *decoder, size_t i, int16_t *out)
{
    size_t n = wzp_encoder_frame_samples(encoder);
    int16_t in[WZP_CODEC_MAX_FRAME_SAMPLES];
    uint8_t bytes[WZP_CODEC_MAX_PACKET_BYTES];
    size_t size = 0;
    size_t n_out = 0;
    wzp_tone_fill(WZP_TONE_HZ, WZP_TONE_AMPLITUDE, i * n, in, n);
    assert_ok(wzp_encoder_encode(encoder, in, bytes, &size));
    assert_in_range(size, 1, WZP_CODEC_MAX_PACKET_BYTES);
    struct wzp_decoder_packet packet = {.codec = wzp_encoder_codec(encoder), .bytes = bytes, .size = size};
    assert_ok(wzp_decoder_decode(decoder, &packet, out, &n_out));
    assert_int_equal(n_out, n);
    return size;
}

static struct trip send_tone(const struct wzp_encoder_config *config)
{
    struct wzp_encoder *encoder = NULL;
    struct wzp_decoder *decoder = NULL;
    assert_ok(wzp_encoder_new(config, &encoder));
    assert_ok(wzp_decoder_new(&decoder));
    size_t n = wzp_encoder_frame_samples(encoder);
    struct trip trip = {.n_packets = 5 * WZP_CODEC_SAMPLE_HZ / n};
    static int16_t out[5 * WZP_CODEC_SAMPLE_HZ + WZP_CODEC_MAX_PACKET_SAMPLES];
    for (size_t i = 0; i < trip.n_packets; i++) {
        trip.n_bytes += send_frame(encoder, decoder, i, out + i * n);
    }
    trip.rms = wzp_level_of(out + WZP_CODEC_SAMPLE_HZ / 2, 9 * WZP_CODEC_SAMPLE_HZ / 2).rms;
    wzp_encoder_free(encoder);
    wzp_decoder_free(decoder);
    return trip;
}

static void a_tone_keeps_length_and_level(void **state)
{
    (void)state;
    for (size_t i = 0; i < wzp_count(codecs); i++) {
        struct wzp_encoder_config config = {.codec = codecs[i].codec};
        struct trip trip = send_tone(&config);
        double change_db = 20 * log10(trip.rms / (WZP_TONE_AMPLITUDE / sqrt(2)));
        if (wzp_codec_id_is_opus(config.codec)) {
            assert_true(fabs(change_db) < 1);
        } else {
            assert_true(change_db > -30 && change_db < 6); /* a model of speech: a tone is none */
        }
    }
}

static void packets_are_as_large_as_their_rate_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < wzp_count(codecs); i++) {
        struct wzp_encoder_config config = {.codec = codecs[i].codec, .constant_bitrate = true};
        struct trip trip = send_tone(&config);
        if (codecs[i].packet_bytes > 0) {
            assert_int_equal(trip.n_bytes, trip.n_packets * codecs[i].packet_bytes);
        } else {
            double bps = (double)trip.n_bytes * 8 / 5;
            double nominal = wzp_codec_id_bitrate_bps(config.codec);
            assert_true(fabs(bps - nominal) < nominal * 0.05);
        }
        config.constant_bitrate = false;
        double bps = (double)send_tone(&config).n_bytes * 8 / 5;
        assert_true(bps < 1.2 * wzp_codec_id_bitrate_bps(config.codec));
    }
}

static void frames_are_960_or_1920_samples(void **state)
{
    (void)state;
    for (size_t i = 0; i < wzp_count(codecs); i++) {
        assert_int_equal(wzp_codec_frame_samples(codecs[i].codec), codecs[i].frame_samples);
    }
    assert_int_equal(wzp_codec_frame_samples(WZP_CODEC_COMFORT_NOISE), 960);
}

static size_t bytes_of_silence(bool dtx)
{
    struct wzp_encoder_config config = {.codec = WZP_CODEC_OPUS_24K, .dtx = dtx};
    struct wzp_encoder *encoder = NULL;
    assert_ok(wzp_encoder_new(&config, &encoder));
    int16_t in[960] = {0};
    size_t total = 0;
    for (int i = 0; i < 250; i++) {
        uint8_t bytes[WZP_CODEC_MAX_PACKET_BYTES];
        size_t size = 0;
        assert_ok(wzp_encoder_encode(encoder, in, bytes, &size));
        assert_true(size > 0);
        total += i >= 100 ? size : 0;
    }
    wzp_encoder_free(encoder);
    return total;
}

static void only_dtx_saves_silence(void **state)
{
    (void)state;
    assert_true(bytes_of_silence(true) * 4 < bytes_of_silence(false));
}

static void what_has_no_encoder_is_refused(void **state)
{
    (void)state;
    static const struct wzp_encoder_config wrong[] = {
        {.codec = WZP_CODEC_COMFORT_NOISE},
        {.codec = (enum wzp_codec_id)9},
        {.codec = WZP_CODEC_OPUS_24K, .expected_loss_pct = 101},
    };
    for (size_t i = 0; i < wzp_count(wrong); i++) {
        struct wzp_encoder *encoder = NULL;
        assert_int_equal(wzp_encoder_new(&wrong[i], &encoder), WZP_EINVAL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tone_keeps_length_and_level),
        cmocka_unit_test(packets_are_as_large_as_their_rate_says),
        cmocka_unit_test(frames_are_960_or_1920_samples),
        cmocka_unit_test(only_dtx_saves_silence),
        cmocka_unit_test(what_has_no_encoder_is_refused),
    };
    return cmocka_run_group_tests_name("audio_codec", tests, NULL, NULL);
}
