/* SPDX-License-Identifier: Apache-2.0 */
/* What link.c, links.c and peers.c share of the set of links. */
#pragma once

#include "base/list.h"
#include "relay/link.h"

struct wzp_allowances;
struct wzp_refusals;

/** Media of one link that the router has not been given yet; empty between two receive batches. */
struct wzp_link_inbox {
    struct wzp_relay_link *link;
    struct wzp_packet *packets[WZP_ROUTER_MEDIA_BATCH]; /* a reference each */
    size_t n;
};

struct wzp_links {
    struct wzp_relay *relay;
    struct wzp_link_inbox inbox;
    struct wzp_list all;
    struct wzp_peer *peers; /* one an entry of [[peers]] */
    size_t n_peers;
    struct wzp_refusals *refusals;
    struct wzp_allowances *allowances;
    struct wzp_hash_key hash_key;
    size_t n_made;     /* links so far: they get lanes in turn */
    wzp_us measure_at; /* distances are looked at now and then */
    bool is_closing;
};

/** "0c:62:cf:..." for logs. */
struct wzp_fingerprint_text {
    char text[WZP_FINGERPRINT_TEXT_BYTES];
};
struct wzp_fingerprint_text wzp_links_fingerprint_text(const uint8_t *fingerprint);

/** How metrics and logs call the entry's relay. */
const char *wzp_links_label(const struct wzp_relay_link_config *entry);

/** Sets label and counters from the entry. */
void wzp_links_name(struct wzp_relay_link *link);

/** Another link than `except` to that relay that has not ended: one that is up, or that we are dialling. */
struct wzp_relay_link *wzp_links_find(const struct wzp_links *links, const uint8_t *fingerprint,
                                      const struct wzp_relay_link *except);

/** Distances in classes: each is twice as far as the one before. */
uint32_t wzp_links_rtt_class(const struct wzp_conn *conn);

void wzp_links_went_up(struct wzp_links *links, struct wzp_relay_link *link);
/** The connection is closed: logs why, and sets its dialler's clock. */
void wzp_links_lost(struct wzp_relay_link *link, const struct wzp_close_info *info);
/** Adds what a router has counted of a link since `collected` to the peer's metrics. The router counts per
 * link from 0; the metrics per peer, over all its links. */
void wzp_links_collect_stats(struct wzp_metrics *metrics, const char *label, const struct wzp_link *handle,
                             struct wzp_link_stats *collected);
void wzp_links_collect_one(struct wzp_relay_link *link);

/* Of link_inbox.c. */

/** The link is up. */
void wzp_link_inbox_add(struct wzp_relay_link *link, const uint8_t *bytes, size_t size);
void wzp_link_inbox_empty(struct wzp_links *links);

/* Of peers.c: the relays that this one dials. */
WZP_MUST_USE enum wzp_err wzp_peers_new(struct wzp_links *links);
void wzp_peers_free(struct wzp_links *links);
const struct wzp_relay_link_config *wzp_links_entry(const struct wzp_peer *peer);
/** The peer's own link attempt ended, after having stood for `stood`. */
void wzp_peers_lost(struct wzp_peer *peer, wzp_us stood);
wzp_us wzp_peers_deadline(const struct wzp_links *links);
void wzp_peers_tick(struct wzp_links *links, wzp_us now);
