/* SPDX-License-Identifier: Apache-2.0 */
/* A tone sent to a room where a peer sends back what it hears, and measured on its return: losses, quality,
 * and the peer's clock. A relay never sends anybody his own audio. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <wzp/engine.h>
#include <wzp/error.h>

#include "base/attr.h"
#include "base/us.h"
#include "engine/visit.h"

#define WZP_PROBE_WINDOW       (5 * WZP_SECOND)
#define WZP_PROBE_MAX_DURATION (24 * 3600 * WZP_SECOND)
#define WZP_PROBE_SILENT_PEAK  100  /* below it a window is silent */
#define WZP_PROBE_MAX_SNR_DB   99.0 /* perfect */

/** What was sent and what arrived within five seconds; the last window has all that came later. */
struct wzp_probe_window {
    uint64_t sent, received; /* frames */
    int peak;                /* of the samples heard */
    double snr_db;           /* of the tone against everything else; 0 where nothing was heard */
    double correlation;      /* of what was heard with a pure tone, whatever its delay: 0 to 1 */
};

struct wzp_probe {
    struct wzp_probe_window *windows;
    size_t n_windows;
    uint64_t sent, received;
    uint64_t lost;            /* of the peer's frames, by their numbers */
    wzp_us frame;             /* what one frame plays */
    wzp_us first_at, last_at; /* arrivals, monotonic; of no use without `received` */
};

/**
 * Sends the tone for `duration`, waits for its end to return (at most 3 s), and leaves.
 *
 * As wzp_visit_run; WZP_EINVAL also for a duration over WZP_PROBE_MAX_DURATION. On success `out_probe` is the
 * caller's, to be given to wzp_probe_deinit.
 */
WZP_MUST_USE enum wzp_err wzp_probe_run(const struct wzp_engine_config *config, wzp_us duration,
                                        struct wzp_visit_outcome *out_outcome, struct wzp_probe *out_probe);

void wzp_probe_deinit(struct wzp_probe *probe);

/** Fills in peak, snr_db and correlation. */
void wzp_probe_measure(const int16_t *samples, size_t n, struct wzp_probe_window *window);

/** How much longer than the audio in it the time between first and last frame was: above 0, the peer's clock
 * is slow. 0 for less than two frames. */
wzp_us wzp_probe_drift(const struct wzp_probe *probe);
