/* SPDX-License-Identifier: Apache-2.0 */
/* Endpoints in one process for the tests of this floor: what each side heard, and running until it did. */
#pragma once

#include "net/quic.h"
#include "support/wzp_test.h"

#define NET_MAX_CONNS    64
#define NET_MAX_BYTES    (1100 * 1024)
#define NET_POOL_PACKETS 4096
#define NET_PATIENCE     (5 * WZP_SECOND) /* a case that waits longer has failed */

/** One endpoint and what its handler heard. */
struct net_side {
    struct wzp_loop *loop;
    struct wzp_packet_pool *pool;
    struct wzp_endpoint *endpoint;
    struct wzp_conn *conns[NET_MAX_CONNS]; /* that opened and have not closed; NULL: gone */
    size_t n_opened, n_closed, n_migrated, n_batches;
    size_t n_messages, n_datagrams, n_measures;
    struct wzp_conn_measure measure; /* the last one */
    wzp_us rtt_most;                 /* of all measures */
    size_t n_uni_bytes;
    bool has_uni_fin;
    uint8_t *message; /* the last one */
    size_t message_size;
    uint8_t datagram[1600]; /* the last one */
    size_t datagram_size;
    struct wzp_close_info closed; /* the last one */
    uint8_t uni[256];
    bool echoes;                           /* sends messages and datagrams back */
    enum wzp_close_code close_with;        /* on_open closes with it, unless 0 */
    char server_name[WZP_QUIC_NAME_BYTES]; /* of the last that opened */
    uint8_t fingerprint[WZP_QUIC_FINGERPRINT_BYTES];
    bool has_fingerprint;
};

/** The certificates of generation-1.md 1.4 for the seeds 00 01 .. 1f and 01 x 32, with their secrets. */
extern const struct wzp_endpoint_identity net_identity_a, net_identity_b;
extern const uint8_t net_fingerprint_a[WZP_QUIC_FINGERPRINT_BYTES];
extern const uint8_t net_fingerprint_b[WZP_QUIC_FINGERPRINT_BYTES];

/** A configuration on 127.0.0.1 and any port, with identity A for servers. */
struct wzp_endpoint_config net_config(bool is_server);

/** Opens the endpoint; fails the case where it can't. */
void net_side_start(struct net_side *side, struct wzp_loop *loop, const struct wzp_endpoint_config *config);
void net_side_stop(struct net_side *side);

/** Dials `to` from `from` under the name. */
struct wzp_conn *net_dial(struct net_side *from, const struct net_side *to, const char *name);

/** Runs the loop until `*counter` has reached `n`; fails the case after `patience`. */
void net_wait_for(struct wzp_loop *loop, const size_t *counter, size_t n, wzp_us patience);

/** Runs the loop for a while. */
void net_run_for(struct wzp_loop *loop, wzp_us time);

/** The first connection that is open. */
struct wzp_conn *net_conn(const struct net_side *side);

/** A server and a client with one open connection between them. */
struct net_pair {
    struct wzp_loop *loop;
    struct net_side server, client;
    struct wzp_conn *at_server, *at_client;
};

void net_pair_start(struct net_pair *pair, const struct wzp_endpoint_config *server,
                    const struct wzp_endpoint_config *client, const char *name);
void net_pair_stop(struct net_pair *pair);
