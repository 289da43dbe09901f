/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/fedtag.h"

#include <string.h>

#include "base/bytes.h"
#include "proto/media.h"

static enum wzp_err take_media(const struct wzp_reader *reader, struct wzp_fedtag_packet *packet)
{
    packet->media = reader->at;
    packet->media_size = wzp_reader_left(reader);
    return !reader->failed && wzp_media_is_valid(packet->media, packet->media_size) ? WZP_OK : WZP_EMALFORMED;
}

static void copy_bytes(struct wzp_reader *reader, uint8_t *out_bytes, size_t size)
{
    const uint8_t *bytes = wzp_read_bytes(reader, size);
    if (bytes) {
        memcpy(out_bytes, bytes, size);
    }
}

enum wzp_err wzp_fedtag_g1_read(const uint8_t *bytes, size_t size, struct wzp_fedtag_packet *out_packet)
{
    struct wzp_reader reader = wzp_reader_of(bytes, size);
    struct wzp_fedtag_packet packet = {0};
    copy_bytes(&reader, packet.tag.room, WZP_FEDTAG_ROOM_BYTES);
    enum wzp_err err = take_media(&reader, &packet);
    if (err != WZP_OK) {
        return err;
    }
    *out_packet = packet;
    return WZP_OK;
}

enum wzp_err wzp_fedtag_g2_read(const uint8_t *bytes, size_t size, struct wzp_fedtag_packet *out_packet)
{
    struct wzp_reader reader = wzp_reader_of(bytes, size);
    struct wzp_fedtag_packet packet = {0};
    copy_bytes(&reader, packet.tag.room, WZP_FEDTAG_ROOM_BYTES);
    copy_bytes(&reader, packet.tag.origin, WZP_FEDTAG_ORIGIN_BYTES);
    uint8_t hops = wzp_read_u8(&reader);
    packet.tag.hops = hops < WZP_FEDTAG_MAX_HOPS ? hops : WZP_FEDTAG_MAX_HOPS;
    packet.tag.level = wzp_read_u8(&reader);
    enum wzp_err err = take_media(&reader, &packet);
    if (err != WZP_OK) {
        return err;
    }
    *out_packet = packet;
    return WZP_OK;
}

void wzp_fedtag_g1_write(const struct wzp_fedtag *tag, uint8_t out_bytes[static WZP_FEDTAG_G1_BYTES])
{
    memcpy(out_bytes, tag->room, WZP_FEDTAG_ROOM_BYTES);
}

void wzp_fedtag_g2_write(const struct wzp_fedtag *tag, uint8_t out_bytes[static WZP_FEDTAG_G2_BYTES])
{
    struct wzp_writer writer = wzp_writer_of(out_bytes, WZP_FEDTAG_G2_BYTES);
    wzp_write_bytes(&writer, tag->room, WZP_FEDTAG_ROOM_BYTES);
    wzp_write_bytes(&writer, tag->origin, WZP_FEDTAG_ORIGIN_BYTES);
    wzp_write_u8(&writer, tag->hops);
    wzp_write_u8(&writer, tag->level);
}
