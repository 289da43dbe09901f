/* SPDX-License-Identifier: Apache-2.0 */
/* The last minute of pings to a relay: what came back, how fast, how evenly. Pure. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WZP_PROBE_WINDOW 60 /* pings, one a second */

/** A value; zeroed it is empty. */
struct wzp_probe_window {
    struct {
        uint64_t stamp; /* what the Pong echoes */
        double rtt_ms;
        bool is_answered;
    } pings[WZP_PROBE_WINDOW];
    size_t n, next;
};

struct wzp_probe_stats {
    double rtt_ms;    /* of the newest answer; 0 without one */
    double jitter_ms; /* population standard deviation of the round trips */
    double loss_pct;  /* unanswered share, the newest ping aside: it may be on its way */
};

/** Stamps are the sender's clock in milliseconds; no two pings in the window may have the same. */
void wzp_probe_window_sent(struct wzp_probe_window *window, uint64_t stamp);

/** A Pong came at `now_ms` of the same clock. False: it answers no ping of the window, or a second time. */
bool wzp_probe_window_answered(struct wzp_probe_window *window, uint64_t stamp, uint64_t now_ms);

struct wzp_probe_stats wzp_probe_window_stats(const struct wzp_probe_window *window);
