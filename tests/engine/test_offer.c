/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/offer.h"
#include "support/wzp_test.h"

/** An answer signed by an identity, as a relay makes it; `signature` holds its bytes. */
static struct wzp_signal_call_answer answer_of(uint8_t signature[static WZP_HANDSHAKE_SIGNATURE_BYTES])
{
    static const uint8_t seed[WZP_SEED_BYTES] = {1, 2, 3};
    struct wzp_identity identity;
    struct wzp_handshake handshake;
    struct wzp_signal_call_answer answer = {
        .signature = {.bytes = signature, .size = WZP_HANDSHAKE_SIGNATURE_BYTES}};
    assert_ok(wzp_identity_init(&identity, seed));
    wzp_handshake_init(&handshake, &wzp_random_system);
    wzp_handshake_sign(&identity, WZP_HANDSHAKE_ANSWER, handshake.public_key, signature);
    memcpy(answer.identity_pub, identity.sign_public, sizeof answer.identity_pub);
    memcpy(answer.ephemeral_pub, handshake.public_key, sizeof answer.ephemeral_pub);
    wzp_handshake_deinit(&handshake);
    wzp_identity_deinit(&identity);
    return answer;
}

static void a_signed_answer_is_genuine(void **state)
{
    wzp_ignore(state);
    uint8_t signature[WZP_HANDSHAKE_SIGNATURE_BYTES];
    struct wzp_signal_call_answer answer = answer_of(signature);
    assert_ok(wzp_offer_check(&answer));
}

static void an_answer_changed_anywhere_is_not(void **state)
{
    wzp_ignore(state);
    uint8_t signature[WZP_HANDSHAKE_SIGNATURE_BYTES];
    struct wzp_signal_call_answer answer = answer_of(signature);
    for (size_t i = 0; i < sizeof signature; i++) {
        signature[i] ^= 1;
        assert_int_equal(wzp_offer_check(&answer), WZP_EAUTH);
        signature[i] ^= 1;
    }
    answer.ephemeral_pub[3] ^= 1;
    assert_int_equal(wzp_offer_check(&answer), WZP_EAUTH);
    answer.ephemeral_pub[3] ^= 1;
    answer.identity_pub[3] ^= 1;
    assert_int_equal(wzp_offer_check(&answer), WZP_EAUTH);
    answer.identity_pub[3] ^= 1;
    for (size_t size = 0; size < sizeof signature; size++) {
        answer.signature.size = size;
        assert_int_equal(wzp_offer_check(&answer), WZP_EAUTH);
    }
    answer.signature.size = sizeof signature;
    assert_ok(wzp_offer_check(&answer));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_signed_answer_is_genuine),
        cmocka_unit_test(an_answer_changed_anywhere_is_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
