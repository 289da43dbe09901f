/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/fedtag.h"

#include <string.h>

#include "base/bytes.h"
#include "proto/media.h"

#define HOPS_AT  (WZP_FEDTAG_ROOM_BYTES + WZP_FEDTAG_ORIGIN_BYTES)
#define LEVEL_AT (HOPS_AT + 1)

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
    if (size < WZP_FEDTAG_G2_BYTES ||
        !wzp_media_is_valid(bytes + WZP_FEDTAG_G2_BYTES, size - WZP_FEDTAG_G2_BYTES)) {
        return WZP_EMALFORMED;
    }
    struct wzp_fedtag *tag = &out_packet->tag;
    memcpy(tag->room, bytes, WZP_FEDTAG_ROOM_BYTES);
    memcpy(tag->origin, bytes + WZP_FEDTAG_ROOM_BYTES, WZP_FEDTAG_ORIGIN_BYTES);
    uint8_t hops = bytes[HOPS_AT];
    tag->hops = hops < WZP_FEDTAG_MAX_HOPS ? hops : WZP_FEDTAG_MAX_HOPS;
    tag->level = bytes[LEVEL_AT];
    out_packet->media = bytes + WZP_FEDTAG_G2_BYTES;
    out_packet->media_size = size - WZP_FEDTAG_G2_BYTES;
    return WZP_OK;
}

void wzp_fedtag_g1_write(const struct wzp_fedtag *tag, uint8_t out_bytes[static WZP_FEDTAG_G1_BYTES])
{
    memcpy(out_bytes, tag->room, WZP_FEDTAG_ROOM_BYTES);
}

void wzp_fedtag_g2_write(const struct wzp_fedtag *tag, uint8_t out_bytes[static WZP_FEDTAG_G2_BYTES])
{
    memcpy(out_bytes, tag->room, WZP_FEDTAG_ROOM_BYTES);
    memcpy(out_bytes + WZP_FEDTAG_ROOM_BYTES, tag->origin, WZP_FEDTAG_ORIGIN_BYTES);
    out_bytes[HOPS_AT] = tag->hops;
    out_bytes[LEVEL_AT] = tag->level;
}
