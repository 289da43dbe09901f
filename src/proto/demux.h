/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tells speakers apart whose packets carry no stream number (they come through a first-generation relay).
 *
 * Each packet is weighed against every stream that was heard lately: continuity of sequence numbers against
 * arrival times, progress of timestamp and FEC block, codec, and whether the number was seen already (with
 * the same content: a duplicate; with other content: another speaker). Source: G1 section 3.4. One value of
 * fixed size, no allocation; only packets with WZP_MEDIA_NO_STREAM belong here.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <wzp/error.h>

#include "base/attr.h"
#include "base/us.h"
#include "proto/media.h"

#define WZP_DEMUX_STREAMS   32                    /* speakers at a time */
#define WZP_DEMUX_WINDOW    128                   /* numbers per stream in which duplicates are recognised */
#define WZP_DEMUX_SILENT_US (3 * (wzp_us)1000000) /* a stream silent for longer is over */

/** The fields are the module's own; they are here so that a caller can hold the whole by value. */
struct wzp_demux_stream {
    uint32_t id; /* 0: never used */
    uint32_t n_packets;
    wzp_us last_us;                   /* arrival of the last packet but duplicates */
    wzp_us newest_us;                 /* arrival of `newest` */
    uint16_t newest;                  /* highest number so far */
    uint16_t frame_ms;                /* what a source packet plays */
    uint16_t units_per_ms;            /* of the timestamp: 1, or 48 for samples; 0 while neither was seen */
    double lag;                       /* of `newest`, in frames behind the stream's schedule */
    int32_t block_numbers;            /* sequence numbers of an FEC block; 0: not known */
    int32_t block_guess;              /* what the last step from block to block said */
    enum wzp_codec_id speech;         /* the last codec that was not comfort noise */
    struct wzp_media_header head;     /* of `newest` */
    uint32_t marks[WZP_DEMUX_WINDOW]; /* content of the numbers seen, by their low bits; 0: not seen */
};

struct wzp_demux {
    uint32_t last_id;
    struct wzp_demux_stream streams[WZP_DEMUX_STREAMS];
};

struct wzp_demux_place {
    uint32_t id;       /* never reused: where a slot's id changes, its old stream is over */
    uint8_t slot;      /* 0 to WZP_DEMUX_STREAMS - 1: keep one jitter buffer and decoder per slot */
    bool is_new;       /* the first packet of a stream: start the slot afresh */
    bool is_duplicate; /* this number was there already; the packet may be dropped */
};

void wzp_demux_init(struct wzp_demux *demux);

/** Where `packet` belongs. WZP_ELIMIT: a new speaker, and every slot is busy; drop the packet. */
WZP_MUST_USE enum wzp_err wzp_demux_feed(struct wzp_demux *demux, const struct wzp_media_packet *packet,
                                         wzp_us now, struct wzp_demux_place *out_place);

/** Whether the stream in `slot` was heard within WZP_DEMUX_SILENT_US and still has the number `id`. */
bool wzp_demux_is_live(const struct wzp_demux *demux, size_t slot, uint32_t id, wzp_us now);
