/* SPDX-License-Identifier: Apache-2.0 */
/* Who is on which other relay, as the relays that probe each other tell one another. Bounded; what is old
 * goes. */
#pragma once

#include <stddef.h>

#include <wzp/error.h>

#include "base/attr.h"
#include "base/us.h"
#include "net/addr.h"
#include "proto/signal.h"

#define WZP_REGISTRY_PEERS        64                /* relays remembered */
#define WZP_REGISTRY_FINGERPRINTS 1024              /* of each; more are left out */
#define WZP_REGISTRY_LIFE         (60 * WZP_SECOND) /* six updates missed */
#define WZP_REGISTRY_TEXT_BYTES   129

struct wzp_registry_peer {
    char address[WZP_ADDR_TEXT_BYTES]; /* "": a free place */
    char (*fingerprints)[WZP_REGISTRY_TEXT_BYTES];
    size_t n;
    double rtt_ms; /* below 0: not measured */
    wzp_us heard_at;
};

/** A value; zeroed it is empty. */
struct wzp_registry {
    struct wzp_registry_peer peers[WZP_REGISTRY_PEERS];
};

void wzp_registry_deinit(struct wzp_registry *registry);

/** Replaces what `address` told before. WZP_ELIMIT: there are too many relays. WZP_ENOMEM. */
WZP_MUST_USE enum wzp_err wzp_registry_update(struct wzp_registry *registry, const char *address,
                                              const struct wzp_signal_texts *fingerprints, wzp_us now);

/** Notes the distance of a relay that is in the registry. */
void wzp_registry_measured(struct wzp_registry *registry, const char *address, double rtt_ms);

/** Forgets what `address` told. */
void wzp_registry_forget(struct wzp_registry *registry, const char *address);

/** Forgets relays that were not heard of for WZP_REGISTRY_LIFE. */
void wzp_registry_expire(struct wzp_registry *registry, wzp_us now);

/** The relay that has `fingerprint`, or NULL. */
const struct wzp_registry_peer *wzp_registry_find(const struct wzp_registry *registry,
                                                  const char *fingerprint);
