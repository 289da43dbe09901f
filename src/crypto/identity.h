/* SPDX-License-Identifier: Apache-2.0 */
/* Who a client or relay is: keys derived from one 32-byte seed. Source: G1 sections 1.3 and 5.1. */
#pragma once

#include <stdint.h>

#include <wzp/error.h>

#include "base/attr.h"
#include "base/random.h"
#include "crypto/fingerprint.h"

#define WZP_SEED_BYTES          32
#define WZP_IDENTITY_KEY_BYTES  32
#define WZP_IDENTITY_SIGN_BYTES 64 /* libsodium's secret key: RFC 8032 seed, public key */

/** A value that holds secrets: wzp_identity_deinit wipes it. */
struct wzp_identity {
    uint8_t seed[WZP_SEED_BYTES];
    uint8_t sign_secret[WZP_IDENTITY_SIGN_BYTES]; /* Ed25519, of the call handshake */
    uint8_t sign_public[WZP_IDENTITY_KEY_BYTES];  /* `identity_pub` of CallOffer and CallAnswer */
    uint8_t
        x25519_secret[WZP_IDENTITY_KEY_BYTES]; /* for sealed messages to this identity; not used in calls */
    uint8_t x25519_public[WZP_IDENTITY_KEY_BYTES];
    uint8_t tls_secret[WZP_IDENTITY_KEY_BYTES]; /* RFC 8032 seed of the certificate's key */
    uint8_t tls_public[WZP_IDENTITY_KEY_BYTES];
    char fingerprint[WZP_FINGERPRINT_IDENTITY_TEXT_BYTES];    /* second generation and G1 head */
    char short_fingerprint[WZP_FINGERPRINT_SHORT_TEXT_BYTES]; /* G1 seed */
};

/** WZP_EIO: libsodium can't start (the system has no random source). */
WZP_MUST_USE enum wzp_err wzp_identity_init(struct wzp_identity *identity,
                                            const uint8_t seed[static WZP_SEED_BYTES]);

/** An identity nobody had before. */
WZP_MUST_USE enum wzp_err wzp_identity_init_random(struct wzp_identity *identity,
                                                   const struct wzp_random *random);

/** Wipes the secrets. Harmless on a zeroed identity. */
void wzp_identity_deinit(struct wzp_identity *identity);

/** A seed as people write it: 64 hexadecimal digits with any blanks around. WZP_EMALFORMED. */
WZP_MUST_USE enum wzp_err wzp_identity_read_seed(const char *text, uint8_t out_seed[static WZP_SEED_BYTES]);
