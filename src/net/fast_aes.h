/* SPDX-License-Identifier: Apache-2.0 */
/*
 * AES-128-GCM and header protection (RFC 9001, 5.3 and 5.4.3) by a library that is quicker at it than TLS's:
 * fast_aes_ipsec_mb.c where the build has Intel's, else fast_aes_none.c, which has nothing to offer.
 *
 * Functions are safe on any number of threads at once; keys are not changed by their use.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <wzp/error.h>

#include "base/attr.h"

#define WZP_FAST_AES_NAME        "ipsec-mb"
#define WZP_FAST_AES_KEY_BYTES   16
#define WZP_FAST_AES_NONCE_BYTES 12
#define WZP_FAST_AES_TAG_BYTES   16
#define WZP_FAST_AES_BLOCK_BYTES 16

/** The functions for this processor. */
struct wzp_fast_aes;
/** A key of packets, and one of their headers. */
struct wzp_fast_aead;
struct wzp_fast_mask;

/** WZP_EINVAL: this build or this processor has none. WZP_ENOMEM. */
WZP_MUST_USE enum wzp_err wzp_fast_aes_new(struct wzp_fast_aes **out_aes);

/** After its last key. Takes NULL. */
void wzp_fast_aes_free(struct wzp_fast_aes *aes);

/** NULL: no memory. `aes` is borrowed for the key's life. */
struct wzp_fast_aead *wzp_fast_aead_new(const struct wzp_fast_aes *aes,
                                        const uint8_t key[static WZP_FAST_AES_KEY_BYTES]);
struct wzp_fast_mask *wzp_fast_mask_new(const struct wzp_fast_aes *aes,
                                        const uint8_t key[static WZP_FAST_AES_KEY_BYTES]);

/** Wipe and free. Take NULL. */
void wzp_fast_aead_free(struct wzp_fast_aead *aead);
void wzp_fast_mask_free(struct wzp_fast_mask *mask);

/** What is sealed or opened; the tag is behind the bytes of a sealed text and counts in `size`. */
struct wzp_fast_text {
    const uint8_t *bytes;
    size_t size;
    const uint8_t *nonce; /* WZP_FAST_AES_NONCE_BYTES */
    const uint8_t *data;  /* authenticated with it */
    size_t data_size;
};

/** Writes `size` bytes and the tag to `out_sealed`, which may be where the text is. */
void wzp_fast_aead_seal(const struct wzp_fast_aead *aead, const struct wzp_fast_text *text,
                        uint8_t *out_sealed);

/** Writes the text to `out_text`, without its tag. False: it is not what was sealed; then what was written
 * must not be used. */
WZP_MUST_USE bool wzp_fast_aead_open(const struct wzp_fast_aead *aead, const struct wzp_fast_text *sealed,
                                     uint8_t *out_text);

/** The block of a sample, of which header protection takes the first five bytes. */
void wzp_fast_mask_of(const struct wzp_fast_mask *mask, const uint8_t sample[static WZP_FAST_AES_BLOCK_BYTES],
                      uint8_t out_block[static WZP_FAST_AES_BLOCK_BYTES]);
