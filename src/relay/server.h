/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The relay daemon: wires the router to QUIC, HTTP and the clock.
 *
 *   QUIC endpoint --> dispatch by server name --> session (a client in a room), ping, version, ...
 *                                                    |
 *                                                 router --> sessions' connections
 *   HTTP server  --> pages (metrics, health)
 */
#pragma once

#include <wzp/error.h>

#include "base/attr.h"
#include "base/log.h"
#include "crypto/cert.h"
#include "crypto/identity.h"
#include "net/addr.h"
#include "relay/config.h"

struct wzp_server;

/** Everything is borrowed for the server's life. */
struct wzp_server_setup {
    const struct wzp_relay_config *config;
    const struct wzp_identity *identity;
    const struct wzp_cert *cert;
    const struct wzp_log *log;
};

/** Binds and listens; what can't be done is logged with what to do about it. */
WZP_MUST_USE enum wzp_err wzp_server_new(const struct wzp_server_setup *setup,
                                         struct wzp_server **out_server);

/** Runs until SIGTERM or SIGINT, then tells the clients, closes and returns within 5 s. A second signal ends
 * at once. */
WZP_MUST_USE enum wzp_err wzp_server_run(struct wzp_server *server);

void wzp_server_free(struct wzp_server *server);
