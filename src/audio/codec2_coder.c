/* SPDX-License-Identifier: Apache-2.0 */
#include "audio/codec2_coder.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <codec2/codec2.h>
#include <speex/speex_resampler.h>

enum {
    CODEC2_HZ = 8000,
    FACTOR = WZP_CODEC_SAMPLE_HZ / CODEC2_HZ,
    MAX_SAMPLES_8K = WZP_CODEC_MAX_FRAME_SAMPLES / FACTOR,
    RESAMPLER_QUALITY =
        5, /* of 10: 80 taps at the low rate, -80 dB; below that the codec's own noise hides it */
};

struct wzp_codec2_coder {
    struct CODEC2 *codec2;
    SpeexResamplerState *resampler;
    size_t n_samples_8k; /* of a frame */
    size_t packet_bytes;
    int16_t samples_8k[MAX_SAMPLES_8K];
};

enum wzp_err wzp_codec2_coder_new(enum wzp_codec_id codec, enum wzp_codec2_direction direction,
                                  struct wzp_codec2_coder **out_coder)
{
    if (!wzp_codec_id_is_codec2(codec)) {
        return WZP_EINVAL;
    }
    WZP_AUTO(wzp_codec2_coder_freep) struct wzp_codec2_coder *coder = calloc(1, sizeof *coder);
    if (!coder) {
        return WZP_ENOMEM;
    }
    coder->codec2 = codec2_create(codec == WZP_CODEC_CODEC2_3200 ? CODEC2_MODE_3200 : CODEC2_MODE_1200);
    bool encodes = direction == WZP_CODEC2_ENCODE;
    coder->resampler =
        speex_resampler_init(1, encodes ? WZP_CODEC_SAMPLE_HZ : CODEC2_HZ,
                             encodes ? CODEC2_HZ : WZP_CODEC_SAMPLE_HZ, RESAMPLER_QUALITY, NULL);
    if (!coder->codec2 || !coder->resampler) {
        return WZP_ENOMEM;
    }
    coder->n_samples_8k = (size_t)codec2_samples_per_frame(coder->codec2);
    coder->packet_bytes = ((size_t)codec2_bits_per_frame(coder->codec2) + 7) / 8;
    assert(coder->n_samples_8k * FACTOR == wzp_codec_frame_samples(codec));
    *out_coder = wzp_take(coder);
    return WZP_OK;
}

void wzp_codec2_coder_free(struct wzp_codec2_coder *coder)
{
    if (!coder) {
        return;
    }
    if (coder->codec2) {
        codec2_destroy(coder->codec2);
    }
    if (coder->resampler) {
        speex_resampler_destroy(coder->resampler);
    }
    free(coder);
}

void wzp_codec2_coder_freep(struct wzp_codec2_coder **coder)
{
    wzp_codec2_coder_free(*coder);
}

size_t wzp_codec2_coder_packet_bytes(const struct wzp_codec2_coder *coder)
{
    return coder->packet_bytes;
}

/** The rates have a whole ratio, so that every frame in is a frame out; what a new filter holds back is zero.
 */
static void resample(struct wzp_codec2_coder *coder, const int16_t *from, size_t n_from, int16_t *to,
                     size_t n_to)
{
    spx_uint32_t n_in = (spx_uint32_t)n_from;
    spx_uint32_t n_out = (spx_uint32_t)n_to;
    speex_resampler_process_int(coder->resampler, 0, from, &n_in, to, &n_out);
    assert(n_in == n_from && n_out == n_to);
}

void wzp_codec2_coder_encode(struct wzp_codec2_coder *coder, const int16_t *samples, uint8_t *packet)
{
    resample(coder, samples, coder->n_samples_8k * FACTOR, coder->samples_8k, coder->n_samples_8k);
    codec2_encode(coder->codec2, packet, coder->samples_8k);
}

void wzp_codec2_coder_decode(struct wzp_codec2_coder *coder, const uint8_t *packet, int16_t *samples)
{
    codec2_decode(coder->codec2, coder->samples_8k, packet);
    resample(coder, coder->samples_8k, coder->n_samples_8k, samples, coder->n_samples_8k * FACTOR);
}
