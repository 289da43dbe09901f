/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rooms whose members' connections are on several workers: what passes between the room's worker, which has
 * router and sessions, and those that only keep connections for it.
 *
 *   client --QUIC--> the worker that hosts the connection --message, datagram, measure, end--> the room's
 *          <--QUIC--                                       <--signal, datagram, dismissal--
 *
 * On the room's worker such a client is a guest: a session like every other (line.h). Datagrams and measures
 * go through rings, in batches, a datagram once for all the guests of a worker that get it; what a full
 * ring does not take is dropped and counted. The rest goes as letters. Any two workers have a ring each way.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <wzp/error.h>

#include "base/attr.h"
#include "base/packet.h"
#include "relay/relay.h"
#include "relay/role.h"

#define WZP_PASSAGE_RING_BYTES 1048576 /* each way: some 5,000 datagrams, or 1,000 for 200 receivers each */
#define WZP_PASSAGE_HOSTED     65535   /* connections that a worker keeps for others at a time */

struct wzp_guest; /* on the room's worker */
struct wzp_passage;
struct wzp_sessions;

/** A worker's end. `relay` and `sessions` are borrowed. WZP_ENOMEM. */
WZP_MUST_USE enum wzp_err wzp_passage_new(struct wzp_relay *relay, struct wzp_sessions *sessions,
                                          struct wzp_passage **out_passage);

/** Once no thread uses any end and the worker's connections are closed: ends the guests' sessions. Takes
 * NULL. */
void wzp_passage_free(struct wzp_passage *passage);

/** Joins two workers' ends, before their threads run. WZP_ENOMEM. */
WZP_MUST_USE enum wzp_err wzp_passage_join(struct wzp_passage *one, struct wzp_passage *other);

/** Takes what the others have put into the rings; on the worker's thread, when its bell has rung. */
void wzp_passage_receive(struct wzp_passage *passage, wzp_us now);

/** Shows the others what has been put in for them; at the end of each batch. */
void wzp_passage_flush(struct wzp_passage *passage);

/* ---- of the worker that has the connection ---- */

/** Keeps the connection for `room` (folded) of another worker, or closes it with a reason. */
void wzp_passage_host(struct wzp_passage *passage, struct wzp_conn *conn, const char *room);

/** Connections kept for others. */
size_t wzp_passage_n_hosted(const struct wzp_passage *passage);

void wzp_passage_close_all(struct wzp_passage *passage, enum wzp_close_code code, const char *reason);

/* ---- of the room's worker ---- */

void wzp_guest_set_role(struct wzp_guest *guest, struct wzp_role *role);
unsigned wzp_guest_worker(const struct wzp_guest *guest);
const struct wzp_addr *wzp_guest_addr(const struct wzp_guest *guest);
const uint8_t *wzp_guest_fingerprint(const struct wzp_guest *guest);

/** Has its connection closed; once is enough. The role's on_closed follows. */
void wzp_guest_dismiss(struct wzp_guest *guest, enum wzp_close_code code, const char *reason);

/** The next wzp_passage_say is for this guest, too. */
void wzp_passage_address(struct wzp_passage *passage, struct wzp_guest *guest);

/** A signal's text to all that were addressed. */
void wzp_passage_say(struct wzp_passage *passage, const char *body, size_t size, uint64_t replace_key);

/** A datagram, `size` bytes of the packet's buffer from `offset` on, which came at the relay's `now`. */
void wzp_passage_media(struct wzp_passage *passage, const struct wzp_guest *guest, struct wzp_packet *packet,
                       size_t offset, size_t size);
