/* SPDX-License-Identifier: Apache-2.0 */
/* --echo-test and --drift-test: a tone there and back, and what became of it. */
#pragma once

#include <stdio.h>

#include "apps/cli/options.h"
#include "engine/probe.h"

/** Either; the exit status. */
int wzp_echo_run(const struct wzp_options *options);

/** The table of windows, and whether quality got worse over time (with four windows or more). */
void wzp_echo_print(const struct wzp_probe *probe, FILE *stream);

/** The drift, and how good that is. */
void wzp_echo_print_drift(const struct wzp_probe *probe, FILE *stream);

/** One JSON object and a newline: both reports. */
void wzp_echo_print_json(const struct wzp_probe *probe, FILE *stream);
