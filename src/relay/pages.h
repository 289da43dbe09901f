/* SPDX-License-Identifier: Apache-2.0 */
/* The relay's HTTP pages: /metrics, /livez, /readyz, and who is where: /presence, /peers, /route, /mesh. */
#pragma once

#include <wzp/error.h>

#include "base/attr.h"
#include "relay/relay.h"

struct wzp_pages;

/** Listens on metrics_addr:metrics_port. What fails is logged. `relay` is borrowed. */
WZP_MUST_USE enum wzp_err wzp_pages_start(struct wzp_relay *relay, struct wzp_pages **out_pages);

/** Takes NULL. */
void wzp_pages_free(struct wzp_pages *pages);
