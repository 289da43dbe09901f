/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "crypto/identity.h"
#include "support/wzp_test.h"

#define SEED_COUNTING "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

/* G1 section 1.4. */
static const struct {
    const char *seed, *sign_public, *fingerprint, *short_fingerprint;
} vectors[] = {
    {SEED_COUNTING, "46705b2fa5f2e0d9917cd934f76c4442f8d8908c2dae9259922c0c52c106183d",
     "6871:1211:0e91:ecb3:09f6:6f51:d257:ccaa", "46705b2fa5f2e0d9"},
    {"0101010101010101010101010101010101010101010101010101010101010101",
     "aeeac5976791deec1658a9351caedd27e3e32cdca1eecbb0f0ff7433ebedb596",
     "1e45:cdae:07c3:9700:427d:05eb:b9da:2a71", "aeeac5976791deec"},
    {"2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a",
     "d335301856dc5f763fb71fbec9728840d3feb078855e184dce5b0769fcda04bc",
     "9983:c2ce:87f9:61b7:7931:d7c1:fd7f:864c", "d335301856dc5f76"},
};

static void assert_hex(const uint8_t *bytes, size_t size, const char *expected)
{
    char text[129];
    assert_true(size <= 64);
    wzp_hex_write(bytes, size, text);
    assert_string_equal(text, expected);
}

static void a_seed_gives_the_first_generations_keys_and_fingerprints(void **state)
{
    (void)state;
    for (size_t i = 0; i < wzp_count(vectors); i++) {
        uint8_t seed[WZP_SEED_BYTES];
        struct wzp_identity identity;
        assert_ok(wzp_identity_read_seed(vectors[i].seed, seed));
        assert_ok(wzp_identity_init(&identity, seed));
        assert_hex(identity.sign_public, 32, vectors[i].sign_public);
        assert_string_equal(identity.fingerprint, vectors[i].fingerprint);
        assert_string_equal(identity.short_fingerprint, vectors[i].short_fingerprint);
        wzp_identity_deinit(&identity);
    }
}

static void every_derived_key_is_the_first_generations(void **state)
{
    (void)state;
    uint8_t seed[WZP_SEED_BYTES];
    struct wzp_identity identity;
    assert_ok(wzp_identity_read_seed(SEED_COUNTING, seed));
    assert_ok(wzp_identity_init(&identity, seed));
    assert_hex(identity.seed, 32, SEED_COUNTING);
    assert_hex(identity.sign_secret, 32, "eae82d1aa41c08ee52025be2343a8272ea03d399b624a738c5dbabedeadfbac1");
    assert_hex(identity.x25519_secret, 32,
               "2a58c6914676a0a9d99ad65352bc3678c89a8d479a2d0053a2905ec630f1b2a9");
    assert_hex(identity.x25519_public, 32,
               "70ea094727e0b015acb996e4264e7483b178f6a8614f73d5b83aeecf89bd011f");
    assert_hex(identity.tls_secret, 32, "50443ebb1ea8dc307be6a93a36a1c059e431fe04596ffaf1f213e394c5633811");
    assert_hex(identity.tls_public, 32, "a5bf5c906f42a1f9665857d57530e9bbed1bef016d2864a91f001287bd6c5dda");
    wzp_identity_deinit(&identity);
}

static void a_finished_identity_holds_only_zeros(void **state)
{
    (void)state;
    static const struct wzp_identity zero;
    struct wzp_identity identity;
    struct wzp_random_seeded seeded;
    struct wzp_random random = wzp_random_from_seed(&seeded, 1);
    assert_ok(wzp_identity_init_random(&identity, &random));
    assert_memory_not_equal(identity.seed, zero.seed, WZP_SEED_BYTES);
    wzp_identity_deinit(&identity);
    assert_memory_equal(&identity, &zero, sizeof identity);
}

static void a_seed_reads_with_blanks_around_it_and_in_either_case(void **state)
{
    (void)state;
    uint8_t seed[WZP_SEED_BYTES];
    uint8_t expected[WZP_SEED_BYTES];
    assert_ok(wzp_identity_read_seed(SEED_COUNTING, expected));
    assert_ok(wzp_identity_read_seed(" \t\r\n" SEED_COUNTING "\r\n\n", seed));
    assert_memory_equal(seed, expected, sizeof seed);
    assert_ok(
        wzp_identity_read_seed("000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F", seed));
    assert_memory_equal(seed, expected, sizeof seed);
}

static void what_is_not_64_digits_is_no_seed(void **state)
{
    (void)state;
    static const char *const wrong[] = {"",
                                        " ",
                                        "00",
                                        SEED_COUNTING "0",
                                        SEED_COUNTING "00",
                                        SEED_COUNTING " 0",
                                        "0x" SEED_COUNTING,
                                        "zz" SEED_COUNTING};
    uint8_t seed[WZP_SEED_BYTES];
    for (size_t i = 0; i < wzp_count(wrong); i++) {
        assert_int_equal(wzp_identity_read_seed(wrong[i], seed), WZP_EMALFORMED);
    }
    for (size_t n = 0; n < 64; n++) {
        char text[] = SEED_COUNTING;
        text[n] = 'x';
        assert_int_equal(wzp_identity_read_seed(text, seed), WZP_EMALFORMED);
        text[n] = '\0';
        assert_int_equal(wzp_identity_read_seed(text, seed), WZP_EMALFORMED);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_seed_gives_the_first_generations_keys_and_fingerprints),
        cmocka_unit_test(every_derived_key_is_the_first_generations),
        cmocka_unit_test(a_finished_identity_holds_only_zeros),
        cmocka_unit_test(a_seed_reads_with_blanks_around_it_and_in_either_case),
        cmocka_unit_test(what_is_not_64_digits_is_no_seed),
    };
    return cmocka_run_group_tests_name("crypto_identity", tests, NULL, NULL);
}
