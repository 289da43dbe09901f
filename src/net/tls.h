/* SPDX-License-Identifier: Apache-2.0 */
/* GnuTLS sessions for QUIC connections in both roles. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <gnutls/gnutls.h>

#include <wzp/error.h>

#include "base/attr.h"
#include "net/fast_aes.h"
#include "net/ngtcp2_compat.h"
#include "net/quic.h"
#include "net/sni.h"

/** The ALPN of wzp, mandatory in both roles. */
#define WZP_TLS_ALPN "wzp"

/** What an endpoint's sessions share: certificate, priorities, key log. */
struct wzp_tls;

/**
 * `identity` may be NULL: then no certificate is shown, and no server session can be made. WZP_ETLS: the
 * certificate and its key don't load. WZP_EIO: the key log can't be opened. WZP_ENOMEM.
 */
WZP_MUST_USE enum wzp_err wzp_tls_new(const struct wzp_endpoint_identity *identity, const char *keylog_file,
                                      struct wzp_tls **out_tls);

/** What is quicker than GnuTLS at packets, for the keys of connections; NULL where there is nothing. */
const struct wzp_fast_aes *wzp_tls_fast_aes(const struct wzp_tls *tls);

/** After its last session and connection. Takes NULL. */
void wzp_tls_free(struct wzp_tls *tls);

/** One session's TLS side, embedded in the connection. Zeros are none; `ref` is set by the connection. */
struct wzp_tls_session {
    gnutls_session_t gnutls; /* NULL once it is not needed any more */
    ngtcp2_crypto_conn_ref ref;
    struct wzp_tls *tls;
    struct wzp_sni sni;                      /* server */
    uint8_t pin[WZP_QUIC_FINGERPRINT_BYTES]; /* client */
    bool has_pin;
    bool has_failed_pin; /* the peer's certificate was another one: the handshake failed for that */
};

/** WZP_ETLS, WZP_ENOMEM. */
WZP_MUST_USE enum wzp_err wzp_tls_session_open_server(struct wzp_tls_session *session, struct wzp_tls *tls);
WZP_MUST_USE enum wzp_err wzp_tls_session_open_client(struct wzp_tls_session *session, struct wzp_tls *tls,
                                                      const struct wzp_dial *dial);

/** Harmless on zeros and when closed. */
void wzp_tls_session_close(struct wzp_tls_session *session);

/** SHA-256 of the certificate that the peer showed; false where it showed none. */
bool wzp_tls_session_fingerprint(const struct wzp_tls_session *session,
                                 uint8_t out_fingerprint[static WZP_QUIC_FINGERPRINT_BYTES]);
