/* SPDX-License-Identifier: Apache-2.0 */
/* What ngtcp2 tells a connection. Callbacks note, queue and hand on; none of them ends or frees anything. */
#include <string.h>

#include "base/random.h"
#include "net/conn.h"
#include "net/endpoint.h"
#include "net/packet_crypto.h"

static void on_random(uint8_t *out_bytes, size_t size, const ngtcp2_rand_ctx *context)
{
    (void)context;
    wzp_random_system.fill(wzp_random_system.context, out_bytes, size);
}

static int on_new_cid(ngtcp2_conn *ng, ngtcp2_cid *out_cid, uint8_t *out_token, size_t size, void *user)
{
    (void)ng;
    struct wzp_conn *conn = user;
    if (size != WZP_CID_BYTES || conn->n_cids == WZP_CONN_MAX_CIDS) {
        return NGTCP2_ERR_CALLBACK_FAILURE;
    }
    uint8_t *cid = conn->cids[conn->n_cids++];
    wzp_cid_make(&conn->endpoint->cids, conn->index, &wzp_random_system, cid);
    ngtcp2_cid_init(out_cid, cid, WZP_CID_BYTES);
    return wzp_endpoint_reset_token(conn->endpoint, out_cid, out_token) ? 0 : NGTCP2_ERR_CALLBACK_FAILURE;
}

static int on_retired_cid(ngtcp2_conn *ng, const ngtcp2_cid *cid, void *user)
{
    (void)ng;
    struct wzp_conn *conn = user;
    for (size_t i = 0; i < conn->n_cids; i++) {
        if (cid->datalen == WZP_CID_BYTES && memcmp(conn->cids[i], cid->data, WZP_CID_BYTES) == 0) {
            memcpy(conn->cids[i], conn->cids[--conn->n_cids], WZP_CID_BYTES);
            break;
        }
    }
    return 0;
}

static void add_token(struct wzp_conn *conn, const uint8_t *bytes)
{
    for (size_t i = 0; i < WZP_CONN_MAX_TOKENS; i++) {
        struct wzp_conn_token *token = &conn->tokens[i];
        if (!token->is_used) {
            memcpy(token->bytes, bytes, sizeof token->bytes);
            token->is_used =
                wzp_map_add(&conn->endpoint->tokens, token->bytes, sizeof token->bytes, conn) == WZP_OK;
            return;
        }
    }
}

static void remove_token(struct wzp_conn *conn, const uint8_t *bytes)
{
    for (size_t i = 0; i < WZP_CONN_MAX_TOKENS; i++) {
        struct wzp_conn_token *token = &conn->tokens[i];
        if (token->is_used && memcmp(token->bytes, bytes, sizeof token->bytes) == 0) {
            wzp_conn_forget_token(conn, token);
            return;
        }
    }
}

/* The peer's ids that we use: a stateless reset of theirs is known by its token alone. */
/* NOLINTNEXTLINE(readability-function-size): ngtcp2 sets the parameters */
static int on_peer_cid(ngtcp2_conn *ng, wzp_compat_cid_status status, uint64_t seq, const ngtcp2_cid *cid,
                       const uint8_t *token, void *user)
{
    (void)ng;
    (void)seq;
    (void)cid;
    if (!token) {
        return 0;
    }
    if (status == NGTCP2_CONNECTION_ID_STATUS_TYPE_ACTIVATE) {
        add_token(user, token);
    } else {
        remove_token(user, token);
    }
    return 0;
}

/* The helper's callback behind a look at the ClientHello; see sni.h. */
/* NOLINTNEXTLINE(readability-function-size): ngtcp2 sets the parameters */
static int on_crypto_data(ngtcp2_conn *ng, ngtcp2_encryption_level level, uint64_t offset,
                          const uint8_t *bytes, size_t size, void *user)
{
    struct wzp_conn *conn = user;
    if (!conn->tls.gnutls) {
        return NGTCP2_ERR_PROTO; /* TLS is over: nothing of it may follow, see free_server_tls */
    }
    if (conn->is_server && level == NGTCP2_ENCRYPTION_LEVEL_INITIAL) {
        enum wzp_err err = wzp_sni_feed(&conn->tls.sni, bytes, size);
        if (err == WZP_ENOMEM || err == WZP_ELIMIT) {
            return NGTCP2_ERR_CALLBACK_FAILURE;
        }
        if (err != WZP_OK) {
            ngtcp2_conn_set_tls_alert(ng, GNUTLS_A_UNRECOGNIZED_NAME);
            return NGTCP2_ERR_CRYPTO;
        }
    }
    return ngtcp2_crypto_recv_crypto_data_cb(ng, level, offset, bytes, size, user);
}

static int on_handshake_completed(ngtcp2_conn *ng, void *user)
{
    struct wzp_conn *conn = user;
    struct wzp_endpoint *endpoint = conn->endpoint;
    if (conn->state != WZP_CONN_HANDSHAKE) {
        return 0;
    }
    conn->has_fingerprint = wzp_tls_session_fingerprint(&conn->tls, conn->fingerprint);
    if (conn->is_server) {
        memcpy(conn->server_name, conn->tls.sni.name, sizeof conn->tls.sni.name);
        endpoint->stats.half_open--;
    }
    endpoint->stats.handshakes_completed++;
    ngtcp2_conn_set_keep_alive_timeout(ng, wzp_conn_ts(conn->keep_alive));
    conn->state = WZP_CONN_OPEN;
    conn->was_open = true;
    conn->is_announced = true;
    conn->opened_at = endpoint->now;
    endpoint->config.handler->on_open(endpoint->config.context, conn);
    return 0;
}

static void stir(struct wzp_conn *conn)
{
    conn->is_stirred = true;
}

/* NOLINTNEXTLINE(readability-function-size): ngtcp2 sets the parameters */
static int on_stream_data(ngtcp2_conn *ng, uint32_t flags, int64_t id, uint64_t offset, const uint8_t *bytes,
                          size_t size, void *user, void *stream_user)
{
    (void)ng;
    (void)offset;
    struct wzp_stream_data data = {bytes, size, (flags & NGTCP2_STREAM_DATA_FLAG_FIN) != 0};
    stir(user);
    wzp_stream_on_data(user, id, stream_user, &data);
    return 0;
}

/* NOLINTNEXTLINE(readability-function-size): ngtcp2 sets the parameters */
static int on_stream_acked(ngtcp2_conn *ng, int64_t id, uint64_t offset, uint64_t size, void *user,
                           void *stream_user)
{
    (void)ng;
    stir(user);
    wzp_stream_on_acked(user, id, offset + size, stream_user);
    return 0;
}

/* NOLINTNEXTLINE(readability-function-size): ngtcp2 sets the parameters */
static int on_stream_closed(ngtcp2_conn *ng, uint32_t flags, int64_t id, uint64_t code, void *user,
                            void *stream_user)
{
    (void)ng;
    (void)flags;
    (void)code;
    stir(user);
    wzp_stream_on_close(user, id, stream_user);
    return 0;
}

/* A stream that the peer gives up: our half of it ends too, so that it is gone. */
/* NOLINTNEXTLINE(readability-function-size): ngtcp2 sets the parameters */
static int on_stream_reset(ngtcp2_conn *ng, int64_t id, uint64_t final_size, uint64_t code, void *user,
                           void *stream_user)
{
    (void)final_size;
    (void)code;
    (void)stream_user;
    stir(user);
    if (ngtcp2_is_bidi_stream(id) && !ngtcp2_conn_is_local_stream(ng, id)) {
        wzp_ignore(wzp_compat_shutdown_stream_write(ng, id));
    }
    return 0;
}

static int on_datagram(ngtcp2_conn *ng, uint32_t flags, const uint8_t *bytes, size_t size, void *user)
{
    (void)ng;
    (void)flags;
    struct wzp_conn *conn = user;
    struct wzp_endpoint *endpoint = conn->endpoint;
    conn->datagrams_received++;
    endpoint->stats.datagrams_received++;
    if (conn->state == WZP_CONN_OPEN) {
        endpoint->config.handler->on_datagram(endpoint->config.context, conn, bytes, size, endpoint->now);
    }
    return 0;
}

/* Datagrams bear the number of their packet. */
static int on_lost_datagram(ngtcp2_conn *ng, uint64_t packet_number, void *user)
{
    (void)ng;
    struct wzp_conn *conn = user;
    conn->packets_lost += packet_number != conn->last_lost ? 1 : 0;
    conn->last_lost = packet_number;
    return 0;
}

static int on_path_validation(WZP_COMPAT_PATH_VALIDATION_ARGS)
{
    (void)ng;
    (void)flags;
#if NGTCP2_VERSION_NUM >= 0x010000
    (void)old_path;
#endif
    struct wzp_conn *conn = user;
    struct wzp_addr validated = {.size = path->remote.addrlen};
    memcpy(&validated.storage, path->remote.addr, path->remote.addrlen);
    if (result != NGTCP2_PATH_VALIDATION_RESULT_SUCCESS || conn->state != WZP_CONN_OPEN ||
        wzp_addr_is_equal(&validated, &conn->remote_addr)) {
        return 0;
    }
    conn->remote_addr = validated;
    conn->peer_addr = wzp_addr_unmapped(&validated);
    conn->endpoint->config.handler->on_migrated(conn->endpoint->config.context, conn);
    return 0;
}

void wzp_conn_callbacks(ngtcp2_callbacks *out_callbacks, bool is_server, bool counts_losses)
{
    *out_callbacks = (ngtcp2_callbacks){
        .client_initial = is_server ? NULL : ngtcp2_crypto_client_initial_cb,
        .recv_client_initial = is_server ? ngtcp2_crypto_recv_client_initial_cb : NULL,
        .recv_crypto_data = on_crypto_data,
        .handshake_completed = on_handshake_completed,
        .recv_stream_data = on_stream_data,
        .acked_stream_data_offset = on_stream_acked,
        .stream_close = on_stream_closed,
        .stream_reset = on_stream_reset,
        .recv_retry = is_server ? NULL : ngtcp2_crypto_recv_retry_cb,
        .rand = on_random,
        .get_new_connection_id = on_new_cid,
        .remove_connection_id = on_retired_cid,
        .dcid_status = on_peer_cid,
        .path_validation = on_path_validation,
        .recv_datagram = on_datagram,
        .lost_datagram = counts_losses ? on_lost_datagram : NULL,
        .get_path_challenge_data = ngtcp2_crypto_get_path_challenge_data_cb,
        .version_negotiation = ngtcp2_crypto_version_negotiation_cb,
    };
    wzp_packet_crypto_callbacks(out_callbacks);
}
