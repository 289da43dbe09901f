/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "proto/media.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/** What reads writes back to the same bytes, but for the two unused bits; the accessors agree. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct wzp_media_packet packet;
    bool is_valid = wzp_media_read(bytes, size, &packet) == WZP_OK;
    if (is_valid != wzp_media_is_valid(bytes, size)) {
        abort();
    }
    if (!is_valid) {
        return 0;
    }
    uint8_t *again = malloc(size);
    size_t written = 0;
    if (!again || wzp_media_write(&packet, again, size, &written) != WZP_OK || written != size) {
        abort();
    }
    if (again[0] != bytes[0] || again[1] != (bytes[1] & 0xfc) ||
        memcmp(again + 2, bytes + 2, size - 2) != 0) {
        abort();
    }
    if (wzp_media_seq(bytes) != packet.header.seq || wzp_media_stream(bytes) != packet.header.stream) {
        abort();
    }
    free(again);
    return 0;
}
