/* SPDX-License-Identifier: Apache-2.0 */
/* How connections end: what is told to the peer, to the owner, and what stays behind for a while. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "net/conn.h"
#include "net/endpoint.h"

#define CRYPTO_ERROR_FIRST 0x100 /* RFC 9001, 4.8: TLS alerts as QUIC error codes */
#define CRYPTO_ERROR_LAST  0x1ff
#define LINGER_MIN         (100 * WZP_MS)
#define LINGER_MAX         (3 * WZP_SECOND)

static void enter_ending(struct wzp_conn *conn, enum wzp_conn_farewell farewell)
{
    struct wzp_endpoint *endpoint = conn->endpoint;
    if (conn->state == WZP_CONN_HANDSHAKE) {
        endpoint->stats.handshakes_failed++;
        if (conn->is_server) {
            endpoint->stats.half_open--;
        }
    }
    conn->state = WZP_CONN_ENDING;
    conn->farewell = farewell;
    conn->info.was_open = conn->was_open;
    wzp_endpoint_touch(endpoint, conn);
}

static void set_reason(struct wzp_conn *conn, const char *reason)
{
    wzp_text_clean(reason, conn->info.reason, sizeof conn->info.reason);
}

void wzp_conn_close(struct wzp_conn *conn, enum wzp_close_code code, const char *reason)
{
    if (!wzp_conn_is_alive(conn)) {
        return;
    }
    conn->info = (struct wzp_close_info){.origin = WZP_CLOSED_BY_US, .err = WZP_ECLOSED, .code = code};
    set_reason(conn, reason ? reason : "");
    ngtcp2_ccerr_set_application_error(&conn->ccerr, code, (const uint8_t *)conn->info.reason,
                                       strlen(conn->info.reason));
    enter_ending(conn, WZP_CONN_SAY_CLOSE);
}

void wzp_conn_end_timeout(struct wzp_conn *conn, const char *reason)
{
    if (!wzp_conn_is_alive(conn)) {
        return;
    }
    conn->info = (struct wzp_close_info){.origin = WZP_CLOSED_BY_TIMEOUT, .err = WZP_ETIMEOUT};
    set_reason(conn, reason);
    enter_ending(conn, WZP_CONN_SAY_NOTHING);
}

/* Unlike an idle time-out this tells the peer: it may live, and only our direction be broken. */
void wzp_conn_end_lost(struct wzp_conn *conn)
{
    wzp_conn_close(conn, WZP_CLOSE_TIMEOUT, "peer lost");
    conn->info.origin = WZP_CLOSED_BY_TIMEOUT;
    conn->info.err = WZP_ETIMEOUT;
}

static bool is_tls_code(uint64_t code)
{
    return code >= CRYPTO_ERROR_FIRST && code <= CRYPTO_ERROR_LAST;
}

/* A phrase for a transport error code. */
static void describe(struct wzp_conn *conn, const char *who, uint64_t code)
{
    char text[WZP_QUIC_REASON_BYTES];
    if (is_tls_code(code)) {
        unsigned alert = (unsigned)(code & 0xff);
        const char *name = gnutls_alert_get_name((gnutls_alert_description_t)alert);
        wzp_ignore(snprintf(text, sizeof text, "TLS handshake failed %s: %s (alert %u)", who,
                            name ? name : "unknown alert", alert));
    } else if (code == NGTCP2_CONNECTION_REFUSED) {
        wzp_ignore(snprintf(text, sizeof text, "connection refused %s", who));
    } else {
        wzp_ignore(snprintf(text, sizeof text, "QUIC error 0x%llx %s", (unsigned long long)code, who));
    }
    set_reason(conn, text);
}

/* The peer closed, or a stateless reset came: RFC 9000, 10.2.2, "draining". */
static void end_draining(struct wzp_conn *conn)
{
    ngtcp2_ccerr ccerr = wzp_compat_ccerr(conn->ng);
    conn->info = (struct wzp_close_info){.err = WZP_ECLOSED, .code = ccerr.error_code};
    if (ccerr.type == NGTCP2_CCERR_TYPE_APPLICATION) {
        conn->info.origin = WZP_CLOSED_BY_PEER;
        char reason[WZP_QUIC_REASON_BYTES];
        size_t size = wzp_min_size(ccerr.reasonlen, sizeof reason - 1);
        if (size > 0) {
            memcpy(reason, ccerr.reason, size);
        }
        reason[size] = '\0';
        set_reason(conn, reason);
    } else {
        conn->info.origin = WZP_CLOSED_BY_TRANSPORT;
        conn->info.err = is_tls_code(ccerr.error_code) ? WZP_ETLS : WZP_ENET;
        describe(conn, "by the peer", ccerr.error_code);
    }
    enter_ending(conn, WZP_CONN_SAY_NOTHING_LINGER);
}

static void end_with_error(struct wzp_conn *conn, int liberr)
{
    conn->info = (struct wzp_close_info){.origin = WZP_CLOSED_BY_TRANSPORT, .err = WZP_ENET};
    if (liberr == NGTCP2_ERR_CRYPTO) {
        conn->info.err = WZP_ETLS;
        ngtcp2_ccerr_set_tls_alert(&conn->ccerr, ngtcp2_conn_get_tls_alert(conn->ng), NULL, 0);
    } else {
        ngtcp2_ccerr_set_liberr(&conn->ccerr, liberr, NULL, 0);
    }
    conn->info.code = conn->ccerr.error_code;
    describe(conn, "here", conn->ccerr.error_code);
    if (conn->tls.has_failed_pin) {
        conn->info.origin = WZP_CLOSED_BY_US;
        conn->info.err = WZP_EAUTH;
        conn->has_fingerprint = wzp_tls_session_fingerprint(&conn->tls, conn->fingerprint);
        set_reason(conn, "the peer's certificate is not the pinned one");
    }
    enter_ending(conn, WZP_CONN_SAY_CLOSE);
}

void wzp_conn_end_liberr(struct wzp_conn *conn, int liberr)
{
    if (!wzp_conn_is_alive(conn)) {
        return;
    }
    switch (liberr) {
    case NGTCP2_ERR_DRAINING:
        end_draining(conn);
        return;
    case NGTCP2_ERR_IDLE_CLOSE:
        wzp_conn_end_timeout(conn, "nothing heard from the peer");
        return;
    case NGTCP2_ERR_HANDSHAKE_TIMEOUT:
        wzp_conn_end_timeout(conn, "handshake timed out");
        return;
    case NGTCP2_ERR_DROP_CONN:
        end_with_error(conn, NGTCP2_ERR_PROTO);
        conn->farewell = WZP_CONN_SAY_NOTHING;
        return;
    default:
        end_with_error(conn, liberr);
        return;
    }
}

static void send_last_packet(struct wzp_conn *conn)
{
    uint8_t *space = wzp_udp_reserve(conn->endpoint->udp);
    if (space) {
        memcpy(space, conn->last_packet, conn->last_packet_size);
        struct wzp_udp_path path = {.local = conn->local_addr, .remote = conn->remote_addr};
        wzp_udp_commit(conn->endpoint->udp, &path, conn->last_packet_size);
    }
}

/* Writes the CONNECTION_CLOSE and keeps it for late packets. */
static void say_close(struct wzp_conn *conn, wzp_us now)
{
    uint8_t packet[WZP_UDP_PACKET_BYTES];
    ngtcp2_path_storage path;
    ngtcp2_path_storage_zero(&path);
    ngtcp2_ssize size = ngtcp2_conn_write_connection_close(conn->ng, &path.path, NULL, packet,
                                                           wzp_compat_packet_space(sizeof packet),
                                                           &conn->ccerr, wzp_conn_ts(now));
    if (size <= 0) {
        return; /* before the first packet there is nobody to tell */
    }
    wzp_conn_copy_addr(&conn->local_addr, &path.path.local);
    wzp_conn_copy_addr(&conn->remote_addr, &path.path.remote);
    conn->last_packet = malloc((size_t)size);
    if (conn->last_packet) {
        memcpy(conn->last_packet, packet, (size_t)size);
        conn->last_packet_size = (size_t)size;
        send_last_packet(conn);
    }
}

void wzp_conn_answer_late(struct wzp_conn *conn)
{
    conn->late_packets++;
    bool is_power_of_two = (conn->late_packets & (conn->late_packets - 1)) == 0;
    if (conn->last_packet && is_power_of_two) { /* ever more rarely: RFC 9000, 10.2.1 */
        send_last_packet(conn);
    }
}

static void linger(struct wzp_conn *conn, wzp_us linger_time, wzp_us now)
{
    wzp_conn_shed(conn);
    conn->state = WZP_CONN_LINGERING;
    conn->endpoint->n_lingering++;
    wzp_endpoint_set_deadline(conn->endpoint, conn, now + linger_time);
}

void wzp_conn_finish(struct wzp_conn *conn, wzp_us now)
{
    struct wzp_endpoint *endpoint = conn->endpoint;
    if (conn->farewell == WZP_CONN_SAY_CLOSE) {
        say_close(conn, now);
    }
    wzp_us linger_time = 3 * (wzp_us)(ngtcp2_conn_get_pto(conn->ng) / NGTCP2_MICROSECONDS);
    linger_time = wzp_us_min(wzp_us_max(linger_time, LINGER_MIN), LINGER_MAX);
    if (conn->is_announced) {
        conn->is_announced = false;
        endpoint->config.handler->on_closed(endpoint->config.context, conn, &conn->info);
    }
    bool lingers =
        conn->farewell != WZP_CONN_SAY_NOTHING && endpoint->n_lingering < endpoint->config.max_conns;
    if (lingers) {
        linger(conn, linger_time, now);
    } else {
        wzp_conn_free(conn);
    }
}
