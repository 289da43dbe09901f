/* SPDX-License-Identifier: Apache-2.0 */
/* Packets of strangers: new connections, and the answers that need no connection. */
#include <string.h>

#include "base/random.h"
#include "net/endpoint.h"
#include "net/initial_peek.h"

#define RETRY_TOKEN_LIFETIME (10 * NGTCP2_SECONDS)
#define RESET_RANDOM_BYTES                                                                                   \
    22 /* RFC 9000, 10.3: as short as our shortest packets, and shorter than the cause */

/* A packet to a stranger: written into the send queue by `write`, within the rate that we allow ourselves. */
static uint8_t *reply_space(struct wzp_endpoint *endpoint)
{
    return wzp_bucket_take(&endpoint->replies, endpoint->now) ? wzp_udp_reserve(endpoint->udp) : NULL;
}

static bool reply_commit(struct wzp_endpoint *endpoint, const struct wzp_udp_path *path, ngtcp2_ssize size)
{
    if (size > 0) {
        wzp_udp_commit(endpoint->udp, path, (size_t)size);
    }
    return size > 0;
}

bool wzp_endpoint_reset_token(const struct wzp_endpoint *endpoint, const ngtcp2_cid *cid,
                              uint8_t out_token[static WZP_CONN_TOKEN_BYTES])
{
    return ngtcp2_crypto_generate_stateless_reset_token(out_token, endpoint->reset_secret,
                                                        sizeof endpoint->reset_secret, cid) == 0;
}

void wzp_endpoint_reset(struct wzp_endpoint *endpoint, const struct wzp_udp_path *path, const uint8_t *bytes,
                        size_t size)
{
    (void)size;
    ngtcp2_cid cid;
    ngtcp2_cid_init(&cid, bytes + 1, WZP_CID_BYTES);
    uint8_t token[WZP_CONN_TOKEN_BYTES];
    uint8_t *space = reply_space(endpoint);
    if (!space || !wzp_endpoint_reset_token(endpoint, &cid, token)) {
        return;
    }
    uint8_t random[RESET_RANDOM_BYTES - 1];
    wzp_random_system.fill(wzp_random_system.context, random, sizeof random);
    ngtcp2_ssize written =
        ngtcp2_pkt_write_stateless_reset(space, WZP_UDP_PACKET_BYTES, token, random, sizeof random);
    endpoint->stats.resets_sent += reply_commit(endpoint, path, written) ? 1 : 0;
}

void wzp_endpoint_negotiate(struct wzp_endpoint *endpoint, const struct wzp_udp_path *path,
                            const ngtcp2_version_cid *ids, size_t size)
{
    static const uint32_t versions[] = {NGTCP2_PROTO_VER_V1};
    endpoint->stats.packets_malformed++;
    /* RFC 9000, 5.2.2: shorter ones can't start a connection; version 0 is an answer of this kind itself. */
    bool is_owed = endpoint->config.is_server && size >= NGTCP2_MAX_UDP_PAYLOAD_SIZE && ids->version != 0;
    uint8_t *space = is_owed ? reply_space(endpoint) : NULL;
    if (!space) {
        return;
    }
    uint8_t random;
    wzp_random_system.fill(wzp_random_system.context, &random, sizeof random);
    ngtcp2_ssize written =
        ngtcp2_pkt_write_version_negotiation(space, WZP_UDP_PACKET_BYTES, random, ids->scid, ids->scidlen,
                                             ids->dcid, ids->dcidlen, versions, wzp_count(versions));
    wzp_ignore(reply_commit(endpoint, path, written));
}

static void refuse(struct wzp_endpoint *endpoint, const struct wzp_udp_path *path, const ngtcp2_pkt_hd *head,
                   uint64_t code)
{
    endpoint->stats.connections_refused++;
    uint8_t *space = reply_space(endpoint);
    if (space) {
        ngtcp2_ssize written = ngtcp2_crypto_write_connection_close(
            space, WZP_UDP_PACKET_BYTES, head->version, &head->scid, &head->dcid, code, NULL, 0);
        wzp_ignore(reply_commit(endpoint, path, written));
    }
}

static void retry(struct wzp_endpoint *endpoint, const struct wzp_udp_path *path, const ngtcp2_pkt_hd *head)
{
    uint8_t *space = wzp_udp_reserve(endpoint->udp); /* not rated: a flood must not keep others from theirs */
    if (!space) {
        return;
    }
    uint8_t bytes[WZP_CID_BYTES];
    wzp_cid_make(&endpoint->cids, WZP_CID_MAX_INDEX, &wzp_random_system, bytes);
    ngtcp2_cid scid;
    ngtcp2_cid_init(&scid, bytes, sizeof bytes);
    uint8_t token[NGTCP2_CRYPTO_MAX_RETRY_TOKENLEN];
    ngtcp2_ssize token_size =
        ngtcp2_crypto_generate_retry_token(token, endpoint->retry_secret, sizeof endpoint->retry_secret,
                                           head->version, (const ngtcp2_sockaddr *)&path->remote.storage,
                                           path->remote.size, &scid, &head->dcid, wzp_conn_ts(endpoint->now));
    if (token_size < 0) {
        return;
    }
    ngtcp2_ssize written = ngtcp2_crypto_write_retry(space, WZP_UDP_PACKET_BYTES, head->version, &head->scid,
                                                     &scid, &head->dcid, token, (size_t)token_size);
    endpoint->stats.retries_sent += reply_commit(endpoint, path, written) ? 1 : 0;
}

enum token_state { TOKEN_ABSENT, TOKEN_VALID, TOKEN_INVALID };

/* Tokens of other kinds (of another server's NEW_TOKEN) count as none. */
static enum token_state check_token(const struct wzp_endpoint *endpoint, const struct wzp_udp_path *path,
                                    const ngtcp2_pkt_hd *head, ngtcp2_cid *out_original_dcid)
{
    ngtcp2_vec token = wzp_compat_hd_token(head);
    if (token.len == 0 || token.base[0] != NGTCP2_CRYPTO_TOKEN_MAGIC_RETRY) {
        return TOKEN_ABSENT;
    }
    int status = ngtcp2_crypto_verify_retry_token(
        out_original_dcid, token.base, token.len, endpoint->retry_secret, sizeof endpoint->retry_secret,
        head->version, (const ngtcp2_sockaddr *)&path->remote.storage, path->remote.size, &head->dcid,
        RETRY_TOKEN_LIFETIME, wzp_conn_ts(endpoint->now));
    return status == 0 ? TOKEN_VALID : TOKEN_INVALID;
}

/* Its window is set before its handshake, so the name is read ahead of it. One that is spread over several
 * packets, as other stacks may do, is not waited for. */
static bool is_wide(const struct wzp_endpoint *endpoint, const uint8_t *bytes, size_t size)
{
    struct wzp_initial_hello hello = {0};
    char name[WZP_QUIC_NAME_BYTES];
    return endpoint->config.wide_name && wzp_initial_peek(bytes, size, &hello) == WZP_OK &&
           wzp_initial_server_name(&hello, sizeof name, name) == WZP_OK &&
           wzp_endpoint_is_wide(endpoint, name);
}

static void open_conn(struct wzp_endpoint *endpoint, struct wzp_conn_accept *accept, const uint8_t *bytes,
                      size_t size)
{
    struct wzp_conn *conn = NULL;
    accept->is_wide = is_wide(endpoint, bytes, size);
    if (wzp_conn_new_server(endpoint, accept, endpoint->now, &conn) != WZP_OK) {
        refuse(endpoint, accept->path, accept->head, NGTCP2_CONNECTION_REFUSED);
        return;
    }
    wzp_conn_read(conn, accept->path, bytes, size, endpoint->now);
}

void wzp_endpoint_accept(struct wzp_endpoint *endpoint, const struct wzp_udp_path *path, const uint8_t *bytes,
                         size_t size)
{
    ngtcp2_pkt_hd head;
    if (!endpoint->config.is_server || ngtcp2_accept(&head, bytes, size) != 0) {
        endpoint->stats.packets_malformed++; /* or late, or 0-RTT, which we don't do */
        return;
    }
    if (!endpoint->is_accepting || endpoint->n_accepted >= endpoint->config.max_conns) {
        refuse(endpoint, path, &head, NGTCP2_CONNECTION_REFUSED);
        return;
    }
    ngtcp2_cid original_dcid;
    switch (check_token(endpoint, path, &head, &original_dcid)) {
    case TOKEN_INVALID:
        refuse(endpoint, path, &head, NGTCP2_INVALID_TOKEN);
        return;
    case TOKEN_ABSENT:
        if (endpoint->stats.half_open >= endpoint->config.max_half_open) {
            retry(endpoint, path, &head);
            return;
        }
        open_conn(endpoint, &(struct wzp_conn_accept){.path = path, .head = &head}, bytes, size);
        return;
    case TOKEN_VALID:
        open_conn(endpoint,
                  &(struct wzp_conn_accept){.path = path, .head = &head, .original_dcid = &original_dcid},
                  bytes, size);
        return;
    }
}
