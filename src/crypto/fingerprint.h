/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256 and the fingerprints made of it. Source: docs/protocol.md, "Fingerprints"; G1 sections 1.3 to 1.5.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <wzp/error.h>

#include "base/attr.h"

#define WZP_SHA256_BYTES 32

#define WZP_FINGERPRINT_BYTES               32 /* SHA-256 over a DER certificate */
#define WZP_FINGERPRINT_TEXT_BYTES          96 /* 32 pairs, 31 colons, NUL */
#define WZP_FINGERPRINT_IDENTITY_TEXT_BYTES 40 /* 8 groups of four digits, 7 colons, NUL */
#define WZP_FINGERPRINT_SHORT_TEXT_BYTES    17 /* 16 digits, NUL */

void wzp_fingerprint_sha256(const void *bytes, size_t size, uint8_t out_hash[static WZP_SHA256_BYTES]);

/** "0c:62:...": 32 lower-case pairs. */
void wzp_fingerprint_write(const uint8_t fingerprint[static WZP_FINGERPRINT_BYTES],
                           char out_text[static WZP_FINGERPRINT_TEXT_BYTES]);

/** Reads 32 pairs of digits of either case, all joined by colons or none. WZP_EMALFORMED: anything else. */
WZP_MUST_USE enum wzp_err wzp_fingerprint_read(const char *text,
                                               uint8_t out_fingerprint[static WZP_FINGERPRINT_BYTES]);

/** The name of an identity key ("6871:1211:..."): half of SHA-256 over the 32-byte Ed25519 public key. */
void wzp_fingerprint_write_identity(const uint8_t public_key[static 32],
                                    char out_text[static WZP_FINGERPRINT_IDENTITY_TEXT_BYTES]);

/** The name first-generation peers show: the first 8 bytes of the public key itself, not hashed. */
void wzp_fingerprint_write_short(const uint8_t public_key[static 32],
                                 char out_text[static WZP_FINGERPRINT_SHORT_TEXT_BYTES]);
