/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/tap.h"

#include <string.h>

#include "proto/media.h"

void wzp_tap_packet(const struct wzp_relay *relay, const struct wzp_session *session, const uint8_t *bytes,
                    size_t size)
{
    const char *tap = relay->config->debug_tap;
    const char *room = wzp_member_room(session->member);
    struct wzp_media_packet packet;
    if ((strcmp(tap, "*") != 0 && strcmp(tap, room) != 0) || wzp_media_read(bytes, size, &packet) != WZP_OK) {
        return;
    }
    char address[WZP_ADDR_TEXT_BYTES];
    wzp_addr_write(wzp_line_addr(&session->line), address);
    const struct wzp_media_header *header = &packet.header;
    wzp_info(
        relay->log, "TAP",
        "room=%s dir=in addr=%s stream=%u seq=%u codec=%s ts=%u fec_block=%u fec_sym=%u repair=%d len=%zu",
        room, address, wzp_member_stream(session->member), header->seq, wzp_codec_id_name(header->codec),
        (unsigned)header->timestamp, header->fec_block, header->fec_index, header->is_repair,
        packet.payload_size);
}
