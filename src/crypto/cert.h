/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The self-signed certificate of an identity, the same bytes every time and the same as the first
 * generation's, so that fingerprints survive restarts and the move from one generation to the other.
 * Source: G1 section 1.3.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "crypto/fingerprint.h"
#include "crypto/identity.h"

#define WZP_CERT_MAX_BYTES 289 /* with the usual 20-byte serial number; rare ones are shorter */

/** DER with its fingerprint. The secret of its key is the identity's `tls_secret`. */
struct wzp_cert {
    uint8_t der[WZP_CERT_MAX_BYTES];
    size_t size;
    uint8_t fingerprint[WZP_FINGERPRINT_BYTES];
    char fingerprint_text[WZP_FINGERPRINT_TEXT_BYTES];
};

void wzp_cert_init(struct wzp_cert *cert, const struct wzp_identity *identity);
