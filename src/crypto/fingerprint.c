/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/fingerprint.h"

#include <string.h>

#include <sodium.h>

#include "base/text.h"

void wzp_fingerprint_sha256(const void *bytes, size_t size, uint8_t out_hash[static WZP_SHA256_BYTES])
{
    crypto_hash_sha256(out_hash, bytes, size);
}

/* Digits in groups of `group` bytes with colons between. */
static void write_groups(const uint8_t *bytes, size_t size, size_t group, char *out_text)
{
    char *at = out_text;
    for (size_t i = 0; i < size; i += group) {
        if (i > 0) {
            *at++ = ':';
        }
        wzp_hex_write(bytes + i, group, at);
        at += 2 * group;
    }
}

void wzp_fingerprint_write(const uint8_t fingerprint[static WZP_FINGERPRINT_BYTES],
                           char out_text[static WZP_FINGERPRINT_TEXT_BYTES])
{
    write_groups(fingerprint, WZP_FINGERPRINT_BYTES, 1, out_text);
}

enum wzp_err wzp_fingerprint_read(const char *text, uint8_t out_fingerprint[static WZP_FINGERPRINT_BYTES])
{
    if (strlen(text) != WZP_FINGERPRINT_TEXT_BYTES - 1) {
        return wzp_hex_read(text, out_fingerprint, WZP_FINGERPRINT_BYTES);
    }
    uint8_t fingerprint[WZP_FINGERPRINT_BYTES];
    for (size_t i = 0; i < WZP_FINGERPRINT_BYTES; i++) {
        const char *at = text + 3 * i;
        if (!wzp_hex_read_byte(at, &fingerprint[i]) || (i > 0 && at[-1] != ':')) {
            return WZP_EMALFORMED;
        }
    }
    memcpy(out_fingerprint, fingerprint, sizeof fingerprint);
    return WZP_OK;
}

void wzp_fingerprint_write_identity(const uint8_t public_key[static 32],
                                    char out_text[static WZP_FINGERPRINT_IDENTITY_TEXT_BYTES])
{
    uint8_t hash[WZP_SHA256_BYTES];
    wzp_fingerprint_sha256(public_key, 32, hash);
    write_groups(hash, 16, 2, out_text);
}

void wzp_fingerprint_write_short(const uint8_t public_key[static 32],
                                 char out_text[static WZP_FINGERPRINT_SHORT_TEXT_BYTES])
{
    wzp_hex_write(public_key, 8, out_text);
}
