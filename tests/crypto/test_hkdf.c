/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "crypto/hkdf.h"
#include "support/wzp_test.h"

static void a_shorter_output_is_the_start_of_the_longer_one(void **state)
{
    (void)state;
    const uint8_t secret[32] = {7};
    uint8_t whole[WZP_HKDF_MAX_BYTES];
    wzp_hkdf(secret, "info", whole, sizeof whole);
    for (size_t n = 0; n <= sizeof whole; n++) {
        uint8_t part[WZP_HKDF_MAX_BYTES + 1];
        memset(part, 0xee, sizeof part);
        wzp_hkdf(secret, "info", part, n);
        assert_memory_equal(part, whole, n);
        assert_int_equal(part[n], 0xee);
    }
}

/* Made with Python's hmac module by the two steps of RFC 5869. */
static void the_output_is_that_of_rfc_5869(void **state)
{
    (void)state;
    uint8_t secret[32];
    memset(secret, 0x0b, sizeof secret);
    uint8_t key[WZP_HKDF_MAX_BYTES];
    char text[2 * WZP_HKDF_MAX_BYTES + 1];
    wzp_hkdf(secret, "", key, sizeof key);
    wzp_hex_write(key, sizeof key, text);
    assert_string_equal(text, "27488977d7c845fa17e618b4e225651a0a417521175396f455da2c465679eea8");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_shorter_output_is_the_start_of_the_longer_one),
        cmocka_unit_test(the_output_is_that_of_rfc_5869),
    };
    return cmocka_run_group_tests_name("crypto_hkdf", tests, NULL, NULL);
}
