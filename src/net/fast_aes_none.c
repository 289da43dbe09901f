/* SPDX-License-Identifier: Apache-2.0 */
/* Builds without a quicker library: there are no keys, so that nothing below the first function runs. */
#include "net/fast_aes.h"

enum wzp_err wzp_fast_aes_new(struct wzp_fast_aes **out_aes)
{
    (void)out_aes;
    return WZP_EINVAL;
}

void wzp_fast_aes_free(struct wzp_fast_aes *aes)
{
    (void)aes;
}

struct wzp_fast_aead *wzp_fast_aead_new(const struct wzp_fast_aes *aes,
                                        const uint8_t key[static WZP_FAST_AES_KEY_BYTES])
{
    (void)aes;
    (void)key;
    return NULL;
}

struct wzp_fast_mask *wzp_fast_mask_new(const struct wzp_fast_aes *aes,
                                        const uint8_t key[static WZP_FAST_AES_KEY_BYTES])
{
    (void)aes;
    (void)key;
    return NULL;
}

void wzp_fast_aead_free(struct wzp_fast_aead *aead)
{
    (void)aead;
}

void wzp_fast_mask_free(struct wzp_fast_mask *mask)
{
    (void)mask;
}

void wzp_fast_aead_seal(const struct wzp_fast_aead *aead, const struct wzp_fast_text *text,
                        uint8_t *out_sealed)
{
    (void)aead;
    (void)text;
    (void)out_sealed;
}

bool wzp_fast_aead_open(const struct wzp_fast_aead *aead, const struct wzp_fast_text *sealed,
                        uint8_t *out_text)
{
    (void)aead;
    (void)sealed;
    (void)out_text;
    return false;
}

void wzp_fast_mask_of(const struct wzp_fast_mask *mask, const uint8_t sample[static WZP_FAST_AES_BLOCK_BYTES],
                      uint8_t out_block[static WZP_FAST_AES_BLOCK_BYTES])
{
    (void)mask;
    (void)sample;
    (void)out_block;
}
