/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who encrypts a connection's packets: GnuTLS, by ngtcp2's helper; and where there is something quicker
 * (fast_aes.h), that, once the handshake is over and AES-128-GCM was agreed on.
 *
 * ngtcp2 keeps a handle for each key and hands it to the same callbacks whoever made it. Ours are odd
 * numbers, which no pointer of the helper's is.
 */
#pragma once

#include "net/fast_aes.h"
#include "net/ngtcp2_compat.h"

/** Sets all callbacks that have to do with keys. `update_key` expects a struct wzp_conn as user data. */
void wzp_packet_crypto_callbacks(ngtcp2_callbacks *callbacks);

/** Secrets of `size` bytes that TLS has made for a level. */
struct wzp_packet_secrets {
    ngtcp2_encryption_level level;
    const uint8_t *rx, *tx; /* NULL: not this time */
    size_t size;
};

/** Derives keys from the secrets and gives them to `ng`. `aes` may be NULL: all by GnuTLS. False: the
 * handshake has failed. */
WZP_MUST_USE bool wzp_packet_crypto_install(ngtcp2_conn *ng, const struct wzp_fast_aes *aes,
                                            const struct wzp_packet_secrets *secrets);

/** Handles of ours for keys, which the callbacks take. False: no memory. */
WZP_MUST_USE bool wzp_packet_crypto_aead(const struct wzp_fast_aes *aes,
                                         const uint8_t key[static WZP_FAST_AES_KEY_BYTES],
                                         ngtcp2_crypto_aead_ctx *out_handle);
WZP_MUST_USE bool wzp_packet_crypto_mask(const struct wzp_fast_aes *aes,
                                         const uint8_t key[static WZP_FAST_AES_KEY_BYTES],
                                         ngtcp2_crypto_cipher_ctx *out_handle);
