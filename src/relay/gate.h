/* SPDX-License-Identifier: Apache-2.0 */
/* Measures how busy a worker is, for admission.h to judge by. */
#pragma once

#include <stddef.h>

#include "relay/relay.h"

/** Looks at the load when it is time to; sets relay->gate.look_at to the next time. An empty worker is open.
 */
void wzp_gate_tick(struct wzp_relay *relay, size_t n_sessions, wzp_us now);
