/* SPDX-License-Identifier: Apache-2.0 */
/* What a connection's path is like, for whoever decides how much to send. */
#include "net/conn.h"
#include "net/endpoint.h"

/* One round trip without the peer's delay. ngtcp2 tells only the smoothed value, into which each sample goes
 * with an eighth (RFC 9002 section 5.3), so two of them tell the sample between. */
static wzp_us sample_of(ngtcp2_duration before, ngtcp2_duration after)
{
    int64_t sample = before == 0 ? (int64_t)after : 8 * (int64_t)after - 7 * (int64_t)before;
    return wzp_us_max(1, sample / (int64_t)NGTCP2_MICROSECONDS);
}

static void take_sample(struct wzp_conn *conn, const wzp_compat_conn_info *info)
{
    if (info->min_rtt == UINT64_MAX || info->smoothed_rtt == conn->rtt_smoothed) {
        return; /* none yet, or none with this packet */
    }
    wzp_us rtt = sample_of(conn->rtt_smoothed, info->smoothed_rtt);
    conn->rtt_smoothed = info->smoothed_rtt;
    conn->rtt_least = conn->rtt_least > 0 ? wzp_us_min(conn->rtt_least, rtt) : rtt;
    conn->n_samples++;
}

/* One acknowledgement may have been late alone, the first of a batch above all: two are waited for. */
static bool is_due(const struct wzp_conn *conn, wzp_us now)
{
    wzp_us passed = now - conn->measured_at;
    return passed >= 2 * conn->measure_every || (passed >= conn->measure_every && conn->n_samples >= 2);
}

void wzp_conn_measure(struct wzp_conn *conn, wzp_us now)
{
    if (conn->measure_every == 0 || conn->state != WZP_CONN_OPEN) {
        return;
    }
    wzp_compat_conn_info info;
    wzp_compat_conn_info_get(conn->ng, &info);
    take_sample(conn, &info);
    const struct wzp_endpoint_config *config = &conn->endpoint->config;
    if (!is_due(conn, now) || !config->handler->on_measure) {
        return;
    }
    bool is_gathering = conn->endpoint->rests_until != 0;
    wzp_us rest =
        is_gathering ? conn->endpoint->gather.at_most : 0; /* packets wait in the socket meanwhile */
    const struct wzp_conn_measure measure = {
        .rtt = conn->rtt_least,
        .lag = rest + wzp_lag_most(&conn->endpoint->lag, now),
        .bytes_sent = conn->bytes_sent,
        .bytes_in_flight = info.bytes_in_flight,
        .packets_sent = conn->packets_sent,
        .packets_lost = conn->packets_lost,
    };
    conn->measured_at = now;
    conn->rtt_least = 0;
    conn->n_samples = 0;
    config->handler->on_measure(config->context, conn, &measure, now);
}
