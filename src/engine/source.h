/* SPDX-License-Identifier: Apache-2.0 */
/* What is sent: a tone, a file, silence. 48 kHz, mono, read frame by frame to its end. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <wzp/engine.h>
#include <wzp/error.h>

#include "audio/pcm_format.h"
#include "base/attr.h"

struct wzp_source;

/**
 * Opens the source that `config` names; WZP_SOURCE_NONE has ended at once. On failure `out_message` says what
 * is wrong, for people.
 */
WZP_MUST_USE enum wzp_err wzp_source_open(const struct wzp_engine_config *config,
                                          char out_message[static WZP_PCM_MESSAGE_BYTES],
                                          struct wzp_source **out_source);

/** Takes NULL. */
void wzp_source_close(struct wzp_source *source);

/** The next `n` samples; false where fewer are left, which are left out. A file that breaks off has ended. */
bool wzp_source_read(struct wzp_source *source, int16_t *samples, size_t n);
