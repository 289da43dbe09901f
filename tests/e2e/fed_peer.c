/* SPDX-License-Identifier: Apache-2.0 */
#include "fed_peer.h"

#include <stdio.h>
#include <string.h>

#include "crypto/identity.h"
#include "proto/signal.h"

#define SERVER_NAME  "_federation"
#define PERSON_BYTES 96
#define HELLO_BYTES  256

enum wzp_err fed_peer_open(struct fed_peer *peer, const struct fed_peer_setup *setup)
{
    struct wzp_identity identity;
    enum wzp_err err = wzp_identity_init(&identity, setup->seed);
    if (err != WZP_OK) {
        return err;
    }
    wzp_cert_init(&peer->cert, &identity);
    struct wzp_endpoint_identity shown = {.cert_der = peer->cert.der, .cert_size = peer->cert.size};
    memcpy(shown.secret, identity.tls_secret, sizeof shown.secret);
    wzp_identity_deinit(&identity);
    struct wzp_endpoint_config config = setup->endpoint;
    config.identity = &shown;
    config.wide_name = SERVER_NAME;
    err = wzp_addr_read("127.0.0.1:0", &config.bind);
    if (err == WZP_OK) {
        err = wzp_packet_pool_new(setup->pool_packets, &peer->pool);
    }
    if (err == WZP_OK) {
        config.pool = peer->pool;
        err = wzp_endpoint_new(setup->loop, &config, &peer->endpoint);
    }
    return err;
}

void fed_peer_close(struct fed_peer *peer)
{
    wzp_endpoint_free(peer->endpoint);
    wzp_packet_pool_free(peer->pool);
}

enum wzp_err fed_peer_dial(struct fed_peer *peer, const char *address, struct wzp_conn **out_conn)
{
    struct wzp_dial dial = {.server_name = SERVER_NAME};
    enum wzp_err err = wzp_addr_read(address, &dial.addr);
    return err == WZP_OK ? wzp_endpoint_dial(peer->endpoint, &dial, out_conn) : err;
}

void fed_peer_say_hello(const struct fed_peer *peer, struct wzp_conn *conn, const char *label)
{
    char text[HELLO_BYTES];
    int size = snprintf(text, sizeof text,
                        "{\"FederationHello\":{\"tls_fingerprint\":\"%s\",\"v\":%d,\"label\":\"%s\"}}",
                        peer->cert.fingerprint_text, WZP_SIGNAL_VERSION, label);
    wzp_ignore(wzp_conn_send_message(conn, text, (size_t)size, 0));
}

void fed_peer_origin(const struct fed_peer *peer, uint64_t number,
                     uint8_t out_fingerprint[static WZP_FINGERPRINT_BYTES])
{
    memcpy(out_fingerprint, peer->cert.fingerprint, WZP_FINGERPRINT_BYTES);
    for (size_t i = 0; number > 0 && i < sizeof number; i++) {
        out_fingerprint[i] ^= (uint8_t)(number >> (8 * i));
    }
}

static size_t write_people(const struct fed_peer_room *room, char *text, size_t capacity)
{
    size_t at = 0;
    for (uint64_t k = 0; k < room->n_people && at + PERSON_BYTES < capacity; k++) {
        at += (size_t)snprintf(
            text + at, capacity - at, "%s{\"fingerprint\":\"%llx-%llx\",\"alias\":\"peer\",\"stream\":%llu}",
            k > 0 ? "," : "", (unsigned long long)room->id, (unsigned long long)k, (unsigned long long)k + 1);
    }
    return at;
}

size_t fed_peer_write_room(struct fed_peer *peer, const struct fed_peer_room *room, char *out_text,
                           size_t capacity)
{
    uint8_t fingerprint[WZP_FINGERPRINT_BYTES];
    char text[WZP_FINGERPRINT_TEXT_BYTES];
    fed_peer_origin(peer, room->origin, fingerprint);
    wzp_fingerprint_write(fingerprint, text);
    size_t at = (size_t)snprintf(out_text, capacity,
                                 "{\"GlobalRoomActive\":{\"room\":\"%s\",\"participants\":[", room->name);
    at += write_people(room, out_text + at, capacity / 2);
    unsigned long long n = (unsigned long long)++peer->seq;
    at += (size_t)snprintf(out_text + at, capacity - at,
                           "],\"origin\":\"%s\",\"seq\":%llu,\"n\":%llu,\"path\":[\"%s\"", text, n, n,
                           peer->cert.fingerprint_text);
    if (room->origin > 0) {
        at += (size_t)snprintf(out_text + at, capacity - at, ",\"%s\"", text);
    }
    return at + (size_t)snprintf(out_text + at, capacity - at, "]}}");
}
