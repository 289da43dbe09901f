/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "proto/fedtag.h"
#include "proto/media.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void check(const struct wzp_fedtag_packet *packet, const uint8_t *bytes, size_t size, size_t tag_size)
{
    if (packet->media != bytes + tag_size || packet->media_size != size - tag_size ||
        !wzp_media_is_valid(packet->media, packet->media_size) || packet->tag.hops > WZP_FEDTAG_MAX_HOPS) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct wzp_fedtag_packet packet;
    uint8_t again[WZP_FEDTAG_G2_BYTES];
    if (wzp_fedtag_g1_read(bytes, size, &packet) == WZP_OK) {
        check(&packet, bytes, size, WZP_FEDTAG_G1_BYTES);
        wzp_fedtag_g1_write(&packet.tag, again);
        if (memcmp(again, bytes, WZP_FEDTAG_G1_BYTES) != 0) {
            abort();
        }
    }
    if (wzp_fedtag_g2_read(bytes, size, &packet) == WZP_OK) {
        check(&packet, bytes, size, WZP_FEDTAG_G2_BYTES);
        wzp_fedtag_g2_write(&packet.tag, again);
        if (memcmp(again, bytes, 16) != 0 || again[16] > bytes[16] || again[17] != bytes[17]) {
            abort();
        }
    }
    return 0;
}
