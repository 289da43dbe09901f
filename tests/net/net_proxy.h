/* SPDX-License-Identifier: Apache-2.0 */
/* A UDP proxy on the loop, for one client: it can change its own port, lose, or stop. */
#pragma once

#include <stdbool.h>

#include "net/udp.h"
#include "support/wzp_test.h"

struct net_proxy {
    struct wzp_loop *loop;
    struct wzp_udp *front; /* clients talk to this one */
    struct wzp_udp *back;  /* talks to the server */
    struct wzp_addr client, server;
    bool loses_to_server, loses_to_client;
    size_t n_to_server, n_to_client;
};

void net_proxy_start(struct net_proxy *proxy, struct wzp_loop *loop, const struct wzp_addr *server);
void net_proxy_stop(struct net_proxy *proxy);

/** From now on the server sees the client at another port. */
void net_proxy_rebind(struct net_proxy *proxy);
