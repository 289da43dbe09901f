/* SPDX-License-Identifier: Apache-2.0 */
/* Making, feeding and freeing connections; the public face is conn_api.c. */
#include "net/conn.h"

#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "net/endpoint.h"
#include "net/qlog.h"

#define MAX_DATAGRAM_FRAME 65535 /* any: the packet is the limit */
#define MAX_ACTIVE_CIDS    8
#define CLIENT_DCID_BYTES  16
/* Half the least congestion window: what one receiver of voice may have under way on a bad path, and a link
 * between relays with thousands of voices. It bounds what a peer that acknowledges nothing makes us keep. */
#define HALF_WINDOW      ((size_t)65527)
#define HALF_WIDE_WINDOW ((size_t)1 << 20)
#define MAX_ACK_DELAY    (120 * NGTCP2_MILLISECONDS) /* acknowledgements wait: conn_timer.c */

static void set_settings(const struct wzp_conn *conn, ngtcp2_settings *settings, wzp_us now)
{
    const struct wzp_endpoint_config *config = &conn->endpoint->config;
    ngtcp2_settings_default(settings);
    settings->initial_ts = wzp_conn_ts(now);
    settings->cc_algo = NGTCP2_CC_ALGO_RENO; /* disarmed below: the one that touches the least memory */
    wzp_compat_disarm_congestion(settings, conn->is_wide ? HALF_WIDE_WINDOW : HALF_WINDOW);
    settings->ack_thresh = WZP_CONN_ACK_THRESHOLD;
    settings->handshake_timeout = wzp_conn_ts(config->handshake_timeout);
    if (conn->qlog) {
        wzp_compat_set_qlog(settings, wzp_qlog_write, &conn->initial_dcid);
    }
}

static void set_params(const struct wzp_conn *conn, ngtcp2_transport_params *params)
{
    const struct wzp_endpoint_config *config = &conn->endpoint->config;
    ngtcp2_transport_params_default(params);
    params->initial_max_data = WZP_STREAM_CONN_WINDOW_BYTES;
    params->initial_max_stream_data_bidi_local = WZP_STREAM_WINDOW_BYTES;
    params->initial_max_stream_data_bidi_remote = WZP_STREAM_WINDOW_BYTES;
    params->initial_max_stream_data_uni = WZP_STREAM_WINDOW_BYTES;
    params->initial_max_streams_bidi = WZP_STREAM_MAX_INBOUND;
    params->initial_max_streams_uni = WZP_STREAM_MAX_INBOUND;
    params->max_idle_timeout = wzp_conn_ts(config->idle_timeout);
    params->max_datagram_frame_size = MAX_DATAGRAM_FRAME;
    params->active_connection_id_limit = MAX_ACTIVE_CIDS;
    params->max_ack_delay = MAX_ACK_DELAY;
}

static void free_connp(struct wzp_conn **conn)
{
    wzp_conn_free(*conn);
}

static enum wzp_err make(struct wzp_endpoint *endpoint, wzp_us now, struct wzp_conn **out_conn)
{
    struct wzp_conn *conn = calloc(1, sizeof *conn);
    if (!conn) {
        return WZP_ENOMEM;
    }
    const struct wzp_endpoint_config *config = &endpoint->config;
    conn->endpoint = endpoint;
    conn->deadline = WZP_DEADLINE_INIT;
    conn->keep_alive = config->keep_alive;
    conn->lost_after = WZP_NEVER;
    conn->last_received_at = now;
    conn->pack_at = WZP_CONN_PACK_AT;
    conn->datagrams.limit = config->max_queued_datagrams;
    wzp_list_init(&conn->touched);
    wzp_streams_init(&conn->streams, config->max_message_bytes);
    enum wzp_err err = wzp_endpoint_add(endpoint, conn);
    if (err != WZP_OK) {
        free(conn);
        return err;
    }
    *out_conn = conn;
    return WZP_OK;
}

static ngtcp2_conn *conn_of_ref(ngtcp2_crypto_conn_ref *ref)
{
    return ((struct wzp_conn *)ref->user_data)->ng;
}

static void bind_tls(struct wzp_conn *conn)
{
    conn->tls.ref.get_conn = conn_of_ref;
    conn->tls.ref.user_data = conn;
    ngtcp2_conn_set_tls_native_handle(conn->ng, conn->tls.gnutls);
}

static void first_cid(struct wzp_conn *conn, ngtcp2_cid *out_cid)
{
    uint8_t *cid = conn->cids[conn->n_cids++];
    wzp_cid_make(&conn->endpoint->cids, conn->index, &wzp_random_system, cid);
    ngtcp2_cid_init(out_cid, cid, WZP_CID_BYTES);
}

/* The wildcard of a client's socket stays in its path: the kernel picks the source, and may change it. */
static void set_path(struct wzp_conn *conn, const struct wzp_addr *local, const struct wzp_addr *remote)
{
    conn->local_addr = *local;
    conn->remote_addr = *remote;
    conn->peer_addr = wzp_addr_unmapped(remote);
}

static ngtcp2_path ng_path(struct wzp_addr *local, struct wzp_addr *remote)
{
    return (ngtcp2_path){
        .local = {(ngtcp2_sockaddr *)&local->storage, local->size},
        .remote = {(ngtcp2_sockaddr *)&remote->storage, remote->size},
    };
}

static enum wzp_err start_server(struct wzp_conn *conn, const struct wzp_conn_accept *accept, wzp_us now)
{
    ngtcp2_settings settings;
    ngtcp2_transport_params params;
    ngtcp2_callbacks callbacks;
    ngtcp2_cid scid;
    first_cid(conn, &scid);
    set_settings(conn, &settings, now);
    set_params(conn, &params);
    wzp_conn_callbacks(&callbacks, true, conn->endpoint->config.counts_losses);
    wzp_compat_set_original_dcid(&params, &accept->head->dcid);
    if (accept->original_dcid) {
        wzp_compat_set_original_dcid(&params, accept->original_dcid);
        params.retry_scid = accept->head->dcid;
        params.retry_scid_present = 1;
        wzp_compat_set_retry_token(&settings, wzp_compat_hd_token(accept->head));
    }
    params.stateless_reset_token_present =
        wzp_endpoint_reset_token(conn->endpoint, &scid, params.stateless_reset_token);
    ngtcp2_path path = ng_path(&conn->local_addr, &conn->remote_addr);
    if (ngtcp2_conn_server_new(&conn->ng, &accept->head->scid, &scid, &path, accept->head->version,
                               &callbacks, &settings, &params, &conn->endpoint->memory.mem, conn) != 0) {
        return WZP_ENOMEM;
    }
    bind_tls(conn);
    return WZP_OK;
}

enum wzp_err wzp_conn_new_server(struct wzp_endpoint *endpoint, const struct wzp_conn_accept *accept,
                                 wzp_us now, struct wzp_conn **out_conn)
{
    WZP_AUTO(free_connp) struct wzp_conn *conn = NULL;
    enum wzp_err err = make(endpoint, now, &conn);
    if (err != WZP_OK) {
        return err;
    }
    conn->is_server = true;
    conn->is_wide = accept->is_wide;
    endpoint->n_accepted++;
    endpoint->stats.half_open++;
    set_path(conn, &accept->path->local, &accept->path->remote);
    conn->initial_dcid = accept->head->dcid;
    conn->is_in_initial_map =
        wzp_map_add(&endpoint->initials, conn->initial_dcid.data, conn->initial_dcid.datalen, conn) == WZP_OK;
    conn->qlog = wzp_qlog_open(endpoint->qlog_dir, &conn->initial_dcid, "server");
    err = wzp_tls_session_open_server(&conn->tls, endpoint->tls);
    if (err == WZP_OK) {
        err = start_server(conn, accept, now);
    }
    if (err != WZP_OK) {
        return err;
    }
    *out_conn = wzp_take(conn);
    return WZP_OK;
}

static enum wzp_err start_client(struct wzp_conn *conn, wzp_us now)
{
    ngtcp2_settings settings;
    ngtcp2_transport_params params;
    ngtcp2_callbacks callbacks;
    ngtcp2_cid scid;
    first_cid(conn, &scid);
    set_settings(conn, &settings, now);
    set_params(conn, &params);
    wzp_conn_callbacks(&callbacks, false, true);
    ngtcp2_path path = ng_path(&conn->local_addr, &conn->remote_addr);
    if (ngtcp2_conn_client_new(&conn->ng, &conn->initial_dcid, &scid, &path, NGTCP2_PROTO_VER_V1, &callbacks,
                               &settings, &params, &conn->endpoint->memory.mem, conn) != 0) {
        return WZP_ENOMEM;
    }
    bind_tls(conn);
    return WZP_OK;
}

enum wzp_err wzp_conn_new_client(struct wzp_endpoint *endpoint, const struct wzp_dial *dial, wzp_us now,
                                 struct wzp_conn **out_conn)
{
    WZP_AUTO(free_connp) struct wzp_conn *conn = NULL;
    enum wzp_err err = make(endpoint, now, &conn);
    if (err != WZP_OK) {
        return err;
    }
    conn->user = dial->user;
    conn->is_wide = wzp_endpoint_is_wide(endpoint, dial->server_name);
    set_path(conn, wzp_udp_addr(endpoint->udp), &dial->addr);
    uint8_t dcid[CLIENT_DCID_BYTES];
    wzp_random_system.fill(wzp_random_system.context, dcid, sizeof dcid);
    ngtcp2_cid_init(&conn->initial_dcid, dcid, sizeof dcid);
    conn->qlog = wzp_qlog_open(endpoint->qlog_dir, &conn->initial_dcid, "client");
    err = wzp_tls_session_open_client(&conn->tls, endpoint->tls, dial);
    if (err == WZP_OK) {
        err = start_client(conn, now);
    }
    if (err != WZP_OK) {
        return err;
    }
    conn->is_announced = true;
    *out_conn = wzp_take(conn);
    return WZP_OK;
}

static void forget_initial(struct wzp_conn *conn)
{
    if (conn->is_in_initial_map) {
        wzp_ignore(
            wzp_map_remove(&conn->endpoint->initials, conn->initial_dcid.data, conn->initial_dcid.datalen));
        conn->is_in_initial_map = false;
    }
}

void wzp_conn_forget_token(struct wzp_conn *conn, struct wzp_conn_token *token)
{
    if (token->is_used) {
        wzp_ignore(wzp_map_remove(&conn->endpoint->tokens, token->bytes, sizeof token->bytes));
        token->is_used = false;
    }
}

void wzp_conn_shed(struct wzp_conn *conn)
{
    if (conn->state == WZP_CONN_LINGERING) {
        return;
    }
    if (conn->is_server) {
        conn->endpoint->n_accepted--;
        conn->endpoint->stats.half_open -= conn->state == WZP_CONN_HANDSHAKE ? 1 : 0;
    }
    forget_initial(conn);
    for (size_t i = 0; i < WZP_CONN_MAX_TOKENS; i++) {
        wzp_conn_forget_token(conn, &conn->tokens[i]);
    }
    ngtcp2_conn_del(conn->ng);
    conn->ng = NULL;
    wzp_tls_session_close(&conn->tls);
    wzp_streams_deinit(&conn->streams);
    conn->endpoint->stats.datagrams_dropped_closed += conn->datagrams.n;
    wzp_datagram_queue_deinit(&conn->datagrams);
    wzp_qlog_close(conn->qlog);
    conn->qlog = NULL;
}

void wzp_conn_free(struct wzp_conn *conn)
{
    if (!conn) {
        return;
    }
    if (conn->state == WZP_CONN_LINGERING) {
        conn->endpoint->n_lingering--;
    }
    wzp_conn_shed(conn);
    wzp_list_remove(&conn->touched);
    wzp_endpoint_set_deadline(conn->endpoint, conn, WZP_NEVER);
    wzp_endpoint_remove(conn->endpoint, conn);
    free(conn->last_packet);
    free(conn);
}

/* What a server needs only until its handshake is confirmed: 11 kB of TLS state among it. Datagrams, streams
 * and key updates go on without; TLS messages after it are refused in on_crypto_data. */
static void drop_handshake_state(struct wzp_conn *conn)
{
    if (conn->is_server && conn->state == WZP_CONN_OPEN && conn->tls.gnutls) {
        forget_initial(conn);
        ngtcp2_conn_set_tls_native_handle(conn->ng, NULL);
        wzp_tls_session_close(&conn->tls);
    }
}

void wzp_conn_read(struct wzp_conn *conn, const struct wzp_udp_path *path, const uint8_t *bytes, size_t size,
                   wzp_us now)
{
    if (conn->state == WZP_CONN_LINGERING) {
        wzp_conn_answer_late(conn);
        return;
    }
    if (conn->state == WZP_CONN_ENDING) {
        return;
    }
    struct wzp_addr local = conn->is_server ? path->local : conn->local_addr;
    struct wzp_addr remote = path->remote;
    ngtcp2_path ng = ng_path(&local, &remote);
    conn->packets_received++;
    conn->bytes_received += size;
    conn->last_received_at = now;
    const struct wzp_conn_reading reading = {
        .path = path,
        .size = size,
        .was_at_ease = wzp_conn_is_at_ease(conn),
        .datagrams_before = conn->datagrams_received,
        .now = now,
    };
    conn->is_reading = true;
    int status = ngtcp2_conn_read_pkt(conn->ng, &ng, NULL, bytes, size, wzp_conn_ts(now));
    conn->is_reading = false;
    if (status != 0) {
        wzp_conn_end_liberr(conn, status);
    }
    drop_handshake_state(conn);
    wzp_conn_measure(conn, now);
    if (!wzp_conn_rest(conn, &reading)) {
        wzp_endpoint_touch(conn->endpoint, conn);
    }
}
