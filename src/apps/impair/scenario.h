/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A plan as a TOML file:
 *
 *   to = "127.0.0.1:4433"           any of the plan's names
 *   loss = "5%"                     settings of both directions
 *   cut = ["3s+1s", "10s+500ms"]    what may be given again may be an array
 *   [down]                          settings of one
 *   delay = "50ms"
 *   [[step]]                        from then on these settings change
 *   at = "20s"
 *   loss = 0
 *   up = { gilbert = "1%,30%" }
 */
#pragma once

#include <stddef.h>

#include <wzp/error.h>

#include "apps/impair/plan.h"
#include "base/attr.h"

/** Puts what `text` says into `plan`. WZP_ECONFIG: `out_message` says where and what; the plan is half filled
 * then. */
WZP_MUST_USE enum wzp_err wzp_scenario_read(const char *text, size_t size, struct wzp_plan *plan,
                                            char out_message[static WZP_PLAN_MESSAGE_BYTES]);
