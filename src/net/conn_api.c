/* SPDX-License-Identifier: Apache-2.0 */
/* What the floors above call on a connection. None of it does I/O. */
#include <string.h>

#include "net/conn.h"
#include "net/endpoint.h"

void wzp_conn_set_user(struct wzp_conn *conn, void *user)
{
    conn->user = user;
}

void *wzp_conn_user(const struct wzp_conn *conn)
{
    return conn->user;
}

bool wzp_conn_is_server(const struct wzp_conn *conn)
{
    return conn->is_server;
}

const char *wzp_conn_server_name(const struct wzp_conn *conn)
{
    return conn->server_name;
}

const uint8_t *wzp_conn_peer_fingerprint(const struct wzp_conn *conn)
{
    return conn->has_fingerprint ? conn->fingerprint : NULL;
}

const struct wzp_addr *wzp_conn_peer_addr(const struct wzp_conn *conn)
{
    return &conn->peer_addr;
}

void wzp_conn_allow_messages(struct wzp_conn *conn, size_t max_bytes)
{
    struct wzp_streams *streams = &conn->streams;
    streams->max_message_bytes = max_bytes;
    /* One frame of that size must fit the window with room to spare, or it could never become whole. */
    size_t wanted = max_bytes + WZP_STREAM_CONN_WINDOW_BYTES;
    if (wzp_conn_is_alive(conn) && max_bytes >= WZP_STREAM_CONN_WINDOW_BYTES &&
        wanted > streams->window_bytes) {
        ngtcp2_conn_extend_max_offset(conn->ng, wanted - streams->window_bytes);
        streams->window_bytes = wanted;
        wzp_endpoint_touch(conn->endpoint, conn);
    }
}

void wzp_conn_set_liveness(struct wzp_conn *conn, wzp_us keep_alive, wzp_us lost_after)
{
    conn->keep_alive = keep_alive;
    conn->lost_after = lost_after;
    if (conn->state == WZP_CONN_OPEN) {
        ngtcp2_conn_set_keep_alive_timeout(conn->ng, wzp_conn_ts(keep_alive));
        wzp_endpoint_touch(conn->endpoint, conn);
    }
}

wzp_us wzp_conn_waited(const struct wzp_conn *conn)
{
    return conn->endpoint->waited;
}

void wzp_conn_measure_every(struct wzp_conn *conn, wzp_us every)
{
    conn->measure_every = every;
}

static enum wzp_err send_stream(struct wzp_conn *conn, const struct wzp_stream_send *send)
{
    if (conn->state != WZP_CONN_OPEN) {
        return WZP_ECLOSED;
    }
    enum wzp_err err = wzp_stream_queue(&conn->streams, send, conn->endpoint->config.max_queued_messages);
    if (err == WZP_OK) {
        wzp_endpoint_touch(conn->endpoint, conn);
    }
    return err;
}

enum wzp_err wzp_conn_send_message(struct wzp_conn *conn, const void *body, size_t size, uint64_t replace_key)
{
    return send_stream(conn,
                       &(struct wzp_stream_send){.body = body, .size = size, .replace_key = replace_key});
}

enum wzp_err wzp_conn_send_uni(struct wzp_conn *conn, const void *bytes, size_t size)
{
    return send_stream(conn, &(struct wzp_stream_send){.body = bytes, .size = size, .is_uni = true});
}

bool wzp_conn_is_drained(const struct wzp_conn *conn)
{
    return conn->streams.n_waiting == 0 && wzp_list_is_empty(&conn->streams.sending) &&
           wzp_list_is_empty(&conn->streams.unacked);
}

enum wzp_err wzp_conn_send_packet(struct wzp_conn *conn, struct wzp_packet *packet, size_t offset,
                                  size_t size, wzp_us now)
{
    if (conn->state != WZP_CONN_OPEN) {
        return WZP_ECLOSED;
    }
    struct wzp_queued_datagram datagram = {
        .packet = packet,
        .queued_at = now,
        .offset = (uint16_t)offset,
        .size = (uint16_t)size,
        .arrived = wzp_timing_stamp(now - conn->endpoint->waited),
    };
    bool has_dropped;
    enum wzp_err err = wzp_datagram_queue_push(&conn->datagrams, &datagram, &has_dropped);
    if (has_dropped) {
        conn->datagrams_dropped++;
        conn->endpoint->stats.datagrams_dropped_full++;
    }
    if (err != WZP_OK) {
        conn->datagrams_dropped++;
        conn->endpoint->stats.datagrams_dropped_memory++;
        return err;
    }
    wzp_gather_count(&conn->endpoint->gather, &conn->gather_round);
    wzp_endpoint_touch(conn->endpoint, conn);
    if (conn->datagrams.n >= conn->pack_at && !conn->is_reading) {
        wzp_conn_pack(conn);
    }
    return err;
}

enum wzp_err wzp_conn_send_bytes(struct wzp_conn *conn, const void *bytes, size_t size, wzp_us now)
{
    if (conn->state != WZP_CONN_OPEN) {
        return WZP_ECLOSED;
    }
    struct wzp_packet *packet = NULL;
    enum wzp_err err = wzp_packet_new(conn->endpoint->config.pool, bytes, size, &packet);
    if (err != WZP_OK) {
        conn->datagrams_dropped++;
        uint64_t *counter = err == WZP_EINVAL ? &conn->endpoint->stats.datagrams_dropped_size
                                              : &conn->endpoint->stats.datagrams_dropped_full;
        ++*counter;
        return err;
    }
    err = wzp_conn_send_packet(conn, packet, packet->offset, size, now);
    wzp_packet_unref(packet);
    return err;
}

static wzp_us us_of(ngtcp2_duration duration)
{
    return duration < (ngtcp2_duration)INT64_MAX ? (wzp_us)(duration / NGTCP2_MICROSECONDS) : 0;
}

/* Before the first sample ngtcp2 holds its initial guess; `min_rtt` then is "infinite". */
static void read_transport_stats(const struct wzp_conn *conn, struct wzp_conn_stats *stats)
{
    wzp_compat_conn_info info;
    wzp_compat_conn_info_get(conn->ng, &info);
    stats->rtt_min = us_of(info.min_rtt);
    if (stats->rtt_min > 0) {
        stats->rtt_smoothed = us_of(info.smoothed_rtt);
        stats->rtt_latest = us_of(info.latest_rtt);
        stats->rtt_variation = us_of(info.rttvar);
    }
    stats->congestion_window_bytes = info.cwnd;
    stats->bytes_in_flight = info.bytes_in_flight;
    stats->mtu_bytes = wzp_compat_mtu(conn->ng);
}

void wzp_conn_stats(const struct wzp_conn *conn, struct wzp_conn_stats *out_stats)
{
    *out_stats = (struct wzp_conn_stats){
        .packets_sent = conn->packets_sent,
        .packets_received = conn->packets_received,
        .packets_lost = conn->packets_lost,
        .bytes_sent = conn->bytes_sent,
        .bytes_received = conn->bytes_received,
        .datagrams_sent = conn->datagrams_sent,
        .datagrams_received = conn->datagrams_received,
        .datagrams_dropped = conn->datagrams_dropped,
        .queued_datagrams = conn->datagrams.n,
        .queued_messages = conn->streams.n_waiting,
        .opened_at = conn->opened_at,
    };
    if (conn->ng) {
        read_transport_stats(conn, out_stats);
    }
}
