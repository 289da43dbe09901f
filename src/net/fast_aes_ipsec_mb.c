/* SPDX-License-Identifier: Apache-2.0 */
/*
 * By Intel's Multi-Buffer Crypto for IPsec (intel-ipsec-mb.h). Only its direct functions are used, which keep
 * nothing between calls, so its manager is needed no longer than it takes to ask which ones are this
 * processor's.
 */
#include <intel-ipsec-mb.h>
#include <stdlib.h>
#include <string.h>

#include <gnutls/gnutls.h>

#include "net/fast_aes.h"

#define ROUND_KEYS_BYTES ((size_t)11 * 16) /* FIPS 197: of 128 bits */
#define ALIGNMENT        64

struct wzp_fast_aes {
    aes_gcm_pre_t prepare;
    aes_gcm_enc_dec_t seal, open;
    keyexp_t expand;
    aes_cfb_t encrypt_block;
};

struct wzp_fast_aead {
    struct gcm_key_data key;
    const struct wzp_fast_aes *aes;
};

struct wzp_fast_mask {
    _Alignas(16) uint8_t round_keys[ROUND_KEYS_BYTES];
    const struct wzp_fast_aes *aes;
};

enum wzp_err wzp_fast_aes_new(struct wzp_fast_aes **out_aes)
{
    struct wzp_fast_aes *aes = malloc(sizeof *aes);
    IMB_MGR *manager = aes ? alloc_mb_mgr(0) : NULL;
    if (!manager) {
        free(aes);
        return WZP_ENOMEM;
    }
    init_mb_mgr_auto(manager, NULL); /* picks by processor, and runs its self-tests */
    const uint64_t needed = IMB_FEATURE_AESNI | IMB_FEATURE_PCLMULQDQ;
    bool is_fit = imb_get_errno(manager) == 0 && (manager->features & needed) == needed;
    *aes = (struct wzp_fast_aes){
        .prepare = manager->gcm128_pre,
        .seal = manager->gcm128_enc,
        .open = manager->gcm128_dec,
        .expand = manager->keyexp_128,
        .encrypt_block = manager->aes128_cfb_one,
    };
    free_mb_mgr(manager);
    if (!is_fit) {
        free(aes);
        return WZP_EINVAL;
    }
    *out_aes = aes;
    return WZP_OK;
}

void wzp_fast_aes_free(struct wzp_fast_aes *aes)
{
    free(aes);
}

static void *take_aligned(size_t size)
{
    return aligned_alloc(ALIGNMENT, (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT);
}

struct wzp_fast_aead *wzp_fast_aead_new(const struct wzp_fast_aes *aes,
                                        const uint8_t key[static WZP_FAST_AES_KEY_BYTES])
{
    struct wzp_fast_aead *aead = take_aligned(sizeof *aead);
    if (aead) {
        aead->aes = aes;
        aes->prepare(key, &aead->key);
    }
    return aead;
}

struct wzp_fast_mask *wzp_fast_mask_new(const struct wzp_fast_aes *aes,
                                        const uint8_t key[static WZP_FAST_AES_KEY_BYTES])
{
    struct wzp_fast_mask *mask = take_aligned(sizeof *mask);
    if (mask) {
        _Alignas(16) uint8_t for_decryption[ROUND_KEYS_BYTES];
        mask->aes = aes;
        aes->expand(key, mask->round_keys, for_decryption);
        gnutls_memset(for_decryption, 0, sizeof for_decryption);
    }
    return mask;
}

void wzp_fast_aead_free(struct wzp_fast_aead *aead)
{
    if (aead) {
        gnutls_memset(aead, 0, sizeof *aead);
    }
    free(aead);
}

void wzp_fast_mask_free(struct wzp_fast_mask *mask)
{
    if (mask) {
        gnutls_memset(mask, 0, sizeof *mask);
    }
    free(mask);
}

void wzp_fast_aead_seal(const struct wzp_fast_aead *aead, const struct wzp_fast_text *text,
                        uint8_t *out_sealed)
{
    struct gcm_context_data scratch;
    aead->aes->seal(&aead->key, &scratch, out_sealed, text->bytes, text->size, text->nonce, text->data,
                    text->data_size, out_sealed + text->size, WZP_FAST_AES_TAG_BYTES);
}

bool wzp_fast_aead_open(const struct wzp_fast_aead *aead, const struct wzp_fast_text *sealed,
                        uint8_t *out_text)
{
    if (sealed->size < WZP_FAST_AES_TAG_BYTES) {
        return false;
    }
    size_t size = sealed->size - WZP_FAST_AES_TAG_BYTES;
    struct gcm_context_data scratch;
    uint8_t tag[WZP_FAST_AES_TAG_BYTES];
    aead->aes->open(&aead->key, &scratch, out_text, sealed->bytes, size, sealed->nonce, sealed->data,
                    sealed->data_size, tag, sizeof tag);
    return gnutls_memcmp(tag, sealed->bytes + size, sizeof tag) == 0; /* in constant time */
}

/* CFB of one block of zeros is the encryption of its initial value. */
void wzp_fast_mask_of(const struct wzp_fast_mask *mask, const uint8_t sample[static WZP_FAST_AES_BLOCK_BYTES],
                      uint8_t out_block[static WZP_FAST_AES_BLOCK_BYTES])
{
    static const uint8_t zeros[WZP_FAST_AES_BLOCK_BYTES];
    mask->aes->encrypt_block(out_block, zeros, sample, mask->round_keys, sizeof zeros);
}
