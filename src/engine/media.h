/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The audio of a call, with its timers:
 *
 *   source (tone, file, silence) -> sender -> the call
 *   the call -> receiver (a jitter buffer and decoder a speaker, mixed) -> recorder
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <wzp/engine.h>
#include <wzp/error.h>

#include "base/attr.h"
#include "base/us.h"
#include "engine/call.h"
#include "engine/events.h"
#include "net/loop.h"
#include "proto/profile.h"

struct wzp_media;

/** What the audio side asks of its owner. */
struct wzp_media_handler {
    /** Sends a packet. */
    void (*on_packet)(void *context, const uint8_t *bytes, size_t size, wzp_us now);
    /** The source has been sent to its end; once. */
    void (*on_sent)(void *context, wzp_us now);
};

struct wzp_media_config {
    struct wzp_loop *loop;     /* borrowed, as the next three */
    struct wzp_events *events; /* for warnings */
    const struct wzp_media_handler *handler;
    void *context;
    const struct wzp_profile *profile;
    const struct wzp_engine_config *engine; /* sources and sinks; borrowed for the call of wzp_media_new */
};

/** Opens the files. On failure `out_message` says what is wrong, for people. */
WZP_MUST_USE enum wzp_err wzp_media_new(const struct wzp_media_config *config,
                                        char out_message[static WZP_EVENT_MESSAGE_BYTES],
                                        struct wzp_media **out_media);

/** Takes NULL. Closes the recording where it still is open. */
void wzp_media_free(struct wzp_media *media);

/** The call is active: sends from `now` on, and receives. */
WZP_MUST_USE enum wzp_err wzp_media_start(struct wzp_media *media, const struct wzp_call_answer *answer,
                                          wzp_us now);

/** A datagram from the relay; whatever it is. */
void wzp_media_feed(struct wzp_media *media, const uint8_t *bytes, size_t size, wzp_us now);

/** The call is over: plays out what waits, and closes the recording. */
void wzp_media_stop(struct wzp_media *media);

/** Once a second: what the network does goes into the quality reports. */
void wzp_media_second(struct wzp_media *media, const struct wzp_conn_stats *conn);

/** Fills in the figures of audio. */
void wzp_media_stats(const struct wzp_media *media, struct wzp_engine_stats *stats);
