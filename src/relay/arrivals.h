/* SPDX-License-Identifier: Apache-2.0 */
/* New connections go to the worker of their room, whichever of the sockets they came to. */
#pragma once

#include <wzp/error.h>

#include "base/attr.h"
#include "net/quic.h"
#include "relay/relay.h"

struct wzp_arrivals; /* those that a worker's socket saw lately */

/** WZP_ENOMEM. */
WZP_MUST_USE enum wzp_err wzp_arrivals_new(struct wzp_arrivals **out_arrivals);
void wzp_arrivals_free(struct wzp_arrivals *arrivals);

/** How a worker's endpoint shares its address; the endpoint's context must be the worker. */
struct wzp_endpoint_sharing wzp_arrivals_sharing(const struct wzp_relay *relay);
