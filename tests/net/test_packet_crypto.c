/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include <gnutls/gnutls.h>

#include "net/packet_crypto.h"
#include "support/wzp_test.h"

#define MOST_BYTES 1500

/* RFC 9001, appendix A.1 and A.2: the client's Initial keys, whose header mask is known. */
static const uint8_t key[WZP_FAST_AES_KEY_BYTES] = {0x1f, 0x36, 0x96, 0x13, 0xdd, 0x76, 0xd5, 0x46,
                                                    0x77, 0x30, 0xef, 0xcb, 0xe3, 0xb1, 0xa2, 0x2d};
static const uint8_t mask_key[WZP_FAST_AES_KEY_BYTES] = {0x9f, 0x50, 0x44, 0x9e, 0x04, 0xa0, 0xe8, 0x10,
                                                         0x28, 0x3a, 0x1e, 0x99, 0x33, 0xad, 0xed, 0xd2};
static const uint8_t sample[WZP_FAST_AES_BLOCK_BYTES] = {0xd1, 0xb1, 0xc9, 0x8d, 0xd7, 0x68, 0x9f, 0xb8,
                                                         0xec, 0x11, 0xd2, 0x42, 0xb1, 0x23, 0xdc, 0x9b};
static const uint8_t first_five[5] = {0x43, 0x7b, 0x9a, 0xec, 0x36};

/* Keys of ours and of the helper's, behind the same callbacks. */
struct keys {
    struct wzp_fast_aes *aes; /* NULL: this build has none */
    ngtcp2_callbacks callbacks;
    ngtcp2_crypto_aead cipher;
    ngtcp2_crypto_aead_ctx fast, seals, opens;
    ngtcp2_crypto_cipher_ctx mask;
};

static int set_up(void **state)
{
    static struct keys keys;
    keys = (struct keys){.cipher = {.native_handle = NULL}};
    *state = &keys;
    enum wzp_err err = wzp_fast_aes_new(&keys.aes);
    if (err == WZP_EINVAL) {
        return 0;
    }
    keys.cipher.native_handle = (void *)GNUTLS_CIPHER_AES_128_GCM; /* as the helper has it */
    keys.cipher.max_overhead = WZP_FAST_AES_TAG_BYTES;
    wzp_packet_crypto_callbacks(&keys.callbacks);
    bool ok = err == WZP_OK && wzp_packet_crypto_aead(keys.aes, key, &keys.fast) &&
              wzp_packet_crypto_mask(keys.aes, mask_key, &keys.mask) &&
              ngtcp2_crypto_aead_ctx_encrypt_init(&keys.seals, &keys.cipher, key, 12) == 0 &&
              ngtcp2_crypto_aead_ctx_decrypt_init(&keys.opens, &keys.cipher, key, 12) == 0;
    return ok ? 0 : -1;
}

static int tear_down(void **state)
{
    struct keys *keys = *state;
    if (keys->aes) {
        keys->callbacks.delete_crypto_aead_ctx(NULL, &keys->fast, NULL);
        keys->callbacks.delete_crypto_aead_ctx(NULL, &keys->seals, NULL);
        keys->callbacks.delete_crypto_aead_ctx(NULL, &keys->opens, NULL);
        keys->callbacks.delete_crypto_cipher_ctx(NULL, &keys->mask, NULL);
        wzp_fast_aes_free(keys->aes);
    }
    return 0;
}

static struct keys *keys_of(void **state)
{
    struct keys *keys = *state;
    if (!keys->aes) {
        skip();
    }
    return keys;
}

/* A packet: some text, a header to authenticate, a nonce; all different for each size. */
struct packet {
    size_t size;
    uint8_t text[MOST_BYTES];
    uint8_t head[40];
    uint8_t nonce[WZP_FAST_AES_NONCE_BYTES];
};

static struct packet packet_of(size_t size)
{
    struct packet packet = {.size = size};
    for (size_t i = 0; i < sizeof packet.text; i++) {
        packet.text[i] = (uint8_t)(i * 7 + size);
    }
    memset(packet.head, (int)size, sizeof packet.head);
    memset(packet.nonce, (int)(size >> 3) + 1, sizeof packet.nonce);
    return packet;
}

static void seal(const struct keys *keys, const ngtcp2_crypto_aead_ctx *by, const struct packet *packet,
                 uint8_t *out_sealed)
{
    assert_int_equal(keys->callbacks.encrypt(out_sealed, &keys->cipher, by, packet->text, packet->size,
                                             packet->nonce, sizeof packet->nonce, packet->head,
                                             sizeof packet->head),
                     0);
}

static int open_sealed(const struct keys *keys, const ngtcp2_crypto_aead_ctx *by, const struct packet *packet,
                       const uint8_t *sealed, size_t sealed_size)
{
    uint8_t text[MOST_BYTES + WZP_FAST_AES_TAG_BYTES];
    int status = keys->callbacks.decrypt(text, &keys->cipher, by, sealed, sealed_size, packet->nonce,
                                         sizeof packet->nonce, packet->head, sizeof packet->head);
    if (status == 0) {
        assert_memory_equal(text, packet->text, packet->size);
    }
    return status;
}

static void both_seal_alike_and_open_what_the_other_sealed(void **state)
{
    const struct keys *keys = keys_of(state);
    for (size_t size = 0; size <= MOST_BYTES; size += size < 300 ? 1 : 37) {
        struct packet packet = packet_of(size);
        uint8_t fast[MOST_BYTES + WZP_FAST_AES_TAG_BYTES];
        uint8_t slow[MOST_BYTES + WZP_FAST_AES_TAG_BYTES];
        seal(keys, &keys->fast, &packet, fast);
        seal(keys, &keys->seals, &packet, slow);
        assert_memory_equal(fast, slow, size + WZP_FAST_AES_TAG_BYTES);
        assert_int_equal(open_sealed(keys, &keys->opens, &packet, fast, size + WZP_FAST_AES_TAG_BYTES), 0);
        assert_int_equal(open_sealed(keys, &keys->fast, &packet, slow, size + WZP_FAST_AES_TAG_BYTES), 0);
    }
}

static void a_text_is_sealed_where_it_is(void **state)
{
    const struct keys *keys = keys_of(state);
    struct packet packet = packet_of(1200);
    uint8_t expected[MOST_BYTES + WZP_FAST_AES_TAG_BYTES];
    uint8_t bytes[MOST_BYTES + WZP_FAST_AES_TAG_BYTES];
    seal(keys, &keys->fast, &packet, expected);
    memcpy(bytes, packet.text, packet.size);
    assert_int_equal(keys->callbacks.encrypt(bytes, &keys->cipher, &keys->fast, bytes, packet.size,
                                             packet.nonce, sizeof packet.nonce, packet.head,
                                             sizeof packet.head),
                     0);
    assert_memory_equal(bytes, expected, packet.size + WZP_FAST_AES_TAG_BYTES);
}

static void whatever_was_changed_is_refused(void **state)
{
    const struct keys *keys = keys_of(state);
    struct packet packet = packet_of(100);
    uint8_t sealed[MOST_BYTES + WZP_FAST_AES_TAG_BYTES];
    size_t size = packet.size + WZP_FAST_AES_TAG_BYTES;
    seal(keys, &keys->fast, &packet, sealed);
    for (size_t bit = 0; bit < size * 8; bit++) {
        sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_int_equal(open_sealed(keys, &keys->fast, &packet, sealed, size), NGTCP2_ERR_DECRYPT);
        sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    struct packet other = packet;
    other.head[0] ^= 1;
    assert_int_equal(open_sealed(keys, &keys->fast, &other, sealed, size), NGTCP2_ERR_DECRYPT);
    other = packet;
    other.nonce[11] ^= 1;
    assert_int_equal(open_sealed(keys, &keys->fast, &other, sealed, size), NGTCP2_ERR_DECRYPT);
    assert_int_equal(open_sealed(keys, &keys->fast, &packet, sealed, size), 0);
}

static void every_truncation_is_refused(void **state)
{
    const struct keys *keys = keys_of(state);
    struct packet packet = packet_of(100);
    uint8_t sealed[MOST_BYTES + WZP_FAST_AES_TAG_BYTES];
    seal(keys, &keys->fast, &packet, sealed);
    for (size_t size = 0; size < packet.size + WZP_FAST_AES_TAG_BYTES; size++) {
        assert_int_equal(open_sealed(keys, &keys->fast, &packet, sealed, size), NGTCP2_ERR_DECRYPT);
    }
}

static void the_header_mask_is_that_of_the_rfc(void **state)
{
    const struct keys *keys = keys_of(state);
    ngtcp2_crypto_cipher unused = {NULL};
    uint8_t mask[sizeof first_five + 1] = {0};
    assert_int_equal(keys->callbacks.hp_mask(mask, &unused, &keys->mask, sample), 0);
    assert_memory_equal(mask, first_five, sizeof first_five);
    assert_int_equal(mask[sizeof first_five], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_seal_alike_and_open_what_the_other_sealed),
        cmocka_unit_test(a_text_is_sealed_where_it_is),
        cmocka_unit_test(whatever_was_changed_is_refused),
        cmocka_unit_test(every_truncation_is_refused),
        cmocka_unit_test(the_header_mask_is_that_of_the_rfc),
    };
    return cmocka_run_group_tests_name("net_packet_crypto", tests, set_up, tear_down);
}
