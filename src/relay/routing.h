/* SPDX-License-Identifier: Apache-2.0 */
/* The router as the configuration has it. */
#pragma once

#include <wzp/error.h>

#include "base/attr.h"
#include "relay/relay.h"

/** Makes `relay->router`, which does what it has to through `out`. What is wrong with the configuration is
 * logged. WZP_EINVAL, WZP_ELIMIT, WZP_ENOMEM. */
WZP_MUST_USE enum wzp_err wzp_routing_open(struct wzp_relay *relay, const struct wzp_router_out *out);
