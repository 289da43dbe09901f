/* SPDX-License-Identifier: Apache-2.0 */
/* One decoder gets packets of all codecs: [what to do and codec][size][bytes]... */
#include <stdlib.h>

#include "audio/decoder.h"
#include "base/bytes.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wzp_decoder *decoder = NULL;
    if (wzp_decoder_new(&decoder) != WZP_OK) {
        return 0;
    }
    struct wzp_reader reader = wzp_reader_of(data, size);
    for (int i = 0; i < 64 && wzp_reader_left(&reader) > 0; i++) {
        static int16_t samples[WZP_CODEC_MAX_PACKET_SAMPLES];
        uint8_t head = wzp_read_u8(&reader);
        size_t n_bytes = wzp_min_size(wzp_read_u8(&reader), wzp_reader_left(&reader));
        struct wzp_decoder_packet packet = {.codec = (enum wzp_codec_id)(head & 15), .size = n_bytes};
        packet.bytes = wzp_read_bytes(&reader, n_bytes);
        size_t n = 0;
        if (head & 16) {
            n = wzp_decoder_recover(decoder, &packet, samples);
        }
        if (head & 32) {
            n = wzp_decoder_conceal(decoder, samples);
        }
        if (wzp_decoder_decode(decoder, &packet, samples, &n) == WZP_OK && n > WZP_CODEC_MAX_PACKET_SAMPLES) {
            abort();
        }
    }
    wzp_decoder_free(decoder);
    return 0;
}
