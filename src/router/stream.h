/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "router/internal.h"
void wzp_stream_settle(struct wzp_router *router, wzp_us now);
