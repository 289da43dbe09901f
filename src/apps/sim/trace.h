/* SPDX-License-Identifier: Apache-2.0 */
/* A line for everything that happens, with `--verbose`, to find out why a promise broke. */
#pragma once

#include "apps/sim/world.h"

/** A signal that leaves by a side. */
void wzp_trace_signal(const struct wzp_side *side, const struct wzp_signal *signal);

/** Anything else; printf text. */
void wzp_trace_line(const struct wzp_world *world, const char *format, ...) WZP_PRINTF(2, 3);
