/* SPDX-License-Identifier: Apache-2.0 */
/* HKDF with SHA-256 (RFC 5869) for outputs of one block; Debian 12's libsodium has the HMAC but not the HKDF.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define WZP_HKDF_MAX_BYTES 32

/** Fills `out_key` (at most WZP_HKDF_MAX_BYTES) from a 32-byte secret without salt and the text `info`. */
void wzp_hkdf(const uint8_t secret[static 32], const char *info, uint8_t *out_key, size_t size);
