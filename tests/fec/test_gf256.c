/* SPDX-License-Identifier: Apache-2.0 */
#include "base/random.h"
#include "fec/gf256.h"
#include "support/wzp_test.h"

/** The product as polynomials, reduced by x^8 + x^4 + x^3 + x^2 + 1. */
static uint8_t long_product(uint8_t a, uint8_t b)
{
    unsigned product = 0;
    for (unsigned bit = 0; bit < 8; bit++) {
        product ^= b >> bit & 1 ? (unsigned)a << bit : 0;
    }
    for (unsigned bit = 15; bit >= 8; bit--) {
        product ^= product >> bit & 1 ? 0x11DU << (bit - 8) : 0;
    }
    return (uint8_t)product;
}

static void every_product_is_that_of_the_polynomials(void **state)
{
    (void)state;
    for (unsigned a = 0; a < 256; a++) {
        for (unsigned b = 0; b < 256; b++) {
            assert_int_equal(wzp_gf256_mul((uint8_t)a, (uint8_t)b), long_product((uint8_t)a, (uint8_t)b));
        }
    }
}

static void a_number_times_its_inverse_is_one(void **state)
{
    (void)state;
    for (unsigned a = 1; a < 256; a++) {
        assert_int_equal(wzp_gf256_mul((uint8_t)a, wzp_gf256_inverse((uint8_t)a)), 1);
    }
}

static void buffers_are_multiplied_and_added_byte_by_byte(void **state)
{
    (void)state;
    struct wzp_random_seeded seeded;
    struct wzp_random random = wzp_random_from_seed(&seeded, 1);
    for (unsigned factor = 0; factor < 256; factor++) {
        uint8_t to[100];
        uint8_t from[100];
        uint8_t want[100];
        random.fill(random.context, to, sizeof to);
        random.fill(random.context, from, sizeof from);
        size_t size = wzp_random_below(&random, sizeof to + 1);
        memcpy(want, to, sizeof want);
        for (size_t i = 0; i < size; i++) {
            want[i] ^= long_product((uint8_t)factor, from[i]);
        }
        wzp_gf256_muladd(to, from, (uint8_t)factor, size);
        assert_memory_equal(to, want, sizeof to);
        for (size_t i = 0; i < size; i++) {
            want[i] = long_product((uint8_t)factor, want[i]);
        }
        wzp_gf256_scale(to, (uint8_t)factor, size);
        assert_memory_equal(to, want, sizeof to);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_product_is_that_of_the_polynomials),
        cmocka_unit_test(a_number_times_its_inverse_is_one),
        cmocka_unit_test(buffers_are_multiplied_and_added_byte_by_byte),
    };
    return cmocka_run_group_tests_name("fec_gf256", tests, NULL, NULL);
}
