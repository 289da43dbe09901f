/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "router/internal.h"
WZP_MUST_USE enum wzp_err wzp_link_up(struct wzp_router *router, const struct wzp_link_info *info, wzp_us now,
                                      struct wzp_link **out_link);
void wzp_link_down(struct wzp_router *router, struct wzp_link *link, wzp_us now);
void wzp_link_free(struct wzp_link *link);
void wzp_link_signal(struct wzp_link *link, const struct wzp_signal *signal, wzp_us now);
