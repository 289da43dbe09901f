/* SPDX-License-Identifier: Apache-2.0 */
/* The router's way out: its functions put signals and media onto the connections of sessions and links. */
#pragma once

#include "base/bucket.h"
#include "relay/relay.h"
#include "router/router.h"

/** A value; the router borrows `out`. */
struct wzp_delivery {
    struct wzp_relay *relay;
    struct wzp_router_out out;
    struct wzp_bucket lines; /* of the log, about rooms elsewhere that nobody in particular emptied */
};

void wzp_delivery_init(struct wzp_delivery *delivery, struct wzp_relay *relay);

/** Sends one signal over one connection. A peer whose queue is full is stuck: it is closed. */
void wzp_delivery_send(struct wzp_relay *relay, struct wzp_conn *conn, const struct wzp_signal *signal,
                       uint64_t replace_key);

/** Writes a signal's text, which the caller frees; what can't be written is logged. */
bool wzp_delivery_write(const struct wzp_relay *relay, const struct wzp_signal *signal, char **out_body,
                        size_t *out_size);

/** The same as wzp_delivery_send for a signal that has been written already. */
void wzp_delivery_send_body(struct wzp_relay *relay, struct wzp_conn *conn, const char *body, size_t size,
                            uint64_t replace_key);
