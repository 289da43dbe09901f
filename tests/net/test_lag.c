/* SPDX-License-Identifier: Apache-2.0 */
#include "net/lag.h"
#include "support/wzp_test.h"

#define START (1000 * WZP_SECOND)

/* One turn of a loop that waited for `waited` and then worked for `worked`. */
static wzp_us turn(struct wzp_lag *lag, wzp_us now, wzp_us waited, wzp_us worked)
{
    wzp_lag_wake(lag, now + waited);
    wzp_lag_rest(lag, now + waited + worked);
    return now + waited + worked;
}

static void a_loop_that_rests_is_as_late_as_its_longest_turn(void **state)
{
    (void)state;
    struct wzp_lag lag = {0};
    wzp_us now = START;
    wzp_lag_rest(&lag, now);
    assert_int_equal(wzp_lag_most(&lag, now), 0);
    for (int i = 0; i < 100; i++) {
        now = turn(&lag, now, WZP_MS, i == 95 ? 7 * WZP_MS : 100);
    }
    assert_int_equal(wzp_lag_most(&lag, now), 7 * WZP_MS);
}

static void turns_without_a_rest_between_them_add_up(void **state)
{
    (void)state;
    struct wzp_lag lag = {0};
    wzp_us now = turn(&lag, START, WZP_SECOND, WZP_MS);
    for (int i = 0; i < 30; i++) {
        now = turn(&lag, now, 5, 2 * WZP_MS);
    }
    assert_in_range(wzp_lag_most(&lag, now), 61 * WZP_MS, 62 * WZP_MS);
    wzp_lag_wake(&lag, now + 5);
    assert_in_range(wzp_lag_most(&lag, now + 10 * WZP_MS), 71 * WZP_MS, 72 * WZP_MS);
}

static void what_is_past_is_forgotten(void **state)
{
    (void)state;
    struct wzp_lag lag = {0};
    wzp_us now = turn(&lag, START, WZP_SECOND, 80 * WZP_MS);
    now = turn(&lag, now, 300 * WZP_MS, WZP_MS);
    assert_in_range(wzp_lag_most(&lag, now), 80 * WZP_MS, 81 * WZP_MS);
    now = turn(&lag, now, 260 * WZP_MS, WZP_MS);
    assert_int_equal(wzp_lag_most(&lag, now), WZP_MS);
    now = turn(&lag, now, WZP_SECOND, 100);
    assert_int_equal(wzp_lag_most(&lag, now), 100);
}

static void others_that_wake_the_loop_are_no_lag(void **state)
{
    (void)state;
    struct wzp_lag lag = {0};
    wzp_us now = turn(&lag, START, WZP_SECOND, 50);
    wzp_lag_rest(&lag, now + WZP_SECOND);
    assert_in_range(wzp_lag_most(&lag, now + WZP_SECOND), 0, 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_loop_that_rests_is_as_late_as_its_longest_turn),
        cmocka_unit_test(turns_without_a_rest_between_them_add_up),
        cmocka_unit_test(what_is_past_is_forgotten),
        cmocka_unit_test(others_that_wake_the_loop_are_no_lag),
    };
    return cmocka_run_group_tests_name("net_lag", tests, NULL, NULL);
}
