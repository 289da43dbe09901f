/* SPDX-License-Identifier: Apache-2.0 */
/* Reads where the server name and the QUIC transport parameters stand in a TLS ClientHello. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <wzp/error.h>

#include "base/attr.h"

/** Part of a message: offset and size. A size of 0 means: not there. */
struct wzp_client_hello_part {
    size_t at, size;
};

/** Offsets count from the start of the message. */
struct wzp_client_hello {
    size_t size;                                  /* of the message with its header */
    struct wzp_client_hello_part server_name_ext; /* the body of the extension */
    struct wzp_client_hello_part host_name;       /* the first DNS name in it */
    struct wzp_client_hello_part params_ext;      /* the body of quic_transport_parameters */
};

/**
 * Reads the message that `bytes` start with. RFC 8446 section 4.1.2, RFC 6066 section 3, RFC 9001 section
 * 8.2. WZP_EAGAIN: more bytes are needed. WZP_EMALFORMED: not a ClientHello, or one that contradicts itself.
 */
WZP_MUST_USE enum wzp_err wzp_client_hello_read(const uint8_t *bytes, size_t size,
                                                struct wzp_client_hello *out_hello);
