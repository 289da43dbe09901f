/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "crypto/fingerprint.h"
#include "support/wzp_test.h"

static const char colons[] =
    "0c:62:cf:b5:b9:e3:7c:77:ae:81:3d:9b:c3:5d:5c:ef:53:e1:2b:0a:bb:d8:e6:3b:4b:42:99:95:7d:6f:37:a9";
static const char digits[] = "0c62cfb5b9e37c77ae813d9bc35d5cef53e12b0abbd8e63b4b4299957d6f37a9";

static void sha256_gives_the_hash_of_fips_180(void **state)
{
    (void)state;
    uint8_t hash[WZP_SHA256_BYTES];
    char text[2 * WZP_SHA256_BYTES + 1];
    wzp_fingerprint_sha256("abc", 3, hash);
    wzp_hex_write(hash, sizeof hash, text);
    assert_string_equal(text, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void a_fingerprint_reads_with_and_without_colons_in_either_case(void **state)
{
    (void)state;
    char upper[sizeof colons];
    memcpy(upper, colons, sizeof colons);
    for (char *c = upper; *c; c++) {
        *c = (char)(*c >= 'a' && *c <= 'f' ? *c - 'a' + 'A' : *c);
    }
    const char *const forms[] = {colons, digits, upper};
    for (size_t i = 0; i < wzp_count(forms); i++) {
        uint8_t bytes[WZP_FINGERPRINT_BYTES];
        char text[WZP_FINGERPRINT_TEXT_BYTES];
        assert_ok(wzp_fingerprint_read(forms[i], bytes));
        wzp_fingerprint_write(bytes, text);
        assert_string_equal(text, colons);
    }
}

static void every_truncation_of_a_fingerprint_is_refused(void **state)
{
    (void)state;
    uint8_t bytes[WZP_FINGERPRINT_BYTES];
    for (size_t n = 0; n < sizeof colons - 1; n++) {
        char cut[sizeof colons] = {0};
        memcpy(cut, colons, n);
        assert_int_equal(wzp_fingerprint_read(cut, bytes), WZP_EMALFORMED);
        if (n < sizeof digits - 1) {
            memset(cut, 0, sizeof cut);
            memcpy(cut, digits, n);
            assert_int_equal(wzp_fingerprint_read(cut, bytes), WZP_EMALFORMED);
        }
    }
}

static void every_wrong_character_of_a_fingerprint_is_refused(void **state)
{
    (void)state;
    uint8_t bytes[WZP_FINGERPRINT_BYTES];
    for (size_t i = 0; i < sizeof colons - 1; i++) {
        char wrong[sizeof colons];
        memcpy(wrong, colons, sizeof colons);
        wrong[i] = colons[i] == ':' ? '0' : ':';
        assert_int_equal(wzp_fingerprint_read(wrong, bytes), WZP_EMALFORMED);
        wrong[i] = 'g';
        assert_int_equal(wzp_fingerprint_read(wrong, bytes), WZP_EMALFORMED);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sha256_gives_the_hash_of_fips_180),
        cmocka_unit_test(a_fingerprint_reads_with_and_without_colons_in_either_case),
        cmocka_unit_test(every_truncation_of_a_fingerprint_is_refused),
        cmocka_unit_test(every_wrong_character_of_a_fingerprint_is_refused),
    };
    return cmocka_run_group_tests_name("crypto_fingerprint", tests, NULL, NULL);
}
