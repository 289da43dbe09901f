/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/metrics_table.h"

static const double handshake_bounds[] = {0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5};

static const double delay_bounds[] = {
    0.00005, 0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.003, 0.004,
    0.005,   0.006,  0.008,  0.01,   0.02,  0.05,  0.1,   0.2}; /* wzp_quic_delay_bounds */
static const double turn_bounds[] = {0.00005, 0.0001, 0.0002, 0.0005, 0.001, 0.002,
                                     0.005,   0.01,   0.02,   0.05,   0.1,   0.2}; /* wzp_quic_turn_bounds */
static const double batch_bounds[] = {0, 1, 2, 4, 8, 16, 32, 64, 128, 256};        /* wzp_quic_batch_bounds */

#define COUNTER(metric_name, what)                                                                           \
    {                                                                                                        \
        .name = (metric_name), .help = (what), .type = WZP_METRIC_COUNTER                                    \
    }
#define COUNTER_BY(metric_name, what, ...)                                                                   \
    {                                                                                                        \
        .name = (metric_name), .help = (what), .type = WZP_METRIC_COUNTER, .labels = { __VA_ARGS__ }         \
    }
#define GAUGE(metric_name, what)                                                                             \
    {                                                                                                        \
        .name = (metric_name), .help = (what), .type = WZP_METRIC_GAUGE                                      \
    }
#define GAUGE_BY(metric_name, what, ...)                                                                     \
    {                                                                                                        \
        .name = (metric_name), .help = (what), .type = WZP_METRIC_GAUGE, .labels = { __VA_ARGS__ }           \
    }

/* Names, types and labels of the first generation stay as they were: dashboards exist. */
const struct wzp_metric_family wzp_metrics_table[WZP_METRIC_N] = {
    [WZP_METRIC_ACTIVE_SESSIONS] = GAUGE("wzp_relay_active_sessions", "Clients in rooms."),
    [WZP_METRIC_ACTIVE_ROOMS] = GAUGE("wzp_relay_active_rooms", "Rooms with a member here."),
    [WZP_METRIC_CONNECTIONS] = GAUGE("wzp_relay_connections", "QUIC connections, of whatever kind."),
    [WZP_METRIC_SPREAD_CONNECTIONS] =
        GAUGE("wzp_relay_spread_connections", "Connections that another worker has than their room's."),
    [WZP_METRIC_HALF_OPEN] = GAUGE("wzp_relay_half_open_connections", "QUIC handshakes under way."),
    [WZP_METRIC_PACKETS_RECEIVED] =
        COUNTER("wzp_relay_packets_received_total", "Media packets received from clients."),
    [WZP_METRIC_BYTES_RECEIVED] =
        COUNTER("wzp_relay_bytes_received_total", "Bytes of the media packets received from clients."),
    [WZP_METRIC_PACKETS_FORWARDED] = COUNTER("wzp_relay_packets_forwarded_total",
                                             "Media packets forwarded to clients: packets times receivers."),
    [WZP_METRIC_BYTES_FORWARDED] =
        COUNTER("wzp_relay_bytes_forwarded_total", "Bytes of the media packets forwarded to clients."),
    [WZP_METRIC_DATAGRAMS_DROPPED] =
        COUNTER_BY("wzp_relay_datagrams_dropped_total", "Datagrams of clients dropped, by reason.", "reason"),
    [WZP_METRIC_NOT_SPEAKING] =
        COUNTER_BY("wzp_relay_packets_not_speaking_total",
                   "Media packets held back because louder speakers held the floor.", "from", "to"),
    [WZP_METRIC_DATAGRAMS_HELD_BACK] =
        COUNTER("wzp_relay_datagrams_held_back_total", "Times congestion control made a datagram wait."),
    [WZP_METRIC_SHED] =
        COUNTER_BY("wzp_relay_shed_datagrams_total",
                   "Datagrams that their receiver's line had no room for, by reason.", "reason"),
    [WZP_METRIC_LIMITED] =
        GAUGE("wzp_relay_limited_receivers", "Clients in rooms whose line carries less than the room says."),
    [WZP_METRIC_SIGNALS_RECEIVED] =
        COUNTER("wzp_relay_signals_received_total", "Signals received from clients."),
    [WZP_METRIC_SIGNALS_SENT] = COUNTER("wzp_relay_signals_sent_total", "Signals sent to clients."),
    [WZP_METRIC_SIGNALS_DROPPED] =
        COUNTER_BY("wzp_relay_signals_dropped_total", "Signals of clients dropped, by reason.", "reason"),
    [WZP_METRIC_AUTH_ATTEMPTS] =
        COUNTER_BY("wzp_relay_auth_attempts_total", "Token checks, by result (ok, fail).", "result"),
    [WZP_METRIC_HANDSHAKE_DURATION] = {.name = "wzp_relay_handshake_duration_seconds",
                                       .help = "Time from a client's connection to the relay's CallAnswer.",
                                       .type = WZP_METRIC_HISTOGRAM,
                                       .bounds = handshake_bounds,
                                       .n_bounds = wzp_count(handshake_bounds)},
    [WZP_METRIC_LOAD] =
        GAUGE("wzp_relay_load_ratio",
              "Processor time that the workers take, in processors; a rush of handshakes aside."),
    [WZP_METRIC_DELAY] =
        {.name = "wzp_relay_delay_seconds",
         .help = "Time from the kernel's receiving a datagram to the end of the call that sent it on.",
         .type = WZP_METRIC_HISTOGRAM,
         .bounds = delay_bounds,
         .n_bounds = wzp_count(delay_bounds)},
    [WZP_METRIC_LOOP_TURN] = {.name = "wzp_relay_loop_turn_seconds",
                              .help = "How long turns of the event loop took that had packets or timers.",
                              .type = WZP_METRIC_HISTOGRAM,
                              .bounds = turn_bounds,
                              .n_bounds = wzp_count(turn_bounds)},
    [WZP_METRIC_RECEIVE_BATCH] = {.name = "wzp_relay_receive_batch_packets",
                                  .help = "UDP packets read at a time.",
                                  .type = WZP_METRIC_HISTOGRAM,
                                  .bounds = batch_bounds,
                                  .n_bounds = wzp_count(batch_bounds)},
    [WZP_METRIC_SEND_BATCH] = {.name = "wzp_relay_send_batch_packets",
                               .help = "UDP packets sent at a time.",
                               .type = WZP_METRIC_HISTOGRAM,
                               .bounds = batch_bounds,
                               .n_bounds = wzp_count(batch_bounds)},
    [WZP_METRIC_HANDSHAKES_FAILED] =
        COUNTER_BY("wzp_relay_handshakes_failed_total",
                   "Connections that did not get into a room, by reason.", "reason"),
    [WZP_METRIC_CONNECTIONS_REFUSED] =
        COUNTER_BY("wzp_relay_connections_refused_total", "Connections refused, by reason.", "reason"),
    [WZP_METRIC_RETRIES_SENT] =
        COUNTER("wzp_relay_retries_sent_total", "QUIC Retry packets sent to validate addresses."),
    [WZP_METRIC_MIGRATIONS] =
        COUNTER("wzp_relay_migrations_total", "Connections whose address changed and that went on."),
    [WZP_METRIC_UDP_PACKETS] =
        COUNTER_BY("wzp_relay_udp_packets_total", "UDP packets, in and out.", "direction"),
    [WZP_METRIC_UDP_BYTES] =
        COUNTER_BY("wzp_relay_udp_bytes_total", "UDP payload bytes, in and out.", "direction"),
    [WZP_METRIC_UDP_BATCHES] =
        COUNTER_BY("wzp_relay_udp_batches_total", "System calls that carried them, in and out.", "direction"),
    [WZP_METRIC_UDP_MALFORMED] =
        COUNTER("wzp_relay_udp_malformed_total", "UDP packets that were not QUIC, or for nobody."),
    [WZP_METRIC_UDP_DROPPED] =
        COUNTER_BY("wzp_relay_udp_dropped_total",
                   "UDP packets lost on this machine: receive_buffer_full, refused by the kernel, or "
                   "too many of handshakes waiting.",
                   "reason"),
    [WZP_METRIC_SENDS_BLOCKED] =
        COUNTER("wzp_relay_sends_blocked_total", "Times the kernel took no more packets; they were kept."),
    [WZP_METRIC_SESSION_QUEUE_DEPTH] =
        GAUGE_BY("wzp_relay_session_jitter_buffer_depth", "Datagrams that wait to be sent to the session.",
                 "session_id"),
    [WZP_METRIC_SESSION_LOSS_PCT] =
        GAUGE_BY("wzp_relay_session_loss_pct", "Loss that the session reports, in per cent.", "session_id"),
    [WZP_METRIC_SESSION_RTT_MS] =
        GAUGE_BY("wzp_relay_session_rtt_ms", "Round-trip time that the session reports, in milliseconds.",
                 "session_id"),
    [WZP_METRIC_SESSION_UNDERRUNS] =
        COUNTER_BY("wzp_relay_session_underruns_total",
                   "Packets missing from the sequence that the session sent.", "session_id"),
    [WZP_METRIC_SESSION_OVERRUNS] = COUNTER_BY(
        "wzp_relay_session_overruns_total",
        "Datagrams to the session dropped because they were stale or its queue was full.", "session_id"),
    [WZP_METRIC_SERIES_REFUSED] = COUNTER("wzp_relay_metric_series_refused_total",
                                          "Series that were not made because a family was full."),
    [WZP_METRIC_BUILD_INFO] =
        GAUGE_BY("wzp_relay_build_info", "Always 1; the labels say what is running.", "version", "build"),

    [WZP_METRIC_PEER_STATUS] =
        GAUGE_BY("wzp_federation_peer_status", "1 while the link to the peer is up, else 0.", "peer"),
    [WZP_METRIC_PEER_RTT_MS] = GAUGE_BY("wzp_federation_peer_rtt_ms",
                                        "Smoothed round-trip time of the link, in milliseconds.", "peer"),
    [WZP_METRIC_FED_FORWARDED] = COUNTER_BY("wzp_federation_packets_forwarded_total",
                                            "Federated datagrams, in and out.", "peer", "direction"),
    [WZP_METRIC_FED_DROPPED] = COUNTER_BY("wzp_federation_packets_dropped_total",
                                          "Federated datagrams dropped, by reason.", "peer", "reason"),
    [WZP_METRIC_FED_DEDUPED] =
        COUNTER("wzp_federation_packets_deduped_total", "Federated datagrams dropped as duplicates."),
    [WZP_METRIC_FED_RATE_LIMITED] = COUNTER("wzp_federation_packets_rate_limited_total",
                                            "Federated datagrams dropped over a rate limit."),
    [WZP_METRIC_FED_RECONNECTS] =
        COUNTER_BY("wzp_federation_reconnects_total", "Links lost and dialled again.", "peer"),
    [WZP_METRIC_FED_PRUNES] =
        COUNTER_BY("wzp_federation_prunes_total", "Prunes and grafts, in and out.", "peer", "direction"),
    [WZP_METRIC_FED_SIGNALS] = COUNTER_BY("wzp_federation_signals_total",
                                          "Signals between relays, in and out.", "peer", "direction"),
    [WZP_METRIC_FED_SIGNALS_REFUSED] =
        COUNTER_BY("wzp_federation_signals_refused_total",
                   "Announcements of the peer that were refused or cut, by reason.", "peer", "reason"),
    [WZP_METRIC_FED_SIGNALS_WAITING] = GAUGE_BY("wzp_federation_signals_waiting",
                                                "Signals that wait until the peer may be sent more.", "peer"),
    [WZP_METRIC_FED_ACTIVE_ROOMS] =
        GAUGE("wzp_federation_active_rooms", "Global rooms with a member anywhere."),
    [WZP_METRIC_FED_ORIGINS] = GAUGE("wzp_federation_origins", "Origins known, over all rooms."),
    [WZP_METRIC_FED_MEMORY] =
        GAUGE("wzp_federation_memory_bytes",
              "Memory of rooms and links and of what is known of other relays, in bytes."),
    [WZP_METRIC_FED_REFUSED] =
        COUNTER_BY("wzp_federation_links_refused_total", "Links refused, by reason.", "reason"),

    [WZP_METRIC_PROBE_UP] = GAUGE_BY("wzp_probe_up", "1 while the probed relay answers, else 0.", "target"),
    [WZP_METRIC_PROBE_RTT_MS] =
        GAUGE_BY("wzp_probe_rtt_ms", "Round-trip time of the last probe, in milliseconds.", "target"),
    [WZP_METRIC_PROBE_LOSS_PCT] =
        GAUGE_BY("wzp_probe_loss_pct", "Unanswered share of the last 60 probes, in per cent.", "target"),
    [WZP_METRIC_PROBE_JITTER_MS] =
        GAUGE_BY("wzp_probe_jitter_ms",
                 "Standard deviation of the last 60 round-trip times, in milliseconds.", "target"),

    [WZP_METRIC_PROCESS_RESIDENT_BYTES] =
        GAUGE("process_resident_memory_bytes", "Resident memory, in bytes."),
    [WZP_METRIC_PROCESS_START_TIME] =
        GAUGE("process_start_time_seconds", "Start of the process since the Unix epoch, in seconds."),
    [WZP_METRIC_PROCESS_CPU_SECONDS] = {.name = "process_cpu_seconds_total",
                                        .help = "User and system processor time, in seconds.",
                                        .type = WZP_METRIC_FRACTIONS},
    [WZP_METRIC_PROCESS_OPEN_FDS] = GAUGE("process_open_fds", "Open file descriptors."),
};
