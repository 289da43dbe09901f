/* SPDX-License-Identifier: Apache-2.0 */
/* What a token service answers: {"valid":true,"fingerprint":"...","alias":"..."}. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <wzp/error.h>

#include "base/attr.h"

#define WZP_AUTH_FINGERPRINT_BYTES 129 /* a longer fingerprint refuses the answer; with its NUL */
#define WZP_AUTH_ALIAS_BYTES       65  /* a longer alias is cut at a character; with its NUL */

struct wzp_auth_reply {
    bool is_valid;
    char fingerprint[WZP_AUTH_FINGERPRINT_BYTES]; /* not empty where `is_valid` */
    char alias[WZP_AUTH_ALIAS_BYTES];             /* "" where there is none; no control characters */
};

/**
 * Reads the body of a 2xx answer.
 *
 * WZP_EMALFORMED: not a JSON object; `valid` is missing or no boolean; `fingerprint` or `alias` is neither
 * text nor null; a valid one names no fingerprint, or one that is too long or not printable ASCII. Unknown
 * members are ignored, duplicate ones are malformed.
 */
WZP_MUST_USE enum wzp_err wzp_auth_reply_read(const char *body, size_t size,
                                              struct wzp_auth_reply *out_reply);
