/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include <gnutls/x509.h>

#include "base/text.h"
#include "crypto/cert.h"
#include "support/wzp_test.h"

/* G1 section 1.4. */
static const char counting_der[] = "3082011d3081d0a003020102021418b61fa8ae4840b0cc1165ab5e595945f470804430050"
                                   "6032b65703021311f301d06035504030c16"
                                   "726367656e2073656c66207369676e656420636572743020170d373530313031303030303"
                                   "0305a180f34303936303130313030303030"
                                   "305a3021311f301d06035504030c16726367656e2073656c66207369676e6564206365727"
                                   "4302a300506032b6570032100a5bf5c906f"
                                   "42a1f9665857d57530e9bbed1bef016d2864a91f001287bd6c5ddaa318301630140603551"
                                   "d11040d300b82096c6f63616c686f737430"
                                   "0506032b6570034100752ab2e6a01da24fcf2cf3340498d15e27f9165d5c509576ced170c"
                                   "91312007e108665c7eed53bc872b7ca6504"
                                   "508feb4bae88ca31d05991d7adfaf1d6989e0f";

static const struct {
    uint8_t first, step;
    const char *fingerprint;
} vectors[] = {
    {0, 1, "0c:62:cf:b5:b9:e3:7c:77:ae:81:3d:9b:c3:5d:5c:ef:53:e1:2b:0a:bb:d8:e6:3b:4b:42:99:95:7d:6f:37:a9"},
    {1, 0, "2f:be:f8:d7:be:48:5f:6d:1d:7f:fc:fa:8d:49:4a:d3:cc:38:7a:bd:c1:08:fc:d4:ad:04:b8:73:c9:1c:9f:f5"},
    {0x2a, 0,
     "89:05:77:d6:af:c6:12:5e:67:9c:3c:7a:11:b2:3d:6b:aa:31:35:73:47:ad:f0:98:67:d0:07:e8:b0:d5:be:55"},
};

static void make(uint8_t first, uint8_t step, struct wzp_identity *out_identity, struct wzp_cert *out_cert)
{
    uint8_t seed[WZP_SEED_BYTES];
    for (size_t i = 0; i < sizeof seed; i++) {
        seed[i] = (uint8_t)(first + step * i);
    }
    assert_ok(wzp_identity_init(out_identity, seed));
    wzp_cert_init(out_cert, out_identity);
}

static void the_certificate_is_the_first_generations_byte_for_byte(void **state)
{
    (void)state;
    struct wzp_identity identity;
    struct wzp_cert cert;
    uint8_t expected[WZP_CERT_MAX_BYTES];
    assert_ok(wzp_hex_read(counting_der, expected, sizeof expected));
    make(0, 1, &identity, &cert);
    assert_int_equal(cert.size, sizeof expected);
    assert_memory_equal(cert.der, expected, sizeof expected);
}

static void fingerprints_are_the_first_generations(void **state)
{
    (void)state;
    for (size_t i = 0; i < wzp_count(vectors); i++) {
        struct wzp_identity identity;
        struct wzp_cert cert;
        make(vectors[i].first, vectors[i].step, &identity, &cert);
        assert_string_equal(cert.fingerprint_text, vectors[i].fingerprint);
    }
}

/* The serial number of the recipe in G1 section 1.3, computed once more in another way. */
static size_t expected_serial(const uint8_t key[static 32], uint8_t out_serial[static 21])
{
    uint8_t hash[WZP_SHA256_BYTES];
    wzp_fingerprint_sha256(key, 32, hash);
    uint8_t padded[21] = {0};
    memcpy(padded + 1, hash, 20);
    padded[1] &= 0x7f;
    size_t start = 0;
    while (start < 20 && padded[start] == 0 && padded[start + 1] < 0x80) {
        start++;
    }
    memcpy(out_serial, padded + start, sizeof padded - start);
    return sizeof padded - start;
}

static void check_with_gnutls(const struct wzp_identity *identity, const struct wzp_cert *cert)
{
    gnutls_x509_crt_t parsed;
    gnutls_datum_t der = {.data = (unsigned char *)cert->der, .size = (unsigned)cert->size};
    assert_int_equal(gnutls_x509_crt_init(&parsed), 0);
    assert_int_equal(gnutls_x509_crt_import(parsed, &der, GNUTLS_X509_FMT_DER), 0);

    uint8_t serial[32];
    uint8_t expected[21];
    size_t size = sizeof serial;
    assert_int_equal(gnutls_x509_crt_get_serial(parsed, serial, &size), 0);
    assert_int_equal(size, expected_serial(identity->tls_public, expected));
    assert_memory_equal(serial, expected, size);

    unsigned verdict = 0;
    assert_int_equal(
        gnutls_x509_crt_verify(parsed, &parsed, 1, GNUTLS_VERIFY_ALLOW_ANY_X509_V1_CA_CRT, &verdict), 0);
    assert_int_equal(verdict & GNUTLS_CERT_SIGNATURE_FAILURE, 0);
    assert_int_equal(gnutls_x509_crt_check_hostname(parsed, "localhost"), 1);
    gnutls_x509_crt_deinit(parsed);
}

/* Every 256th serial number loses its first byte, every second of these gets a sign byte back. */
static void short_serial_numbers_are_minimal_integers(void **state)
{
    (void)state;
    size_t n_short = 0;
    size_t n_same = 0;
    for (uint32_t i = 0; i < 1500; i++) {
        uint8_t seed[WZP_SEED_BYTES] = {(uint8_t)i, (uint8_t)(i >> 8)};
        struct wzp_identity identity;
        struct wzp_cert cert;
        assert_ok(wzp_identity_init(&identity, seed));
        uint8_t hash[WZP_SHA256_BYTES];
        wzp_fingerprint_sha256(identity.tls_public, 32, hash);
        bool is_zero_first = (hash[0] & 0x7f) == 0;
        if (!is_zero_first && i > 100) {
            continue; /* the usual kind was seen often enough */
        }
        wzp_cert_init(&cert, &identity);
        check_with_gnutls(&identity, &cert);
        n_short += cert.size < WZP_CERT_MAX_BYTES;
        n_same += is_zero_first && cert.size == WZP_CERT_MAX_BYTES;
    }
    assert_true(n_short > 0);
    assert_true(n_same > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_certificate_is_the_first_generations_byte_for_byte),
        cmocka_unit_test(fingerprints_are_the_first_generations),
        cmocka_unit_test(short_serial_numbers_are_minimal_integers),
    };
    return cmocka_run_group_tests_name("crypto_cert", tests, NULL, NULL);
}
