/* SPDX-License-Identifier: Apache-2.0 */
/* What a connection is to the relay: the user pointer of every connection that has been given a part to play.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/us.h"
#include "net/quic.h"

struct wzp_role;

/** One table a kind of connection. Every function is required but on_measure. */
struct wzp_role_ops {
    void (*on_message)(struct wzp_role *role, const uint8_t *body, size_t size);
    void (*on_datagram)(struct wzp_role *role, const uint8_t *bytes, size_t size, wzp_us now);
    /** See wzp_conn_measure_every. May be NULL. */
    void (*on_measure)(struct wzp_role *role, const struct wzp_conn_measure *measure, wzp_us now);
    /** Last call: the role frees itself. */
    void (*on_closed)(struct wzp_role *role, const struct wzp_close_info *info);
};

/** First member of each role's own struct. */
struct wzp_role {
    const struct wzp_role_ops *ops;
    struct wzp_conn *conn;
};
