/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/codec_id.h"

#include <string.h>

struct codec {
    const char *name;
    uint32_t bitrate_bps;
    uint8_t frame_ms;
};

static const struct codec codecs[WZP_CODECS] = {
    [WZP_CODEC_OPUS_24K] = {"Opus24k", 24000, 20},       [WZP_CODEC_OPUS_16K] = {"Opus16k", 16000, 20},
    [WZP_CODEC_OPUS_6K] = {"Opus6k", 6000, 40},          [WZP_CODEC_CODEC2_3200] = {"Codec2_3200", 3200, 20},
    [WZP_CODEC_CODEC2_1200] = {"Codec2_1200", 1200, 40}, [WZP_CODEC_COMFORT_NOISE] = {"ComfortNoise", 0, 20},
    [WZP_CODEC_OPUS_32K] = {"Opus32k", 32000, 20},       [WZP_CODEC_OPUS_48K] = {"Opus48k", 48000, 20},
    [WZP_CODEC_OPUS_64K] = {"Opus64k", 64000, 20},
};

const char *wzp_codec_id_name(enum wzp_codec_id codec)
{
    return codecs[codec].name;
}

enum wzp_err wzp_codec_id_find(const char *name, enum wzp_codec_id *out_codec)
{
    for (size_t i = 0; i < WZP_CODECS; i++) {
        if (strcmp(codecs[i].name, name) == 0) {
            *out_codec = (enum wzp_codec_id)i;
            return WZP_OK;
        }
    }
    return WZP_ENOTFOUND;
}

wzp_us wzp_codec_id_frame_us(enum wzp_codec_id codec)
{
    return codecs[codec].frame_ms * WZP_MS;
}

uint32_t wzp_codec_id_bitrate_bps(enum wzp_codec_id codec)
{
    return codecs[codec].bitrate_bps;
}

bool wzp_codec_id_is_opus(enum wzp_codec_id codec)
{
    return codec != WZP_CODEC_COMFORT_NOISE && !wzp_codec_id_is_codec2(codec);
}

bool wzp_codec_id_is_codec2(enum wzp_codec_id codec)
{
    return codec == WZP_CODEC_CODEC2_3200 || codec == WZP_CODEC_CODEC2_1200;
}
