/* SPDX-License-Identifier: Apache-2.0 */
#include "net/quic.h"
#include "net/timing.h"
#include "support/wzp_test.h"

static void a_stay_is_counted_from_arrival_to_the_end_of_the_send(void **state)
{
    (void)state;
    static struct wzp_timing timing;
    timing = (struct wzp_timing){0};
    wzp_timing_packed(&timing, wzp_timing_stamp(1000));
    wzp_timing_packed(&timing, wzp_timing_stamp(1150));
    assert_int_equal(timing.delays.sum, 0);
    wzp_timing_sent(&timing, 1200);
    assert_int_equal(timing.delays.sum, 250);
    assert_int_equal(timing.delays.counts[0], 1); /* 50 us, the bound itself */
    assert_int_equal(timing.delays.counts[2], 1);
    wzp_timing_sent(&timing, 9999);
    assert_int_equal(timing.delays.sum, 250);
}

static void a_stay_is_right_where_stamps_wrap(void **state)
{
    (void)state;
    static struct wzp_timing timing;
    timing = (struct wzp_timing){0};
    wzp_us at = ((wzp_us)5 << 32) - 100;
    wzp_timing_packed(&timing, wzp_timing_stamp(at));
    wzp_timing_sent(&timing, at + 300);
    assert_int_equal(timing.delays.sum, 300);
}

static void a_send_of_more_than_is_listed_counts_what_is(void **state)
{
    (void)state;
    static struct wzp_timing timing;
    timing = (struct wzp_timing){0};
    for (size_t i = 0; i < WZP_TIMING_LISTED + 10; i++) {
        wzp_timing_packed(&timing, wzp_timing_stamp(7));
    }
    wzp_timing_sent(&timing, 8);
    assert_int_equal(timing.delays.counts[0], WZP_TIMING_LISTED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stay_is_counted_from_arrival_to_the_end_of_the_send),
        cmocka_unit_test(a_stay_is_right_where_stamps_wrap),
        cmocka_unit_test(a_send_of_more_than_is_listed_counts_what_is),
    };
    return cmocka_run_group_tests_name("net_timing", tests, NULL, NULL);
}
