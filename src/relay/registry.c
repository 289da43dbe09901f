/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/registry.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void forget(struct wzp_registry_peer *peer)
{
    free(peer->fingerprints);
    *peer = (struct wzp_registry_peer){0};
}

void wzp_registry_deinit(struct wzp_registry *registry)
{
    for (size_t i = 0; i < WZP_REGISTRY_PEERS; i++) {
        forget(&registry->peers[i]);
    }
}

/* The place of `address`; "" finds a free one. */
static struct wzp_registry_peer *find_place(struct wzp_registry *registry, const char *address)
{
    for (size_t i = 0; i < WZP_REGISTRY_PEERS; i++) {
        if (strcmp(registry->peers[i].address, address) == 0) {
            return &registry->peers[i];
        }
    }
    return NULL;
}

enum wzp_err wzp_registry_update(struct wzp_registry *registry, const char *address,
                                 const struct wzp_signal_texts *fingerprints, wzp_us now)
{
    struct wzp_registry_peer *peer = find_place(registry, address);
    if (!peer) {
        peer = find_place(registry, "");
    }
    if (!peer) {
        return WZP_ELIMIT;
    }
    size_t n = wzp_min_size(fingerprints->n, WZP_REGISTRY_FINGERPRINTS);
    char(*copies)[WZP_REGISTRY_TEXT_BYTES] = calloc(n + 1, sizeof *copies);
    if (!copies) {
        return WZP_ENOMEM;
    }
    for (size_t i = 0; i < n; i++) {
        snprintf(copies[i], sizeof copies[i], "%s", fingerprints->items[i]);
    }
    double rtt_ms = peer->address[0] ? peer->rtt_ms : -1;
    forget(peer);
    snprintf(peer->address, sizeof peer->address, "%s", address);
    peer->fingerprints = copies;
    peer->n = n;
    peer->rtt_ms = rtt_ms;
    peer->heard_at = now;
    return WZP_OK;
}

void wzp_registry_measured(struct wzp_registry *registry, const char *address, double rtt_ms)
{
    struct wzp_registry_peer *peer = address[0] ? find_place(registry, address) : NULL;
    if (peer) {
        peer->rtt_ms = rtt_ms;
    }
}

void wzp_registry_forget(struct wzp_registry *registry, const char *address)
{
    struct wzp_registry_peer *peer = address[0] ? find_place(registry, address) : NULL;
    if (peer) {
        forget(peer);
    }
}

void wzp_registry_expire(struct wzp_registry *registry, wzp_us now)
{
    for (size_t i = 0; i < WZP_REGISTRY_PEERS; i++) {
        struct wzp_registry_peer *peer = &registry->peers[i];
        if (peer->address[0] && now - peer->heard_at > WZP_REGISTRY_LIFE) {
            forget(peer);
        }
    }
}

static bool has(const struct wzp_registry_peer *peer, const char *fingerprint)
{
    for (size_t i = 0; i < peer->n; i++) {
        if (strcmp(peer->fingerprints[i], fingerprint) == 0) {
            return true;
        }
    }
    return false;
}

const struct wzp_registry_peer *wzp_registry_find(const struct wzp_registry *registry,
                                                  const char *fingerprint)
{
    for (size_t i = 0; i < WZP_REGISTRY_PEERS; i++) {
        if (has(&registry->peers[i], fingerprint)) {
            return &registry->peers[i];
        }
    }
    return NULL;
}
