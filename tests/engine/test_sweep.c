/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/sweep.h"
#include "support/wzp_test.h"

static struct wzp_sweep_row row_of(wzp_us target, wzp_us max)
{
    const struct wzp_sweep_config config = {
        .target = target, .max = max, .duration = 60 * WZP_SECOND, .seed = 1};
    struct wzp_sweep_row row;
    assert_ok(wzp_sweep_run(&config, &row));
    return row;
}

static void the_same_numbers_give_the_same_row(void **state)
{
    wzp_ignore(state);
    const struct wzp_sweep_row first = row_of(50 * WZP_MS, 100 * WZP_MS);
    const struct wzp_sweep_row second = row_of(50 * WZP_MS, 100 * WZP_MS);
    assert_int_equal(first.played, second.played);
    assert_int_equal(first.latency, second.latency);
    assert_int_equal(first.underruns, second.underruns);
    assert_int_equal(first.overruns, second.overruns);
}

static void most_of_a_minute_gets_through(void **state)
{
    wzp_ignore(state);
    const struct wzp_sweep_row row = row_of(200 * WZP_MS, 500 * WZP_MS);
    assert_int_equal(row.sent, 3000);
    assert_in_range(row.received, 2940, 2990);
    assert_in_range(row.played, row.received - 10, row.received);
    assert_true(row.loss_pct > 0.3 && row.loss_pct < 2);
    assert_int_equal(row.underruns, 0);
    assert_int_equal(row.overruns, 0);
}

static void a_longer_wait_costs_latency_and_saves_underruns(void **state)
{
    wzp_ignore(state);
    const struct wzp_sweep_row small = row_of(10 * WZP_MS, 50 * WZP_MS);
    const struct wzp_sweep_row large = row_of(200 * WZP_MS, 250 * WZP_MS);
    assert_true(small.latency + 50 * WZP_MS < large.latency);
    assert_true(small.underruns > large.underruns);
}

static void a_lower_maximum_leaves_frames_out_and_gains_latency(void **state)
{
    wzp_ignore(state);
    const struct wzp_sweep_row tight = row_of(50 * WZP_MS, 50 * WZP_MS);
    const struct wzp_sweep_row wide = row_of(50 * WZP_MS, 500 * WZP_MS);
    assert_true(tight.overruns > 0);
    assert_int_equal(wide.overruns, 0);
    assert_true(tight.latency < wide.latency);
}

static void numbers_out_of_range_are_refused(void **state)
{
    wzp_ignore(state);
    static const struct wzp_sweep_config rows[] = {
        {.target = 100 * WZP_MS, .max = 50 * WZP_MS, .duration = WZP_SECOND},
        {.target = -1, .max = 50 * WZP_MS, .duration = WZP_SECOND},
        {.target = 6 * WZP_SECOND, .max = 6 * WZP_SECOND, .duration = WZP_SECOND},
        {.duration = WZP_SWEEP_MAX_DURATION + 1},
        {.duration = -1},
    };
    for (size_t i = 0; i < wzp_count(rows); i++) {
        struct wzp_sweep_row row;
        assert_int_equal(wzp_sweep_run(&rows[i], &row), WZP_EINVAL);
    }
}

static void no_time_is_an_empty_row(void **state)
{
    wzp_ignore(state);
    const struct wzp_sweep_config config = {0};
    struct wzp_sweep_row row = {.sent = 9};
    assert_ok(wzp_sweep_run(&config, &row));
    assert_int_equal(row.sent, 0);
    assert_int_equal(row.latency, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_numbers_give_the_same_row),
        cmocka_unit_test(most_of_a_minute_gets_through),
        cmocka_unit_test(a_longer_wait_costs_latency_and_saves_underruns),
        cmocka_unit_test(a_lower_maximum_leaves_frames_out_and_gains_latency),
        cmocka_unit_test(numbers_out_of_range_are_refused),
        cmocka_unit_test(no_time_is_an_empty_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
