/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Turning what a connection has queued into packets: datagrams first, as many to a packet as fit, then
 * streams, then whatever QUIC itself has to say. Between two writes to one packet ("more" below) only writes
 * to the same packet are allowed.
 */
#include <string.h>

#include "net/conn.h"
#include "net/endpoint.h"

/* Short header, connection id, packet number, tag and frame head; quinn's count, so both ends agree. */
#define PACKET_OVERHEAD_BYTES 30

#define PACKET_SPACE wzp_compat_packet_space(WZP_UDP_PACKET_BYTES)

struct writer {
    struct wzp_conn *conn;
    ngtcp2_tstamp ts;
    ngtcp2_path_storage path;
    uint8_t *space;  /* of the packet under way, or NULL */
    bool is_at_ease; /* nothing but datagrams is to be written */
    bool has_failed; /* the connection is ending */
    bool is_starved; /* the socket takes no more */
};

/* Makes sure there is space for a packet. */
static bool has_space(struct writer *w)
{
    if (w->has_failed) {
        return false;
    }
    if (!w->space) {
        w->space = wzp_udp_reserve(w->conn->endpoint->udp);
        w->is_starved = !w->space;
    }
    return w->space != NULL;
}

static void commit(struct writer *w, size_t size)
{
    struct wzp_conn *conn = w->conn;
    struct wzp_udp_path path = {.local = {.size = 0}, .remote = {.size = 0}};
    wzp_conn_copy_addr(&path.local, &w->path.path.local);
    wzp_conn_copy_addr(&path.remote, &w->path.path.remote);
    wzp_udp_commit(conn->endpoint->udp, &path, size);
    conn->packets_sent++;
    conn->bytes_sent += size;
    conn->n_unanswered = 0;
    w->space = NULL;
}

static void fail(struct writer *w, ngtcp2_ssize status)
{
    w->has_failed = true;
    wzp_conn_end_liberr(w->conn, (int)status);
}

size_t wzp_conn_max_datagram(const struct wzp_conn *conn)
{
    if (conn->state != WZP_CONN_OPEN) {
        return 0;
    }
    const ngtcp2_transport_params *params = ngtcp2_conn_get_remote_transport_params(conn->ng);
    size_t payload = wzp_compat_mtu(conn->ng);
    payload = wzp_min_size(payload, WZP_UDP_PACKET_BYTES);
    size_t overhead = PACKET_OVERHEAD_BYTES + ngtcp2_conn_get_dcid(conn->ng)->datalen;
    size_t room = payload > overhead ? payload - overhead : 0;
    uint64_t frame = params ? params->max_datagram_frame_size : 0;
    size_t allowed = frame > 3 ? (size_t)frame - 3 : 0; /* type and length */
    return wzp_min_size(wzp_min_size(room, allowed), WZP_PACKET_BYTES);
}

static void count_dropped(struct wzp_conn *conn, uint64_t *counter, size_t n)
{
    conn->datagrams_dropped += n;
    *counter += n;
}

static void pop_sent(struct wzp_conn *conn, uint32_t arrived)
{
    wzp_timing_packed(&conn->endpoint->timing, arrived);
    wzp_datagram_queue_pop(&conn->datagrams);
    conn->datagrams_sent++;
    conn->endpoint->stats.datagrams_sent++;
}

/* Writes the oldest datagram. False: no more can be sent now. */
static bool write_datagram(struct writer *w, const struct wzp_queued_datagram *datagram)
{
    ngtcp2_vec vec = {datagram->packet->bytes + datagram->offset, datagram->size};
    int is_accepted = 0;
    bool is_last = w->is_at_ease && w->conn->datagrams.n == 1; /* ends its packet */
    uint32_t flags = is_last ? NGTCP2_WRITE_DATAGRAM_FLAG_NONE : NGTCP2_WRITE_DATAGRAM_FLAG_MORE;
    ngtcp2_ssize size =
        ngtcp2_conn_writev_datagram(w->conn->ng, &w->path.path, NULL, w->space, PACKET_SPACE, &is_accepted,
                                    flags, w->conn->packets_sent + 1, &vec, 1, w->ts);
    if (size < 0 && size != NGTCP2_ERR_WRITE_MORE) {
        fail(w, size);
        return false;
    }
    if (is_accepted) {
        pop_sent(w->conn, datagram->arrived);
    }
    if (size > 0) {
        commit(w, (size_t)size); /* full, or an acknowledgement that had to go first: then once more */
        return true;
    }
    return is_accepted != 0;
}

/* Every path carries packets of NGTCP2_MAX_UDP_PAYLOAD_SIZE (RFC 9000, 14), so that datagrams for those need
 * not be asked about again. */
static bool is_too_large(struct wzp_conn *conn, size_t size)
{
    size_t most = wzp_conn_max_datagram(conn);
    size_t overhead = PACKET_OVERHEAD_BYTES + ngtcp2_conn_get_dcid(conn->ng)->datalen;
    conn->sure_datagram_bytes = (uint32_t)wzp_min_size(most, NGTCP2_MAX_UDP_PAYLOAD_SIZE - overhead);
    return size > most;
}

/* Until so many are left that the packet under way is not to be closed with less than it holds. */
static void write_datagrams(struct writer *w, size_t n_left, wzp_us now)
{
    struct wzp_conn *conn = w->conn;
    struct wzp_endpoint *endpoint = conn->endpoint;
    if (conn->datagrams.n == 0) {
        return;
    }
    size_t stale = wzp_datagram_queue_drop_before(&conn->datagrams, now - endpoint->config.datagram_max_age);
    count_dropped(conn, &endpoint->stats.datagrams_dropped_stale, stale);
    struct wzp_queued_datagram *datagram;
    while ((datagram = wzp_datagram_queue_first(&conn->datagrams)) &&
           (conn->datagrams.n > n_left || w->space) && has_space(w)) {
        if (datagram->size > conn->sure_datagram_bytes && is_too_large(conn, datagram->size)) {
            wzp_datagram_queue_pop(&conn->datagrams);
            count_dropped(conn, &endpoint->stats.datagrams_dropped_size, 1);
        } else if (!write_datagram(w, datagram)) {
            endpoint->stats.datagrams_held_back += w->has_failed ? 0 : 1;
            return;
        }
    }
}

/* Writes one message as far as it goes. False: no stream gets anything out now. */
static bool write_stream(struct writer *w, struct wzp_out_stream *out)
{
    while (has_space(w)) {
        ngtcp2_vec vec = {out->bytes + out->sent, out->size - out->sent};
        ngtcp2_ssize taken = -1;
        ngtcp2_ssize size = ngtcp2_conn_writev_stream(
            w->conn->ng, &w->path.path, NULL, w->space, PACKET_SPACE, &taken,
            NGTCP2_WRITE_STREAM_FLAG_MORE | NGTCP2_WRITE_STREAM_FLAG_FIN, out->id, &vec, 1, w->ts);
        if (size == NGTCP2_ERR_STREAM_DATA_BLOCKED) {
            return true; /* the others may not be */
        }
        if (size == NGTCP2_ERR_STREAM_SHUT_WR || size == NGTCP2_ERR_STREAM_NOT_FOUND) {
            wzp_stream_give_up(w->conn, out);
            return true;
        }
        if (size < 0 && size != NGTCP2_ERR_WRITE_MORE) {
            fail(w, size);
            return false;
        }
        if (size > 0) {
            commit(w, (size_t)size);
        }
        bool is_complete = taken >= 0 && (size_t)taken == out->size - out->sent;
        if (taken >= 0) {
            wzp_stream_sent(w->conn, out, (size_t)taken);
        }
        if (is_complete) {
            return true;
        }
        if (size == 0) {
            return false;
        }
    }
    return false;
}

static void write_streams(struct writer *w)
{
    wzp_list_each(node, &w->conn->streams.sending)
    {
        if (!write_stream(w, wzp_container(node, struct wzp_out_stream, node))) {
            return;
        }
    }
}

/* Closes the packet under way and writes what QUIC has to say: acknowledgements, probes, repetitions. */
static void write_rest(struct writer *w)
{
    while (has_space(w)) {
        ngtcp2_ssize size =
            ngtcp2_conn_writev_stream(w->conn->ng, &w->path.path, NULL, w->space, PACKET_SPACE, NULL,
                                      NGTCP2_WRITE_STREAM_FLAG_NONE, -1, NULL, 0, w->ts);
        if (size < 0) {
            fail(w, size);
        }
        if (size <= 0) {
            return;
        }
        commit(w, (size_t)size);
    }
}

static void write_all(struct wzp_conn *conn, wzp_us now)
{
    struct writer w = {.conn = conn, .ts = wzp_conn_ts(now)};
    ngtcp2_path_storage_zero(&w.path);
    bool has_datagrams = conn->datagrams.n > 0;
    if (conn->was_open) {
        wzp_stream_open_waiting(conn);
        w.is_at_ease = wzp_conn_is_at_ease(conn);
        write_datagrams(&w, 0, now);
        if (!w.is_at_ease) {
            write_streams(&w);
        }
    }
    bool is_done = w.is_at_ease && has_datagrams && conn->datagrams.n == 0 && !w.space;
    if (!is_done) {
        write_rest(&w);
    }
    conn->n_unanswered = 0;
    conn->pack_at = WZP_CONN_PACK_AT;
    if (w.is_starved) {
        wzp_endpoint_touch(conn->endpoint, conn);
    }
}

void wzp_conn_pack(struct wzp_conn *conn)
{
    const struct wzp_endpoint *endpoint = conn->endpoint;
    if (conn->state != WZP_CONN_OPEN || wzp_udp_is_blocked(endpoint->udp)) {
        return;
    }
    wzp_us now = endpoint->is_reading ? endpoint->now : wzp_loop_now(endpoint->loop);
    struct writer w = {.conn = conn, .ts = wzp_conn_ts(now)};
    ngtcp2_path_storage_zero(&w.path);
    write_datagrams(&w, WZP_CONN_PACK_LEAVE, now);
    if (w.space) {
        write_rest(&w);
    }
    conn->pack_at =
        conn->datagrams.n + WZP_CONN_PACK_AT - WZP_CONN_PACK_LEAVE; /* more than at first: held back */
}

/* Ours to end, with QUIC in order: what was queued before the close leaves before it. */
static bool can_write(const struct wzp_conn *conn)
{
    return wzp_conn_is_alive(conn) ||
           (conn->farewell == WZP_CONN_SAY_CLOSE && conn->was_open && conn->info.origin == WZP_CLOSED_BY_US);
}

void wzp_conn_flush(struct wzp_conn *conn, wzp_us now)
{
    if (conn->state == WZP_CONN_LINGERING) {
        return;
    }
    if (can_write(conn)) {
        write_all(conn, now);
    }
    if (conn->state == WZP_CONN_ENDING) {
        wzp_conn_finish(conn, now);
        return;
    }
    wzp_conn_rearm(conn, now);
}
