/* SPDX-License-Identifier: Apache-2.0 */
/* --sweep: the jitter buffer in several sizes, over a simulated network. */
#pragma once

#include "apps/cli/options.h"

/** The exit status. */
int wzp_sweep_mode_run(const struct wzp_options *options);
