/* SPDX-License-Identifier: Apache-2.0 */
/* One decoder gets packets of all kinds: [kind][number step][ordinal step][size][bytes]... */
#include <stdlib.h>

#include "base/bytes.h"
#include "fec/window_decoder.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void take_all(struct wzp_window_decoder *decoder)
{
    struct wzp_window_packet back;
    for (int n = 0; wzp_window_decoder_take(decoder, &back) == WZP_OK; n++) {
        if (n > 1000 || back.size > WZP_REPAIR_MAX_FRAME_BYTES) {
            abort();
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wzp_window_decoder *decoder = NULL;
    if (wzp_window_decoder_new(1280, &decoder) != WZP_OK) {
        return 0;
    }
    struct wzp_reader reader = wzp_reader_of(data, size);
    struct wzp_window_packet packet = {0};
    while (wzp_reader_left(&reader) > 0) {
        uint8_t kind = wzp_read_u8(&reader);
        packet.seq = (uint16_t)(packet.seq + (int8_t)wzp_read_u8(&reader));
        packet.ordinal += (uint32_t)(int8_t)wzp_read_u8(&reader);
        packet.size = wzp_min_size(wzp_read_u8(&reader), wzp_reader_left(&reader));
        packet.frame = wzp_read_bytes(&reader, packet.size);
        struct wzp_repair repair;
        if (!packet.frame) {
            break;
        }
        if (kind % 3 == 0) {
            wzp_window_decoder_source(decoder, &packet);
        } else if (kind % 3 == 1) {
            wzp_window_decoder_other(decoder, packet.seq);
        } else if (wzp_repair_read(packet.frame, packet.size, &repair) == WZP_OK) {
            repair.newest = (uint16_t)(packet.seq - (repair.newest & 15));
            wzp_window_decoder_repair(decoder, packet.seq, &repair);
        }
        take_all(decoder);
    }
    wzp_window_decoder_free(decoder);
    return 0;
}
