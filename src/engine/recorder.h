/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A recording: the receiver's blocks into a file, from the first audio to the last.
 *
 * Silence is written when audio follows it, so that none stands at the end; a silence longer than
 * WZP_RECORDER_SILENCE is written as it goes on. What the receiver held (packets late all together) was no
 * time if audio came after it, and is silence if none did.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <wzp/error.h>

#include "audio/pcm_writer.h"
#include "base/attr.h"
#include "engine/receiver.h"

#define WZP_RECORDER_SILENCE (120 * WZP_SECOND)

struct wzp_recorder;

/** As wzp_pcm_writer_open. */
WZP_MUST_USE enum wzp_err wzp_recorder_open(const char *path, char out_message[static WZP_PCM_MESSAGE_BYTES],
                                            struct wzp_recorder **out_recorder);

/** WZP_EIO: the disk is full or gone. */
WZP_MUST_USE enum wzp_err wzp_recorder_add(struct wzp_recorder *recorder, const struct wzp_block *block);

/** Samples recorded so far. */
uint64_t wzp_recorder_samples(const struct wzp_recorder *recorder);

/** The largest sample so far, 0 to 1. */
double wzp_recorder_peak(const struct wzp_recorder *recorder);

/** Finishes the file and frees the recorder, in any case. As wzp_pcm_writer_close. */
WZP_MUST_USE enum wzp_err wzp_recorder_close(struct wzp_recorder *recorder,
                                             char out_message[static WZP_PCM_MESSAGE_BYTES]);

/** Drops the recording: there was no call. Takes NULL. */
void wzp_recorder_abort(struct wzp_recorder *recorder);
