/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/figures.h"

#include "relay/crew.h"
#include "relay/crossing.h"
#include "relay/links.h"
#include "relay/passage.h"

void wzp_figures_init(struct wzp_relay *relay)
{
    struct wzp_metrics *m = relay->metrics;
    relay->counters = (struct wzp_relay_counters){
        .signals_received = wzp_metrics_counter(m, WZP_METRIC_SIGNALS_RECEIVED, NULL, NULL),
        .signals_sent = wzp_metrics_counter(m, WZP_METRIC_SIGNALS_SENT, NULL, NULL),
        .signals_malformed = wzp_metrics_counter(m, WZP_METRIC_SIGNALS_DROPPED, "malformed", NULL),
        .signals_over_rate = wzp_metrics_counter(m, WZP_METRIC_SIGNALS_DROPPED, "rate", NULL),
        .signals_unsent = wzp_metrics_counter(m, WZP_METRIC_SIGNALS_DROPPED, "queue_full", NULL),
        .media_outside = wzp_metrics_counter(m, WZP_METRIC_DATAGRAMS_DROPPED, "not_in_room", NULL),
        .media_no_memory = wzp_metrics_counter(m, WZP_METRIC_DATAGRAMS_DROPPED, "no_memory", NULL),
        .auth_ok = wzp_metrics_counter(m, WZP_METRIC_AUTH_ATTEMPTS, "ok", NULL),
        .auth_failed = wzp_metrics_counter(m, WZP_METRIC_AUTH_ATTEMPTS, "fail", NULL),
        .migrations = wzp_metrics_counter(m, WZP_METRIC_MIGRATIONS, NULL, NULL),
        .refused_busy = wzp_metrics_counter(m, WZP_METRIC_CONNECTIONS_REFUSED, "busy", NULL),
        .refused_full = wzp_metrics_counter(m, WZP_METRIC_CONNECTIONS_REFUSED, "full", NULL),
        .refused_name = wzp_metrics_counter(m, WZP_METRIC_CONNECTIONS_REFUSED, "name", NULL),
        .refused_draining = wzp_metrics_counter(m, WZP_METRIC_CONNECTIONS_REFUSED, "draining", NULL),
        .refused_offer = wzp_metrics_counter(m, WZP_METRIC_CONNECTIONS_REFUSED, "offer", NULL),
        .refused_token = wzp_metrics_counter(m, WZP_METRIC_CONNECTIONS_REFUSED, "token", NULL),
        .refused_timeout = wzp_metrics_counter(m, WZP_METRIC_CONNECTIONS_REFUSED, "timeout", NULL),
        .refused_misplaced = wzp_metrics_counter(m, WZP_METRIC_CONNECTIONS_REFUSED, "misplaced", NULL),
        .handshake_seconds = wzp_metrics_histogram(m, WZP_METRIC_HANDSHAKE_DURATION),
    };
}

static void collect_endpoint(struct wzp_relay *relay)
{
    struct wzp_endpoint_stats stats;
    wzp_endpoint_stats(relay->endpoint, &stats);
    const struct {
        enum wzp_metric metric;
        const char *label;
        uint64_t value;
    } counters[] = {
        {WZP_METRIC_UDP_PACKETS, "in", stats.packets_received},
        {WZP_METRIC_UDP_PACKETS, "out", stats.packets_sent},
        {WZP_METRIC_UDP_BYTES, "in", stats.bytes_received},
        {WZP_METRIC_UDP_BYTES, "out", stats.bytes_sent},
        {WZP_METRIC_UDP_BATCHES, "in", stats.receive_batches},
        {WZP_METRIC_UDP_BATCHES, "out", stats.send_batches},
        {WZP_METRIC_UDP_MALFORMED, NULL, stats.packets_malformed},
        {WZP_METRIC_DATAGRAMS_DROPPED, "stale", stats.datagrams_dropped_stale},
        {WZP_METRIC_DATAGRAMS_DROPPED, "queue_full", stats.datagrams_dropped_full},
        {WZP_METRIC_DATAGRAMS_DROPPED, "size", stats.datagrams_dropped_size},
        {WZP_METRIC_DATAGRAMS_DROPPED, "queue_memory", stats.datagrams_dropped_memory},
        {WZP_METRIC_DATAGRAMS_DROPPED, "closed", stats.datagrams_dropped_closed},
        {WZP_METRIC_UDP_DROPPED, "receive_buffer_full", stats.packets_overflown},
        {WZP_METRIC_UDP_DROPPED, "refused", stats.packets_unsent},
        {WZP_METRIC_UDP_DROPPED, "handshakes", stats.newcomers_dropped},
        {WZP_METRIC_SENDS_BLOCKED, NULL, stats.sends_blocked},
        {WZP_METRIC_DATAGRAMS_HELD_BACK, NULL, stats.datagrams_held_back},
        {WZP_METRIC_HANDSHAKES_FAILED, "quic", stats.handshakes_failed},
        {WZP_METRIC_CONNECTIONS_REFUSED, "endpoint", stats.connections_refused},
        {WZP_METRIC_RETRIES_SENT, NULL, stats.retries_sent},
    };
    for (size_t i = 0; i < wzp_count(counters); i++) {
        *wzp_metrics_counter(relay->metrics, counters[i].metric, counters[i].label, NULL) = counters[i].value;
    }
    *wzp_metrics_gauge(relay->metrics, WZP_METRIC_LOAD, NULL, NULL) = relay->gate.admission.load / 100.0;
    wzp_histogram_set(wzp_metrics_histogram(relay->metrics, WZP_METRIC_DELAY), &stats.delays, 1e-6);
    wzp_histogram_set(wzp_metrics_histogram(relay->metrics, WZP_METRIC_LOOP_TURN), &stats.turns, 1e-6);
    wzp_histogram_set(wzp_metrics_histogram(relay->metrics, WZP_METRIC_RECEIVE_BATCH), &stats.receive_sizes,
                      1);
    wzp_histogram_set(wzp_metrics_histogram(relay->metrics, WZP_METRIC_SEND_BATCH), &stats.send_sizes, 1);
    *wzp_metrics_gauge(relay->metrics, WZP_METRIC_CONNECTIONS, NULL, NULL) = (double)stats.conns;
    *wzp_metrics_gauge(relay->metrics, WZP_METRIC_HALF_OPEN, NULL, NULL) = (double)stats.half_open;
    *wzp_metrics_gauge(relay->metrics, WZP_METRIC_SPREAD_CONNECTIONS, NULL, NULL) =
        relay->passage ? (double)wzp_passage_n_hosted(relay->passage) : 0;
}

static void collect_router(struct wzp_relay *relay)
{
    struct wzp_router_stats stats;
    wzp_router_stats(relay->router, &stats);
    struct wzp_metrics *m = relay->metrics;
    *wzp_metrics_gauge(m, WZP_METRIC_ACTIVE_SESSIONS, NULL, NULL) = (double)stats.members;
    *wzp_metrics_gauge(m, WZP_METRIC_ACTIVE_ROOMS, NULL, NULL) = (double)stats.rooms;
    *wzp_metrics_gauge(m, WZP_METRIC_FED_ACTIVE_ROOMS, NULL, NULL) = (double)stats.global_rooms_active;
    *wzp_metrics_gauge(m, WZP_METRIC_FED_ORIGINS, NULL, NULL) = (double)stats.origins;
    *wzp_metrics_gauge(m, WZP_METRIC_FED_MEMORY, NULL, NULL) = (double)stats.memory_bytes;
    *wzp_metrics_counter(m, WZP_METRIC_PACKETS_RECEIVED, NULL, NULL) = stats.packets_in;
    *wzp_metrics_counter(m, WZP_METRIC_BYTES_RECEIVED, NULL, NULL) = stats.bytes_in;
    *wzp_metrics_counter(m, WZP_METRIC_PACKETS_FORWARDED, NULL, NULL) = stats.packets_out;
    *wzp_metrics_counter(m, WZP_METRIC_BYTES_FORWARDED, NULL, NULL) = stats.bytes_out;
    *wzp_metrics_counter(m, WZP_METRIC_DATAGRAMS_DROPPED, "malformed", NULL) = stats.dropped_malformed;
    *wzp_metrics_counter(m, WZP_METRIC_DATAGRAMS_DROPPED, "rate", NULL) = stats.dropped_rate;
    *wzp_metrics_gauge(m, WZP_METRIC_LIMITED, NULL, NULL) = (double)stats.limited;
    *wzp_metrics_counter(m, WZP_METRIC_SHED, "speaker", NULL) = stats.shed_speaker;
    *wzp_metrics_counter(m, WZP_METRIC_SHED, "redundancy", NULL) = stats.shed_redundancy;
    *wzp_metrics_counter(m, WZP_METRIC_NOT_SPEAKING, "clients", "clients") = stats.not_speaking;
    *wzp_metrics_counter(m, WZP_METRIC_NOT_SPEAKING, "clients", "links") = stats.not_speaking_links;
    *wzp_metrics_counter(m, WZP_METRIC_NOT_SPEAKING, "links", "clients") = stats.not_speaking_remote;
}

void wzp_figures_collect(struct wzp_relay *relay)
{
    collect_endpoint(relay);
    collect_router(relay);
    if (relay->worker == WZP_CREW_FIRST) {
        wzp_links_collect(relay->links);
        wzp_metrics_process_sample(relay->metrics);
    } else {
        wzp_crossing_collect(relay->crossing);
    }
}
