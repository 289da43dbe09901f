/* SPDX-License-Identifier: Apache-2.0 */
/* What every way to join a room needs of the options: who we are, whom we call, and where. */
#pragma once

#include <stdint.h>

#include <wzp/engine.h>
#include <wzp/error.h>

#include "apps/cli/options.h"
#include "base/attr.h"
#include "crypto/identity.h"

/** A value. `config` points into it and into the options: it stays where it is. */
struct wzp_setup {
    uint8_t seed[WZP_SEED_BYTES];
    char *known_relays;              /* or NULL */
    struct wzp_engine_config config; /* without source, recording and times */
};

/** WZP_EMALFORMED, WZP_EIO: the identity is wrong. What there is to say has been said on stderr. */
WZP_MUST_USE enum wzp_err wzp_setup_init(struct wzp_setup *setup, const struct wzp_options *options);

/** Wipes the seed. */
void wzp_setup_deinit(struct wzp_setup *setup);

/** The path of the known-relays file, the caller's; NULL where none is to be used or there is no home, which
 * is said on stderr. */
char *wzp_setup_known_relays(const struct wzp_options *options);
