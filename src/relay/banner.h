/* SPDX-License-Identifier: Apache-2.0 */
/* What the relay says of itself when it starts: who it is, where it listens, how others federate with it. */
#pragma once

#include "relay/relay.h"

void wzp_banner_log(const struct wzp_relay *relay);
