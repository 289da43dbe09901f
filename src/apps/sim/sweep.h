/* SPDX-License-Identifier: Apache-2.0 */
/* One run, or many seeds on all cores. */
#pragma once

#include "apps/sim/report.h"

/** What a seed chooses where the options leave it open: topology, number of relays, delay. */
struct wzp_sim_options wzp_sweep_resolve(const struct wzp_sim_options *options, uint64_t seed);

/** Runs the resolved options. The points are the caller's, to free; `out_points` may be NULL.
 * WZP_EIO, WZP_EMALFORMED: the topology's file. WZP_ENOMEM. */
WZP_MUST_USE enum wzp_err wzp_sweep_one(const struct wzp_sim_options *options, struct wzp_result *out_result,
                                        struct wzp_point **out_points, size_t *out_n_points);

/**
 * Runs `options->sweep` seeds in as many processes as asked for, and prints a line now and then and what came
 * of it; stops at the first broken promise. WZP_ENET never; WZP_EIO: a process can't be made or died.
 * `out_is_broken` where a promise broke.
 */
WZP_MUST_USE enum wzp_err wzp_sweep_run(const struct wzp_sim_options *options, bool *out_is_broken);
