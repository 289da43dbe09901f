/* SPDX-License-Identifier: Apache-2.0 */
/* What a client says to a relay and how it checks the answer: AuthToken, CallOffer, CallAnswer, Hangup. */
#pragma once

#include <stddef.h>

#include <wzp/error.h>

#include "base/attr.h"
#include "crypto/handshake.h"
#include "crypto/identity.h"
#include "net/quic.h"
#include "proto/signal.h"

/** What this client can do, as it tells relays. */
#define WZP_OFFER_CAPS (WZP_CAP_TAG | WZP_CAP_REPORT | WZP_CAP_DIRECTIVE | WZP_CAP_LEVEL)

struct wzp_offer {
    const struct wzp_identity *identity;
    const struct wzp_handshake *handshake;
    const char *alias; /* or NULL */
    const char *token; /* or NULL */
};

/** Sends the token, where there is one, and the signed offer. The connection's errors, WZP_ENOMEM. */
WZP_MUST_USE enum wzp_err wzp_offer_send(const struct wzp_offer *offer, struct wzp_conn *conn);

/** Says good-bye. */
WZP_MUST_USE enum wzp_err wzp_offer_send_hangup(struct wzp_conn *conn);

/** WZP_EAUTH: the answer is not signed by the identity that it names. */
WZP_MUST_USE enum wzp_err wzp_offer_check(const struct wzp_signal_call_answer *answer);
