/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "base/bytes.h"
#include "proto/demux.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/** Packets of ten bytes: time since the last, flags, number, timestamp, block, index. Each one, fed again, is
 * a duplicate in the same place. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct wzp_reader reader = wzp_reader_of(bytes, size);
    struct wzp_demux demux;
    wzp_us now = 0;
    wzp_demux_init(&demux);
    while (wzp_reader_left(&reader) >= 10) {
        struct wzp_media_packet packet = {0};
        now += wzp_read_u8(&reader) * WZP_MS;
        uint8_t flags = wzp_read_u8(&reader);
        packet.header.codec = (enum wzp_codec_id)((flags & 15) % WZP_CODECS);
        packet.header.is_repair = flags & 16;
        packet.header.is_sealed = flags & 32;
        packet.header.fec_ratio = flags >> 6;
        packet.header.seq = wzp_read_u16(&reader);
        packet.header.timestamp = wzp_read_u32(&reader);
        packet.header.fec_block = wzp_read_u8(&reader);
        packet.header.fec_index = wzp_read_u8(&reader);
        struct wzp_demux_place first;
        struct wzp_demux_place second;
        if (wzp_demux_feed(&demux, &packet, now, &first) != WZP_OK) {
            continue;
        }
        if (wzp_demux_feed(&demux, &packet, now, &second) != WZP_OK || !second.is_duplicate ||
            second.id != first.id || first.slot >= WZP_DEMUX_STREAMS ||
            (!first.is_duplicate && !wzp_demux_is_live(&demux, first.slot, first.id, now))) {
            abort();
        }
    }
    return 0;
}
