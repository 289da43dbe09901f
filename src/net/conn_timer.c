/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When a connection looks after itself.
 *
 * Voice needs no answer at once. A connection without a message under way is at ease: voice and bare
 * acknowledgements that it receives then set nothing off. What it owes for them rides on its next voice, or
 * leaves a little later, when it looks what QUIC wants. ngtcp2 is asked for that time only then, not with
 * every packet: asking costs more than half of what reading a packet does where its memory is cold.
 */
#include "net/conn.h"
#include "net/endpoint.h"

/* From the first voice that is not acknowledged to a packet for the acknowledgement alone: two frames of 20
 * ms, so that whoever talks needs none. Where no more than one talks that is an acknowledgement for every
 * other packet, on a line that may carry little: they wait longer. What so few packets tell of a line can
 * wait, too, since of one voice there is nothing to leave out. With grid and loop either stays in the
 * max_ack_delay that we announce.
 */
#define ACK_WAIT     (35 * WZP_MS)
#define ACK_WAIT_FEW (95 * WZP_MS)
#define ACK_FEW      2 /* packets within ACK_WAIT */
/* ngtcp2's own wait for an acknowledgement, at most: an expiry this soon after a packet is that one. */
#define ACK_OWN_WAIT (25 * WZP_MS)
/* What else expires (loss, probes, keep-alive) may be late as well. */
#define TIMER_SLACK (21 * WZP_MS)
/* One wake-up serves many connections. */
#define TIMER_GRID (5 * WZP_MS)
/* At least so long after an expiry that left nothing done. */
#define TIMER_MIN WZP_MS
/* Packets without voice, up to which they are taken for acknowledgements: larger ones want an answer. */
#define ACK_PACKET_BYTES 200

bool wzp_conn_is_at_ease(const struct wzp_conn *conn)
{
    return conn->state == WZP_CONN_OPEN && conn->streams.n_open == 0 && conn->streams.n_waiting == 0;
}

static wzp_us on_grid(wzp_us at)
{
    return at == WZP_NEVER ? at : (at + TIMER_GRID - 1) / TIMER_GRID * TIMER_GRID;
}

static void look_by(struct wzp_conn *conn, wzp_us at)
{
    at = on_grid(at);
    if (conn->deadline.at > at) {
        wzp_endpoint_set_deadline(conn->endpoint, conn, at);
    }
}

bool wzp_conn_rest(struct wzp_conn *conn, const struct wzp_conn_reading *reading)
{
    bool is_voice = conn->datagrams_received != reading->datagrams_before;
    bool can_wait = reading->was_at_ease && wzp_conn_is_at_ease(conn) && !conn->is_stirred &&
                    conn->datagrams.n == 0 && (is_voice || reading->size <= ACK_PACKET_BYTES) &&
                    wzp_addr_is_equal(&reading->path->remote, &conn->remote_addr);
    conn->is_stirred = false;
    if (!can_wait) {
        return false;
    }
    if (is_voice && conn->n_unanswered++ == 0) {
        conn->heard_at = reading->now;
    }
    look_by(conn, reading->now + ACK_WAIT);
    return conn->n_unanswered < WZP_CONN_ACK_THRESHOLD;
}

static wzp_us lost_at(const struct wzp_conn *conn)
{
    wzp_us heard_at = wzp_us_max(conn->last_received_at, conn->endpoint->stalled_until);
    return conn->lost_after == WZP_NEVER ? WZP_NEVER : heard_at + conn->lost_after;
}

static wzp_us expiry_of(const struct wzp_conn *conn)
{
    ngtcp2_tstamp expiry = ngtcp2_conn_get_expiry(conn->ng);
    if (expiry >= (ngtcp2_tstamp)INT64_MAX) {
        return WZP_NEVER;
    }
    return (wzp_us)((expiry + NGTCP2_MICROSECONDS - 1) / NGTCP2_MICROSECONDS);
}

static void set_deadline(struct wzp_conn *conn, wzp_us at, wzp_us now)
{
    wzp_us lost = lost_at(conn);
    if (lost > now) { /* else: looked at, and nothing is owed */
        at = wzp_us_min(at, lost);
    }
    wzp_endpoint_set_deadline(conn->endpoint, conn, at);
}

void wzp_conn_rearm(struct wzp_conn *conn, wzp_us now)
{
    if (wzp_conn_is_at_ease(conn)) {
        look_by(conn, now + ACK_WAIT);
        return;
    }
    wzp_us at = expiry_of(conn);
    if (at != WZP_NEVER) {
        at = wzp_us_max(at, now + TIMER_MIN);
    }
    set_deadline(conn, at, now);
}

static wzp_us ack_wait(const struct wzp_conn *conn)
{
    return conn->n_unanswered <= ACK_FEW ? ACK_WAIT_FEW : ACK_WAIT;
}

/* Until when a connection at ease may leave its expiry alone. Packets that come meanwhile make no
 * acknowledgement later than for the first of them. */
static wzp_us ease_until(const struct wzp_conn *conn, wzp_us expiry)
{
    if (expiry == WZP_NEVER) {
        return WZP_NEVER;
    }
    bool is_ack = conn->n_unanswered > 0 && expiry <= conn->heard_at + ACK_OWN_WAIT;
    return is_ack ? wzp_us_min(expiry, conn->heard_at) + ack_wait(conn) : expiry + TIMER_SLACK;
}

/* Whether the peer owes an acknowledgement and has been silent for too long. */
static bool is_lost(const struct wzp_conn *conn, wzp_us now)
{
    if (conn->state != WZP_CONN_OPEN || lost_at(conn) > now) {
        return false;
    }
    wzp_compat_conn_info info;
    wzp_compat_conn_info_get(conn->ng, &info);
    return info.bytes_in_flight > 0;
}

void wzp_conn_expire(struct wzp_conn *conn, wzp_us now)
{
    if (conn->state == WZP_CONN_LINGERING) {
        wzp_conn_free(conn);
        return;
    }
    if (is_lost(conn, now)) {
        wzp_conn_end_lost(conn);
    }
    if (wzp_conn_is_alive(conn)) {
        wzp_us expiry = expiry_of(conn);
        wzp_us wait_until = wzp_conn_is_at_ease(conn) ? ease_until(conn, expiry) : expiry;
        if (wait_until > now) {
            set_deadline(conn, wzp_conn_is_at_ease(conn) ? on_grid(wait_until) : wait_until, now);
            return;
        }
        int status = ngtcp2_conn_handle_expiry(conn->ng, wzp_conn_ts(now));
        if (status != 0) {
            wzp_conn_end_liberr(conn, status);
        }
    }
    wzp_endpoint_touch(conn->endpoint, conn);
}
