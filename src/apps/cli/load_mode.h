/* SPDX-License-Identifier: Apache-2.0 */
/* --load: many clients at once against one relay or several. */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include <wzp/error.h>

#include "apps/cli/options.h"
#include "base/attr.h"
#include "engine/load.h"

/** The exit status: failed also where anything was lost. */
int wzp_load_mode_run(const struct wzp_options *options);

/** Reads "50x10x10" (rooms, members, talkers) into `config`. WZP_EMALFORMED; WZP_EINVAL: more talkers than
 * members, or more clients than WZP_LOAD_MAX_CLIENTS. */
WZP_MUST_USE enum wzp_err wzp_load_mode_read_shape(const char *text, struct wzp_load_config *config);

/** Whether everybody joined (and rejoined, where `reconnects`) and stayed, and everything arrived. */
bool wzp_load_mode_is_clean(const struct wzp_load_report *report, bool reconnects);

/** Whether the generator itself was late so often that its figures say little about the relay. */
bool wzp_load_mode_is_overloaded(const struct wzp_load_report *report);

void wzp_load_mode_print(const struct wzp_load_report *report, bool reconnects, FILE *stream);

/** One JSON object and a newline. */
void wzp_load_mode_print_json(const struct wzp_load_report *report, FILE *stream);
