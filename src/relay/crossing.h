/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What passes between the first worker, which has the links to other relays, and the routers of the others.
 *
 *   link --signal or datagram about another worker's room--> that worker's router
 *   that worker's router --signal or datagram for a link--> link
 *
 * Datagrams go through rings, in batches; what a full ring does not take is dropped and counted as the
 * link's. Links' ups and downs and their signals go as letters. Each worker has an end; there is nothing to
 * cross where there is one worker.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <wzp/error.h>

#include "base/attr.h"
#include "base/packet.h"
#include "relay/relay.h"
#include "router/router.h"

#define WZP_CROSSING_LINKS      256     /* at once, as the router's limit */
#define WZP_CROSSING_RING_BYTES 4194304 /* each way: some 20,000 datagrams */

struct wzp_allowance;
struct wzp_crossing;
struct wzp_relay_link;

/** `relay` is borrowed. WZP_ENOMEM. */
WZP_MUST_USE enum wzp_err wzp_crossing_new(struct wzp_relay *relay, struct wzp_crossing **out_crossing);

/** Once no thread uses either end. Takes NULL. */
void wzp_crossing_free(struct wzp_crossing *crossing);

/** Joins the first worker's end with another's, before their threads run. WZP_ENOMEM. */
WZP_MUST_USE enum wzp_err wzp_crossing_join(struct wzp_crossing *first, struct wzp_crossing *other);

/** Takes what the others have put into the rings; on the worker's thread, when its bell has rung. */
void wzp_crossing_receive(struct wzp_crossing *crossing, wzp_us now);

/** Shows the others what has been put in for them; at the end of each batch. */
void wzp_crossing_flush(struct wzp_crossing *crossing);

/** Brings the counts of the links, as this worker's router has them, into its metrics. */
void wzp_crossing_collect(struct wzp_crossing *crossing);

/* ---- of the first worker ---- */

/** The other workers' routers get the link. WZP_ELIMIT, WZP_ENOMEM: nobody has it. */
WZP_MUST_USE enum wzp_err wzp_crossing_link_up(struct wzp_crossing *crossing, struct wzp_relay_link *link,
                                               const struct wzp_link_info *info);
void wzp_crossing_link_down(struct wzp_crossing *crossing, struct wzp_relay_link *link);
void wzp_crossing_set_rtt(struct wzp_crossing *crossing, struct wzp_relay_link *link, uint32_t rtt_class);

/** A signal's text as it came. False: it could not be passed on, and the two relays no longer agree. */
WZP_MUST_USE bool wzp_crossing_signal(struct wzp_crossing *crossing, struct wzp_relay_link *link,
                                      unsigned worker, const uint8_t *body, size_t size);
void wzp_crossing_datagram(struct wzp_crossing *crossing, struct wzp_relay_link *link, unsigned worker,
                           const uint8_t *bytes, size_t size);

/* ---- of the others: the router's way out to links ---- */

void wzp_crossing_to_link(struct wzp_crossing *crossing, void *user, const struct wzp_signal *signal,
                          uint64_t replace_key);
void wzp_crossing_media_to_link(struct wzp_crossing *crossing, void *user, const struct wzp_packet *packet,
                                size_t offset, size_t size);
/** What a link's user pointer is called. */
const char *wzp_crossing_label(const void *user);
/** What has been told of its refusals. */
struct wzp_allowance *wzp_crossing_allowance(void *user);
