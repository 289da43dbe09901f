/* SPDX-License-Identifier: Apache-2.0 */
/*
 * New connections where several endpoints share an address: the server name decides whose they are. A
 * ClientHello may come in several packets; they are held until it is whole, so that all go the same way.
 *
 * Later packets say by their connection id whose they are, and are passed on where the kernel brought them to
 * another.
 */
#include <stdlib.h>
#include <string.h>

#include "net/endpoint.h"
#include "net/initial_peek.h"

#define WZP_HELD_ATTEMPTS 64 /* ClientHellos in pieces at a time */
#define WZP_HELD_PACKETS  4  /* of each */
#define WZP_HELD_FOR      (2 * WZP_SECOND)

/* A packet that waits for the rest of its ClientHello. */
struct held_packet {
    size_t size;
    uint8_t bytes[WZP_UDP_PACKET_BYTES];
};

/* A connection attempt whose ClientHello is not whole. */
struct wzp_held {
    struct wzp_udp_path path;
    ngtcp2_cid dcid;
    wzp_us until;
    struct wzp_initial_hello hello;
    struct held_packet packets[WZP_HELD_PACKETS];
    size_t n;
};

static bool is_same(const struct wzp_held *held, const struct wzp_udp_path *path, const ngtcp2_cid *dcid)
{
    return ngtcp2_cid_eq(&held->dcid, dcid) && wzp_addr_is_equal(&held->path.remote, &path->remote);
}

/* The attempt that the packet belongs to, or a place for a new one; NULL where all are taken. */
static struct wzp_held **find_place(struct wzp_endpoint *endpoint, const struct wzp_udp_path *path,
                                    const ngtcp2_cid *dcid)
{
    struct wzp_held **place = NULL;
    for (size_t i = 0; i < WZP_HELD_ATTEMPTS; i++) {
        struct wzp_held **held = &endpoint->held[i];
        if (*held && (*held)->until <= endpoint->now) {
            free(*held);
            *held = NULL;
        }
        if (*held && is_same(*held, path, dcid)) {
            return held;
        }
        if (!*held && !place) {
            place = held;
        }
    }
    return place;
}

static void pass_on(struct wzp_endpoint *endpoint, unsigned worker, const struct wzp_udp_path *path,
                    const uint8_t *bytes, size_t size)
{
    const struct wzp_endpoint_config *config = &endpoint->config;
    if (worker == config->sharing.worker) {
        wzp_endpoint_accept(endpoint, path, bytes, size);
    } else {
        config->sharing.pass_on(config->context, worker, path, bytes, size);
    }
}

/* Keeps the packet for the rest of its ClientHello. False: there is no space for that. */
static bool hold(struct wzp_held *held, const uint8_t *bytes, size_t size)
{
    if (held->n == WZP_HELD_PACKETS || size > sizeof held->packets[0].bytes) {
        return false;
    }
    struct held_packet *packet = &held->packets[held->n++];
    packet->size = size;
    memcpy(packet->bytes, bytes, size);
    return true;
}

static void release(struct wzp_endpoint *endpoint, struct wzp_held **place, unsigned worker)
{
    struct wzp_held *held = *place;
    *place = NULL; /* before the packets go their way: that may lead back here */
    for (size_t i = 0; i < held->n; i++) {
        pass_on(endpoint, worker, &held->path, held->packets[i].bytes, held->packets[i].size);
    }
    free(held);
}

/* A place for the attempt, filled in where it is new; NULL where there is none. */
static struct wzp_held **take_place(struct wzp_endpoint *endpoint, const struct wzp_udp_path *path,
                                    const ngtcp2_cid *dcid)
{
    struct wzp_held **place = find_place(endpoint, path, dcid);
    if (place && !*place) {
        *place = calloc(1, sizeof **place);
        if (*place) {
            (*place)->path = *path;
            (*place)->dcid = *dcid;
            (*place)->until = endpoint->now + WZP_HELD_FOR;
        }
    }
    return place && *place ? place : NULL;
}

/* What a lone packet says, the common case; `held` keeps what several do. */
static enum wzp_err read_name(const uint8_t *bytes, size_t size, struct wzp_initial_hello *hello,
                              char out_name[static WZP_QUIC_NAME_BYTES])
{
    enum wzp_err err = wzp_initial_peek(bytes, size, hello);
    return err == WZP_OK ? wzp_initial_server_name(hello, WZP_QUIC_NAME_BYTES, out_name) : err;
}

static unsigned worker_of(const struct wzp_endpoint *endpoint, const ngtcp2_pkt_hd *head, const char *name)
{
    const struct wzp_endpoint_config *config = &endpoint->config;
    const struct wzp_quic_hello hello = {
        .server_name = name,
        .id = head->dcid.data,
        .id_size = head->dcid.datalen,
        .has_token = wzp_compat_hd_token(head).len > 0,
    };
    return config->sharing.worker_of(config->context, &hello);
}

bool wzp_endpoint_pass_stray(struct wzp_endpoint *endpoint, const struct wzp_udp_path *path,
                             const uint8_t *bytes, size_t size)
{
    const struct wzp_endpoint_config *config = &endpoint->config;
    ngtcp2_version_cid ids;
    bool has_id = endpoint->held && ngtcp2_pkt_decode_version_cid(&ids, bytes, size, WZP_CID_BYTES) == 0 &&
                  ids.dcidlen == WZP_CID_BYTES;
    if (!has_id || ids.dcid[0] == config->sharing.worker || ids.dcid[0] >= config->sharing.n_workers) {
        return false;
    }
    config->sharing.pass_on(config->context, ids.dcid[0], path, bytes, size);
    return true;
}

/* What begins no connection: it is another endpoint's, or counted and answered as such. */
static void put_aside(struct wzp_endpoint *endpoint, const struct wzp_udp_path *path, const uint8_t *bytes,
                      size_t size)
{
    if (!wzp_endpoint_pass_stray(endpoint, path, bytes, size)) {
        wzp_endpoint_accept(endpoint, path, bytes, size);
    }
}

void wzp_endpoint_sort(struct wzp_endpoint *endpoint, const struct wzp_udp_path *path, const uint8_t *bytes,
                       size_t size)
{
    ngtcp2_pkt_hd head;
    if (ngtcp2_accept(&head, bytes, size) != 0 || !endpoint->is_accepting) {
        put_aside(endpoint, path, bytes, size);
        return;
    }
    struct wzp_initial_hello alone = {0};
    char name[WZP_QUIC_NAME_BYTES];
    enum wzp_err err = read_name(bytes, size, &alone, name);
    if (err == WZP_OK) {
        pass_on(endpoint, worker_of(endpoint, &head, name), path, bytes, size);
        return;
    }
    if (err != WZP_EAGAIN && wzp_endpoint_pass_stray(endpoint, path, bytes, size)) {
        return; /* it does not decrypt as a first one */
    }
    struct wzp_held **place = err == WZP_EAGAIN ? take_place(endpoint, path, &head.dcid) : NULL;
    if (!place || !hold(*place, bytes, size)) {
        endpoint->stats.packets_malformed++; /* nothing to go by */
        return;
    }
    if (read_name(bytes, size, &(*place)->hello, name) == WZP_OK) {
        release(endpoint, place, worker_of(endpoint, &head, name));
    }
}

void wzp_endpoint_forget_held(struct wzp_endpoint *endpoint)
{
    for (size_t i = 0; endpoint->held && i < WZP_HELD_ATTEMPTS; i++) {
        free(endpoint->held[i]);
    }
    free(endpoint->held);
    endpoint->held = NULL;
}

enum wzp_err wzp_endpoint_share(struct wzp_endpoint *endpoint)
{
    if (endpoint->config.sharing.n_workers < 2) {
        return WZP_OK;
    }
    endpoint->held = calloc(WZP_HELD_ATTEMPTS, sizeof *endpoint->held);
    return endpoint->held ? WZP_OK : WZP_ENOMEM;
}
