/* SPDX-License-Identifier: Apache-2.0 */
/* New connections go to the worker of their room, whichever of the sockets they came to. */
#pragma once

#include "net/quic.h"
#include "relay/relay.h"

/** How a worker's endpoint shares its address; the endpoint's context must be the worker. */
struct wzp_endpoint_sharing wzp_arrivals_sharing(const struct wzp_relay *relay);
