/* SPDX-License-Identifier: Apache-2.0 */
#include "base/random.h"
#include "support/wzp_test.h"

static void xoshiro_gives_its_published_sequence(void **state)
{
    (void)state;
    static const uint64_t expected[] = {11520, 0, 1509978240, 1215971899390074240};
    struct wzp_random_seeded seeded;
    struct wzp_random random = wzp_random_from_seed(&seeded, 0);
    seeded = (struct wzp_random_seeded){{1, 2, 3, 4}};
    for (size_t i = 0; i < wzp_count(expected); i++) {
        assert_int_equal(wzp_random_u64(&random), expected[i]);
    }
}

static void the_same_seed_repeats_and_another_does_not(void **state)
{
    (void)state;
    struct wzp_random_seeded states[3];
    struct wzp_random a = wzp_random_from_seed(&states[0], 7);
    struct wzp_random b = wzp_random_from_seed(&states[1], 7);
    struct wzp_random c = wzp_random_from_seed(&states[2], 8);
    uint8_t bytes[3][21]; /* not a whole number of words */
    a.fill(a.context, bytes[0], sizeof bytes[0]);
    b.fill(b.context, bytes[1], sizeof bytes[1]);
    c.fill(c.context, bytes[2], sizeof bytes[2]);
    assert_memory_equal(bytes[0], bytes[1], sizeof bytes[0]);
    assert_memory_not_equal(bytes[0], bytes[2], sizeof bytes[0]);
}

static void below_stays_below_and_reaches_every_value(void **state)
{
    (void)state;
    struct wzp_random_seeded seeded;
    struct wzp_random random = wzp_random_from_seed(&seeded, 1);
    for (uint64_t bound = 1; bound <= 9; bound++) {
        unsigned seen[9] = {0};
        for (int i = 0; i < 900; i++) {
            uint64_t value = wzp_random_below(&random, bound);
            assert_true(value < bound);
            seen[value]++;
        }
        for (uint64_t value = 0; value < bound; value++) {
            assert_in_range(seen[value], 900 / bound / 2, 900 / bound * 2);
        }
    }
}

static void fill_with_ones_then_zeros(void *context, void *out_bytes, size_t size)
{
    unsigned *calls = context;
    memset(out_bytes, (*calls)++ == 0 ? 0xff : 0, size);
}

static void below_draws_again_rather_than_be_skewed(void **state)
{
    (void)state;
    unsigned calls = 0;
    struct wzp_random random = {.fill = fill_with_ones_then_zeros, .context = &calls};
    assert_int_equal(wzp_random_below(&random, 10), 0);
    assert_int_equal(calls, 2);
}

static void fill_with_ones(void *context, void *out_bytes, size_t size)
{
    (void)context;
    memset(out_bytes, 0xff, size);
}

static void unit_is_never_one(void **state)
{
    (void)state;
    struct wzp_random random = {.fill = fill_with_ones};
    assert_true(wzp_random_unit(&random) < 1.0);
    assert_true(wzp_random_unit(&random) > 0.999);
}

static void the_system_fills_all_of_it(void **state)
{
    (void)state;
    /* A byte that is never touched would stay 0 in all of 16 draws: chance 2^-128 each. */
    uint8_t touched[1000] = {0};
    for (int round = 0; round < 16; round++) {
        uint8_t bytes[sizeof touched];
        wzp_random_system.fill(wzp_random_system.context, bytes, sizeof bytes);
        for (size_t i = 0; i < sizeof bytes; i++) {
            touched[i] |= bytes[i];
        }
    }
    for (size_t i = 0; i < sizeof touched; i++) {
        assert_int_not_equal(touched[i], 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(xoshiro_gives_its_published_sequence),
        cmocka_unit_test(the_same_seed_repeats_and_another_does_not),
        cmocka_unit_test(below_stays_below_and_reaches_every_value),
        cmocka_unit_test(below_draws_again_rather_than_be_skewed),
        cmocka_unit_test(unit_is_never_one),
        cmocka_unit_test(the_system_fills_all_of_it),
    };
    return cmocka_run_group_tests_name("base_random", tests, NULL, NULL);
}
