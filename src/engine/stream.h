/* SPDX-License-Identifier: Apache-2.0 */
/* One speaker as he is heard: his jitter buffer, his decoder, and the rest of the frame that is being played.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <wzp/error.h>

#include "audio/decoder.h"
#include "base/attr.h"
#include "base/us.h"
#include "proto/jitter.h"
#include "proto/media.h"

struct wzp_stream;

/** What a stream has for a block of the player's. */
enum wzp_stream_play {
    WZP_STREAM_NOTHING, /* he is not talking */
    WZP_STREAM_STARVED, /* he is, but his packets are late; nothing was taken */
    WZP_STREAM_AUDIO,
};

/** Counters since the start; what the jitter buffer counts is not here. */
struct wzp_stream_counts {
    uint64_t concealed;   /* frames made up */
    uint64_t undecodable; /* packets that their codec refused */
};

/** `decodes`: without it audio is counted and timed, but silence. WZP_EINVAL, WZP_ENOMEM. */
WZP_MUST_USE enum wzp_err wzp_stream_new(const struct wzp_jitter_config *jitter, bool decodes,
                                         struct wzp_stream **out_stream);

/** Takes NULL. */
void wzp_stream_free(struct wzp_stream *stream);

/** Another speaker from now on; the counters stay. */
void wzp_stream_reset(struct wzp_stream *stream);

enum wzp_jitter_verdict wzp_stream_push(struct wzp_stream *stream, const struct wzp_media_packet *packet,
                                        wzp_us now);

/**
 * Fills `samples` with the next `n` at virtual time `now`. STARVED takes nothing from the stream: the player
 * may wait, or go on with wzp_stream_conceal.
 */
enum wzp_stream_play wzp_stream_play(struct wzp_stream *stream, wzp_us now, int16_t *samples, size_t n);

/** Fills `samples` with what could have been said. */
void wzp_stream_conceal(struct wzp_stream *stream, int16_t *samples, size_t n);

/** Whether packets or samples wait to be played. */
bool wzp_stream_has_audio(const struct wzp_stream *stream);

void wzp_stream_jitter_stats(const struct wzp_stream *stream, struct wzp_jitter_stats *out_stats);
const struct wzp_stream_counts *wzp_stream_counts(const struct wzp_stream *stream);
