/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/hkdf.h"

#include <assert.h>
#include <string.h>

#include <sodium.h>

#include "base/bytes.h"

static_assert(crypto_auth_hmacsha256_BYTES == WZP_HKDF_MAX_BYTES, "one block of output");

static void hmac(const uint8_t key[static 32], const void *bytes, size_t size, uint8_t out[static 32])
{
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, key, 32);
    crypto_auth_hmacsha256_update(&state, bytes, size);
    crypto_auth_hmacsha256_final(&state, out);
    sodium_memzero(&state, sizeof state);
}

void wzp_hkdf(const uint8_t secret[static 32], const char *info, uint8_t *out_key, size_t size)
{
    static const uint8_t no_salt[32] = {0};
    uint8_t extracted[32];
    uint8_t block[32];
    uint8_t message[64];
    struct wzp_writer writer = wzp_writer_of(message, sizeof message);
    wzp_write_bytes(&writer, info, strlen(info));
    wzp_write_u8(&writer, 1);
    assert(size <= WZP_HKDF_MAX_BYTES && !writer.failed);

    hmac(no_salt, secret, 32, extracted);
    hmac(extracted, message, wzp_writer_size(&writer), block); /* T(1) = HMAC(PRK, info | 0x01) */
    memcpy(out_key, block, size);
    sodium_memzero(extracted, sizeof extracted);
    sodium_memzero(block, sizeof block);
}
