/* SPDX-License-Identifier: Apache-2.0 */
/* The sockets of a load: one for each client, or fewer that clients share as behind a NAT. */
#pragma once

#include <stddef.h>

#include <wzp/error.h>

#include "base/attr.h"
#include "base/log.h"
#include "base/packet.h"
#include "net/loop.h"
#include "net/quic.h"

/** Filled in by its owner up to `n`; zeroed behind. */
struct wzp_load_sockets {
    struct wzp_loop *loop;
    const struct wzp_log *log;
    struct wzp_packet_pool *pool;
    const struct wzp_endpoint_handler *handler; /* a connection's user is its client */
    bool is_ip6;
    size_t n_clients, n; /* 1 to n_clients */
    struct wzp_endpoint **endpoints;
};

/** WZP_ENOMEM. */
WZP_MUST_USE enum wzp_err wzp_load_sockets_init(struct wzp_load_sockets *sockets);

/** The endpoint of the client with this number, opened where it is not yet. WZP_ENET, WZP_ENOMEM. */
WZP_MUST_USE enum wzp_err wzp_load_sockets_open(struct wzp_load_sockets *sockets, size_t client,
                                                struct wzp_endpoint **out_endpoint);

/** Ends all connections there are. What is opened from then on are new sockets. */
void wzp_load_sockets_close(struct wzp_load_sockets *sockets);

/** Takes a zeroed one. */
void wzp_load_sockets_deinit(struct wzp_load_sockets *sockets);
