/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>

#include "relay/probe_window.h"
#include "support/wzp_test.h"

static void an_empty_window_knows_nothing(void **state)
{
    (void)state;
    struct wzp_probe_window window = {0};
    struct wzp_probe_stats stats = wzp_probe_window_stats(&window);
    assert_true(stats.rtt_ms == 0 && stats.loss_pct == 0 && stats.jitter_ms == 0);
    assert_false(wzp_probe_window_answered(&window, 0, 5));
}

static void answers_give_rtt_and_jitter(void **state)
{
    (void)state;
    struct wzp_probe_window window = {0};
    static const unsigned rtts[] = {10, 20, 30};
    for (size_t i = 0; i < wzp_count(rtts); i++) {
        wzp_probe_window_sent(&window, 1000 * i);
        assert_true(wzp_probe_window_answered(&window, 1000 * i, 1000 * i + rtts[i]));
    }
    struct wzp_probe_stats stats = wzp_probe_window_stats(&window);
    assert_true(stats.rtt_ms == 30);
    assert_true(fabs(stats.jitter_ms - sqrt(200.0 / 3)) < 1e-9);
    assert_true(stats.loss_pct == 0);
}

static void the_ping_under_way_is_no_loss(void **state)
{
    (void)state;
    struct wzp_probe_window window = {0};
    wzp_probe_window_sent(&window, 1);
    assert_true(wzp_probe_window_answered(&window, 1, 2));
    wzp_probe_window_sent(&window, 1001);
    assert_true(wzp_probe_window_stats(&window).loss_pct == 0);
    wzp_probe_window_sent(&window, 2001);
    assert_true(wzp_probe_window_stats(&window).loss_pct == 50);
}

static void an_answer_counts_once_and_only_to_a_ping(void **state)
{
    (void)state;
    struct wzp_probe_window window = {0};
    wzp_probe_window_sent(&window, 7);
    assert_false(wzp_probe_window_answered(&window, 8, 9));
    assert_false(wzp_probe_window_answered(&window, 7, 6)); /* before it was sent: the clock was set back */
    assert_true(wzp_probe_window_answered(&window, 7, 9));
    assert_false(wzp_probe_window_answered(&window, 7, 9));
}

static void old_pings_leave_the_window(void **state)
{
    (void)state;
    struct wzp_probe_window window = {0};
    for (uint64_t i = 0; i < 2 * WZP_PROBE_WINDOW; i++) {
        wzp_probe_window_sent(&window, i);
        assert_true(i < WZP_PROBE_WINDOW || wzp_probe_window_answered(&window, i, i + 5));
    }
    assert_false(wzp_probe_window_answered(&window, 3, 10));
    assert_true(wzp_probe_window_stats(&window).loss_pct == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_window_knows_nothing),
        cmocka_unit_test(answers_give_rtt_and_jitter),
        cmocka_unit_test(the_ping_under_way_is_no_loss),
        cmocka_unit_test(an_answer_counts_once_and_only_to_a_ping),
        cmocka_unit_test(old_pings_leave_the_window),
    };
    return cmocka_run_group_tests_name("relay_probe_window", tests, NULL, NULL);
}
