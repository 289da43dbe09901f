/* SPDX-License-Identifier: Apache-2.0 */
/* Brings the counts of endpoint and router into the metrics, when somebody asks for them. */
#pragma once

#include "relay/relay.h"

/** Looks up the counters that are fed where things happen. */
void wzp_figures_init(struct wzp_relay *relay);

/** Copies what others count into the metrics; before each rendering. */
void wzp_figures_collect(struct wzp_relay *relay);
