/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The server name of a client, past GnuTLS.
 *
 * A GnuTLS server refuses a ClientHello whose server name has any byte outside letters, digits, '-' and '.'
 * (GNUTLS_E_RECEIVED_DISALLOWED_NAME) before any callback sees it, and offers no way to change that. Our
 * names hold underscores (`_federation`, rooms like `my_room`). So the name is read here, from a copy of the
 * handshake bytes, and where GnuTLS would refuse it, it is made to look the other way: see wzp_sni_disguise.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <wzp/error.h>

#include "base/attr.h"
#include "net/client_hello.h"

/** The most bytes of handshake that a client may send before it is authenticated. */
#define WZP_SNI_MAX_HELLO_BYTES 16384
/** The longest name (253) with its NUL, rounded. */
#define WZP_SNI_NAME_BYTES 256

/** A value; zeros are the start. */
struct wzp_sni {
    uint8_t *bytes;
    size_t size, capacity;
    size_t start; /* of the last ClientHello in `bytes`: a second one follows a HelloRetryRequest */
    bool is_read; /* `hello` and `name` are of that one */
    struct wzp_client_hello hello;
    char name[WZP_SNI_NAME_BYTES]; /* lower-cased, without trailing dot; "" for none */
};

void wzp_sni_deinit(struct wzp_sni *sni);

/**
 * Takes the next handshake bytes of the Initial level, in order. WZP_EMALFORMED: not a ClientHello, or a name
 * with bytes that no name has. WZP_ELIMIT: over WZP_SNI_MAX_HELLO_BYTES. WZP_ENOMEM.
 */
WZP_MUST_USE enum wzp_err wzp_sni_feed(struct wzp_sni *sni, const uint8_t *bytes, size_t size);

/**
 * Hides a name that GnuTLS would refuse. `params` is the body of the transport parameters extension as GnuTLS
 * hands it to its callback.
 *
 * That callback, registered for the parse point GNUTLS_EXT_VERSION_NEG, runs when GnuTLS has put the
 * ClientHello into its transcript and has not looked at the server name yet (parse point
 * GNUTLS_EXT_MANDATORY), and `params` points into that very message. Both extensions' places in it are known
 * from the copy. The type byte of the name becomes 255; GnuTLS skips names of unknown type (RFC 6066), and
 * the handshake, whose transcript is still the client's, goes on. Nothing is written unless the bytes there
 * are those of the copy.
 */
void wzp_sni_disguise(const struct wzp_sni *sni, const uint8_t *params, size_t params_size);
