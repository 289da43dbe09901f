/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "router/internal.h"
void wzp_prune_review(struct wzp_room *room);
void wzp_prune_settle(struct wzp_router *router, wzp_us now);
