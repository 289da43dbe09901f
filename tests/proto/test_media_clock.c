/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/media_clock.h"
#include "support/wzp_test.h"

static void the_unit_shows_between_neighbours(void **state)
{
    (void)state;
    static const struct {
        uint32_t step;
        wzp_us frame_us;
        uint32_t delta;
        wzp_us elapsed_us; /* -1: unknown */
    } rows[] = {
        {20, 20 * WZP_MS, 60, 60 * WZP_MS},
        {40, 40 * WZP_MS, 60, 60 * WZP_MS},
        {960, 20 * WZP_MS, 960, 20 * WZP_MS},
        {1920, 40 * WZP_MS, (uint32_t)-960, -20 * WZP_MS},
        {0, 20 * WZP_MS, 60, -1},
        {160, 20 * WZP_MS, 160, -1},
        {40, 20 * WZP_MS, 60, -1},
    };
    for (size_t i = 0; i < wzp_count(rows); i++) {
        struct wzp_media_clock clock = {0};
        wzp_us elapsed_us = -1;
        uint32_t from = UINT32_MAX - 7; /* wraps */
        wzp_media_clock_learn(&clock, rows[i].step, rows[i].frame_us);
        bool is_known = wzp_media_clock_between(&clock, from, from + rows[i].delta, &elapsed_us);
        assert_int_equal(is_known, rows[i].elapsed_us != -1);
        assert_int_equal(elapsed_us, rows[i].elapsed_us);
    }
}

static void a_few_misfits_change_nothing_many_do(void **state)
{
    (void)state;
    struct wzp_media_clock clock = {0};
    wzp_us elapsed_us = 0;
    wzp_media_clock_learn(&clock, 20, 20 * WZP_MS);
    for (int i = 0; i < 7; i++) {
        wzp_media_clock_learn(&clock, 60, 20 * WZP_MS);
    }
    assert_true(wzp_media_clock_between(&clock, 0, 20, &elapsed_us));
    wzp_media_clock_learn(&clock, 60, 20 * WZP_MS);
    assert_false(wzp_media_clock_between(&clock, 0, 20, &elapsed_us));
    wzp_media_clock_learn(&clock, 960, 20 * WZP_MS);
    assert_true(wzp_media_clock_between(&clock, 0, 960, &elapsed_us));
    assert_int_equal(elapsed_us, 20 * WZP_MS);
}

static void jitter_is_the_mean_deviation(void **state)
{
    (void)state;
    struct wzp_media_clock clock = {0};
    wzp_media_clock_learn(&clock, 20, 20 * WZP_MS);
    for (int i = 0; i < 500; i++) {
        wzp_media_clock_arrival(&clock, 20U * (uint32_t)i, i * 20 * WZP_MS);
    }
    assert_int_equal(wzp_media_clock_jitter_us(&clock), 0);
    for (int i = 500; i < 1000; i++) { /* every other packet 5 ms late */
        wzp_media_clock_arrival(&clock, 20U * (uint32_t)i, i * 20 * WZP_MS + i % 2 * 5 * WZP_MS);
    }
    assert_in_range(wzp_media_clock_jitter_us(&clock), 4900, 5100);
    wzp_media_clock_arrival(&clock, 20000, 1000 * WZP_SECOND); /* a pause is no jitter */
    assert_in_range(wzp_media_clock_jitter_us(&clock), 4900, 5100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_unit_shows_between_neighbours),
        cmocka_unit_test(a_few_misfits_change_nothing_many_do),
        cmocka_unit_test(jitter_is_the_mean_deviation),
    };
    return cmocka_run_group_tests_name("proto_media_clock", tests, NULL, NULL);
}
