/* SPDX-License-Identifier: Apache-2.0 */
/* One jitter buffer gets datagrams at any times: [ms since the last][pops][size][datagram]... */
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "proto/jitter.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void pop(struct wzp_jitter *jitter, wzp_us now)
{
    struct wzp_jitter_frame frame;
    wzp_jitter_pop(jitter, now, &frame);
    uint8_t copy[WZP_JITTER_MAX_BYTES];
    if (frame.payload_size > 0) {
        memcpy(copy, frame.payload, frame.payload_size);
    }
    if ((frame.kind == WZP_JITTER_NOTHING) != (frame.duration_us == 0)) {
        abort();
    }
}

static void push(struct wzp_jitter *jitter, const uint8_t *bytes, size_t size, wzp_us now)
{
    struct wzp_media_packet packet;
    if (wzp_media_read(bytes, size, &packet) == WZP_OK) {
        wzp_jitter_push(jitter, &packet, now);
    }
    struct wzp_jitter_stats stats;
    wzp_jitter_stats(jitter, &stats);
    if (stats.n_frames > WZP_JITTER_MAX_FRAMES || stats.buffered_us < 0) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wzp_reader reader = wzp_reader_of(data, size);
    struct wzp_jitter_config config = {.delay_us = wzp_read_u8(&reader) * WZP_MS,
                                       .slack_us = wzp_read_u8(&reader) * WZP_MS};
    struct wzp_jitter *jitter = NULL;
    if (wzp_jitter_new(&config, &jitter) != WZP_OK) {
        return 0;
    }
    wzp_us now = 0;
    while (wzp_reader_left(&reader) > 0) {
        now += wzp_read_u8(&reader) * WZP_MS;
        for (uint8_t n = wzp_read_u8(&reader) & 7; n > 0; n--) {
            pop(jitter, now);
        }
        size_t n_bytes = wzp_min_size(wzp_read_u8(&reader), wzp_reader_left(&reader));
        const uint8_t *bytes = wzp_read_bytes(&reader, n_bytes);
        if (bytes) {
            push(jitter, bytes, n_bytes, now);
        }
    }
    wzp_jitter_free(jitter);
    return 0;
}
