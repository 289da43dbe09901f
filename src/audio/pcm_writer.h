/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Recordings: 48 kHz mono samples into a file, format by the end of its name as in pcm_reader.h.
 *
 * A recording grows as `PATH.part` (`PATH.2.part` and so on where an earlier one was left over) and takes its
 * name when it is closed. One that is killed leaves what there was at PATH, and its own part up to the last
 * second or so. What is no plain file (/dev/stdout, a pipe) is written directly.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <wzp/error.h>

#include "audio/pcm_format.h"
#include "base/attr.h"

struct wzp_pcm_writer;

/** WZP_EIO, WZP_ENOTFOUND (no such folder), WZP_EUNSUPPORTED, WZP_ENOMEM: `out_message` says why, for people.
 */
WZP_MUST_USE enum wzp_err wzp_pcm_writer_open(const char *path,
                                              char out_message[static WZP_PCM_MESSAGE_BYTES],
                                              struct wzp_pcm_writer **out_writer);

/** WZP_EIO: the disk is full or gone; what was written so far stays in the part. */
WZP_MUST_USE enum wzp_err wzp_pcm_writer_write(struct wzp_pcm_writer *writer, const int16_t *samples,
                                               size_t n);

/** Samples written so far. */
uint64_t wzp_pcm_writer_samples(const struct wzp_pcm_writer *writer);

/**
 * Finishes the recording under its name and frees the writer, in any case.
 *
 * WZP_EIO: some write failed, or the name cannot be taken; the part stays. `out_message` says where.
 */
WZP_MUST_USE enum wzp_err wzp_pcm_writer_close(struct wzp_pcm_writer *writer,
                                               char out_message[static WZP_PCM_MESSAGE_BYTES]);

/** Drops an unfinished recording and its part. Takes NULL. */
void wzp_pcm_writer_abort(struct wzp_pcm_writer *writer);
void wzp_pcm_writer_abortp(struct wzp_pcm_writer **writer);
