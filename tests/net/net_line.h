/* SPDX-License-Identifier: Apache-2.0 */
/* A client and a server with one connection through a proxy that can fall silent. */
#pragma once

#include "net_proxy.h"
#include "net_side.h"

struct net_line {
    struct wzp_loop *loop;
    struct net_side server, client;
    struct net_proxy proxy;
    struct wzp_conn *at_client;
};

/** Keep-alives run three times as often as the time-out. */
void net_line_start(struct net_line *line, wzp_us idle_timeout);
void net_line_stop(struct net_line *line);
