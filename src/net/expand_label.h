/* SPDX-License-Identifier: Apache-2.0 */
/* HKDF-Expand-Label of TLS 1.3 with SHA-256 (RFC 8446, 7.1), by which QUIC makes its keys (RFC 9001, 5.1). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

#define WZP_EXPAND_SECRET_BYTES 32

/** Makes `size` bytes (at most 255) of the secret and a label of up to 40 characters. False: GnuTLS can't. */
WZP_MUST_USE bool wzp_expand_label(const uint8_t secret[static WZP_EXPAND_SECRET_BYTES], const char *label,
                                   uint8_t *out_bytes, size_t size);
