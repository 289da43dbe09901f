/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Probes: this relay measures the way to the relays in `probe_targets` and answers those that probe it, and
 * both tell each other who is on them. Source: docs/protocol.md, "Probes"; G1 section 6.9.
 *
 *   target: RESTING --time--> RESOLVING --> DIALLING --open--> UP --closed--> RESTING (5 s)
 */
#pragma once

#include <stddef.h>

#include <wzp/error.h>

#include "base/attr.h"
#include "base/buffer.h"
#include "relay/registry.h"
#include "relay/relay.h"

struct wzp_probes;

/** `relay` is borrowed. WZP_ENOMEM. */
WZP_MUST_USE enum wzp_err wzp_probes_new(struct wzp_relay *relay, struct wzp_probes **out_probes);

/** After the endpoint has been freed. Takes NULL. */
void wzp_probes_free(struct wzp_probes *probes);

/** A connection that asked for `_probe`; closed with a reason where there are too many. */
void wzp_probes_accept(struct wzp_probes *probes, struct wzp_conn *conn);

/** A handshake of ours is through: true where `conn` is a probe. */
bool wzp_probes_opened(struct wzp_probes *probes, struct wzp_conn *conn);

/** Probes no more and closes what is there. */
void wzp_probes_close_all(struct wzp_probes *probes);

wzp_us wzp_probes_deadline(const struct wzp_probes *probes);
void wzp_probes_tick(struct wzp_probes *probes, wzp_us now);

/** What the probing relays have told. */
const struct wzp_registry *wzp_probes_registry(const struct wzp_probes *probes);

/** The table of /mesh. */
void wzp_probes_print(const struct wzp_probes *probes, struct wzp_buffer *out_text);
