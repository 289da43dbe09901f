/* SPDX-License-Identifier: Apache-2.0 */
#include "net/packet_crypto.h"

#include <string.h>

#include <gnutls/gnutls.h>

#include "net/conn.h"
#include "net/endpoint.h"
#include "net/expand_label.h"

#define HEAD_MASK_BYTES 5 /* RFC 9001, 5.4.1 */

/* ---- handles ---- */

static void *handle_of(void *key)
{
    return (char *)key + 1;
}

/* The key behind a handle of ours; NULL where it is the helper's. */
static void *key_of(void *handle)
{
    return (uintptr_t)handle % 2 == 1 ? (char *)handle - 1 : NULL;
}

bool wzp_packet_crypto_aead(const struct wzp_fast_aes *aes, const uint8_t key[static WZP_FAST_AES_KEY_BYTES],
                            ngtcp2_crypto_aead_ctx *out_handle)
{
    struct wzp_fast_aead *aead = wzp_fast_aead_new(aes, key);
    out_handle->native_handle = aead ? handle_of(aead) : NULL;
    return aead != NULL;
}

bool wzp_packet_crypto_mask(const struct wzp_fast_aes *aes, const uint8_t key[static WZP_FAST_AES_KEY_BYTES],
                            ngtcp2_crypto_cipher_ctx *out_handle)
{
    struct wzp_fast_mask *mask = wzp_fast_mask_new(aes, key);
    out_handle->native_handle = mask ? handle_of(mask) : NULL;
    return mask != NULL;
}

static void on_delete_aead(ngtcp2_conn *ng, ngtcp2_crypto_aead_ctx *handle, void *user)
{
    struct wzp_fast_aead *aead = key_of(handle->native_handle);
    if (aead) {
        wzp_fast_aead_free(aead);
    } else {
        ngtcp2_crypto_delete_crypto_aead_ctx_cb(ng, handle, user);
    }
}

static void on_delete_mask(ngtcp2_conn *ng, ngtcp2_crypto_cipher_ctx *handle, void *user)
{
    struct wzp_fast_mask *mask = key_of(handle->native_handle);
    if (mask) {
        wzp_fast_mask_free(mask);
    } else {
        ngtcp2_crypto_delete_crypto_cipher_ctx_cb(ng, handle, user);
    }
}

/* ---- packets ---- */

/* NOLINTNEXTLINE(readability-function-size): ngtcp2 sets the parameters */
static int on_encrypt(uint8_t *out_bytes, const ngtcp2_crypto_aead *cipher,
                      const ngtcp2_crypto_aead_ctx *handle, const uint8_t *bytes, size_t size,
                      const uint8_t *nonce, size_t nonce_size, const uint8_t *data, size_t data_size)
{
    const struct wzp_fast_aead *aead = key_of(handle->native_handle);
    if (!aead) {
        return ngtcp2_crypto_encrypt_cb(out_bytes, cipher, handle, bytes, size, nonce, nonce_size, data,
                                        data_size);
    }
    const struct wzp_fast_text text = {bytes, size, nonce, data, data_size};
    wzp_fast_aead_seal(aead, &text, out_bytes);
    return 0;
}

/* NOLINTNEXTLINE(readability-function-size): ngtcp2 sets the parameters */
static int on_decrypt(uint8_t *out_bytes, const ngtcp2_crypto_aead *cipher,
                      const ngtcp2_crypto_aead_ctx *handle, const uint8_t *bytes, size_t size,
                      const uint8_t *nonce, size_t nonce_size, const uint8_t *data, size_t data_size)
{
    const struct wzp_fast_aead *aead = key_of(handle->native_handle);
    if (!aead) {
        return ngtcp2_crypto_decrypt_cb(out_bytes, cipher, handle, bytes, size, nonce, nonce_size, data,
                                        data_size);
    }
    const struct wzp_fast_text sealed = {bytes, size, nonce, data, data_size};
    return wzp_fast_aead_open(aead, &sealed, out_bytes) ? 0 : NGTCP2_ERR_DECRYPT;
}

static int on_mask(uint8_t *out_mask, const ngtcp2_crypto_cipher *cipher,
                   const ngtcp2_crypto_cipher_ctx *handle, const uint8_t *sample)
{
    const struct wzp_fast_mask *mask = key_of(handle->native_handle);
    if (!mask) {
        return ngtcp2_crypto_hp_mask_cb(out_mask, cipher, handle, sample);
    }
    uint8_t block[WZP_FAST_AES_BLOCK_BYTES];
    wzp_fast_mask_of(mask, sample, block);
    memcpy(out_mask, block, HEAD_MASK_BYTES);
    return 0;
}

/* ---- keys ---- */

static bool derive_aead(const struct wzp_fast_aes *aes, const uint8_t *secret,
                        ngtcp2_crypto_aead_ctx *out_handle, uint8_t *out_iv)
{
    uint8_t key[WZP_FAST_AES_KEY_BYTES];
    bool ok = wzp_expand_label(secret, "quic key", key, sizeof key) &&
              wzp_expand_label(secret, "quic iv", out_iv, WZP_FAST_AES_NONCE_BYTES) &&
              wzp_packet_crypto_aead(aes, key, out_handle);
    gnutls_memset(key, 0, sizeof key);
    return ok;
}

static bool derive_mask(const struct wzp_fast_aes *aes, const uint8_t *secret,
                        ngtcp2_crypto_cipher_ctx *out_handle)
{
    uint8_t key[WZP_FAST_AES_KEY_BYTES];
    bool ok =
        wzp_expand_label(secret, "quic hp", key, sizeof key) && wzp_packet_crypto_mask(aes, key, out_handle);
    gnutls_memset(key, 0, sizeof key);
    return ok;
}

typedef int (*install_fn)(ngtcp2_conn *ng, const uint8_t *secret, size_t secret_size,
                          const ngtcp2_crypto_aead_ctx *aead, const uint8_t *iv, size_t iv_size,
                          const ngtcp2_crypto_cipher_ctx *mask);

static bool install(ngtcp2_conn *ng, const struct wzp_fast_aes *aes, const uint8_t *secret, install_fn fn)
{
    ngtcp2_crypto_aead_ctx aead = {NULL};
    ngtcp2_crypto_cipher_ctx mask = {NULL};
    uint8_t iv[WZP_FAST_AES_NONCE_BYTES];
    bool ok = derive_aead(aes, secret, &aead, iv) && derive_mask(aes, secret, &mask) &&
              fn(ng, secret, WZP_EXPAND_SECRET_BYTES, &aead, iv, sizeof iv, &mask) == 0;
    if (!ok) {
        wzp_fast_aead_free(key_of(aead.native_handle));
        wzp_fast_mask_free(key_of(mask.native_handle));
    }
    return ok;
}

/* Whether AES-128-GCM was agreed on, which goes with SHA-256. The helper notes GnuTLS's number of the cipher.
 */
static bool is_for_us(ngtcp2_conn *ng, const struct wzp_fast_aes *aes, size_t secret_size)
{
    const ngtcp2_crypto_ctx *agreed = ngtcp2_conn_get_crypto_ctx(ng);
    return aes && (uintptr_t)agreed->aead.native_handle == GNUTLS_CIPHER_AES_128_GCM &&
           secret_size == WZP_EXPAND_SECRET_BYTES;
}

static bool install_helpers(ngtcp2_conn *ng, const struct wzp_packet_secrets *s)
{
    return (!s->rx ||
            ngtcp2_crypto_derive_and_install_rx_key(ng, NULL, NULL, NULL, s->level, s->rx, s->size) == 0) &&
           (!s->tx ||
            ngtcp2_crypto_derive_and_install_tx_key(ng, NULL, NULL, NULL, s->level, s->tx, s->size) == 0);
}

bool wzp_packet_crypto_install(ngtcp2_conn *ng, const struct wzp_fast_aes *aes,
                               const struct wzp_packet_secrets *secrets)
{
    if (secrets->level != NGTCP2_ENCRYPTION_LEVEL_1RTT || !is_for_us(ng, aes, secrets->size)) {
        return install_helpers(ng, secrets);
    }
    return (!secrets->rx || install(ng, aes, secrets->rx, ngtcp2_conn_install_rx_key)) &&
           (!secrets->tx || install(ng, aes, secrets->tx, ngtcp2_conn_install_tx_key));
}

/* The next secret of a direction, and its keys but for the headers', which stay (RFC 9001, 6.1). */
static bool advance(const struct wzp_fast_aes *aes, const uint8_t *secret, uint8_t *out_secret,
                    ngtcp2_crypto_aead_ctx *out_handle, uint8_t *out_iv)
{
    return wzp_expand_label(secret, "quic ku", out_secret, WZP_EXPAND_SECRET_BYTES) &&
           derive_aead(aes, out_secret, out_handle, out_iv);
}

/* NOLINTNEXTLINE(readability-function-size): ngtcp2 sets the parameters */
static int on_update(ngtcp2_conn *ng, uint8_t *out_rx_secret, uint8_t *out_tx_secret,
                     ngtcp2_crypto_aead_ctx *out_rx, uint8_t *out_rx_iv, ngtcp2_crypto_aead_ctx *out_tx,
                     uint8_t *out_tx_iv, const uint8_t *rx_secret, const uint8_t *tx_secret, size_t size,
                     void *user)
{
    const struct wzp_conn *conn = user;
    const struct wzp_fast_aes *aes = wzp_tls_fast_aes(conn->endpoint->tls);
    if (!is_for_us(ng, aes, size)) {
        return ngtcp2_crypto_update_key_cb(ng, out_rx_secret, out_tx_secret, out_rx, out_rx_iv, out_tx,
                                           out_tx_iv, rx_secret, tx_secret, size, user);
    }
    if (!advance(aes, rx_secret, out_rx_secret, out_rx, out_rx_iv)) {
        return NGTCP2_ERR_CALLBACK_FAILURE;
    }
    if (!advance(aes, tx_secret, out_tx_secret, out_tx, out_tx_iv)) {
        wzp_fast_aead_free(key_of(out_rx->native_handle));
        return NGTCP2_ERR_CALLBACK_FAILURE;
    }
    return 0;
}

void wzp_packet_crypto_callbacks(ngtcp2_callbacks *callbacks)
{
    callbacks->encrypt = on_encrypt;
    callbacks->decrypt = on_decrypt;
    callbacks->hp_mask = on_mask;
    callbacks->update_key = on_update;
    callbacks->delete_crypto_aead_ctx = on_delete_aead;
    callbacks->delete_crypto_cipher_ctx = on_delete_mask;
}
