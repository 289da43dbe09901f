/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/probe_window.h"

#include <math.h>

void wzp_probe_window_sent(struct wzp_probe_window *window, uint64_t stamp)
{
    window->pings[window->next].stamp = stamp;
    window->pings[window->next].is_answered = false;
    window->next = (window->next + 1) % WZP_PROBE_WINDOW;
    window->n += window->n < WZP_PROBE_WINDOW;
}

bool wzp_probe_window_answered(struct wzp_probe_window *window, uint64_t stamp, uint64_t now_ms)
{
    for (size_t i = 0; i < window->n; i++) {
        if (window->pings[i].stamp == stamp && !window->pings[i].is_answered && now_ms >= stamp) {
            window->pings[i].is_answered = true;
            window->pings[i].rtt_ms = (double)(now_ms - stamp);
            return true;
        }
    }
    return false;
}

/* The i-th newest ping's place. */
static size_t place_of(const struct wzp_probe_window *window, size_t i)
{
    return (window->next + WZP_PROBE_WINDOW - 1 - i) % WZP_PROBE_WINDOW;
}

struct wzp_probe_stats wzp_probe_window_stats(const struct wzp_probe_window *window)
{
    struct wzp_probe_stats stats = {0};
    size_t n_answered = 0;
    size_t n_lost = 0;
    double sum = 0;
    double squares = 0;
    for (size_t i = 0; i < window->n; i++) {
        size_t at = place_of(window, i);
        if (!window->pings[at].is_answered) {
            n_lost += i > 0;
            continue;
        }
        double rtt = window->pings[at].rtt_ms;
        stats.rtt_ms = n_answered++ == 0 ? rtt : stats.rtt_ms;
        sum += rtt;
        squares += rtt * rtt;
    }
    if (n_answered > 0) {
        double mean = sum / (double)n_answered;
        stats.jitter_ms = sqrt(fmax(0, squares / (double)n_answered - mean * mean));
    }
    if (n_answered + n_lost > 0) {
        stats.loss_pct = 100 * (double)n_lost / (double)(n_answered + n_lost);
    }
    return stats;
}
