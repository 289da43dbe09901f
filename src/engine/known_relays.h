/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The file of relays seen before: trust on first use. A line is "address fingerprint"; lines that begin with
 * '#' and lines that do not read are left alone.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <wzp/error.h>

#include "base/attr.h"
#include "crypto/fingerprint.h"

enum wzp_known {
    WZP_KNOWN_NEW,     /* the address is not in the file */
    WZP_KNOWN_SAME,    /* it is, with this fingerprint */
    WZP_KNOWN_CHANGED, /* it is, with another one */
};

struct wzp_known_relay {
    enum wzp_known known;
    uint8_t before[WZP_FINGERPRINT_BYTES]; /* where it has changed: the fingerprint in the file */
    unsigned line;                         /* where it stands in the file, from 1; 0 where it does not */
};

/**
 * Looks `address` (as the user wrote it, with the port, lower case) up in the file at `path`. A missing file
 * is an empty one. WZP_EIO: it can't be read.
 */
WZP_MUST_USE enum wzp_err wzp_known_relays_find(const char *path, const char *address,
                                                const uint8_t fingerprint[static WZP_FINGERPRINT_BYTES],
                                                struct wzp_known_relay *out_relay);

/** Appends a line, making the file (0600) and its directory (0700) where missing. WZP_EIO. */
WZP_MUST_USE enum wzp_err wzp_known_relays_add(const char *path, const char *address,
                                               const uint8_t fingerprint[static WZP_FINGERPRINT_BYTES]);
