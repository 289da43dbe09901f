/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "crypto/handshake.h"
#include "support/wzp_test.h"

/* G1 section 5.4. */
#define OFFER_KEY  "7b4e909bbe7ffe44c465a220037d608ee35897d31ef972f07f74892cb0f73f13"
#define ANSWER_KEY "0faa684ed28867b97f4a6a2dee5df8ce974e76b7018e3f22a1c4cf2678570f20"

static const struct {
    enum wzp_handshake_side side;
    uint8_t identity, ephemeral; /* 32 times this byte */
    const char *key, *signature;
} vectors[] = {
    {WZP_HANDSHAKE_OFFER, 0x01, 0x11, OFFER_KEY,
     "e0e4bb801e7fced413e923e55f260031a50e52c0462940e3a664e5fdf2dec3ae"
     "46f978eab8b73a039a8505858cfb36ad15d5ed48e40bf7f9bbd02860fd379c0e"},
    {WZP_HANDSHAKE_ANSWER, 0x2a, 0x22, ANSWER_KEY,
     "798a3cd98987cde705043e3aacb738201bd81f877211533d08e1ac5910ed90b2"
     "fd86ca1e02fd088052e58750f98d37325c95a7bac97f18b6424f625c1a432d0f"},
};

static void fill_with_byte(void *context, void *out_bytes, size_t size)
{
    memset(out_bytes, *(const uint8_t *)context, size);
}

static void make_handshake(uint8_t byte, struct wzp_handshake *out_handshake)
{
    const struct wzp_random random = {.fill = fill_with_byte, .context = &byte};
    wzp_handshake_init(out_handshake, &random);
}

static void make_proof(size_t i, struct wzp_handshake_proof *out_proof)
{
    uint8_t seed[WZP_SEED_BYTES];
    struct wzp_identity identity;
    struct wzp_handshake handshake;
    memset(seed, vectors[i].identity, sizeof seed);
    assert_ok(wzp_identity_init(&identity, seed));
    make_handshake(vectors[i].ephemeral, &handshake);
    memcpy(out_proof->identity_key, identity.sign_public, sizeof out_proof->identity_key);
    memcpy(out_proof->ephemeral_key, handshake.public_key, sizeof out_proof->ephemeral_key);
    wzp_handshake_sign(&identity, vectors[i].side, handshake.public_key, out_proof->signature);
}

static void keys_and_signatures_are_the_first_generations(void **state)
{
    (void)state;
    for (size_t i = 0; i < wzp_count(vectors); i++) {
        struct wzp_handshake_proof proof;
        uint8_t key[WZP_HANDSHAKE_KEY_BYTES];
        uint8_t signature[WZP_HANDSHAKE_SIGNATURE_BYTES];
        assert_ok(wzp_hex_read(vectors[i].key, key, sizeof key));
        assert_ok(wzp_hex_read(vectors[i].signature, signature, sizeof signature));
        make_proof(i, &proof);
        assert_memory_equal(proof.ephemeral_key, key, sizeof key);
        assert_memory_equal(proof.signature, signature, sizeof signature);
        assert_ok(wzp_handshake_verify(&proof, vectors[i].side));
    }
}

static void an_offer_does_not_pass_for_an_answer(void **state)
{
    (void)state;
    struct wzp_handshake_proof proof;
    make_proof(0, &proof);
    assert_int_equal(wzp_handshake_verify(&proof, WZP_HANDSHAKE_ANSWER), WZP_EAUTH);
    make_proof(1, &proof);
    assert_int_equal(wzp_handshake_verify(&proof, WZP_HANDSHAKE_OFFER), WZP_EAUTH);
}

static void every_changed_bit_of_a_proof_is_noticed(void **state)
{
    (void)state;
    struct wzp_handshake_proof proof;
    make_proof(0, &proof);
    uint8_t *bytes = (uint8_t *)&proof;
    for (size_t bit = 0; bit < 8 * sizeof proof; bit++) {
        bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_int_equal(wzp_handshake_verify(&proof, WZP_HANDSHAKE_OFFER), WZP_EAUTH);
        bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    assert_ok(wzp_handshake_verify(&proof, WZP_HANDSHAKE_OFFER));
}

/* s + L is another spelling of the same signature, which RFC 8032 forbids. */
static void a_signature_with_a_number_that_is_not_reduced_is_refused(void **state)
{
    (void)state;
    static const uint8_t order[32] = {0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58,       0xd6,
                                      0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, [31] = 0x10};
    struct wzp_handshake_proof proof;
    make_proof(0, &proof);
    unsigned carry = 0;
    for (size_t i = 0; i < 32; i++) {
        carry += proof.signature[32 + i] + order[i];
        proof.signature[32 + i] = (uint8_t)carry;
        carry >>= 8;
    }
    assert_int_equal(wzp_handshake_verify(&proof, WZP_HANDSHAKE_OFFER), WZP_EAUTH);
}

/* With the neutral element as key, R = B^s holds for any message. */
static void an_identity_key_of_low_order_is_refused(void **state)
{
    (void)state;
    struct wzp_handshake_proof proof = {.identity_key = {1}, .signature = {1}};
    assert_int_equal(wzp_handshake_verify(&proof, WZP_HANDSHAKE_OFFER), WZP_EAUTH);
}

/* G1 section 5.3. */
static void both_ends_agree_on_the_first_generations_session(void **state)
{
    (void)state;
    struct wzp_handshake client;
    struct wzp_handshake relay;
    struct wzp_handshake_session ours;
    struct wzp_handshake_session theirs;
    uint8_t key[WZP_HANDSHAKE_KEY_BYTES];
    assert_ok(
        wzp_hex_read("b2fa5213ed350d8e9847b7e25dd3a79107a4ab6aa753832e3d00bb6660fcf666", key, sizeof key));
    make_handshake(0x11, &client);
    make_handshake(0x22, &relay);
    assert_ok(wzp_handshake_agree(&client, relay.public_key, &ours));
    assert_ok(wzp_handshake_agree(&relay, client.public_key, &theirs));
    assert_memory_equal(ours.key, key, sizeof key);
    assert_memory_equal(theirs.key, key, sizeof key);
    assert_memory_equal(ours.id, ((uint8_t[]){0x20, 0xdd, 0xa3, 0x2a}), sizeof ours.id);
    assert_int_equal(ours.sas, 4812);
    assert_int_equal(theirs.sas, 4812);
}

static void an_ephemeral_key_of_low_order_is_refused(void **state)
{
    (void)state;
    struct wzp_handshake handshake;
    struct wzp_handshake_session session;
    const uint8_t zero[WZP_HANDSHAKE_KEY_BYTES] = {0};
    const uint8_t one[WZP_HANDSHAKE_KEY_BYTES] = {1};
    make_handshake(0x11, &handshake);
    assert_int_equal(wzp_handshake_agree(&handshake, zero, &session), WZP_EAUTH);
    assert_int_equal(wzp_handshake_agree(&handshake, one, &session), WZP_EAUTH);
}

static void finished_secrets_are_wiped(void **state)
{
    (void)state;
    static const struct wzp_handshake no_handshake;
    static const struct wzp_handshake_session no_session;
    struct wzp_handshake handshake;
    struct wzp_handshake_session session;
    memset(&session, 0, sizeof session);
    make_handshake(0x11, &handshake);
    assert_ok(wzp_handshake_agree(&handshake, handshake.public_key, &session));
    wzp_handshake_deinit(&handshake);
    wzp_handshake_wipe(&session);
    assert_memory_equal(&handshake, &no_handshake, sizeof handshake);
    assert_memory_equal(&session, &no_session, sizeof session);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_and_signatures_are_the_first_generations),
        cmocka_unit_test(an_offer_does_not_pass_for_an_answer),
        cmocka_unit_test(every_changed_bit_of_a_proof_is_noticed),
        cmocka_unit_test(a_signature_with_a_number_that_is_not_reduced_is_refused),
        cmocka_unit_test(an_identity_key_of_low_order_is_refused),
        cmocka_unit_test(both_ends_agree_on_the_first_generations_session),
        cmocka_unit_test(an_ephemeral_key_of_low_order_is_refused),
        cmocka_unit_test(finished_secrets_are_wiped),
    };
    return cmocka_run_group_tests_name("crypto_handshake", tests, NULL, NULL);
}
