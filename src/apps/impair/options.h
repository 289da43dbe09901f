/* SPDX-License-Identifier: Apache-2.0 */
/* The command line of wzp-impair. Flags are the names of plan.h and settings.h, with "--" before them. */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include <wzp/error.h>

#include "apps/impair/plan.h"
#include "base/attr.h"

/** What is no part of the plan. */
struct wzp_options {
    const char *scenario; /* borrowed from the command line; NULL: none */
    bool json, help, version, verbose;
};

/** Looks for these only; the rest is for wzp_options_apply. WZP_EINVAL: a flag without its value. */
WZP_MUST_USE enum wzp_err wzp_options_read(int argc, char *const argv[],
                                           char out_message[static WZP_PLAN_MESSAGE_BYTES],
                                           struct wzp_options *out_options);

/**
 * Puts the flags into the plan, over what a scenario put there. WZP_EINVAL: `out_message` says which flag is
 * wrong, as settings of a direction are where there is a scenario.
 */
WZP_MUST_USE enum wzp_err wzp_options_apply(int argc, char *const argv[], struct wzp_plan *plan,
                                            char out_message[static WZP_PLAN_MESSAGE_BYTES]);

void wzp_options_print_help(FILE *stream);
