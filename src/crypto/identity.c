/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/identity.h"

#include <assert.h>
#include <ctype.h>
#include <string.h>

#include <sodium.h>

#include "base/text.h"
#include "crypto/hkdf.h"

static_assert(WZP_IDENTITY_SIGN_BYTES == crypto_sign_SECRETKEYBYTES, "libsodium's form of the key");

static void derive_sign(struct wzp_identity *identity)
{
    uint8_t secret[crypto_sign_SEEDBYTES];
    wzp_hkdf(identity->seed, "warzone-ed25519", secret, sizeof secret);
    crypto_sign_seed_keypair(identity->sign_public, identity->sign_secret, secret);
    sodium_memzero(secret, sizeof secret);
}

static void derive_tls(struct wzp_identity *identity)
{
    uint8_t key[crypto_sign_SECRETKEYBYTES];
    wzp_hkdf(identity->seed, "wzp-tls-ed25519", identity->tls_secret, sizeof identity->tls_secret);
    crypto_sign_seed_keypair(identity->tls_public, key, identity->tls_secret);
    sodium_memzero(key, sizeof key);
}

enum wzp_err wzp_identity_init(struct wzp_identity *identity, const uint8_t seed[static WZP_SEED_BYTES])
{
    if (sodium_init() < 0) {
        return WZP_EIO;
    }
    memcpy(identity->seed, seed, sizeof identity->seed);
    derive_sign(identity);
    derive_tls(identity);
    wzp_hkdf(identity->seed, "warzone-x25519", identity->x25519_secret, sizeof identity->x25519_secret);
    crypto_scalarmult_base(identity->x25519_public, identity->x25519_secret);
    wzp_fingerprint_write_identity(identity->sign_public, identity->fingerprint);
    wzp_fingerprint_write_short(identity->sign_public, identity->short_fingerprint);
    return WZP_OK;
}

enum wzp_err wzp_identity_init_random(struct wzp_identity *identity, const struct wzp_random *random)
{
    uint8_t seed[WZP_SEED_BYTES];
    random->fill(random->context, seed, sizeof seed);
    enum wzp_err err = wzp_identity_init(identity, seed);
    sodium_memzero(seed, sizeof seed);
    return err;
}

void wzp_identity_deinit(struct wzp_identity *identity)
{
    sodium_memzero(identity, sizeof *identity);
}

enum wzp_err wzp_identity_read_seed(const char *text, uint8_t out_seed[static WZP_SEED_BYTES])
{
    char digits[2 * WZP_SEED_BYTES + 1];
    while (isspace((unsigned char)*text)) {
        text++;
    }
    size_t size = strlen(text);
    while (size > 0 && isspace((unsigned char)text[size - 1])) {
        size--;
    }
    if (size != sizeof digits - 1) {
        return WZP_EMALFORMED;
    }
    memcpy(digits, text, size);
    digits[size] = '\0';
    enum wzp_err err = wzp_hex_read(digits, out_seed, WZP_SEED_BYTES);
    sodium_memzero(digits, sizeof digits);
    return err;
}
