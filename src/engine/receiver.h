/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Media datagrams of a whole room to one line of audio. Pure: it is fed with `now`, and asked for blocks on a
 * playout clock of its own, which starts with the first audio packet.
 *
 *   datagram -> stream number, or demux where there is none -> jitter buffer and decoder of that speaker
 *   each 20 ms: one block of each speaker -> mix
 *
 * Repairs are counted, and their numbers noted so that they are not taken for lost speech.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <wzp/error.h>

#include "base/attr.h"
#include "base/us.h"

#define WZP_RECEIVER_BLOCK_US      (20 * WZP_MS)
#define WZP_RECEIVER_BLOCK_SAMPLES 960
#define WZP_RECEIVER_STREAMS       32               /* speakers at a time; the packets of more are dropped */
#define WZP_RECEIVER_IDLE          (5 * WZP_SECOND) /* a speaker silent for longer gives up his place */

struct wzp_receiver;

struct wzp_receiver_config {
    wzp_us delay;        /* how long audio waits for its neighbours */
    bool trusts_numbers; /* the relay is second generation: stream numbers are its own */
    bool decodes;        /* else everything is counted, and silent */
    bool waits_for_late; /* recordings: the line stands still while everybody's packets are late */
};

/** What a block is. */
enum wzp_block_kind {
    WZP_BLOCK_SILENT, /* nobody talks */
    WZP_BLOCK_HELD,   /* nothing has come in time: the same block again, later. With `waits_for_late` only */
    WZP_BLOCK_AUDIO,
};

struct wzp_block {
    enum wzp_block_kind kind;
    int16_t samples[WZP_RECEIVER_BLOCK_SAMPLES]; /* zeros but for AUDIO */
};

/** Over all streams since the start. */
struct wzp_receiver_counts {
    uint64_t frames, repairs, comfort; /* packets accepted */
    uint64_t played, concealed, lost, late, duplicates;
    uint64_t malformed;   /* no media packets */
    uint64_t undecodable; /* refused by their codec, or by the jitter buffer */
    uint64_t crowded_out; /* packets of more speakers than fit */
    uint64_t streams;     /* speakers so far */
    wzp_us buffered;      /* audio waiting now, of the speaker with the most */
    wzp_us jitter;        /* of the speaker heard last */
};

/** WZP_ENOMEM. */
WZP_MUST_USE enum wzp_err wzp_receiver_new(const struct wzp_receiver_config *config,
                                           struct wzp_receiver **out_receiver);

/** Takes NULL. */
void wzp_receiver_free(struct wzp_receiver *receiver);

/** A datagram, whatever it is. */
void wzp_receiver_feed(struct wzp_receiver *receiver, const uint8_t *bytes, size_t size, wzp_us now);

/** When the next block is due; WZP_NEVER before the first audio packet. */
wzp_us wzp_receiver_deadline(const struct wzp_receiver *receiver);

/** The next block. WZP_EAGAIN: none is due at `now`. */
WZP_MUST_USE enum wzp_err wzp_receiver_next(struct wzp_receiver *receiver, wzp_us now,
                                            struct wzp_block *out_block);

/** Whether audio waits: at the end of a call, take blocks ahead of time until there is none. */
bool wzp_receiver_has_audio(const struct wzp_receiver *receiver);

void wzp_receiver_counts(const struct wzp_receiver *receiver, struct wzp_receiver_counts *out_counts);
