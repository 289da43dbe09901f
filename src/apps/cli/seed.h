/* SPDX-License-Identifier: Apache-2.0 */
/* Who the user is and which files are his, as the options say. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <wzp/error.h>

#include "apps/cli/options.h"
#include "base/attr.h"
#include "crypto/identity.h"

#define WZP_SEED_MESSAGE_BYTES 384

/**
 * The seed out of --seed, --mnemonic or --identity; without any of them `out_is_given` is false.
 * `out_message` is a warning or "" on success, else what is wrong: WZP_EMALFORMED, WZP_EIO.
 */
WZP_MUST_USE enum wzp_err wzp_seed_of_options(const struct wzp_options *options,
                                              uint8_t out_seed[static WZP_SEED_BYTES], bool *out_is_given,
                                              char out_message[static WZP_SEED_MESSAGE_BYTES]);
