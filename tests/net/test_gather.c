/* SPDX-License-Identifier: Apache-2.0 */
#include "net/gather.h"
#include "support/wzp_test.h"

/* One second of datagrams, evenly spread; the window at its end. */
static wzp_us run(struct wzp_gather *gather, unsigned per_second, wzp_us from)
{
    wzp_us window = 0;
    for (unsigned ms = 0; ms < 1000; ms++) {
        for (unsigned i = 0; i < per_second / 1000; i++) {
            wzp_gather_count(gather);
        }
        window = wzp_gather_window(gather, from + ms * WZP_MS);
    }
    return window;
}

static void a_quiet_relay_sends_at_once(void **state)
{
    (void)state;
    struct wzp_gather gather = {.at_most = 2500};
    assert_int_equal(run(&gather, 10000, WZP_SECOND), 0);
}

static void a_busy_one_gathers_up_to_its_limit(void **state)
{
    (void)state;
    struct wzp_gather gather = {.at_most = 2500};
    wzp_us some = run(&gather, 30000, WZP_SECOND);
    assert_in_range(some, 500, 1500);
    assert_int_equal(run(&gather, 200000, 2 * WZP_SECOND), 2500);
}

static void it_stops_soon_after_the_crowd_has_gone(void **state)
{
    (void)state;
    struct wzp_gather gather = {.at_most = 2500};
    assert_int_equal(run(&gather, 200000, WZP_SECOND), 2500);
    assert_int_equal(run(&gather, 1000, 2 * WZP_SECOND), 0);
}

static void no_limit_means_no_waiting(void **state)
{
    (void)state;
    struct wzp_gather gather = {.at_most = 0};
    assert_int_equal(run(&gather, 500000, WZP_SECOND), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_quiet_relay_sends_at_once),
        cmocka_unit_test(a_busy_one_gathers_up_to_its_limit),
        cmocka_unit_test(it_stops_soon_after_the_crowd_has_gone),
        cmocka_unit_test(no_limit_means_no_waiting),
    };
    return cmocka_run_group_tests_name("net_gather", tests, NULL, NULL);
}
