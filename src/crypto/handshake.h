/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The signed key agreement of CallOffer and CallAnswer. Source: G1 sections 5.2 to 5.4.
 *
 *   client                                         relay
 *   init; sign(OFFER)  -- identity, key, sig -->   verify(OFFER); init; sign(ANSWER)
 *   verify(ANSWER)     <-- identity, key, sig --
 *   agree                                          agree
 */
#pragma once

#include <stdint.h>

#include <wzp/error.h>

#include "base/attr.h"
#include "base/random.h"
#include "crypto/identity.h"

#define WZP_HANDSHAKE_KEY_BYTES       32
#define WZP_HANDSHAKE_SIGNATURE_BYTES 64
#define WZP_HANDSHAKE_SESSION_BYTES   4

enum wzp_handshake_side {
    WZP_HANDSHAKE_OFFER,
    WZP_HANDSHAKE_ANSWER,
};

/** One end's ephemeral X25519 key; wzp_handshake_deinit wipes it. */
struct wzp_handshake {
    uint8_t secret[WZP_HANDSHAKE_KEY_BYTES];
    uint8_t public_key[WZP_HANDSHAKE_KEY_BYTES]; /* `ephemeral_pub` */
};

/** What both ends agree on. A secret: wipe it with wzp_handshake_wipe. */
struct wzp_handshake_session {
    uint8_t key[WZP_HANDSHAKE_KEY_BYTES];
    uint8_t id[WZP_HANDSHAKE_SESSION_BYTES];
    uint16_t sas; /* 0 to 9999, shown as four digits: two people who read out the same have no one between */
};

void wzp_handshake_init(struct wzp_handshake *handshake, const struct wzp_random *random);
void wzp_handshake_deinit(struct wzp_handshake *handshake);

/** Signs the 32-byte ephemeral key of `side` as `identity`. */
void wzp_handshake_sign(const struct wzp_identity *identity, enum wzp_handshake_side side,
                        const uint8_t ephemeral_key[static WZP_HANDSHAKE_KEY_BYTES],
                        uint8_t out_signature[static WZP_HANDSHAKE_SIGNATURE_BYTES]);

/** The three fields of a peer's message; each exactly as long as its type says. */
struct wzp_handshake_proof {
    uint8_t identity_key[WZP_IDENTITY_KEY_BYTES];
    uint8_t ephemeral_key[WZP_HANDSHAKE_KEY_BYTES];
    uint8_t signature[WZP_HANDSHAKE_SIGNATURE_BYTES];
};

/** WZP_EAUTH: the signature is not by that key over that message, or key or signature are not canonical. */
WZP_MUST_USE enum wzp_err wzp_handshake_verify(const struct wzp_handshake_proof *proof,
                                               enum wzp_handshake_side side);

/** Our ephemeral key and the peer's make the session. WZP_EAUTH: the peer's key is of low order. */
WZP_MUST_USE enum wzp_err wzp_handshake_agree(const struct wzp_handshake *handshake,
                                              const uint8_t peer_key[static WZP_HANDSHAKE_KEY_BYTES],
                                              struct wzp_handshake_session *out_session);

void wzp_handshake_wipe(struct wzp_handshake_session *session);
