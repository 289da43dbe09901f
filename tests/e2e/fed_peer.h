/* SPDX-License-Identifier: Apache-2.0 */
/* A relay's end of a federation link, as far as programs that pose as one share it: identity, endpoint and
 * what it says. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "crypto/cert.h"
#include "crypto/fingerprint.h"
#include "net/quic.h"

/** A value; zeroed it is closed. */
struct fed_peer {
    struct wzp_cert cert;
    struct wzp_packet_pool *pool;
    struct wzp_endpoint *endpoint;
    uint64_t seq; /* of the last announcement */
};

/** What else an endpoint needs; its identity, address and pool are the peer's affair. */
struct fed_peer_setup {
    const uint8_t *seed; /* WZP_SEED_BYTES */
    struct wzp_loop *loop;
    size_t pool_packets;
    struct wzp_endpoint_config endpoint;
};

/** An endpoint of its own on the loopback, with the certificate of the seed. */
enum wzp_err fed_peer_open(struct fed_peer *peer, const struct fed_peer_setup *setup);
void fed_peer_close(struct fed_peer *peer);

enum wzp_err fed_peer_dial(struct fed_peer *peer, const char *address, struct wzp_conn **out_conn);

void fed_peer_say_hello(const struct fed_peer *peer, struct wzp_conn *conn, const char *label);

/** The peer's own fingerprint for 0, else one that only its number tells from others. */
void fed_peer_origin(const struct fed_peer *peer, uint64_t number,
                     uint8_t out_fingerprint[static WZP_FINGERPRINT_BYTES]);

/** What is announced: an origin's members of a room, with stream numbers from 1 on and names made of `id`. */
struct fed_peer_room {
    const char *name;
    uint64_t origin;
    uint64_t id, n_people;
};

/** Writes a GlobalRoomActive of that, by way of the peer; its size. */
size_t fed_peer_write_room(struct fed_peer *peer, const struct fed_peer_room *room, char *out_text,
                           size_t capacity);
