/* SPDX-License-Identifier: Apache-2.0 */
/* The endpoint: its socket, its connections, and which of them a packet is for. */
#include "net/endpoint.h"

#include <stdlib.h>
#include <string.h>

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>

#include "base/random.h"
#include "base/text.h"

#define DEFAULT_MAX_CONNS            1024
#define DEFAULT_MAX_HALF_OPEN        64
#define DEFAULT_MAX_MESSAGE_BYTES    65536
#define DEFAULT_MAX_QUEUED_MESSAGES  256
#define DEFAULT_MAX_QUEUED_DATAGRAMS 1024
#define DEFAULT_DATAGRAM_MAX_AGE     (200 * WZP_MS)
#define DEFAULT_IDLE_TIMEOUT         (30 * WZP_SECOND)
#define DEFAULT_KEEP_ALIVE           (5 * WZP_SECOND)
#define DEFAULT_HANDSHAKE_TIMEOUT    (10 * WZP_SECOND)
#define REPLIES_PER_SECOND           1000 /* packets to strangers, so that spoofed ones don't make us a hose */
#define LONG_HEADER                  0x80
#define MIN_RESET_PACKET_BYTES       (21 + 16) /* RFC 9000, 10.3: shorter ones could be no packet of ours */

static const struct wzp_udp_handler udp_handler = {.on_packet = wzp_endpoint_receive,
                                                   .on_batch_end = wzp_endpoint_batch_end,
                                                   .is_heavy = wzp_endpoint_is_heavy};

static size_t size_or(size_t value, size_t fallback)
{
    return value != 0 ? value : fallback;
}

static wzp_us us_or(wzp_us value, wzp_us fallback)
{
    return value != 0 ? value : fallback;
}

static void fill_config(struct wzp_endpoint *endpoint, const struct wzp_endpoint_config *config)
{
    struct wzp_endpoint_config *c = &endpoint->config;
    *c = *config;
    c->identity = NULL; /* borrowed for the call only */
    c->qlog_dir = c->keylog_file = NULL;
    c->max_conns = size_or(c->max_conns, DEFAULT_MAX_CONNS);
    c->max_half_open = size_or(c->max_half_open, DEFAULT_MAX_HALF_OPEN);
    c->max_message_bytes = size_or(c->max_message_bytes, DEFAULT_MAX_MESSAGE_BYTES);
    c->max_queued_messages = size_or(c->max_queued_messages, DEFAULT_MAX_QUEUED_MESSAGES);
    c->max_queued_datagrams = size_or(c->max_queued_datagrams, DEFAULT_MAX_QUEUED_DATAGRAMS);
    c->datagram_max_age = us_or(c->datagram_max_age, DEFAULT_DATAGRAM_MAX_AGE);
    c->idle_timeout = us_or(c->idle_timeout, DEFAULT_IDLE_TIMEOUT);
    c->keep_alive = us_or(c->keep_alive, DEFAULT_KEEP_ALIVE);
    c->handshake_timeout = us_or(c->handshake_timeout, DEFAULT_HANDSHAKE_TIMEOUT);
}

const struct wzp_tally_bounds wzp_quic_delay_bounds = {
    16, {50, 100, 200, 500, 1000, 2000, 3000, 4000, 5000, 6000, 8000, 10000, 20000, 50000, 100000, 200000}};
const struct wzp_tally_bounds wzp_quic_turn_bounds = {
    12, {50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000, 100000, 200000}};
const struct wzp_tally_bounds wzp_quic_batch_bounds = {10, {0, 1, 2, 4, 8, 16, 32, 64, 128, 256}};

static void fill_random(void *out_bytes, size_t size)
{
    wzp_random_system.fill(wzp_random_system.context, out_bytes, size);
}

/* The reset secret comes from the identity, so that a restarted relay can reset what its predecessor left. */
static enum wzp_err make_secrets(struct wzp_endpoint *endpoint, const struct wzp_endpoint_identity *identity)
{
    static const char label[] = "wzp stateless reset";
    fill_random(endpoint->retry_secret, sizeof endpoint->retry_secret);
    fill_random(endpoint->reset_secret, sizeof endpoint->reset_secret);
    fill_random(&endpoint->cids.key, sizeof endpoint->cids.key);
    if (!identity) {
        return WZP_OK;
    }
    int status = gnutls_hmac_fast(GNUTLS_MAC_SHA256, identity->secret, sizeof identity->secret, label,
                                  sizeof label - 1, endpoint->reset_secret);
    return status == 0 ? WZP_OK : WZP_ETLS;
}

static enum wzp_err start(struct wzp_endpoint *endpoint, const struct wzp_endpoint_config *config)
{
    enum wzp_err err = wzp_tls_new(config->identity, config->keylog_file, &endpoint->tls);
    if (err == WZP_OK) {
        err = make_secrets(endpoint, config->identity);
    }
    if (err == WZP_OK && config->qlog_dir) {
        err = wzp_text_copy(config->qlog_dir, &endpoint->qlog_dir);
    }
    if (err == WZP_OK) {
        err = wzp_timer_new(endpoint->loop, wzp_endpoint_timer_due, endpoint, &endpoint->timer);
    }
    if (err == WZP_OK) {
        err = wzp_prepare_new(endpoint->loop, wzp_endpoint_before_wait, endpoint, &endpoint->prepare);
    }
    if (err == WZP_OK) {
        const struct wzp_udp_place place = {config->bind, config->sharing.worker, config->sharing.n_workers};
        err = wzp_udp_open_at(endpoint->loop, &place, &udp_handler, endpoint, &endpoint->udp);
    }
    return err;
}

static void free_endpointp(struct wzp_endpoint **endpoint)
{
    wzp_endpoint_free(*endpoint);
}

enum wzp_err wzp_endpoint_new(struct wzp_loop *loop, const struct wzp_endpoint_config *config,
                              struct wzp_endpoint **out_endpoint)
{
    if (config->is_server && !config->identity) {
        return WZP_EINVAL;
    }
    WZP_AUTO(free_endpointp) struct wzp_endpoint *endpoint = calloc(1, sizeof *endpoint);
    if (!endpoint) {
        return WZP_ENOMEM;
    }
    endpoint->loop = loop;
    endpoint->is_accepting = config->is_server;
    endpoint->armed_at = WZP_NEVER;
    endpoint->cids.worker = (uint8_t)config->sharing.worker;
    endpoint->gather.at_most = config->gather_at_most;
    endpoint->replies = wzp_bucket_of(REPLIES_PER_SECOND, REPLIES_PER_SECOND, wzp_loop_now(loop));
    wzp_list_init(&endpoint->touched);
    wzp_newcomers_init(&endpoint->newcomers);
    fill_config(endpoint, config);
    wzp_conn_memory_init(&endpoint->memory, config->is_server ? endpoint->config.max_conns : 0);
    struct wzp_hash_key key;
    fill_random(&key, sizeof key);
    wzp_map_init(&endpoint->initials, &key, WZP_ENDPOINT_MAX_CONNS);
    wzp_map_init(&endpoint->tokens, &key, (size_t)WZP_ENDPOINT_MAX_CONNS * WZP_CONN_MAX_TOKENS);
    enum wzp_err err = wzp_endpoint_share(endpoint);
    if (err == WZP_OK) {
        err = start(endpoint, config);
    }
    if (err != WZP_OK) {
        return err;
    }
    *out_endpoint = wzp_take(endpoint);
    return WZP_OK;
}

/* Every connection still there says farewell, then goes without lingering. */
static void end_all(struct wzp_endpoint *endpoint)
{
    wzp_us now = wzp_loop_now(endpoint->loop);
    for (size_t i = 0; i < endpoint->table_size; i++) {
        if (endpoint->table[i]) {
            wzp_conn_close(endpoint->table[i], WZP_CLOSE_NORMAL, "");
            wzp_conn_flush(endpoint->table[i], now);
        }
        wzp_conn_free(endpoint->table[i]); /* the flush may have freed it: then it left the table */
    }
}

void wzp_endpoint_free(struct wzp_endpoint *endpoint)
{
    if (!endpoint) {
        return;
    }
    endpoint->is_accepting = false;
    endpoint->is_freeing = true;
    end_all(endpoint);
    wzp_udp_close(endpoint->udp);
    wzp_timer_free(endpoint->timer);
    wzp_prepare_free(endpoint->prepare);
    wzp_tls_free(endpoint->tls);
    wzp_endpoint_forget_held(endpoint);
    wzp_newcomers_deinit(&endpoint->newcomers);
    wzp_map_deinit(&endpoint->initials);
    wzp_map_deinit(&endpoint->tokens);
    gnutls_memset(endpoint->reset_secret, 0, sizeof endpoint->reset_secret);
    gnutls_memset(endpoint->retry_secret, 0, sizeof endpoint->retry_secret);
    free(endpoint->table);
    free(endpoint->free_indices);
    wzp_conn_memory_deinit(&endpoint->memory);
    free(endpoint->qlog_dir);
    free(endpoint);
}

bool wzp_endpoint_is_wide(const struct wzp_endpoint *endpoint, const char *server_name)
{
    const char *wide_name = endpoint->config.wide_name;
    return wide_name && server_name && strcmp(server_name, wide_name) == 0;
}

const char *wzp_endpoint_aes(const struct wzp_endpoint *endpoint)
{
    return wzp_tls_fast_aes(endpoint->tls) ? WZP_FAST_AES_NAME : "GnuTLS";
}

struct wzp_addr wzp_endpoint_addr(const struct wzp_endpoint *endpoint)
{
    return *wzp_udp_addr(endpoint->udp);
}

void wzp_endpoint_stop_accepting(struct wzp_endpoint *endpoint)
{
    endpoint->is_accepting = false;
}

void wzp_endpoint_stats(const struct wzp_endpoint *endpoint, struct wzp_endpoint_stats *out_stats)
{
    const struct wzp_udp_stats *udp = wzp_udp_stats(endpoint->udp);
    *out_stats = endpoint->stats;
    out_stats->packets_received = udp->packets_received;
    out_stats->packets_sent = udp->packets_sent;
    out_stats->bytes_received = udp->bytes_received;
    out_stats->bytes_sent = udp->bytes_sent;
    out_stats->receive_batches = udp->receive_batches;
    out_stats->send_batches = udp->send_batches;
    out_stats->gso_segments = udp->gso_segments;
    out_stats->receive_sizes = udp->receive_sizes;
    out_stats->send_sizes = udp->send_sizes;
    out_stats->delays = endpoint->timing.delays;
    out_stats->turns = endpoint->timing.turns;
    out_stats->packets_overflown = wzp_udp_overflow(endpoint->udp);
    out_stats->newcomers_dropped = endpoint->newcomers.dropped;
    out_stats->newcomers_cpu = endpoint->newcomers.cpu;
    out_stats->packets_unsent = udp->packets_unsent;
    out_stats->sends_blocked = udp->sends_blocked;
    out_stats->conns = endpoint->table_size - endpoint->n_free - endpoint->n_lingering;
}

/* GnuTLS would turn other bytes into something else before it sends them. */
static bool is_sendable_name(const char *name)
{
    size_t size = strlen(name);
    for (size_t i = 0; i < size; i++) {
        if (name[i] < ' ' || name[i] > '~') {
            return false;
        }
    }
    return size < WZP_QUIC_NAME_BYTES;
}

enum wzp_err wzp_endpoint_dial(struct wzp_endpoint *endpoint, const struct wzp_dial *dial,
                               struct wzp_conn **out_conn)
{
    struct wzp_dial to = *dial;
    int family = wzp_udp_addr(endpoint->udp)->storage.ss_family;
    if (family == AF_INET6) {
        to.addr = wzp_addr_mapped(&dial->addr);
    }
    bool is_name_ok = !to.server_name || is_sendable_name(to.server_name);
    if (!is_name_ok || to.addr.storage.ss_family != family || endpoint->is_freeing) {
        return WZP_EINVAL;
    }
    enum wzp_err err = wzp_conn_new_client(endpoint, &to, wzp_loop_now(endpoint->loop), out_conn);
    if (err == WZP_OK) {
        wzp_endpoint_touch(endpoint, *out_conn);
    }
    return err;
}

/* A packet with a short header for nobody: a stateless reset of the peer's, or of ours to send. */
static void on_stray(struct wzp_endpoint *endpoint, const struct wzp_udp_path *path, const uint8_t *bytes,
                     size_t size)
{
    if (size >= MIN_RESET_PACKET_BYTES - 16) {
        struct wzp_conn *conn =
            wzp_map_get(&endpoint->tokens, bytes + size - WZP_CONN_TOKEN_BYTES, WZP_CONN_TOKEN_BYTES);
        if (conn) {
            wzp_conn_read(conn, path, bytes, size, endpoint->now);
            return;
        }
    }
    if (wzp_endpoint_pass_stray(endpoint, path, bytes, size)) {
        return;
    }
    endpoint->stats.packets_malformed++;
    if (endpoint->config.is_server && size > MIN_RESET_PACKET_BYTES) {
        wzp_endpoint_reset(endpoint, path, bytes, size);
    }
}

void wzp_endpoint_dispatch(struct wzp_endpoint *endpoint, const struct wzp_udp_path *path,
                           const uint8_t *bytes, size_t size, enum wzp_visit visit)
{
    ngtcp2_version_cid ids;
    int status = ngtcp2_pkt_decode_version_cid(&ids, bytes, size, WZP_CID_BYTES);
    if (status != 0 && status != NGTCP2_ERR_VERSION_NEGOTIATION) {
        endpoint->stats.packets_malformed++;
        return;
    }
    bool is_long = (bytes[0] & LONG_HEADER) != 0;
    struct wzp_conn *conn = wzp_endpoint_find(endpoint, ids.dcid, ids.dcidlen);
    /* Handshakes: long headers, and what overtook their end. */
    bool is_newcomer = is_long || (conn && conn->state == WZP_CONN_HANDSHAKE);
    if (is_newcomer && visit == WZP_VISIT_FRESH && endpoint->config.is_server) {
        wzp_newcomers_hold(&endpoint->newcomers, path, bytes, size, WZP_VISIT_HELD);
        return;
    }
    if (conn && status == 0) {
        wzp_conn_read(conn, path, bytes, size, endpoint->now);
    } else if (!is_long) {
        on_stray(endpoint, path, bytes, size);
    } else if (ids.version == NGTCP2_PROTO_VER_V1) {
        if (endpoint->held && visit != WZP_VISIT_SORTED) {
            wzp_endpoint_sort(endpoint, path, bytes, size);
        } else {
            wzp_endpoint_accept(endpoint, path, bytes, size);
        }
    } else {
        wzp_endpoint_negotiate(endpoint, path, &ids, size);
    }
}

void wzp_endpoint_receive(void *context, const struct wzp_udp_path *path, const uint8_t *bytes, size_t size)
{
    struct wzp_endpoint *endpoint = context;
    if (!endpoint->is_reading) {
        endpoint->is_reading = true;
        endpoint->now = wzp_loop_now(endpoint->loop);
        wzp_lag_wake(&endpoint->lag, endpoint->now);
    }
    endpoint->waited = wzp_udp_waited(endpoint->udp);
    if (wzp_addr_port(&path->remote) == 0) {
        endpoint->stats.packets_malformed++; /* nobody can be answered there */
        return;
    }
    wzp_endpoint_dispatch(endpoint, path, bytes, size, WZP_VISIT_FRESH);
}

void wzp_endpoint_take(struct wzp_endpoint *endpoint, const struct wzp_udp_path *path, const uint8_t *bytes,
                       size_t size)
{
    wzp_newcomers_hold(&endpoint->newcomers, path, bytes, size, WZP_VISIT_SORTED);
    wzp_endpoint_arm(endpoint);
}
