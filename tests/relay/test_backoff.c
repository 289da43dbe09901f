/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/backoff.h"
#include "support/wzp_test.h"

static void assert_about(wzp_us wait, wzp_us about)
{
    assert_in_range(wait, about - about / 5, about + about / 5);
}

static void waits_double_up_to_five_minutes(void **state)
{
    (void)state;
    struct wzp_random_seeded seeded;
    struct wzp_random random = wzp_random_from_seed(&seeded, 1);
    struct wzp_backoff backoff = {0};
    static const int seconds[] = {5, 10, 20, 40, 80, 160, 300, 300};
    for (size_t i = 0; i < wzp_count(seconds); i++) {
        assert_about(wzp_backoff_next(&backoff, 0, &random), seconds[i] * WZP_SECOND);
    }
}

static void a_good_link_starts_the_row_anew(void **state)
{
    (void)state;
    struct wzp_random_seeded seeded;
    struct wzp_random random = wzp_random_from_seed(&seeded, 2);
    struct wzp_backoff backoff = {0};
    for (int i = 0; i < 5; i++) {
        wzp_ignore(wzp_backoff_next(&backoff, 0, &random));
    }
    assert_about(wzp_backoff_next(&backoff, WZP_BACKOFF_GOOD - 1, &random), 160 * WZP_SECOND);
    assert_about(wzp_backoff_next(&backoff, WZP_BACKOFF_GOOD, &random), 5 * WZP_SECOND);
}

static void two_relays_do_not_stay_in_step(void **state)
{
    (void)state;
    struct wzp_random_seeded seeded[2];
    struct wzp_random random[2] = {wzp_random_from_seed(&seeded[0], 3), wzp_random_from_seed(&seeded[1], 4)};
    struct wzp_backoff backoff[2] = {{0}, {0}};
    assert_int_not_equal(wzp_backoff_next(&backoff[0], 0, &random[0]),
                         wzp_backoff_next(&backoff[1], 0, &random[1]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(waits_double_up_to_five_minutes),
        cmocka_unit_test(a_good_link_starts_the_row_anew),
        cmocka_unit_test(two_relays_do_not_stay_in_step),
    };
    return cmocka_run_group_tests_name("relay_backoff", tests, NULL, NULL);
}
