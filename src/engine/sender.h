/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Turns audio into media packets on an absolute clock: frame n is due at start + n frames exactly, each
 * repair half a frame after a source packet. Pure: it is asked with `now` and answers with packets.
 *
 *     while (wzp_sender_next(sender, now, packet, &size) == WZP_OK) { send }
 *     wake at wzp_sender_deadline(sender)
 *
 * A caller that comes late gets what was due, packet after packet, up to WZP_SENDER_CATCH_UP; where it is
 * later still, the clock moves and nothing is skipped.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <wzp/error.h>

#include "base/attr.h"
#include "base/random.h"
#include "base/us.h"
#include "fec/repair.h"
#include "proto/media.h"
#include "proto/profile.h"

#define WZP_SENDER_PACKET_BYTES 1152             /* fits every path: QUIC's smallest packet leaves 1,162 */
#define WZP_SENDER_CATCH_UP     (1 * WZP_SECOND) /* of audio that is sent in one go after a delay */
#define WZP_SENDER_REPORT_EVERY (1 * WZP_SECOND)

struct wzp_sender;

/** Fills `samples` with the next `n_samples` (48 kHz, mono); false at the end of the audio. */
typedef bool (*wzp_sender_read_fn)(void *context, int16_t *samples, size_t n_samples);

struct wzp_sender_config {
    const struct wzp_profile *profile; /* copied */
    const struct wzp_random *random;   /* for the first numbers; used in wzp_sender_new only */
    wzp_sender_read_fn read;
    void *context;
    bool sends_levels; /* the relay takes audio levels: wire-protocol section 7 */
};

/** What has been made so far. */
struct wzp_sender_counts {
    uint64_t frames, repairs, bytes;
    uint64_t frames_failed; /* the codec gave an error; the frame's time passed */
};

/** The first frame is due at `start`. WZP_EUNSUPPORTED: no codec for the profile. WZP_ENOMEM. */
WZP_MUST_USE enum wzp_err wzp_sender_new(const struct wzp_sender_config *config, wzp_us start,
                                         struct wzp_sender **out_sender);

/** Takes NULL. */
void wzp_sender_free(struct wzp_sender *sender);

/** When the next packet is due; WZP_NEVER after the last one. */
wzp_us wzp_sender_deadline(const struct wzp_sender *sender);

/** The next packet. WZP_EAGAIN: none is due at `now`. WZP_ECLOSED: the audio has ended. */
WZP_MUST_USE enum wzp_err wzp_sender_next(struct wzp_sender *sender, wzp_us now,
                                          uint8_t out_bytes[static WZP_SENDER_PACKET_BYTES],
                                          size_t *out_size);

/** What the quality reports say from now on; without it there are none. One goes out a second. */
void wzp_sender_set_quality(struct wzp_sender *sender, const struct wzp_media_quality *quality);

const struct wzp_sender_counts *wzp_sender_counts(const struct wzp_sender *sender);
