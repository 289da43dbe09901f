/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The relays that this one dials. A peer rests while any link to its relay stands.
 *
 *   RESTING --time, no link--> RESOLVING --address--> DIALLING --link ends--> RESTING (backoff)
 */
#include <stdlib.h>
#include <string.h>

#include "net/addr.h"
#include "relay/allowance.h"
#include "relay/backoff.h"
#include "relay/links_set.h"

#define WZP_PEERS_DEFAULT_PORT 4433
#define WZP_PEERS_LOOK_AGAIN   (500 * WZP_MS) /* while a link that the other side dialled stands */

enum peer_state {
    PEER_RESTING,
    PEER_RESOLVING,
    PEER_DIALLING,
    PEER_NEVER, /* the entry is our own fingerprint */
};

struct wzp_peer {
    struct wzp_links *links;
    const struct wzp_relay_link_config *entry;
    enum peer_state state;
    struct wzp_backoff backoff;
    wzp_us dial_at; /* while RESTING */
    struct wzp_resolve *resolve;
    struct wzp_relay_link *link; /* while DIALLING; borrowed */
    bool was_dialled;
};

const struct wzp_relay_link_config *wzp_links_entry(const struct wzp_peer *peer)
{
    return peer->entry;
}

enum wzp_err wzp_peers_new(struct wzp_links *links)
{
    const struct wzp_relay *relay = links->relay;
    links->peers = calloc(relay->config->n_peers + 1, sizeof *links->peers);
    if (!links->peers) {
        return WZP_ENOMEM;
    }
    links->n_peers = relay->config->n_peers;
    for (size_t i = 0; i < links->n_peers; i++) {
        struct wzp_peer *peer = &links->peers[i];
        *peer = (struct wzp_peer){.links = links, .entry = &relay->config->peers[i]};
        if (memcmp(peer->entry->fingerprint, relay->cert->fingerprint, WZP_FINGERPRINT_BYTES) == 0) {
            wzp_warn(relay->log, "[[peers]] names this relay itself; that entry is left alone", "url=%s",
                     peer->entry->url);
            peer->state = PEER_NEVER;
        }
    }
    return WZP_OK;
}

void wzp_peers_free(struct wzp_links *links)
{
    for (size_t i = 0; i < links->n_peers; i++) {
        wzp_resolve_cancel(links->peers[i].resolve);
    }
    free(links->peers);
    links->peers = NULL;
    links->n_peers = 0;
}

static void rest(struct wzp_peer *peer, wzp_us stood)
{
    const struct wzp_relay *relay = peer->links->relay;
    wzp_us wait = wzp_backoff_next(&peer->backoff, stood, &relay->random);
    peer->state = PEER_RESTING;
    peer->link = NULL;
    peer->dial_at = relay->now + wait;
    wzp_debug(relay->log, "a peer is dialled again after a while", "url=%s wait_ms=%lld", peer->entry->url,
              (long long)(wait / WZP_MS));
}

void wzp_peers_lost(struct wzp_peer *peer, wzp_us stood)
{
    if (peer->state == PEER_DIALLING) {
        rest(peer, stood);
    }
}

static void on_resolved(void *context, enum wzp_err err, const struct wzp_addr *addr)
{
    struct wzp_peer *peer = context;
    struct wzp_relay *relay = peer->links->relay;
    peer->resolve = NULL;
    relay->now = wzp_loop_now(relay->loop);
    if (err == WZP_OK && !peer->links->is_closing) {
        err = wzp_link_dial(peer->links, peer, addr, &peer->link);
        peer->state = PEER_DIALLING;
    }
    if (err != WZP_OK) {
        wzp_warn(relay->log,
                 "a peer can't be dialled: does its url resolve to an address that can be reached?",
                 "url=%s error=\"%s\"", peer->entry->url, wzp_err_text(err));
        rest(peer, 0);
    }
    wzp_endpoint_flush(relay->endpoint);
    wzp_timer_set(relay->timer, relay->now);
}

static void dial(struct wzp_peer *peer)
{
    struct wzp_relay *relay = peer->links->relay;
    if (peer->was_dialled) {
        ++*wzp_metrics_counter(relay->metrics, WZP_METRIC_FED_RECONNECTS, wzp_links_label(peer->entry), NULL);
    }
    peer->was_dialled = true;
    peer->state = PEER_RESOLVING;
    enum wzp_err err = wzp_resolve_start(relay->loop, peer->entry->url, WZP_PEERS_DEFAULT_PORT, on_resolved,
                                         peer, &peer->resolve);
    if (err != WZP_OK) {
        rest(peer, 0);
    }
}

wzp_us wzp_peers_deadline(const struct wzp_links *links)
{
    wzp_us deadline = WZP_NEVER;
    for (size_t i = 0; i < links->n_peers; i++) {
        if (links->peers[i].state == PEER_RESTING) {
            deadline = wzp_us_min(deadline, links->peers[i].dial_at);
        }
    }
    return links->is_closing ? WZP_NEVER : deadline;
}

void wzp_peers_tick(struct wzp_links *links, wzp_us now)
{
    for (size_t i = 0; i < links->n_peers && !links->is_closing; i++) {
        struct wzp_peer *peer = &links->peers[i];
        if (peer->state != PEER_RESTING || peer->dial_at > now) {
            continue;
        }
        wzp_us banned_until = wzp_allowances_of(links->allowances, peer->entry)->banned_until;
        if (banned_until > now) {
            peer->dial_at = banned_until;
        } else if (wzp_links_find(links, peer->entry->fingerprint, NULL)) {
            peer->dial_at = now + WZP_PEERS_LOOK_AGAIN;
        } else {
            dial(peer);
        }
    }
}
