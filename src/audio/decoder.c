/* SPDX-License-Identifier: Apache-2.0 */
#include "audio/decoder.h"

#include <stdlib.h>
#include <string.h>

#include <opus/opus.h>

#include "audio/codec2_coder.h"

enum {
    CODEC2_LARGEST_BYTES = 8,
    COMFORT_DEFAULT_LEVEL = 50, /* G1 section 3.6 */
    OPUS_TOC_CELT = 0x80 /* RFC 6716 section 3.1: configurations 16 to 31, which carry no in-band FEC */
};

struct wzp_decoder {
    enum wzp_codec_id last; /* codec heard last */
    bool has_last;
    size_t n_concealed; /* samples since the last packet that decoded */
    OpusDecoder *opus;  /* one for all rates: the packet says the rest */
    struct wzp_codec2_coder *codec2_3200, *codec2_1200;
    uint8_t codec2_packet[CODEC2_LARGEST_BYTES]; /* the last one, to be repeated */
    uint8_t comfort_level;
    uint32_t noise; /* state of xorshift32 (Marsaglia, 2003), not 0 */
};

enum wzp_err wzp_decoder_new(struct wzp_decoder **out_decoder)
{
    struct wzp_decoder *decoder = calloc(1, sizeof *decoder);
    if (!decoder) {
        return WZP_ENOMEM;
    }
    decoder->noise = 1;
    *out_decoder = decoder;
    return WZP_OK;
}

void wzp_decoder_free(struct wzp_decoder *decoder)
{
    if (!decoder) {
        return;
    }
    if (decoder->opus) {
        opus_decoder_destroy(decoder->opus);
    }
    wzp_codec2_coder_free(decoder->codec2_3200);
    wzp_codec2_coder_free(decoder->codec2_1200);
    free(decoder);
}

void wzp_decoder_freep(struct wzp_decoder **decoder)
{
    wzp_decoder_free(*decoder);
}

static enum wzp_err open_opus(struct wzp_decoder *decoder)
{
    int code = OPUS_OK;
    decoder->opus = opus_decoder_create(WZP_CODEC_SAMPLE_HZ, 1, &code);
    if (!decoder->opus) {
        return code == OPUS_ALLOC_FAIL ? WZP_ENOMEM : WZP_ECODEC;
    }
    return WZP_OK;
}

static struct wzp_codec2_coder **codec2_of(struct wzp_decoder *decoder, enum wzp_codec_id codec)
{
    return codec == WZP_CODEC_CODEC2_3200 ? &decoder->codec2_3200 : &decoder->codec2_1200;
}

enum wzp_err wzp_decoder_prepare(struct wzp_decoder *decoder, enum wzp_codec_id codec)
{
    if (codec >= WZP_CODECS) {
        return WZP_EINVAL;
    }
    if (wzp_codec_id_is_opus(codec)) {
        return decoder->opus ? WZP_OK : open_opus(decoder);
    }
    if (wzp_codec_id_is_codec2(codec)) {
        struct wzp_codec2_coder **coder = codec2_of(decoder, codec);
        return *coder ? WZP_OK : wzp_codec2_coder_new(codec, WZP_CODEC2_DECODE, coder);
    }
    return WZP_OK; /* comfort noise */
}

static size_t make_noise(struct wzp_decoder *decoder, int16_t *samples)
{
    size_t n = wzp_codec_frame_samples(WZP_CODEC_COMFORT_NOISE);
    uint32_t span = 2U * decoder->comfort_level + 1;
    for (size_t i = 0; i < n; i++) {
        decoder->noise ^= decoder->noise << 13;
        decoder->noise ^= decoder->noise >> 17;
        decoder->noise ^= decoder->noise << 5;
        samples[i] = (int16_t)((int32_t)(decoder->noise % span) - decoder->comfort_level);
    }
    return n;
}

static enum wzp_err decode_opus(struct wzp_decoder *decoder, const struct wzp_decoder_packet *packet,
                                int16_t *samples, size_t *out_n_samples)
{
    if (packet->size == 0 || packet->size > INT32_MAX) {
        return WZP_ECODEC;
    }
    int n = opus_decode(decoder->opus, packet->bytes, (opus_int32)packet->size, samples,
                        WZP_CODEC_MAX_PACKET_SAMPLES, 0);
    if (n <= 0) {
        return WZP_ECODEC;
    }
    *out_n_samples = (size_t)n;
    return WZP_OK;
}

static enum wzp_err decode_codec2(struct wzp_decoder *decoder, const struct wzp_decoder_packet *packet,
                                  int16_t *samples, size_t *out_n_samples)
{
    struct wzp_codec2_coder *coder = *codec2_of(decoder, packet->codec);
    if (packet->size != wzp_codec2_coder_packet_bytes(coder)) {
        return WZP_ECODEC;
    }
    memcpy(decoder->codec2_packet, packet->bytes, packet->size);
    wzp_codec2_coder_decode(coder, packet->bytes, samples);
    *out_n_samples = wzp_codec_frame_samples(packet->codec);
    return WZP_OK;
}

/** The payload is one byte, the level; first-generation receivers ignore it, and so some senders may omit it.
 */
static enum wzp_err decode_comfort(struct wzp_decoder *decoder, const struct wzp_decoder_packet *packet,
                                   int16_t *samples, size_t *out_n_samples)
{
    decoder->comfort_level = packet->size > 0 ? packet->bytes[0] : COMFORT_DEFAULT_LEVEL;
    *out_n_samples = make_noise(decoder, samples);
    return WZP_OK;
}

enum wzp_err wzp_decoder_decode(struct wzp_decoder *decoder, const struct wzp_decoder_packet *packet,
                                int16_t samples[static WZP_CODEC_MAX_PACKET_SAMPLES], size_t *out_n_samples)
{
    enum wzp_err err = wzp_decoder_prepare(decoder, packet->codec);
    if (err != WZP_OK) {
        return err == WZP_EINVAL ? WZP_ECODEC : err;
    }
    if (wzp_codec_id_is_opus(packet->codec)) {
        err = decode_opus(decoder, packet, samples, out_n_samples);
    } else if (wzp_codec_id_is_codec2(packet->codec)) {
        err = decode_codec2(decoder, packet, samples, out_n_samples);
    } else {
        err = decode_comfort(decoder, packet, samples, out_n_samples);
    }
    if (err == WZP_OK) {
        decoder->last = packet->codec;
        decoder->has_last = true;
        decoder->n_concealed = 0;
    }
    return err;
}

/** Turns `n` samples down that are the `at`-th and following since the last packet. */
static void fade(int16_t *samples, size_t n, size_t at)
{
    enum { LENGTH = WZP_DECODER_FADE_END_SAMPLES - WZP_DECODER_FADE_START_SAMPLES };
    for (size_t i = at < WZP_DECODER_FADE_START_SAMPLES ? wzp_min_size(n, WZP_DECODER_FADE_START_SAMPLES - at)
                                                        : 0;
         i < n; i++) {
        int32_t left = (int32_t)WZP_DECODER_FADE_END_SAMPLES - (int32_t)(at + i);
        samples[i] = left > 0 ? (int16_t)(samples[i] * left / LENGTH) : 0;
    }
}

/** One more frame from the state of the last codec; false where that failed. */
static bool extrapolate(struct wzp_decoder *decoder, int16_t *samples, size_t n)
{
    if (wzp_codec_id_is_opus(decoder->last)) {
        return opus_decode(decoder->opus, NULL, 0, samples, (int)n, 0) == (int)n;
    }
    wzp_codec2_coder_decode(*codec2_of(decoder, decoder->last), decoder->codec2_packet, samples);
    return true;
}

size_t wzp_decoder_conceal(struct wzp_decoder *decoder, int16_t samples[static WZP_CODEC_MAX_FRAME_SAMPLES])
{
    if (decoder->has_last && decoder->last == WZP_CODEC_COMFORT_NOISE) {
        return make_noise(decoder, samples);
    }
    size_t n = decoder->has_last ? wzp_codec_frame_samples(decoder->last)
                                 : wzp_codec_frame_samples(WZP_CODEC_COMFORT_NOISE);
    bool is_over = !decoder->has_last || decoder->n_concealed >= WZP_DECODER_FADE_END_SAMPLES;
    if (is_over || !extrapolate(decoder, samples, n)) {
        memset(samples, 0, n * sizeof *samples);
        return n;
    }
    fade(samples, n, decoder->n_concealed);
    decoder->n_concealed += n;
    return n;
}

static bool can_recover(const struct wzp_decoder *decoder, const struct wzp_decoder_packet *next)
{
    bool is_opus = next->codec < WZP_CODECS && wzp_codec_id_is_opus(next->codec);
    bool follows_opus = decoder->has_last && wzp_codec_id_is_opus(decoder->last);
    bool has_frame = next->size > 1 && next->size <= INT32_MAX;
    return is_opus && follows_opus && has_frame && !(next->bytes[0] & OPUS_TOC_CELT);
}

size_t wzp_decoder_recover(struct wzp_decoder *decoder, const struct wzp_decoder_packet *next,
                           int16_t samples[static WZP_CODEC_MAX_FRAME_SAMPLES])
{
    if (!can_recover(decoder, next)) {
        return wzp_decoder_conceal(decoder, samples);
    }
    size_t n = wzp_codec_frame_samples(next->codec);
    int n_done = opus_decode(decoder->opus, next->bytes, (opus_int32)next->size, samples, (int)n, 1);
    if (n_done != (int)n) {
        return wzp_decoder_conceal(decoder, samples);
    }
    decoder->n_concealed += n;
    return n;
}

void wzp_decoder_reset(struct wzp_decoder *decoder)
{
    decoder->has_last = false;
    decoder->n_concealed = 0;
    if (decoder->opus) {
        opus_decoder_ctl(decoder->opus, OPUS_RESET_STATE);
    }
}
