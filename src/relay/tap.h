/* SPDX-License-Identifier: Apache-2.0 */
/* The debug tap: one log line a packet of the tapped room, for those who hunt a fault. Never the audio. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "relay/session.h"

/** Logs a packet that came from the session, where debug_tap names its room or is "*". */
void wzp_tap_packet(const struct wzp_relay *relay, const struct wzp_session *session, const uint8_t *bytes,
                    size_t size);
