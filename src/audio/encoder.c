/* SPDX-License-Identifier: Apache-2.0 */
#include "audio/encoder.h"

#include <stdlib.h>

#include <opus/opus.h>

#include "audio/codec2_coder.h"
#include "base/attr.h"

enum {
    OPUS_COMPLEXITY = 7,   /* as the first generation: half the work of 10 for nearly its quality */
    OPUS_LARGEST_OUT = 512 /* bytes; what first-generation peers have room for */
};

struct wzp_encoder {
    enum wzp_codec_id codec;
    size_t frame_samples;
    OpusEncoder *opus;               /* either this */
    struct wzp_codec2_coder *codec2; /* or that */
};

static bool set_up_opus(OpusEncoder *opus, const struct wzp_encoder_config *config)
{
    return opus_encoder_ctl(opus, OPUS_SET_BITRATE((opus_int32)wzp_codec_id_bitrate_bps(config->codec))) ==
               OPUS_OK &&
           opus_encoder_ctl(opus, OPUS_SET_SIGNAL(OPUS_SIGNAL_VOICE)) == OPUS_OK &&
           opus_encoder_ctl(opus, OPUS_SET_COMPLEXITY(OPUS_COMPLEXITY)) == OPUS_OK &&
           opus_encoder_ctl(opus, OPUS_SET_VBR(!config->constant_bitrate)) == OPUS_OK &&
           opus_encoder_ctl(opus, OPUS_SET_DTX(config->dtx)) == OPUS_OK &&
           opus_encoder_ctl(opus, OPUS_SET_INBAND_FEC(config->inband_fec)) == OPUS_OK &&
           opus_encoder_ctl(opus, OPUS_SET_PACKET_LOSS_PERC(config->expected_loss_pct)) == OPUS_OK;
}

static enum wzp_err open_opus(struct wzp_encoder *encoder, const struct wzp_encoder_config *config)
{
    int code = OPUS_OK;
    encoder->opus = opus_encoder_create(WZP_CODEC_SAMPLE_HZ, 1, OPUS_APPLICATION_VOIP, &code);
    if (!encoder->opus) {
        return code == OPUS_ALLOC_FAIL ? WZP_ENOMEM : WZP_ECODEC;
    }
    return set_up_opus(encoder->opus, config) ? WZP_OK : WZP_ECODEC;
}

enum wzp_err wzp_encoder_new(const struct wzp_encoder_config *config, struct wzp_encoder **out_encoder)
{
    bool is_opus = wzp_codec_id_is_opus(config->codec);
    bool is_codec = config->codec < WZP_CODECS && (is_opus || wzp_codec_id_is_codec2(config->codec));
    if (!is_codec || config->expected_loss_pct > 100) {
        return WZP_EINVAL;
    }
    WZP_AUTO(wzp_encoder_freep) struct wzp_encoder *encoder = calloc(1, sizeof *encoder);
    if (!encoder) {
        return WZP_ENOMEM;
    }
    encoder->codec = config->codec;
    encoder->frame_samples = wzp_codec_frame_samples(config->codec);
    enum wzp_err err = is_opus ? open_opus(encoder, config)
                               : wzp_codec2_coder_new(config->codec, WZP_CODEC2_ENCODE, &encoder->codec2);
    if (err != WZP_OK) {
        return err;
    }
    *out_encoder = wzp_take(encoder);
    return WZP_OK;
}

void wzp_encoder_free(struct wzp_encoder *encoder)
{
    if (!encoder) {
        return;
    }
    if (encoder->opus) {
        opus_encoder_destroy(encoder->opus);
    }
    wzp_codec2_coder_free(encoder->codec2);
    free(encoder);
}

void wzp_encoder_freep(struct wzp_encoder **encoder)
{
    wzp_encoder_free(*encoder);
}

enum wzp_codec_id wzp_encoder_codec(const struct wzp_encoder *encoder)
{
    return encoder->codec;
}

size_t wzp_encoder_frame_samples(const struct wzp_encoder *encoder)
{
    return encoder->frame_samples;
}

enum wzp_err wzp_encoder_encode(struct wzp_encoder *encoder, const int16_t *samples,
                                uint8_t packet[static WZP_CODEC_MAX_PACKET_BYTES], size_t *out_size)
{
    if (encoder->codec2) {
        wzp_codec2_coder_encode(encoder->codec2, samples, packet);
        *out_size = wzp_codec2_coder_packet_bytes(encoder->codec2);
        return WZP_OK;
    }
    opus_int32 size =
        opus_encode(encoder->opus, samples, (int)encoder->frame_samples, packet, OPUS_LARGEST_OUT);
    if (size <= 0) {
        return WZP_ECODEC;
    }
    *out_size = (size_t)size;
    return WZP_OK;
}

void wzp_encoder_expect_loss(struct wzp_encoder *encoder, uint8_t loss_pct)
{
    if (encoder->opus) {
        opus_encoder_ctl(encoder->opus, OPUS_SET_PACKET_LOSS_PERC(loss_pct > 100 ? 100 : loss_pct));
    }
}
