/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Audio files as a stream of 48 kHz mono samples, whatever is in them: .wav, .flac, .opus and .ogg by the end
 * of their name, everything else raw s16le at 48 kHz, mono. Channels are averaged, other rates resampled.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <wzp/error.h>

#include "audio/pcm_format.h"
#include "base/attr.h"

struct wzp_pcm_reader;

/**
 * Opens `path`, which must be a file.
 *
 * WZP_ENOTFOUND, WZP_EIO (not readable), WZP_EMALFORMED (not such a file, or empty), WZP_EUNSUPPORTED (over
 * 64 channels, rates outside 4 to 768 kHz), WZP_ENOMEM: `out_message` says why, for people, with the path.
 */
WZP_MUST_USE enum wzp_err wzp_pcm_reader_open(const char *path,
                                              char out_message[static WZP_PCM_MESSAGE_BYTES],
                                              struct wzp_pcm_reader **out_reader);

/** Takes NULL. */
void wzp_pcm_reader_close(struct wzp_pcm_reader *reader);
void wzp_pcm_reader_closep(struct wzp_pcm_reader **reader);

/** How many samples will come, about; 0: the file does not say. */
uint64_t wzp_pcm_reader_total_samples(const struct wzp_pcm_reader *reader);

/**
 * Reads up to `n` samples; fewer only at the end, then 0.
 *
 * WZP_EIO: the file broke off in the middle.
 */
WZP_MUST_USE enum wzp_err wzp_pcm_reader_read(struct wzp_pcm_reader *reader, int16_t *samples, size_t n,
                                              size_t *out_n);
