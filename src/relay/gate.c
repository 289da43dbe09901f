/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/gate.h"

#define TELL_EVERY (60 * WZP_SECOND)

static struct wzp_admission_sample take_sample(const struct wzp_relay *relay, wzp_us now)
{
    struct wzp_endpoint_stats stats;
    wzp_endpoint_stats(relay->endpoint, &stats);
    struct wzp_admission_sample sample = {
        .at = now,
        .cpu = wzp_loop_cpu_time(relay->loop) - stats.newcomers_cpu,
        .handshakes = stats.handshakes_completed,
        .datagrams = stats.datagrams_sent,
    };
    wzp_us late_after = wzp_admission_late_after((wzp_us)relay->config->flush_us);
    for (size_t i = 1; i <= wzp_quic_delay_bounds.n; i++) {
        bool is_late = wzp_quic_delay_bounds.at[i - 1] >= late_after;
        sample.late += is_late ? stats.delays.counts[i] : 0;
    }
    return sample;
}

/* Once a minute at most: a load about the limit goes to and fro. */
static void tell(struct wzp_relay *relay, wzp_us now)
{
    const struct wzp_admission *admission = &relay->gate.admission;
    if (now < relay->gate.quiet_until) {
        return;
    }
    relay->gate.quiet_until = admission->is_closed ? now + TELL_EVERY : 0;
    wzp_log_write(relay->log, admission->is_closed ? WZP_LOG_WARN : WZP_LOG_INFO,
                  admission->is_closed ? "too busy for more clients: they are refused until it is quieter; "
                                         "consider max_speakers, more workers or another relay"
                                       : "quiet enough again for more clients",
                  "worker=%u load_percent=%u late=%s", relay->worker, admission->load,
                  admission->is_late ? "yes" : "no");
}

void wzp_gate_tick(struct wzp_relay *relay, size_t n_sessions, wzp_us now)
{
    struct wzp_gate *gate = &relay->gate;
    if (n_sessions == 0) {
        gate->admission = (struct wzp_admission){.limit = relay->config->max_load};
        gate->look_at = WZP_NEVER;
        return;
    }
    gate->look_at = wzp_us_min(gate->look_at, now + WZP_ADMISSION_WINDOW);
    if (now < gate->look_at) {
        return;
    }
    gate->look_at = now + WZP_ADMISSION_WINDOW;
    const struct wzp_admission_sample sample = take_sample(relay, now);
    if (wzp_admission_judge(&gate->admission, &sample)) {
        tell(relay, now);
    }
}
