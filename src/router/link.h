/* SPDX-License-Identifier: Apache-2.0 */
/* Links to other relays: up, down, policy, and which module hears their signals. */
#pragma once

#include "router/internal.h"

/** See wzp_router_link_up and its companions: these do the work. */
WZP_MUST_USE enum wzp_err wzp_link_up(struct wzp_router *router, const struct wzp_link_info *info, wzp_us now,
                                      struct wzp_link **out_link);
void wzp_link_down(struct wzp_link *link, wzp_us now);
void wzp_link_signal(struct wzp_link *link, const struct wzp_signal *signal, wzp_us now);

/** Frees a link whose ways are gone. Takes NULL. */
void wzp_link_free(struct wzp_link *link);
