/* SPDX-License-Identifier: Apache-2.0 */
/* Tells the operator which relays were refused and how to let them in: once a minute per fingerprint. */
#pragma once

#include <wzp/error.h>

#include "base/attr.h"
#include "net/addr.h"
#include "relay/relay.h"
#include "relay/trust.h"

struct wzp_refusals;

/** WZP_ENOMEM. */
WZP_MUST_USE enum wzp_err wzp_refusals_new(struct wzp_relay *relay, struct wzp_refusals **out_refusals);
void wzp_refusals_free(struct wzp_refusals *refusals);

/** Counts the refusal and logs it where it is time to. */
void wzp_refusals_note(struct wzp_refusals *refusals, const struct wzp_trust_answer *answer,
                       const struct wzp_addr *from);
