/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads the server name out of a client's first packets, before there is a connection: their keys follow from
 * the destination id (RFC 9001, 5.2). A ClientHello may be spread over several packets, in any order.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <wzp/error.h>

#include "base/attr.h"

#define WZP_INITIAL_HELLO_BYTES                                                                              \
    4096 /* of a ClientHello; with post-quantum key shares they have some 1,800                              \
          */

/** What is known of a ClientHello. A value; zeroed it is empty. */
struct wzp_initial_hello {
    uint8_t bytes[WZP_INITIAL_HELLO_BYTES];
    uint64_t known[WZP_INITIAL_HELLO_BYTES / 64]; /* a bit a byte */
};

/**
 * Adds what the datagram's first packet, an Initial of QUIC version 1, holds of the ClientHello.
 *
 * WZP_EMALFORMED: it is no such packet, does not decrypt, or holds frames that do not belong there.
 * WZP_ENOTFOUND: it holds nothing of the ClientHello. WZP_ELIMIT: the ClientHello is too large.
 */
WZP_MUST_USE enum wzp_err wzp_initial_peek(const uint8_t *datagram, size_t size,
                                           struct wzp_initial_hello *hello);

/** The frames of a decrypted Initial packet; for wzp_initial_peek and tests. */
WZP_MUST_USE enum wzp_err wzp_initial_read_frames(const uint8_t *bytes, size_t size,
                                                  struct wzp_initial_hello *hello);

/**
 * The server name, "" where the client names none.
 *
 * WZP_EAGAIN: a part is missing. WZP_EMALFORMED: not a ClientHello. WZP_ELIMIT: the name is too long.
 */
WZP_MUST_USE enum wzp_err wzp_initial_server_name(const struct wzp_initial_hello *hello, size_t name_size,
                                                  char *out_name);
