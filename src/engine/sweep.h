/* SPDX-License-Identifier: Apache-2.0 */
/* What a jitter buffer of some size does to speech over a simulated network, in virtual time: the same for
 * the same numbers, on any machine. */
#pragma once

#include <stdint.h>

#include <wzp/error.h>

#include "base/attr.h"
#include "base/us.h"

#define WZP_SWEEP_MAX_DURATION (600 * WZP_SECOND)

/**
 * The network: 1 % lost; transit 20 ms and an exponentially distributed rest of 15 ms on average, at most
 * 200 ms; for the first tenth of the time 100 ms more, so that a buffer has delay to get rid of.
 */
struct wzp_sweep_config {
    wzp_us target;   /* how long speech waits: wzp_jitter_config's delay_us */
    wzp_us max;      /* above it frames are left out: target + slack_us; at least `target` */
    wzp_us duration; /* of the speech, 20 ms a frame; at most WZP_SWEEP_MAX_DURATION */
    uint64_t seed;
};

struct wzp_sweep_row {
    uint64_t sent, received; /* received: by the buffer */
    uint64_t played;
    double loss_pct;    /* sent, but not played: lost, late or left out */
    wzp_us latency;     /* mean, from sending to playing */
    uint64_t underruns; /* frames made up because nothing had come in time */
    uint64_t overruns;  /* left out: over `max`, or no place */
};

/** WZP_EINVAL: a number is out of range. WZP_ENOMEM. */
WZP_MUST_USE enum wzp_err wzp_sweep_run(const struct wzp_sweep_config *config, struct wzp_sweep_row *out_row);
