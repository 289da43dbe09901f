/* SPDX-License-Identifier: Apache-2.0 */
/* What wzp-client does: a call, a ping, a question for the version. Each returns the exit status. */
#pragma once

#include <stdint.h>

#include "apps/cli/options.h"

#define WZP_EXIT_DONE   0
#define WZP_EXIT_FAILED 1
#define WZP_EXIT_USAGE  2

/** Sends, records, or both, until its end, Ctrl-C or SIGTERM. */
int wzp_modes_call(const struct wzp_options *options);

/** --ping and --version-check. */
int wzp_modes_query(const struct wzp_options *options);
